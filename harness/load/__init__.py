"""What load a model's server bears: closed and open loop, several requests at once, every failure counted by kind."""

from __future__ import annotations

from harness.load.measuring import Load, Options, Row, load

__all__ = ["Load", "Options", "Row", "load"]
