"""A pipeline as something that answers one query at a time, with live models: what a worker process serves."""
