"""A key without a value is refused where it stands, whichever the kind of stage."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.config import load_config
from harness.errors import ConfigError


@pytest.mark.parametrize(
    ("pipeline", "key"),
    [
        ("{retrieve: , rerank: cross}", "retrieve"),
        ("{rerank: cross, candidates: }", "candidates"),
        ("{retrieve: bi, rerank: cross, index: }", "index"),
    ],
)
def test_a_key_without_a_value_is_refused(
    write_config: Callable[[str], Path], pipeline: str, key: str
) -> None:
    with pytest.raises(ConfigError, match=f"{key} is given without a value"):
        load_config(write_config(f"  p: {pipeline}\n"))
