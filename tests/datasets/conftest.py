"""Miniature collections in the true formats, where the real loaders look for them; loading them apart.

ir_datasets and huggingface_hub read their folders from the environment when they are imported, so what loads
through them runs in a process of its own.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

import harness

_PASSAGES = [
    "The river flows north.",
    "A mountain is high and old.",
    "Fish swim in the cold lake.",
    "The library opens at nine.",
    "Snow covers the forest in winter.",
    "CafÃ© culture in the old town.",  # as MS MARCO has it; ir_datasets repairs such text
    "Trains leave every hour.",
    "Bread is made of flour and water.",
]
_QUERIES = ["where does the river flow", "when does the library open"]

#: Prints what a list of suites load to, or the error of each.
_LOAD = """
import json, os, sys
asked = json.load(sys.stdin)
if asked["offline"]:
    os.environ["HF_HUB_OFFLINE"] = "1"
from harness.config import load_suite
from harness.datasets import ir, pairs, retrieval
from harness.errors import HarnessError
if asked["offline"]:
    ir.forbid_network()
scans = []
documents = ir.IrCollection.documents
ir.IrCollection.documents = lambda self: scans.append(1) or documents(self)
answers = {}
for name in asked["suites"]:
    scans.clear()
    try:
        suite = load_suite(name)
        if suite.settings.task == "sts":
            data = pairs.load(suite)
            shown = {"pairs": [list(pair) for pair in data.pairs], "texts": []}
        else:
            given = [retrieval.Given(None, (1000,))] if name.endswith("-rerank") else []
            data = retrieval.load(suite, need_text=True, given=given, search=not given)
            ids = data.corpus.contents.ids.to_pylist()
            texts = dict(zip(ids, data.corpus.fetch(list(range(len(ids))))))
            shown = {"texts": texts, "queries": [list(query) for query in data.queries]}
            shown |= {"self": data.exclude_self, "scans": len(scans)}
            assert list(texts.values()) == list(data.corpus.texts())
        answers[name] = {**shown, "counts": data.counts, "digests": data.digests, "notes": data.notes}
    except HarnessError as error:
        answers[name] = {"error": str(error), "code": error.exit_code}
print(json.dumps(answers))
"""

Load = Callable[..., dict[str, dict[str, Any]]]


def environment(changes: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment with changes; the package is found where it is found here."""
    path = os.pathsep.join([str(Path(harness.__file__).parent.parent), os.environ.get("PYTHONPATH", "")])
    kept = {
        k: v
        for k, v in os.environ.items()
        if k not in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HARNESS_ACCEPT_TERMS")
    }
    return {**kept, "PYTHONPATH": path, **changes}


@pytest.fixture
def load_apart(load_all_apart: Load) -> Load:
    """Load suites in a process of its own: ``load_apart([NAME, ...], {VARIABLE: VALUE}, offline=False)``."""
    return load_all_apart


