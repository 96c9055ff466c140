"""Finding documents: exact search over vectors, and BM25."""
