"""Models that a server holds: asked over HTTP, checked, and held to what they answered before."""
