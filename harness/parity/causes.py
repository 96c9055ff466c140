"""Why two models answer otherwise: each cause is tried, by asking the model at hand as if it had the fault.

Nothing is guessed from names. A cause is *shown* where the model at hand, asked with the fault, gives the other's
answers; what remains is told apart by how far the answers are from each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.models.endpoints.apis import AnswerError
from harness.parity.sides import Answers, Side
from harness.parity.texts import Group

#: How near a hypothesis must come to the other's answers: as a share of their size, and of how far they were before.
_NEAR, _NEARER = 2e-3, 0.2
_EXACT = 1e-4  # so near, no other hypothesis is looked for
_TRIED = 12  # inputs of a group, those that differ most
_UNIT = 0.02  # how far from 1 a normalised vector's length may be, in half precision
_SMALL = 0.1  # beyond it no rounding of numbers moves an embedding
_POOLINGS = ("mean", "cls", "max", "lasttoken", "weightedmean", "mean_sqrt_len_tokens")
_LENGTHS = (16, 32, 48, 64, 77, 96, 100, 128, 192, 200, 256, 384, 500, 510, 512, 768, 1024, 2048, 4096, 8192)
_MOST_LENGTHS = 80  # limits tried between the longest text that is the same and the shortest that is not
#: Causes that a server which wavers may only seem to have.
OF_ROUNDING = ("another precision", "not named")
_PROMPTS = ("query: ", "passage: ", "search_query: ", "search_document: ")


@dataclass(frozen=True)
class Cause:
    """One likely cause.

    Attributes:
        name: one of the list in docs/endpoints.md.
        what: the sentence.
        groups: the inputs that it is about.
        shown: whether asking with the fault gave the other's answers.
        left: how far apart they then still are at most, as a share of their size; None where nothing was asked.
    """

    name: str
    what: str
    groups: tuple[str, ...] = ()
    shown: bool = False
    left: float | None = None


@dataclass(frozen=True, eq=False)
class Both:
    """Both models' answers to one group, [n, numbers] each, and the inputs that one of them refused."""

    group: Group
    first: Answers
    second: Answers
    refused: tuple[str, ...] = ()
    by: str = ""
    why: str = ""

    @property
    def apart(self) -> NDArray[np.float64]:
        """Distances as shares of the first's size, [n]."""
        return apart(self.first, self.second, self.first)


def apart(one: Answers, other: Answers, like: Answers) -> NDArray[np.float64]:
    """Distances of answers, [n], as shares of an answer's size: of an embedding its length, of a score the spread."""
    wide = np.linalg.norm(one - other, axis=1)
    if like.shape[1] == 1:
        size = np.full(len(one), max(float(np.ptp(like)), float(np.abs(like).max(initial=0.0)), 1e-12))
    else:
        size = np.maximum(np.linalg.norm(one, axis=1), 1e-12)
    return np.asarray(wide / size)


def of_fault(error: AnswerError, name: str) -> Cause:
    """Return the cause that a server's malformed answer is itself."""
    names = {"rows": "rows missing", "number": "NaN", "width": "other widths", "shape": "another API"}
    return Cause(names[error.fault], f"{name} does not answer what it is asked: {error.message}", shown=True)


def likely(first: Side, second: Side, found: Sequence[Both], tolerance: float) -> list[Cause]:
    """Return the likely causes of what differs. The model that can be asked under other settings is asked."""
    if any(one.first.shape[1] != one.second.shape[1] for one in found):
        return [_dimensions(first, second, found)]
    pivot, other = (first, second) if first.rerun or not second.rerun else (second, first)
    turned = found if pivot is first else [Both(one.group, one.second, one.first) for one in found]
    normed, named = _lengths(pivot, other, turned)
    different = [one for one in normed if (apart(one.first, one.second, one.first) > tolerance).any()]
    if named and not any((apart(one.first, one.second, one.first) > _NEAR / 20).any() for one in different):
        return named
    case = _Case(pivot, other, different, normed, tolerance)
    return [*named, *(case.mixed() or case.tried() or [case.rest()])]


