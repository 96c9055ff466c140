"""Encode: one bi-encoder's embeddings of texts, for a task that puts something cheap on top of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.stages.forms import Form, Names
from harness.stages.kinds import Kind
from harness.stages.live import Answering, Live, LiveEncoder, Mark
from harness.stages.told import Sentence, Told, by_model
from harness.stages.tree import Planned, Results, Root, Step, Take
from harness.stages.work import View, Work

if TYPE_CHECKING:
    from numpy.typing import NDArray


class EncodeForm(Form):
    """A bi-encoder's embeddings of texts."""

    encode: str

    data = "texts"
    needed = (("encode",),)
    refused = (("depth", "a pipeline that encodes texts has no depth"),)
    written = (("{encode: MODEL}", "classification, clustering: a bi-encoder's embeddings of texts"),)

    def roots(self, names: Names) -> Sequence[Take]:
        """Return the encoding."""
        names.check_model("encode", self.encode, ("bi_encoder",))
        return [Take(Encode(self.encode))]


@dataclass(frozen=True)
class Encode(Root):
    """Each text of a suite encoded by one bi-encoder."""

    model: str

    @property
    def models(self) -> tuple[str, ...]:
        """The bi-encoder."""
        return (self.model,)

    def steps(self, depth: int) -> Iterable[Step]:
        """The encoding."""
        return (Encoding(self),)

    def make(self, results: Results) -> Any:
        """Return the embeddings."""
        return results.result(self)

    def serve(self, live: Live, depth: int) -> Answering:
        """Load the bi-encoder."""
        return Served(live.encoder(self.model))

    @property
    def kind(self) -> str:
        """An encoding."""
        return "encode"

    def told(self, depth: int, result: Any) -> dict[str, Any]:
        """The bi-encoder."""
        return {"encode": self.model}


@dataclass(frozen=True)
class Encoding(Step):
    """Texts encoded, each once."""

    stage: Encode

    @property
    def shared(self) -> Encode:
        """By the model."""
        return self.stage

    @property
    def models(self) -> tuple[str, ...]:
        """The bi-encoder."""
        return self.stage.models

    @property
    def row(self) -> str:
        """Encoding."""
        return f"{self.stage.model}: encoding"

    def do(self, work: Work) -> NDArray[Any]:
        """Encode."""
        return work.encoded(self.stage.model)

    def foreseen(self, view: View) -> None:
        """Nobody needs to know it beforehand."""

    def planned(self, view: View) -> Iterable[Planned]:
        """The texts."""
        return (view.sentences(self.stage.model),)


@dataclass(frozen=True, eq=False)
class Served:
    """A bi-encoder."""

    model: LiveEncoder

    def answer(self, texts: Sequence[Sequence[str]], mark: Mark) -> NDArray[Any]:
        """Encode."""
        vectors = self.model.encode([text for (text,) in texts], "sentence", mark)
        mark("encode")
        return vectors


_ENCODE = Sentence(
    "{} encodes each text once, and never learns: what stands on the embeddings does.",
    "{} encode each text once, and never learn: what stands on the embeddings does.",
)

KIND = Kind(
    forms=(EncodeForm,),
    stages=(Encode,),
    told=(
        Told(
            "encode",
            lambda stages: str(stages["encode"]),
            lambda part: _ENCODE,
            ("encode",),
            ("tokenise", "encode"),
            keys={"encode": str},
            is_system=by_model("encode"),
        ),
    ),
    said=(_ENCODE,),
)
