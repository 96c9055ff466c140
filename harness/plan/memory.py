"""How much memory a run may use, and whether it keeps to it."""

from __future__ import annotations

from dataclasses import dataclass

from harness.errors import ResourceError
from harness.memory import available, own_bytes
from harness.units import size_text

__all__ = ["Budget", "available", "own_bytes"]


@dataclass(frozen=True)
class Budget:
    """The memory a run may use, in bytes."""

    limit: int

    @classmethod
    def of(cls, configured: int | None) -> Budget:
        """Return the configured limit, or half of what there is."""
        return cls(configured if configured is not None else available() // 2)

    def check(self, what: str) -> None:
        """Raise ResourceError where the process has grown beyond the limit."""
        used = own_bytes()
        if used > self.limit:
            raise ResourceError(
                f"{what} needs more than the memory_limit of {size_text(self.limit)}: the process uses "
                f"{size_text(used)}. Lower batch_size, depth or max_length, or raise memory_limit; what was computed "
                "so far is kept"
            )

    def reserve(self, needed: int, what: str) -> None:
        """Raise ResourceError where so many more bytes would go beyond the limit."""
        used = own_bytes()
        if used + needed > self.limit:
            raise ResourceError(
                f"{what} needs {size_text(needed)} beside the {size_text(used)} in use, and the memory_limit is "
                f"{size_text(self.limit)}; raise memory_limit, or lower depth"
            )
