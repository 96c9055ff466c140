"""A third party's class as a model: made, held to its Protocol, and its faults told as its own."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from harness import plugins
from harness.config import CustomModel
from harness.errors import ModelError, listed
from harness.models import beside
from harness.models.library import is_the_models, one_line
from harness.models.protocols import (
    BiEncoder,
    CrossEncoder,
    Embeddings,
    EncodesInStages,
    Mark,
    Role,
    ScoresInStages,
    Work,
    work_of,
)
from harness.search.settings import Similarity

_HERE = Path(__file__).parent


def find_class(source: CustomModel, base: Path) -> Any:
    """Import a class by its dotted name, from beside the config or from where Python finds it. Raises ModelError."""
    module_name, _, class_name = source.class_.rpartition(".")
    if not module_name:
        return _plugged(source.class_)
    try:
        module = beside.import_module(module_name, base)
    except (Exception, SystemExit) as error:
        if isinstance(error, ModelError) or not is_the_models(error):
            raise
        if (
            isinstance(error, ModuleNotFoundError)
            and error.name
            and f"{module_name}.".startswith(f"{error.name}.")
        ):
            raise ModelError(
                f"class {source.class_!r} cannot be imported: there is no module {error.name!r}, neither beside the "
                f"config ({base}) nor where Python looks; give its dotted name, as in package.module.Class"
            ) from None
        raise ModelError(
            f"class {source.class_!r} cannot be imported: importing {module_name} raised {_raised(error)}"
        ) from error
    made = getattr(module, class_name, None)
    if not isinstance(made, type) and not callable(made):
        own = [value for value in vars(module).values() if inspect.isclass(value)]
        classes = [value.__name__ for value in own if value.__module__ == module_name]
        raise ModelError(
            f"class {source.class_!r} cannot be imported: {module_name} "
            f"({getattr(module, '__file__', 'built in')}) has no class {class_name!r}"
            + (f"; it has {listed(classes)}" if classes else "")
        )
    return made


def _plugged(name: str) -> Any:
    """Return the class that a plug-in has under a name without a dot. Raises ModelError."""
    try:
        return plugins.find(plugins.MODELS, name)
    except plugins.PluginError as error:
        raise ModelError(str(error)) from error
    except KeyError:
        known = listed(plugin.name for plugin in plugins.installed(plugins.MODELS))
        raise ModelError(
            f"class {name!r} has no module, and no plug-in is called that{f' (there are {known})' if known else ''}; "
            "give its dotted name: my.Model is the class Model of my.py beside the config"
        ) from None


def make(source: CustomModel, base: Path, kind: str, similarity: str | None) -> tuple[Any, type]:
    """Return a class's model, checked at every call, and the class. Raises ModelError."""
    made = find_class(source, base)
    given = ", ".join(f"{name}={value!r:.40}" for name, value in source.args.items())
    theirs: Any = _call(
        f"class {source.class_}", f"making it with {given or 'no arguments'}", lambda: made(**source.args)
    )
    return held(theirs, f"class {source.class_}", kind, similarity), type(theirs)


def held(theirs: Any, what: str, kind: str, similarity: str | None) -> Any:
    """Return a third party's model, checked at every call; ``what`` begins its messages. Raises ModelError."""
    fits = isinstance(theirs, BiEncoder) if kind == "bi-encoder" else isinstance(theirs, CrossEncoder)
    if not fits:
        needed = "encode(texts, role) and similarity" if kind == "bi-encoder" else "score(pairs)"
        raise ModelError(f"{what} is no {kind}: it needs {needed}")
    if kind == "cross-encoder":
        scorer = OwnInStagesScorer if isinstance(theirs, ScoresInStages) else OwnScorer
        return scorer(theirs, what)
    valid = get_args(Similarity)
    own = similarity or theirs.similarity
    if own not in valid:
        raise ModelError(f"{what}: its similarity is {own!r:.40}; valid are {listed(valid)}")
    encoder = OwnInStagesEncoder if isinstance(theirs, EncodesInStages) else OwnEncoder
    return encoder(theirs, what, own)