@pytest.fixture(scope="session")
def load_all_apart() -> Load:
    """The same for a whole module."""

    def load(
        suites: list[str], changes: Mapping[str, str], *, offline: bool = False
    ) -> dict[str, dict[str, Any]]:
        done = subprocess.run(
            [sys.executable, "-c", _LOAD],
            input=json.dumps({"suites": suites, "offline": offline}),
            capture_output=True,
            text=True,
            env=environment(changes),
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        answers: dict[str, dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
        return answers

    return load


@pytest.fixture(scope="session")
def ir_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An ir_datasets home with miniatures of every collection that a suite of the project names."""
    home = tmp_path_factory.mktemp("ir-home")
    _msmarco(home / "msmarco-passage")
    _vaswani(home / "vaswani")
    _msmarco_documents(home / "msmarco-document")
    _msmarco_v2(home / "msmarco-passage-v2")
    suites = Path(harness.__file__).parent.parent / "suites"
    for path in sorted(suites.glob("mmarco-*.yaml")):
        _mmarco(home / "mmarco", _named(path))
    for path in sorted(suites.glob("miracl-*.yaml")):
        _miracl(home / "miracl", _named(path))
    for path in sorted(suites.glob("beir-*.yaml")):
        name = _named(path).removeprefix("beir/")
        parts = name.split("/")
        split = parts.pop() if parts[-1] in ("test", "dev") else "test"
        _beir(home / "beir", "/".join(parts), split)
    return home


def _named(suite: Path) -> str:
    return str(yaml.safe_load(suite.read_text())["dataset"]["ir_datasets"])


def _written(path: Path, text: str) -> None:
    """Write a file, compressed where its name says so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())


def _msmarco_documents(folder: Path) -> None:
    """TREC's format; the first two lines of a text are the document's address and title."""
    texts = (f"http://example.org/{i}\nTitle {i}\n{text}" for i, text in enumerate(_PASSAGES))
    documents = (f"<DOC>\n<DOCNO>D{i}</DOCNO>\n<TEXT>\n{t}\n</TEXT>\n</DOC>\n" for i, t in enumerate(texts))
    _written(folder / "collection.tsv.gz", "".join(documents))
    queries = "".join(f"{100 + i}\t{text}\n" for i, text in enumerate(_QUERIES))
    qrels = "100 0 D0 2\n100 0 D1 0\n101 0 D3 1\n"
    for part in ("dev", "trec-dl-2019", "trec-dl-2020"):
        _written(folder / part / "queries.tsv.gz", queries)
    _written(folder / "dev" / "qrels.gz", qrels)
    for part in ("trec-dl-2019", "trec-dl-2020"):
        _written(folder / part / "qrels", qrels)


def _msmarco_v2(folder: Path) -> None:
    """Seventy files of passages, each named by its file and the byte at which it begins."""
    ids, lines = [], ""
    for i, text in enumerate(_PASSAGES):
        ids.append(f"msmarco_passage_00_{len(lines.encode())}")
        row = {"pid": ids[-1], "passage": text, "spans": "(0,9)", "docid": f"msmarco_doc_00_{i}"}
        lines += json.dumps(row) + "\n"
    folder.mkdir(parents=True)
    with tarfile.open(folder / "msmarco_v2_passage.tar", "w") as tar:
        for number in range(70):
            row = {"pid": f"msmarco_passage_{number:02d}_0", "passage": "Another.", "spans": "", "docid": "d"}
            data = gzip.compress((lines if number == 0 else json.dumps(row) + "\n").encode())
            member = tarfile.TarInfo(f"msmarco_v2_passage/msmarco_passage_{number:02d}.gz")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    for year, qrels in ((2021, "qrels"), (2022, "qrels.withDupes.txt"), (2023, "qrels.withDupes.txt")):
        part = folder / f"trec-dl-{year}"
        _written(part / "queries.tsv", "".join(f"{100 + i}\t{text}\n" for i, text in enumerate(_QUERIES)))
        _written(part / qrels, f"100 0 {ids[0]} 3\n100 0 {ids[1]} 0\n101 0 {ids[3]} 2\n")


#: How mMARCO's files name languages.
_MMARCO = {
    "ar": "arabic", "de": "german", "dt": "dutch", "es": "spanish", "fr": "french", "hi": "hindi",
    "id": "indonesian", "it": "italian", "ja": "japanese", "pt": "portuguese", "ru": "russian",
    "vi": "vietnamese", "zh": "chinese",
}  # fmt: skip


def _mmarco(folder: Path, name: str) -> None:
    language = _MMARCO[name.split("/")[2]]
    documents = "".join(f"{i}\t{text}\n" for i, text in enumerate(_PASSAGES))
    _written(folder / f"v2/{language}_collection.tsv", documents)
    queries = "".join(f"{100 + i}\t{text}\n" for i, text in enumerate(_QUERIES))
    _written(folder / f"v2/{language}.queries.dev.tsv", queries)
    _written(folder / "qrels.dev.small.tsv", "100\t0\t0\t1\n101\t0\t3\t1\n")


def _miracl(folder: Path, name: str) -> None:
    """A language's passages lie in up to 66 files; those that it does not have are never asked for."""
    part = folder / "v1.0" / name.split("/")[1]
    rows = [{"docid": f"{i}#0", "title": f"Title {i}", "text": text} for i, text in enumerate(_PASSAGES)]
    for number in range(67):
        first = number == (1 if part.name == "yo" else 0)
        text = "".join(json.dumps(row) + "\n" for row in rows) if first else ""
        _written(part / "docs" / f"docs-{number}.jsonl.gz", text)
    _written(part / "dev" / "topics.tsv", "".join(f"{i}\t{text}\n" for i, text in enumerate(_QUERIES)))
    _written(part / "dev" / "qrels.tsv", "0\tQ0\t0#0\t1\n0\tQ0\t1#0\t0\n1\tQ0\t3#0\t1\n")


def _tar(path: Path, files: Mapping[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz") as tar:
        for name, text in files.items():
            data = text.encode()
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))


def _msmarco(folder: Path) -> None:
    queries = "".join(f"{100 + i}\t{text}\n" for i, text in enumerate(_QUERIES))
    _tar(
        folder / "collectionandqueries.tar.gz",
        {
            "collection.tsv": "".join(f"{i}\t{text}\n" for i, text in enumerate(_PASSAGES)),
            "queries.dev.small.tsv": queries,
            "qrels.dev.small.tsv": "100\t0\t0\t1\n101\t0\t3\t1\n",
        },
    )
    candidates = "100\t0\n100\t1\n100\t5\n101\t3\n101\t1\n"
    for part in ("dev", "trec-dl-2019", "trec-dl-2020"):
        (folder / part).mkdir(parents=True)
        (folder / part / "ms.run").write_text(candidates)
    for part in ("trec-dl-2019", "trec-dl-2020"):
        (folder / part / "qrels").write_text("100 Q0 0 3\n100 Q0 1 0\n101 Q0 3 2\n")
    unjudged = queries + "102\tsomething nobody judged\n"
    (folder / "trec-dl-2019" / "queries.tsv").write_text(unjudged)
    (folder / "trec-dl-2020" / "queries.tsv.gz").write_bytes(gzip.compress(unjudged.encode()))


def _vaswani(folder: Path) -> None:
    files = {
        "doc-text": "1\nthe river flows\nto the north\n   /\n2\na high mountain\n   /\n",
        "query-text": "1\nRIVERS THAT FLOW\n/\n",
        "rlv-ass": "1\n   1\n   /\n",
    }
    _tar(folder / "npl.tar.gz", files)


def _beir(home: Path, name: str, split: str) -> None:
    """Write BEIR's zip; the documents' and queries' further fields go where the loader looks for them."""
    top = name.split("/")[0]
    inside = name if top == "cqadupstack" else top
    target = home / (top if top == "cqadupstack" else name) / "source.zip"
    target.parent.mkdir(parents=True, exist_ok=True)
    fields = ["url", "pubmed_id", "stance", "authors", "year", "cited_by", "references", "tags"]
    metadata = {**dict.fromkeys([*fields, "description", "narrative", "query"], "-")}
    documents = [
        {"_id": "d1", "title": "Rivers", "text": "The river flows north.", "metadata": metadata},
        {"_id": "d2", "title": "", "text": "A mountain is high.", "metadata": metadata},
        {"_id": "q1", "title": "", "text": "where does the river flow", "metadata": metadata},
    ]
    queries = [{"_id": "q1", "text": "where does the river flow", "metadata": metadata}]
    with zipfile.ZipFile(target, "a") as file:
        file_names = file.namelist()
        for what, records in (("corpus", documents), ("queries", queries)):
            if f"{inside}/{what}.jsonl" not in file_names:
                file.writestr(
                    f"{inside}/{what}.jsonl", "".join(json.dumps(record) + "\n" for record in records)
                )
        file.writestr(f"{inside}/qrels/{split}.tsv", "query-id\tcorpus-id\tscore\nq1\td1\t1\n")
