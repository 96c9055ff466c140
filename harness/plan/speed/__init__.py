"""Speed in a run: what is timed, by whom, for how long, and what a bundle keeps of it.

Nothing timed comes from the store of results: every pipeline is served by a process of its own, and driven
through the small protocol of :mod:`harness.timing.service`.
"""

from harness.plan.speed.measuring import Timed
from harness.plan.speed.session import Job, row, seconds, time_pipelines, wanted

__all__ = ["Job", "Timed", "row", "seconds", "time_pipelines", "wanted"]
