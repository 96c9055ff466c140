"""Ablations: one recipe varied cell by cell over several seeds, in a published table's layout."""
