"""Measures: run x qrels -> scores of queries; pair scores x gold -> correlation. Each is one row; see `registry`."""
