"""Opening a model with sentence-transformers: quietly, and with what it could not find in the weights.

The library fills weights that a file lacks with random numbers and logs a line; here that is an answer.
"""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import HarnessError, ModelError, no_room
from harness.models.folders import ModelFolder

#: Files that transformers can make a tokenizer of, whatever its class asks for.
TOKENIZER_FILES = ("tokenizer.json", "*.model", "vocab*", "*.tiktoken", "tekken.json")
_ONE_AT_A_TIME = threading.RLock()


@dataclass(frozen=True, eq=False)
class Report:
    """What a transformer's weights did not have.

    Attributes:
        transformer: of transformers, as it was built.
        missing: names of weights that no file holds, now random.
        mismatched: names of weights of another shape, each with the file's shape and the configuration's.
    """

    transformer: Any
    missing: tuple[str, ...]
    mismatched: tuple[tuple[str, tuple[int, ...], tuple[int, ...]], ...]


@contextmanager
def quiet() -> Iterator[None]:
    """Keep loading reports and bars of transformers off the terminal; errors still raise."""
    from transformers.utils import logging as transformers_logging

    level, bars = transformers_logging.get_verbosity(), transformers_logging.is_progress_bar_enabled()
    library = logging.getLogger("sentence_transformers")
    before = library.level
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    library.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        transformers_logging.set_verbosity(level)
        library.setLevel(before)
        if bars:
            transformers_logging.enable_progress_bar()


def opened(make: Callable[[], Any], folder: ModelFolder) -> tuple[Any, list[Report]]:
    """Return a model that the library makes, and what the weights of each of its transformers lacked.

    Raises ModelError with the folder's name where the library cannot make it.
    """
    try:
        with quiet(), _reports() as found:
            return make(), found
    except Exception as error:
        if not is_the_models(error):
            raise
        text = one_line(error)
        if "trust_remote_code" in text:
            raise ModelError(
                f"{folder.path}: this model runs code of its own; say 'trust_remote_code: true' for it if you "
                "have read that code and trust it"
            ) from None
        lacking = (
            f"; the folder has no tokenizer ({TOKENIZER_FILES[0]} or the like)"
            if not any(next(folder.path.rglob(name), None) for name in TOKENIZER_FILES)
            else ""
        )
        raise ModelError(
            f"{folder.path}: the model could not be loaded ({type(error).__name__}: {text}){lacking}"
        ) from error


def is_the_models(error: BaseException) -> bool:
    """Whether an error that a model's code raised is the model's, and no lack of memory or disk."""
    if isinstance(error, HarnessError | MemoryError) or "out of memory" in str(error).lower():
        return False
    return not no_room(error)


def one_line(error: BaseException, most: int = 300) -> str:
    """An error's text on one line."""
    return " ".join(str(error).split())[:most]


@contextmanager
def _reports() -> Iterator[list[Report]]:
    """Ask transformers, for each model that is loaded in the block, what its files lacked.

    ``output_loading_info`` is transformers' own switch, but it changes what ``from_pretrained`` returns, which
    sentence-transformers does not expect: so it is asked for in between.
    """
    from transformers import PreTrainedModel

    original = PreTrainedModel.__dict__["from_pretrained"]
    found: list[Report] = []

    def from_pretrained(cls: Any, *args: Any, **kwargs: Any) -> Any:
        if _is_an_adapter(args):  # whose base model transformers finds, and does not report on
            return original.__func__(cls, *args, **kwargs)
        asked = kwargs.pop("output_loading_info", False)
        kwargs.setdefault("ignore_mismatched_sizes", True)  # reported below, by name, instead of "see above"
        model, info = original.__func__(cls, *args, output_loading_info=True, **kwargs)
        mismatched = ((str(n), tuple(a), tuple(b)) for n, a, b in info["mismatched_keys"])
        found.append(Report(model, tuple(sorted(info["missing_keys"])), tuple(sorted(mismatched))))
        return (model, info) if asked else model

    with _ONE_AT_A_TIME:
        PreTrainedModel.from_pretrained = classmethod(from_pretrained)
        try:
            yield found
        finally:
            PreTrainedModel.from_pretrained = original


def _is_an_adapter(args: tuple[Any, ...]) -> bool:
    return (
        bool(args) and isinstance(args[0], str | Path) and (Path(args[0]) / "adapter_config.json").is_file()
    )