def _lengths(pivot: Side, other: Side, found: Sequence[Both]) -> tuple[list[Both], list[Cause]]:
    """Whether one of the two normalises and the other does not; both are then compared normalised."""
    if pivot.scores:
        return list(found), []
    norms = [
        np.concatenate([np.linalg.norm(getattr(one, side), axis=1) for one in found])
        for side in ("first", "second")
    ]
    unit = [bool((np.abs(norm[norm > 0] - 1) < _UNIT).all()) for norm in norms]
    if unit[0] == unit[1]:
        return list(found), []
    loose, norm = (other, norms[1]) if unit[0] else (pivot, norms[0])
    tight = pivot if unit[0] else other
    made = [Both(one.group, _unit(one.first), _unit(one.second)) for one in found]
    left = max(float(apart(one.first, one.second, one.first).max(initial=0.0)) for one in made)
    return made, [
        Cause(
            "not normalised",
            f"{loose.name} does not normalise: its vectors are {norm.min():.3g} to {norm.max():.3g} long, those of "
            f"{tight.name} 1",
            tuple(one.group.what for one in found),
            shown=left <= _NEAR,
            left=left,
        )
    ]


def _unit(vectors: Answers) -> Answers:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12))


def _dimensions(first: Side, second: Side, found: Sequence[Both]) -> Cause:
    wide, narrow = sorted((found[0].first, found[0].second), key=lambda vectors: -vectors.shape[1])
    sizes = (
        f"{found[0].first.shape[1]:,} numbers of {first.name}, {found[0].second.shape[1]:,} of {second.name}"
    )
    left = float(apart(_unit(wide[:, : narrow.shape[1]]), _unit(narrow), narrow).max(initial=0.0))
    if left <= _NEAR:
        return Cause("fewer dimensions", f"{sizes}: the first ones of the other", shown=True, left=left)
    return Cause("another model", f"{sizes}, and the fewer are not the first of the more", shown=True)


