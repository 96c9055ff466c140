"""Whether two models answer alike: one at hand and one behind a server, two servers, two backends; and if not, why."""

from __future__ import annotations

from harness.parity.comparing import Options, Parity, parity

__all__ = ["Options", "Parity", "parity"]
