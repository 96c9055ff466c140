"""Score: one model gives each pair of sentences a score; a bi-encoder by a similarity of its two embeddings."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Discriminator, Field, Tag

from harness.search.settings import Similarity
from harness.stages.forms import Form, Names, each, one_or_many
from harness.stages.kinds import Kind
from harness.stages.live import Answering, Live, LiveEncoder, LiveScorer, Mark
from harness.stages.told import Sentence, Told, by_model
from harness.stages.tree import Planned, Results, Root, Step, Take
from harness.stages.work import View, Work

if TYPE_CHECKING:
    from numpy.typing import NDArray

Similarities = Annotated[
    Annotated[Similarity, Tag("<one>")]
    | Annotated[tuple[Similarity, ...], Field(min_length=1), Tag("<sweep>")],
    Discriminator(one_or_many),
]


class ScoreForm(Form):
    """One model over pairs of sentences."""

    score: str
    similarity: Similarities | None = None  # default: the bi-encoder's own

    data = "pairs"
    needed = (("score",),)
    optional = frozenset({"similarity"})
    refused = (("depth", "a pipeline that scores pairs has no depth"),)
    sweeps = ("similarity",)
    written = (
        ("{score: MODEL}", "sts, pair-classification: either kind of model over sentence pairs"),
        (
            "{score: MODEL, similarity: cosine|dot|euclidean|manhattan or [...]}",
            "the same by another similarity than the bi-encoder's own; a list is a sweep",
        ),
    )

    def roots(self, names: Names) -> Sequence[Take]:
        """Return one scoring a similarity."""
        names.check_model("score", self.score, ("bi_encoder", "cross_encoder"))
        cross = names.kind(self.score) == "cross_encoder"
        if cross and self.similarity is not None:
            names.problem(
                f"{self.score!r} is a cross-encoder, which scores pairs itself and has no similarity to choose",
                "similarity",
            )
        return [Take(Score(self.score, cross, similarity)) for similarity in each(self.similarity)]


@dataclass(frozen=True)
class Score(Root):
    """One model's scores; ``similarity`` None is the bi-encoder's own, and a cross-encoder has none."""

    model: str
    cross: bool
    similarity: str | None = None

    @property
    def models(self) -> tuple[str, ...]:
        """The model."""
        return (self.model,)

    def steps(self, depth: int) -> Iterable[Step]:
        """The scoring."""
        return (ScoringSentences(self.model, self.cross, (self.similarity,)),)

    def make(self, results: Results) -> Any:
        """Return a score a pair."""
        return results.result((ScoringSentences, self.model))[self.similarity]

    def serve(self, live: Live, depth: int) -> Answering:
        """Load the model."""
        if self.cross:
            return ServedByCross(live.scorer(self.model))
        return ServedByBoth(live.encoder(self.model), self.similarity)

    @property
    def kind(self) -> str:
        """A score."""
        return "score"

    def told(self, depth: int, result: Any) -> dict[str, Any]:
        """The model, and the similarity where it is another than its own."""
        return {"score": self.model} | ({"similarity": self.similarity} if self.similarity else {})


@dataclass(frozen=True)
class ScoringSentences(Step):
    """Each sentence pair scored by one model; a bi-encoder's sentences are encoded once for all similarities."""

    model: str
    cross: bool
    names: tuple[str | None, ...]

    @property
    def shared(self) -> Hashable:
        """By the model."""
        return (ScoringSentences, self.model)

    def merged(self, other: Any) -> ScoringSentences:
        """All similarities."""
        return ScoringSentences(self.model, self.cross, tuple(dict.fromkeys((*self.names, *other.names))))

    @property
    def models(self) -> tuple[str, ...]:
        """The model."""
        return (self.model,)

    @property
    def row(self) -> str:
        """What the model does."""
        return f"{self.model}: {'scoring' if self.cross else 'encoding'}"

    def do(self, work: Work) -> dict[str | None, NDArray[Any]]:
        """Score."""
        return work.similarities(self.model, self.names)

    def foreseen(self, view: View) -> None:
        """Nobody needs to know it beforehand."""

    def planned(self, view: View) -> Iterable[Planned]:
        """The sentences."""
        return (view.sentences(self.model),)


@dataclass(frozen=True, eq=False)
class ServedByCross:
    """A cross-encoder."""

    model: LiveScorer
    kinds: ClassVar[tuple[str, ...]] = ("query", "pair")

    def answer(self, texts: Sequence[Sequence[str]], mark: Mark) -> NDArray[Any]:
        """Score pairs."""
        scores = self.model.score([(first, second) for first, second in texts], mark)
        mark("score")
        return scores


@dataclass(frozen=True, eq=False)
class ServedByBoth:
    """A bi-encoder whose two embeddings are compared."""

    model: LiveEncoder
    similarity: str | None

    def answer(self, texts: Sequence[Sequence[str]], mark: Mark) -> NDArray[Any]:
        """Encode both sentences of each pair, and compare them."""
        from harness.search.exact import pairwise

        vectors = self.model.encode([text for pair in texts for text in pair], "sentence", mark)
        mark("encode")
        scores = pairwise(vectors[0::2], vectors[1::2], self.similarity or self.model.similarity)
        mark("score")
        return scores


_SCORE = Sentence("{} gives each pair one score.", "{} give each pair one score.")

KIND = Kind(
    forms=(ScoreForm,),
    stages=(Score,),
    told=(
        Told(
            "score",
            lambda stages: ", ".join(str(stages[key]) for key in ("score", "similarity") if key in stages),
            lambda part: _SCORE,
            ("score",),
            ("tokenise", "encode", "score"),
            keys={"score": str, "similarity": str | None},
            is_system=by_model("score"),
        ),
    ),
    said=(_SCORE,),
)
