"""The project as a Python library: what is given as objects and frames, and bundles with the verbs as methods."""