class _Own:
    """What both kinds pass on as it is."""

    def __init__(self, theirs: Any, name: str) -> None:
        self._theirs, self._name = theirs, name

    @property
    def batch_size(self) -> int:
        """Inputs of one forward pass, where the class says."""
        return int(getattr(self._theirs, "batch_size", 1))

    @property
    def work(self) -> Work:
        """What the class counts itself."""
        return work_of(self._theirs)

    @property
    def nbytes(self) -> int:
        """Bytes of its weights, where the class says."""
        return int(getattr(self._theirs, "nbytes", 0))

    def _checked(self, call: str, answer: Any, shape: tuple[int | None, ...]) -> NDArray[np.float32]:
        """Return an answer. Raises ModelError where it is no fp32 array of this shape; None is any length."""
        if (
            isinstance(answer, np.ndarray)
            and answer.dtype == np.float32
            and answer.ndim == len(shape)
            and all(want is None or want == has for want, has in zip(shape, answer.shape, strict=True))
        ):
            return answer
        wanted = ", ".join("dimension" if want is None else f"{want:,}" for want in shape)
        raise ModelError(
            f"{self._name}: {call} gave {_what(answer)}; it must be a numpy array [{wanted}] of float32"
        )


class OwnEncoder(_Own):
    """A third party's bi-encoder."""

    def __init__(self, theirs: Any, name: str, similarity: str) -> None:
        super().__init__(theirs, name)
        self.similarity = similarity
        self._width: int | None = None

    def encode(self, texts: Sequence[str], role: Role) -> Embeddings:
        """Return embeddings, [n_texts, dimension] float32. Raises ModelError for a fault of the class."""
        given = list(texts)
        return self._vectors("encode", given, role, lambda: self._theirs.encode(given, role))

    def _vectors(self, method: str, given: list[str], role: Role, do: Callable[[], Any]) -> Embeddings:
        call = f"{method}({len(given):,} texts, role={role!r})"
        found = self._checked(call, _call(self._name, call, do), (len(given), self._width))
        if not found.shape[1]:
            raise ModelError(f"{self._name}: {call} gave vectors of no dimension")
        self._width = found.shape[1]
        return found


class OwnInStagesEncoder(OwnEncoder):
    """A third party's bi-encoder that says when its tokenizer is done."""

    def encode_in_stages(self, texts: Sequence[str], role: Role, mark: Mark) -> Embeddings:
        """As ``encode``, for a few texts at once; marks ``tokenise`` on the way."""
        given = list(texts)
        return self._vectors(
            "encode_in_stages", given, role, lambda: self._theirs.encode_in_stages(given, role, mark)
        )


class OwnScorer(_Own):
    """A third party's cross-encoder."""

    def score(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """Return one score a pair, [n_pairs] float32. Raises ModelError for a fault of the class."""
        given = list(pairs)
        return self._scores("score", given, lambda: self._theirs.score(given))

    def _scores(
        self, method: str, given: list[tuple[str, str]], do: Callable[[], Any]
    ) -> NDArray[np.float32]:
        call = f"{method}({len(given):,} pairs)"
        return self._checked(call, _call(self._name, call, do), (len(given),))


class OwnInStagesScorer(OwnScorer):
    """A third party's cross-encoder that says when its tokenizer is done."""

    def score_in_stages(self, pairs: Sequence[tuple[str, str]], mark: Mark) -> NDArray[np.float32]:
        """As ``score``, for a few pairs at once; marks ``tokenise`` on the way."""
        given = list(pairs)
        return self._scores("score_in_stages", given, lambda: self._theirs.score_in_stages(given, mark))


def _call(name: str, call: str, do: Callable[[], Any]) -> Any:
    """Do something of a third party's. Raises ModelError, with its name and the call, for whatever it raises."""
    try:
        return do()
    except (Exception, SystemExit) as error:
        if not is_the_models(error):
            raise
        raise ModelError(f"{name}: {call} raised {_raised(error)}") from error


def _raised(error: BaseException) -> str:
    """What was raised, and in which line of whose file."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{type(error).__name__}: {error.msg} ({error.filename}, line {error.lineno})"
    trace, where = error.__traceback__, ""
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if "site-packages" not in file and not file.startswith(("<", str(_HERE))):
            where = f" ({file}, line {trace.tb_lineno})"
        trace = trace.tb_next
    text = one_line(error)
    return f"{type(error).__name__}{f': {text}' if text else ''}{where}"


def _what(answer: Any) -> str:
    """What came back, in words."""
    if isinstance(answer, np.ndarray):
        return f"an array {list(answer.shape)} of {answer.dtype}"
    kind = type(answer)
    name = kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
    shape = getattr(answer, "shape", None)
    if shape is not None:
        return f"a {name} {list(shape)}"
    size = f" of {len(answer):,}" if hasattr(answer, "__len__") else ""
    return "nothing (None)" if answer is None else f"a {name}{size}"
