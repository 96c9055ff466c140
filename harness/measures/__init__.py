"""Measures: run x qrels -> per-query scores (through ranx); pair scores x gold -> correlation."""
