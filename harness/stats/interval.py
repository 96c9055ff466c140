"""The one shape in which every uncertainty travels; it lies apart, so that whoever reads one need not load SciPy."""

from harness.interval import Interval

__all__ = ["Interval"]