@dataclass(eq=False)
class _Case:
    """What differs, and the hypotheses that are tried on it."""

    pivot: Side
    other: Side
    different: list[Both]
    every: list[Both]
    tolerance: float
    _named: dict[tuple[str, str], list[tuple[str, float]]] = field(default_factory=dict)

    def mixed(self) -> list[Cause]:
        """Whether answers are each those of another input of the same request; asked alone, they then are right."""
        for one in self.different:
            far = np.flatnonzero(apart(one.first, one.second, one.first) > max(self.tolerance, _NEAR))
            if len(far) < 2:
                continue
            scale = max(float(np.ptp(one.first)), 1e-12) if one.first.shape[1] == 1 else 1.0
            gaps = np.linalg.norm(one.second[far][:, None] - one.first[None], axis=2) / scale
            nearest = gaps.argmin(axis=1)
            taken = (gaps[np.arange(len(far)), nearest] <= _NEAR) & (nearest != far)
            if taken.mean() < 0.9:
                continue
            some = far[:4]
            alone = np.concatenate([self.other.ask([one.group.inputs[i]], one.group.role) for i in some])
            left = float(apart(one.first[some], alone, one.first).max())
            if left > _NEAR:
                continue
            return [
                Cause(
                    "order mixed up",
                    f"{self.other.name} mixes up the order within a request: {int(taken.sum())} of {len(far)} answers "
                    f"are those that {self.pivot.name} gives for another of the inputs; asked alone, they are right",
                    tuple(each.group.what for each in self.different),
                    shown=True,
                    left=left,
                )
            ]
        return []

    def tried(self) -> list[Cause]:
        """The hypothesis that comes nearest, of each group; one cause for all the groups that share it."""
        for one in self.different:
            best: tuple[str, str, float] | None = None
            for found in self._hypotheses(one):
                best = found if best is None or found[2] < best[2] else best
                if best[2] <= _EXACT:
                    break
            if best is not None and best[2] <= _NEAR:
                self._named.setdefault(best[:2], []).append((one.group.what, best[2]))
        return [
            Cause(
                name,
                what,
                tuple(group for group, _ in parts),
                shown=True,
                left=max(left for _, left in parts),
            )
            for (name, what), parts in self._named.items()
        ]

    def _hypotheses(self, one: Both) -> Iterator[tuple[str, str, float]]:
        """Yield (cause, sentence, what is left) of each hypothesis that comes near."""
        gaps = apart(one.first, one.second, one.first)
        places = [int(i) for i in np.argsort(-gaps)[:_TRIED] if gaps[i] > self.tolerance]
        inputs = [one.group.inputs[i] for i in places]
        theirs, before = one.second[places], gaps[places]
        # What explained another group comes first.
        for name, what, ask in sorted(self._ways(one, places), key=lambda way: way[:2] not in self._named):
            mine = ask(inputs)
            if mine is None or mine.shape != theirs.shape:
                continue
            if not self.pivot.scores and self._normed(one):
                mine = _unit(mine)
            left = apart(mine, theirs, one.first)
            if np.median(left) <= _NEARER * np.median(before):
                yield name, what, float(left.max())

    def _normed(self, one: Both) -> bool:
        return bool((np.abs(np.linalg.norm(one.first, axis=1) - 1) < _UNIT).all())

    def _ways(
        self, one: Both, places: list[int]
    ) -> Iterator[tuple[str, str, Callable[[list[Any]], Answers | None]]]:
        """Yield (cause, sentence, how the model at hand is asked)."""
        a, b, role = self.pivot.name, self.other.name, one.group.role

        def under(**settings: Any) -> Callable[[list[Any]], Answers | None]:
            def ask(inputs: list[Any]) -> Answers | None:
                side = self.pivot.varied(**settings)
                return None if side is None else side.ask(inputs, role)

            return ask

        def after(text: str) -> Callable[[list[Any]], Answers | None]:
            def ask(inputs: list[Any]) -> Answers | None:
                side = self.pivot.bare if self.pivot.far or self.pivot.rerun else None
                put = [(text + i[0], i[1]) if self.pivot.scores else text + i for i in inputs]
                return None if side is None else side.ask(put, role)

            return ask

        own = self.pivot.prompt(role)
        kind = "query" if self.pivot.scores else role
        if own:
            yield "prompt missing", f"{b} puts no prompt before a {kind}, and {a} puts {own!r}", after("")
            yield "prompt doubled", f"{b} puts the prompt {own!r} twice before a {kind}", after(own + own)
        theirs = self.other.prompt(role)
        others = dict.fromkeys([theirs, self.pivot.prompt("query"), self.pivot.prompt("document"), *_PROMPTS])
        for text in others:
            if text and text not in (own, own + own):
                yield (
                    "another prompt",
                    f"{b} puts {text!r} before a {kind}, and {a} {own or 'nothing'!r}",
                    after(text),
                )
                yield (
                    "another prompt",
                    f"{b} puts {own + text!r} before a {kind}, and {a} {own or 'nothing'!r}",
                    after(text + own),
                )
        if self.pivot.scores:
            yield from self._of_scores(one)
        if not self.pivot.rerun:
            return
        if not self.pivot.scores:
            used = self.pivot.model.describe()["pooling"]
            for pooling in _POOLINGS:
                if pooling != used:
                    yield (
                        "another pooling",
                        f"{b} pools by {pooling}, and {a} by {used}",
                        under(pooling=pooling),
                    )
        for limit in self._limits():
            read = self.pivot.model.max_length
            yield (
                "another maximum length",
                f"{b} reads {limit:,} tokens of a text, and {a} {read or 'all'}",
                under(max_length=limit),
            )

    def _of_scores(self, one: Both) -> Iterator[tuple[str, str, Callable[[list[Any]], Answers | None]]]:
        a, b, role = self.pivot.name, self.other.name, one.group.role
        squashed = f"{b} gives probabilities where {a} gives logits: a sigmoid stands between them"
        yield "another activation", squashed, lambda inputs: 1 / (1 + np.exp(-self.pivot.ask(inputs, role)))
        opened = f"{b} gives logits where {a} gives probabilities: a sigmoid stands between them"
        yield "another activation", opened, lambda inputs: _logit(self.pivot.ask(inputs, role))
        turned = f"{b} takes the query for the document, and the document for the query"
        yield (
            "texts swapped",
            turned,
            lambda inputs: self.pivot.ask([(second, first) for first, second in inputs], role),
        )

    def _limits(self) -> list[int]:
        """Maximum lengths between the longest input that is the same and the shortest that is not."""
        same, differ = [0], []
        for one in self.every:
            counts = self.pivot.tokens(one.group, range(len(one.group.inputs)))
            if counts is None:
                return []
            gaps = apart(one.first, one.second, one.first)
            differ += [n for n, gap in zip(counts, gaps, strict=True) if gap > max(self.tolerance, _NEAR)]
            same += [n for n, gap in zip(counts, gaps, strict=True) if gap <= max(self.tolerance, _NEAR)]
        own = self.pivot.model.max_length
        if not differ or own is None:
            return []
        low, high = max((n for n in same if n < min(differ)), default=0), min(differ)
        usual = [n for n in _LENGTHS if (low <= n < high or n > own) and n != own]
        between = [] if high > own or high - low > _MOST_LENGTHS else list(range(max(low, 3), high))
        return list(dict.fromkeys([*usual, *between]))

    def rest(self) -> Cause:
        """What is left: rounding of another precision where answers are near, and otherwise another model."""
        what = tuple(one.group.what for one in self.different)
        gaps = np.concatenate([apart(one.first, one.second, one.first) for one in self.every])
        middle, worst = float(np.median(gaps)), float(gaps.max())
        a, b = self.pivot.name, self.other.name
        if worst <= _SMALL and middle > self.tolerance / 10:
            near = self._precision(middle)
            said = "" if near is None else f"; {a} itself moves by {near[1]:.2g} in {near[0]}"
            return Cause(
                "another precision",
                f"{b} answers with other numbers of bits: every answer moves by a little ({middle:.2g} of its size in "
                f"the median, {worst:.2g} at most){said}",
                what,
                shown=near is not None,
                left=worst,
            )
        if worst <= _SMALL:
            return Cause("not named", f"few answers differ, by {worst:.2g} of their size at most", what)
        likeness = _likeness(self.every)
        said = (
            ""
            if likeness is None
            else f" ({likeness:.2f} of how texts lie to each other is shared, 1 is all)"
        )
        return Cause(
            "another model",
            f"{b} answers as another model, or another version of it: no setting of {a} comes near{said}"
            + (
                ""
                if self.pivot.rerun
                else f"; {a} cannot be asked under other settings, name one that is loaded here"
            ),
            what,
        )

    def _precision(self, middle: float) -> tuple[str, float] | None:
        """The precision that moves the model at hand as far as the other is away, within a factor of five."""
        if not self.pivot.rerun:
            return None
        one = max(self.different, key=lambda both: len(both.group.inputs))
        places = np.linspace(0, len(one.group.inputs) - 1, min(_TRIED, len(one.group.inputs))).astype(int)
        moved = []
        for precision in ("fp16", "bf16", "fp32"):
            side = self.pivot.varied(precision=precision)
            if side is None:
                continue
            mine = side.ask([one.group.inputs[i] for i in places], one.group.role)
            if not self.pivot.scores and self._normed(one):
                mine = _unit(mine)
            moved.append((precision, float(np.median(apart(one.first[places], mine, one.first)))))
        near = [found for found in moved if middle / 5 <= found[1] <= middle * 5]
        return min(near, key=lambda found: abs(np.log(found[1] / middle)), default=None)


def _logit(values: Answers) -> Answers:
    inside = np.clip(values, 1e-12, 1 - 1e-12)
    return np.asarray(np.log(inside / (1 - inside)))


def _likeness(found: Sequence[Both]) -> float | None:
    """Linear CKA of both models' embeddings of the largest group (Kornblith et al. 2019); of scores, Spearman's rank
    correlation."""
    one = max(found, key=lambda both: len(both.group.inputs))
    a, b = (values - values.mean(axis=0) for values in (one.first, one.second))
    if len(a) < 3:
        return None
    if a.shape[1] == 1:
        from scipy.stats import spearmanr

        return float(spearmanr(a[:, 0], b[:, 0]).statistic)
    shared = np.linalg.norm(a.T @ b) ** 2
    whole = np.linalg.norm(a.T @ a) * np.linalg.norm(b.T @ b)
    return float(shared / whole) if whole > 0 else None


__all__ = ["Both", "Cause", "apart", "likely", "of_fault"]
