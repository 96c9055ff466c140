"""Templates: the ways of stating and of asking each attribute, one module a field of knowledge."""
