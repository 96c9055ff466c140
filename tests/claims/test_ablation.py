"""A sweep of recipes: trained once, resumed, and shown in the published layout."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from harness.claims.ablation import running, settings
from harness.claims.ablation import shown as report
from harness.cli import main
from harness.errors import ConfigError
from harness.models.folders import Permissions
from harness.progress import Silent

CONFIG = """\
version: 1
source: nobody
note: tiny
seeds: [0, 1]
evaluate: {{pairs: dev.csv}}
common: {{base: {base}, batch_size: 8, learning_rate: 1.0e-3, max_length: 32, steps: 2, pooling: mean}}
recipes:
  NLI: {{objective: {{name: classification}}, data: {{inferences: nli.tsv}}}}
  STSb: {{objective: {{name: regression}}, data: {{pairs: pairs.csv}}}}
table:
  - block: Pooling strategy
    rows:
      - {{row: MEAN, cells: {{NLI: {{published: 80.78}}, STSb: {{published: 87.44}}}}}}
      - {{row: CLS, cells: {{NLI: {{set: {{pooling: cls}}}}}}}}
  - block: Concatenation
    rows:
      - {{row: "(u, v, |u-v|)", cells: {{NLI: {{set: {{objective: {{concatenation: [u, v, "|u-v|"]}}}}}}}}}}
