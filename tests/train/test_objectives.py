"""Recipes with an objective: what they may say, their data, and training tiny ones to the end."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml

from harness.cli import main
from harness.errors import ConfigError, DataError, HarnessError, ModelError
from harness.models.folders import Permissions
from harness.progress import Silent
from harness.store import open_store
from harness.train import batches, fitting, lineage, losses, making, recipe, sources
from harness.train.cross_encoder import TrainingError
from harness.yamlfile import YamlFile

OFFLINE = Permissions(offline=True)
Write = Callable[..., Path]


def sentences(n: int) -> list[str]:
    """Distinct sentences of the tiny models' words, of different lengths."""
    things, places = (
        ("river", "bird", "fish", "tree", "stone", "bank", "city", "snow"),
        ("north", "south", "east", "west"),
    )
    kinds = ("old", "deep", "red and blue", "long and high and wide")
    every = [f"the {kind} {thing} in the {place}" for kind in kinds for thing in things for place in places]
    return [every[i * 37 % len(every)] for i in range(n)]


@pytest.fixture
def write(tmp_path: Path, tiny_backbone: Path) -> Write:
    """Write a recipe over small local files; keyword arguments replace its keys."""
    texts = sentences(64)
    pairs = [(texts[i], texts[(i * 7 + 1) % 64], (i % 11) / 2) for i in range(64)]
    (tmp_path / "pairs.csv").write_text("".join(f'"{a}","{b}",{score}\n' for a, b, score in pairs))
    (tmp_path / "dev.csv").write_text("".join(f'"{b}","{a}",{score}\n' for a, b, score in pairs[:20]))
    names = ("entailment", "neutral", "contradiction")
    (tmp_path / "nli.tsv").write_text(
        "".join(f"{texts[i // 3]}\t{texts[-i]}\t{names[i % 3]}\n" for i in range(60))
    )
    (tmp_path / "triplets.tsv").write_text(
        "".join(f"{texts[i]}\t{texts[-i]}\t{texts[i + 1]}\n" for i in range(40))
    )
    (tmp_path / "texts.tsv").write_text("\n".join(texts))

    def written(**changes: Any) -> Path:
        said = {
            "kind": "bi-encoder",
            "version": 1,
            "base": str(tiny_backbone),
            "objective": {"name": "regression"},
            "data": {"pairs": "pairs.csv"},
            "batch_size": 8,
            "learning_rate": 1e-3,
            "max_length": 32,
            **changes,
        }
        path = tmp_path / "tiny.yaml"
        path.write_text(yaml.safe_dump({key: value for key, value in said.items() if value is not None}))
        return path

    return written


def made(path: Path, store: Path) -> Path:
    pytest.importorskip("datasets", reason="the extra 'demo' is not installed")
    return making.make(making.plan(str(path), None, OFFLINE), open_store(store), Silent()).path


DATA = {
    "classification": {"inferences": "nli.tsv"},
    "center": {"inferences": "nli.tsv"},
    "regression": {"pairs": "pairs.csv"},
    "binary-cross-entropy": {"pairs": ["pairs.csv"]},
    "triplet": {"triplets": "triplets.tsv"},
    "contrastive": {"inferences": "nli.tsv"},
    "simcse-supervised": {"inferences": "nli.tsv"},
    "simcse-unsupervised": {"texts": "texts.tsv"},
}


