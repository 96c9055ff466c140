"""Judgments and results as hypothesis draws them: few documents, many ties, negative grades, unanswered queries."""

from __future__ import annotations

from hypothesis import strategies as st

DOCS = [f"d{i}" for i in range(12)]
QUERIES = [f"q{i}" for i in range(4)]
JUDGMENTS = st.dictionaries(
    st.sampled_from(QUERIES),
    st.dictionaries(st.sampled_from(DOCS), st.integers(-1, 3), min_size=1),
    min_size=1,
)
RESULTS = st.dictionaries(
    st.sampled_from(QUERIES),
    st.dictionaries(st.sampled_from(DOCS), st.sampled_from([0.0, 0.25, 0.5, 1.0, 2.0]), min_size=1),
    min_size=1,
)
