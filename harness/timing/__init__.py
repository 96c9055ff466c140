"""Speed: the one clock, the loads that drive a service, the raw samples, and the statistics derived from
them.

It drives anything that speaks the small protocol of :mod:`harness.timing.service` and knows no pipeline.
Names are imported from the modules, one idea each, so that a worker that needs the clock alone loads nothing
else.
"""