"""


@pytest.fixture
def written(tmp_path: Path, tiny_backbone: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    pytest.importorskip("datasets", reason="the extra 'demo' is not installed")
    monkeypatch.setenv("HARNESS_STORE", str(tmp_path / "store"))
    things = ["river", "bird", "fish", "tree", "stone", "city", "snow", "sea"]
    texts = [f"the {a} and the {b}" for a in things for b in things if a != b]
    labels = ("entailment", "neutral", "contradiction")
    (tmp_path / "pairs.csv").write_text("".join(f"{texts[i]},{texts[-i - 1]},{i % 6}\n" for i in range(40)))
    (tmp_path / "dev.csv").write_text("".join(f"{texts[i]},{texts[-i - 9]},{i % 6}\n" for i in range(12)))
    (tmp_path / "nli.tsv").write_text(
        "".join(f"{texts[i]}\t{texts[-i]}\t{labels[i % 3]}\n" for i in range(30))
    )
    path = tmp_path / "tiny.yaml"
    path.write_text(CONFIG.format(base=tiny_backbone))
    return path


def test_it_trains_each_model_once_and_a_second_run_trains_what_is_missing(
    written: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ablation", str(written), "--offline", "--out", str(tmp_path / "first")]) == 0
    shown = capsys.readouterr().out
    first = json.loads((tmp_path / "first" / "ablation.json").read_text())
    # The default concatenation is one of the table's rows: one model, two cells.
    assert (first["trained"], first["found"]) == (6, 0)
    figures = {(f["row"], f["column"]): f for f in first["figures"]}
    assert figures["(u, v, |u-v|)", "NLI"]["values"] == figures["MEAN", "NLI"]["values"]
    mean = figures["MEAN", "STSb"]
    assert mean["mean"] == pytest.approx(np.mean(mean["values"]))
    assert mean["deviation"] == pytest.approx(np.std(mean["values"], ddof=1))
    assert f"{mean['mean']:.2f} ± {mean['deviation']:.2f}" in shown
    assert "87.44" in shown
    assert "Spearman x 100 on 12 pairs" in shown

    kept = sorted((tmp_path / "store" / "trained").iterdir())
    shutil.rmtree(kept[0])
    assert main(["ablation", str(written), "--offline", "--out", str(tmp_path / "second")]) == 0
    second = json.loads((tmp_path / "second" / "ablation.json").read_text())
    assert (second["trained"], second["found"]) == (1, 5)
    assert second["figures"] == first["figures"]


def test_a_figure_is_what_a_run_of_that_model_on_those_pairs_measures(written: Path, tmp_path: Path) -> None:
    config = settings.load(str(written), ["seeds=[0]"])
    found = running.run(config, Permissions(offline=True), Silent())
    assert [figure.deviation for figure in found.figures] == [None] * 4
    assert "no deviation can be told" in report.tables(found)[-1].notes[0]
    keys = report.as_dict(found)["models"]
    model = tmp_path / "store" / "trained" / keys["tiny MEAN STSb, seed 0"]
    (tmp_path / "suite.yaml").write_text(
        "task: sts\nversion: 1\ndataset: {pairs: dev.csv}\nmeasures: [spearman]\nprimary: spearman\n"
    )
    (tmp_path / "run.yaml").write_text(
        f"suite: suite.yaml\ndevice: cpu\nmodels: {{m: {{bi_encoder: {model}}}}}\npipelines: {{m: {{score: m}}}}\n"
    )
    assert main(["run", str(tmp_path / "run.yaml"), "--offline", "--out", str(tmp_path / "bundle")]) == 0
    result = json.loads((tmp_path / "bundle" / "result.json").read_text())
    figure = next(f for f in found.figures if (f.row, f.column) == ("MEAN", "STSb"))
    assert 100 * result["pipelines"]["m"]["measures"]["spearman"]["value"] == pytest.approx(
        figure.mean, abs=1e-4
    )


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("STSb: {{published", "STS: {{published", "unknown recipe 'STS'.*did you mean 'STSb'"),
        ("pooling: cls", "pooling: clss", "the cell 'CLS NLI'.*did you mean 'cls'"),
        ('[u, v, "|u-v|"]', '[u, "|u-v|"]', r"the cell '\(u, v, \|u-v\|\) NLI'.*one of u and v"),
        ("seeds: [0, 1]", "seeds: [0, 0]", "seeds: one is given twice"),
        ("seeds: [0, 1]", "seeds: []", "needs 1 or more"),
    ],
)
def test_a_mistake_names_its_cell(written: Path, tiny_backbone: Path, old: str, new: str, says: str) -> None:
    changed = CONFIG.replace(old, new, 1).format(base=tiny_backbone)
    assert changed != CONFIG.format(base=tiny_backbone)
    written.write_text(changed)
    with pytest.raises(ConfigError, match=f"(?s){says}"):
        settings.load(str(written))


def test_the_project_s_own_ablations_are_table_6() -> None:
    small, full = settings.load("ablation"), settings.load("ablation-bert")
    cells = [(c.block, c.row, c.column, c.published) for c in small.cells]
    assert cells == [(c.block, c.row, c.column, c.published) for c in full.cells]
    published = {(row, column): figure for _, row, column, figure in cells}
    assert published["MEAN", "NLI"] == published["(u, v, |u-v|)", "NLI"] == 80.78
    assert published["MAX", "STSb"] == 69.92
    # Both name one model: it is trained once.
    digests = {c.row: c.recipes[0].digest for c in small.cells if c.column == "NLI"}
    assert len(set(digests.values())) == len(digests) - 1


@pytest.mark.long
def test_the_small_setting_runs_offline_to_its_end(
    minilm: str, real_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARNESS_STORE", str(tmp_path / "store"))
    stsb = real_data / "sts" / "stsb"
    overrides = [
        f"recipes.STSb.data={{pairs: {stsb / 'train.csv'}}}",
        f"evaluate={{pairs: {stsb / 'dev.csv'}}}",
    ]
    given = [word for override in overrides for word in ("--set", override)]
    for place, trained in (("first", 36), ("second", 0)):
        assert main(["ablation", "--offline", "--out", str(tmp_path / place), *given]) == 0
        result = json.loads((tmp_path / place / "ablation.json").read_text())
        assert result["trained"] == trained
        assert result["pairs"] == 1500
        assert all(figure["deviation"] > 0 for figure in result["figures"])
