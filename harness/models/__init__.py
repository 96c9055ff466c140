"""Bi-encoders and cross-encoders behind two small Protocols; device, precision, identity."""
