"""Recipes that make models to benchmark, with sentence-transformers' own trainer."""
