"""What load a model's server bears: closed and open loop, several requests at once, every failure counted by kind."""

from __future__ import annotations

from harness.loadtest.measuring import Load, Options, Row, load

__all__ = ["Load", "Options", "Row", "load"]