@pytest.mark.parametrize("objective", DATA)
def test_every_objective_of_a_bi_encoder_trains_to_the_end(
    write: Write, tmp_path: Path, objective: str
) -> None:
    pooling = {"regression": "linear-max", "triplet": "cls", "center": "max"}.get(objective)
    path = write(
        objective={"name": objective}, data=DATA[objective], pooling=pooling, dev={"pairs": "dev.csv"}
    )
    folder = made(path, tmp_path / "store")
    record = json.loads((folder / "training.json").read_text())
    assert record["settings"]["objective"]["name"] == objective
    assert (
        record["steps"] == record["data"]["trained_on"] // 8
        or record["settings"]["objective"]["name"] == "simcse-unsupervised"
    )
    assert record["steps"] == record["kept_step"] == record["evaluations"][-1]["step"]
    assert record["stopped"] is None
    assert objective in (folder / "README.md").read_text()

    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    vectors = model.encode(sentences(4), show_progress_bar=False)
    assert vectors.shape == (4, 32)
    if pooling == "linear-max":
        assert [type(module).__name__ for module in model] == ["Transformer", "Dense", "Pooling", "Normalize"]
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("objective", ["binary-cross-entropy", "regression"])
def test_a_cross_encoder_trains_on_scores(write: Write, tmp_path: Path, objective: str) -> None:
    path = write(
        kind="cross-encoder", objective={"name": objective}, dev={"pairs": "dev.csv"}, evaluations=2, epochs=2
    )
    record = json.loads((made(path, tmp_path / "store") / "training.json").read_text())
    assert [e["step"] for e in record["evaluations"]] == [8, 16]
    assert record["dev"]["pairs"] == 20
    best = max(record["evaluations"], key=lambda e: e["spearman"])
    assert record["kept_step"] == best["step"]


