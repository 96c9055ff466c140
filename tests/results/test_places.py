"""Names in a bundle never lead out of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import BundleError
from harness.results.places import inside, plain_name


@pytest.mark.parametrize(
    "place", ["result.json", "runs/two-stage@10.trec", "runs/baseline:a b.trec", "runs/first-stage/ä.trec"]
)
def test_a_bundles_own_files_are_inside(tmp_path: Path, place: str) -> None:
    assert inside(tmp_path, place) == tmp_path / place


@pytest.mark.parametrize(
    "place",
    ["", "/etc/passwd", "../x", "runs/../../x", "runs//x", "./x", "runs/..", "a\\b", "a\x00b", "a\nb", None, 7, ["x"], "  "],
)  # fmt: skip
def test_what_leads_elsewhere_is_refused(tmp_path: Path, place: object) -> None:
    with pytest.raises(BundleError, match="named by their path inside it"):
        inside(tmp_path, place)


def test_links_are_followed_inside_only(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    (tmp_path / "outside").write_text("x")
    (bundle / "own").write_text("x")
    (bundle / "near").symlink_to(bundle / "own")
    (bundle / "far").symlink_to(tmp_path / "outside")
    (bundle / "runs").symlink_to(tmp_path)
    assert inside(bundle, "near").read_text() == "x"
    for place in ("far", "runs/outside"):
        with pytest.raises(BundleError, match="is a link"):
            inside(bundle, place)
    (tmp_path / "alias").symlink_to(bundle)
    assert inside(tmp_path / "alias", "own").read_text() == "x"


@given(st.text(max_size=12))
def test_no_plain_name_leaves_its_folder(name: str) -> None:
    if plain_name(name):
        assert (Path("/folder") / name).parent == Path("/folder")
        assert name not in (".", "..")
