"""Reports of several bundles: models across suites, one pipeline over time, across devices or precisions."""