def test_the_figure_recorded_is_that_of_the_weights_kept(write: Write, tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    from harness.train.quality import spearman_on

    folder = made(write(dev={"pairs": "dev.csv"}, epochs=3, evaluations=6), tmp_path / "store")
    record = json.loads((folder / "training.json").read_text())
    kept = next(e for e in record["evaluations"] if e["step"] == record["kept_step"])
    dev = sources.scored_pairs({"pairs": "dev.csv"}, YamlFile(tmp_path / "tiny.yaml", {}, {}))
    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    assert spearman_on(model, dev) == pytest.approx(kept["spearman"], abs=1e-6)
    assert kept["spearman"] == max(e["spearman"] for e in record["evaluations"])


def test_mined_negatives_are_near_and_never_positives(
    write: Write, tmp_path: Path, tiny_bi_encoder: Path
) -> None:
    path = write(
        kind="cross-encoder",
        base=str(tiny_bi_encoder),
        objective={"name": "binary-cross-entropy"},
        mining={"negatives": 2},
    )
    record = json.loads((made(path, tmp_path / "store") / "training.json").read_text())
    positives = [i for i in range(64) if (i % 11) / 10 >= 0.5]
    assert record["data"]["trained_on"] == 3 * len(positives)
    triplets = write(
        base=str(tiny_bi_encoder),
        objective={"name": "triplet"},
        data={"inferences": "nli.tsv"},
        mining={"negatives": 1},
    )
    assert made(triplets, tmp_path / "store")


def test_patience_ends_training_when_dev_gets_no_better(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = iter([0.5, 0.4, 0.3, 0.9])
    monkeypatch.setattr(fitting, "spearman_on", lambda model, dev: next(found))
    folder = made(write(dev={"pairs": "dev.csv"}, epochs=4, evaluations=4, patience=2), tmp_path / "store")
    record = json.loads((folder / "training.json").read_text())
    assert [e["spearman"] for e in record["evaluations"]] == [0.5, 0.4, 0.3]
    assert (record["kept_step"], record["steps"]) == (8, 24)


def test_a_seed_decides_everything_and_the_key_follows_what_matters(write: Write, tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    def weights(store: str, **changes: Any) -> Any:
        return load_file(made(write(**changes), tmp_path / store) / "model.safetensors")

    first, again, other = weights("a", seed=3), weights("b", seed=3), weights("c", seed=4)
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not all(np.array_equal(first[name], other[name]) for name in first)

    def key(**changes: Any) -> str:
        return making.plan(str(write(**changes)), None, OFFLINE).key

    assert key() == key(description="only words")
    assert len({key(), key(seed=1), key(layers=1), key(pooling="cls"), key(data={"pairs": "dev.csv"})}) == 5


# Bad input.


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"objective": {"name": "contrastive"}, "batch_size": 1}, "batch of one has none"),
        ({"objective": {"name": "simcse-unsupervised"}, "batch_size": 1}, "valid are 2 and more"),
        ({"objective": {"name": "regresion"}}, "did you mean 'regression'"),
        ({"objective": {"name": "classification", "concatenation": ["u", "|u-v|"]}}, "one of u and v"),
        ({"objective": {"name": "regression", "margin": 2}}, "margin is an option of triplet"),
        (
            {"kind": "cross-encoder", "objective": {"name": "triplet"}},
            "a cross-encoder has binary-cross-entropy, regression",
        ),
        ({"kind": "cross-encoder", "pooling": "cls"}, "a cross-encoder has none"),
        ({"patience": 2}, "there is no dev"),
        ({"mining": {"depth": 1}}, "less than skip"),
        ({"bath_size": 2}, "did you mean 'batch_size'"),
    ],
)
def test_a_recipe_that_makes_no_sense_says_why(write: Write, changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        recipe.load(str(write(**changes)))


@pytest.mark.parametrize(
    ("file", "content", "data", "says"),
    [
        (
            "pairs.csv",
            '"a","b",5.5\n',
            {"pairs": "pairs.csv"},
            r"pairs.csv:1: the score 5.5 is outside the scale 0 to 5",
        ),
        ("pairs.csv", '"a","b",nan\n', {"pairs": "pairs.csv"}, r"outside the scale"),
        (
            "nli.tsv",
            "a\tb\tentails\n",
            {"inferences": "nli.tsv"},
            r"nli.tsv:1: the label 'entails' is outside the classes",
        ),
        ("nli.tsv", "a\tb\n", {"inferences": "nli.tsv"}, r"nli.tsv:1: 2 columns"),
        ("triplets.tsv", "a\t\tb\n", {"triplets": "triplets.tsv"}, r"triplets.tsv:1: positive is empty"),
        ("none.txt", "", {"texts": "none.txt"}, "no texts"),
        ("x", "", {"pears": "x"}, "what is trained on is one of"),
    ],
)
def test_data_outside_their_range_are_named(
    write: Write, tmp_path: Path, file: str, content: str, data: dict[str, Any], says: str
) -> None:
    path = write(data=data)
    (tmp_path / file).write_text(content)
    with pytest.raises((DataError, ConfigError), match=says):
        making.plan(str(path), None, OFFLINE)


def test_the_embedded_corpus_gives_pairs_inferences_and_triplets(tmp_path: Path) -> None:
    def load(**content: Any) -> sources.Examples:
        return sources.load(
            {"embedded": "factbook", "split": "dev", **content}, YamlFile(tmp_path / "x.yaml", {}, {})
        )

    assert load() == load(of="pairs")
    assert set(load(of="inferences").labels) == set(sources.LABELS)
    triplets = load(of="triplets")
    assert triplets.kind == "triplets"
    assert all(positive != negative for _, positive, negative in zip(*triplets.columns, strict=True))
    with pytest.raises(ConfigError, match=r"data.of is 'triplet' \(did you mean 'triplets'\?\)"):
        load(of="triplet")


def test_a_file_s_own_labels_are_turned_into_classes(tmp_path: Path) -> None:
    (tmp_path / "nli.jsonl").write_text(
        "".join(
            f'{{"premise": "a", "hypothesis": "b{i}", "label": {label}}}\n'
            for i, label in enumerate((0, 1, 2, -1))
        )
    )
    labels = {"0": "entailment", "1": "neutral", "2": "contradiction", "-1": "skip"}
    found = sources.load({"inferences": "nli.jsonl", "labels": labels}, YamlFile(tmp_path / "x.yaml", {}, {}))
    assert found.labels == ("entailment", "neutral", "contradiction")
    assert found.skipped == 1


def test_labels_outside_0_to_1_are_refused_whatever_their_source() -> None:
    from harness.train.objectives import Objective
    from harness.train.shaping import shaped

    for score in (1.5, -0.1, float("nan")):
        examples = sources.Examples("pairs", (("a", "b"), ("c", "d")), scores=(0.5, score))
        with pytest.raises(DataError, match=f"the label {score} of example 2 is outside 0 to 1"):
            shaped(examples, Objective(name="regression"))
    with pytest.raises(DataError, match="cannot be trained on pairs; it takes inferences"):
        shaped(examples, Objective(name="classification"))


def test_a_backbone_without_the_layers_asked_for_is_refused(write: Write, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="layers: 3 is asked for, and this backbone has 2; valid are 1 to 2"):
        made(write(layers=3), tmp_path / "store")
    folder = made(write(layers=1), tmp_path / "store")
    assert json.loads((folder / "config.json").read_text())["num_hidden_layers"] == 1


def test_too_few_examples_for_a_batch_are_refused(write: Write, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="64 examples fill no batch of 65"):
        made(write(batch_size=65), tmp_path / "store")


class Breaking(torch.nn.Module):
    """A loss that is a NaN at its twelfth batch."""

    def __init__(self, loss: torch.nn.Module) -> None:
        super().__init__()
        self.loss = loss
        self.batches = 0

    def forward(self, *given: Any, **named: Any) -> torch.Tensor:
        self.batches += 1
        return self.loss(*given, **named) * (float("nan") if self.batches == 12 else 1.0)


def test_a_loss_that_is_no_number_stops_and_keeps_the_last_good_checkpoint(
    write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = losses.of_bi_encoder
    monkeypatch.setattr(losses, "of_bi_encoder", lambda *given: Breaking(sound(*given)))
    monkeypatch.setenv("HARNESS_STORE", str(tmp_path / "store"))
    path = write(epochs=4, evaluations=4, dev={"pairs": "dev.csv"})
    assert main(["train", str(path), "--offline"]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "the loss became nan at step 12, and training stopped" in said
    assert "the checkpoint after step 8 (Spearman" in said
    assert "Lower learning_rate (now 0.001)" in said
    kept = Path(said.partition("is kept in ")[2].partition(". Lower")[0])
    assert json.loads((kept / "training.json").read_text())["kept_step"] == 8
    planned = making.plan(str(path), None, OFFLINE)
    assert making.find(planned, open_store(tmp_path / "store")) is None  # it is not the recipe's model


def test_weights_that_are_no_numbers_are_never_kept(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loss of the last step is sound, and what the step made of the weights is not."""
    sound = fitting.spearman_on

    def spoilt(model: Any, dev: Any) -> float:
        if calls.append(1) or len(calls) == 2:
            with torch.no_grad():
                next(model.parameters()).fill_(float("nan"))
        return sound(model, dev)

    calls: list[int] = []
    monkeypatch.setattr(fitting, "spearman_on", spoilt)
    with pytest.raises(
        TrainingError, match=r"dev's scores became no numbers at step 16.*the checkpoint after step 8"
    ):
        made(write(epochs=2, evaluations=2, dev={"pairs": "dev.csv"}), tmp_path / "store")


def test_no_checkpoint_before_a_nan_means_nothing_is_kept(write: Write, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="no checkpoint was reached before it"):
        made(write(learning_rate=1e30, warmup=0.0), tmp_path / "store")


def test_batches_are_whole_like_in_length_and_drawn_anew_each_epoch() -> None:
    lengths = [i % 97 for i in range(1000)]
    first, second = batches.plan(lengths, 16, 0, 0), batches.plan(lengths, 16, 0, 1)
    assert first == batches.plan(lengths, 16, 0, 0)
    assert first != second
    assert first != batches.plan(lengths, 16, 1, 0)
    for planned in (first, second):
        assert [len(batch) for batch in planned] == [16] * 62
        assert len({i for batch in planned for i in batch}) == 992
        spread = np.mean(
            [max(lengths[i] for i in batch) - min(lengths[i] for i in batch) for batch in planned]
        )
        assert spread < 15  # of 97; about 86 in random batches


def test_points_are_spread_and_the_last_step_is_one() -> None:
    assert fitting.points(10, 1) == {10}
    assert fitting.points(10, 4) == {2, 5, 8, 10}
    assert fitting.points(3, 9) == {1, 2, 3}


def test_a_model_knows_which_pairs_it_was_trained_on(write: Write, tmp_path: Path) -> None:
    folder = made(write(), tmp_path / "store")
    texts = sentences(64)
    trained = [(texts[i], texts[(i * 7 + 1) % 64]) for i in range(5)]
    seen = lineage.seen(folder, [*((b, a) for a, b in trained), ("the sea", "the lake")])
    assert seen is not None
    assert (seen.pairs, seen.n_pairs) == (5, 6)  # in either order
    assert lineage.warnings("m", folder, [("the sea", "the lake")]) == []
    assert "m: was trained on 5 of the 5 pairs measured here" in lineage.warnings("m", folder, trained)[0]
    assert lineage.warnings("m", tmp_path, trained) == []  # it does not say
    (folder / lineage.FILE).write_bytes(b"damaged")
    assert lineage.seen(folder, trained) is None


def test_a_run_on_what_a_model_was_trained_on_says_so(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("datasets", reason="the extra 'demo' is not installed")
    monkeypatch.setenv("HARNESS_STORE", str(tmp_path / "store"))
    write()
    (tmp_path / "other.csv").write_text("the sea,the lake,1\nthe forest,the city,2\nthe tree,the stone,3\n")
    # The suite has its own file of the same pairs, turned round: names do not matter.
    rows = [line.split(",") for line in (tmp_path / "pairs.csv").read_text().splitlines()[:30]]
    (tmp_path / "again.csv").write_text("".join(f"{b},{a},{score}\n" for a, b, score in rows))
    found = {}
    for name in ("other", "again"):
        (tmp_path / f"{name}-suite.yaml").write_text(
            f"task: sts\nversion: 1\ndataset: {{pairs: {name}.csv}}\nmeasures: [spearman]\nprimary: spearman\n"
        )
        (tmp_path / f"{name}.yaml").write_text(
            f"suite: {name}-suite.yaml\ndevice: cpu\nmodels:\n"
            "  made: {bi_encoder: {recipe: ./tiny.yaml, set: {seed: 5, objective: {name: contrastive, positive_from: 0}}}}\n"
            "pipelines: {made: {score: made}}\n"
        )
        out = tmp_path / f"bundle-{name}"
        assert main(["run", str(tmp_path / f"{name}.yaml"), "--offline", "--out", str(out)]) == 0
        found[name] = json.loads((out / "result.json").read_text())["warnings"]
    assert found["other"] == []
    assert found["again"] == [
        "made: was trained on 30 of the 30 pairs measured here; its figures are no test of what it has not seen"
    ]


@pytest.mark.parametrize("name", ["stsb-cross-encoder", "simcse-unsupervised", "simcse-supervised"])
def test_the_project_s_own_recipes_load(name: str) -> None:
    assert recipe.load(name).settings.version == 1


def test_overrides_reach_a_recipe(write: Write) -> None:
    loaded = recipe.load(str(write()), None, ["seed=7", "objective={name: contrastive, scale: 30}"])
    assert loaded.settings.seed == 7
    assert isinstance(loaded, recipe.ObjectiveRecipe)
    assert loaded.settings.objective.scale == 30
    with pytest.raises(HarnessError, match="KEY=VALUE"):
        recipe.load(str(write()), None, ["seed"])
