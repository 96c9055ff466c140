"""What is checked of a model once it is loaded: that all its weights were there, its tokenizer, and where it ends.

Each is a way in which the library answers something else than the model, or fails in the middle of the work.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from harness.errors import ModelError, listed
from harness.models.folders import ModelFolder
from harness.models.library import TOKENIZER_FILES, Report

_NAMED = 6  # names in one message
_UNLIMITED = 10**6  # tokens: what says more says nothing
_WHOLE = TOKENIZER_FILES[0]
_POOLER = re.compile(r"(^|\.)pooler\.")


def check_weights(model: Any, output: str, reports: Sequence[Report], where: Path) -> None:
    """Raise ModelError, with their names, where weights that the model answers with were not in its files.

    A pooler that no answer depends on may be absent, as transformers' own BERT has one and most pooling does
    not use it; whether any does is found by differentiating one answer.
    """
    for report in reports:
        if report.mismatched:
            name, held, wanted = report.mismatched[0]
            rest = f", and {len(report.mismatched) - 1} more" if len(report.mismatched) > 1 else ""
            raise ModelError(
                f"{where}: the weights do not fit config.json: {name} is {list(held)} in the file and {list(wanted)} "
                f"by the configuration{rest}; one of the two is of another model"
            )
        needed = [name for name in report.missing if not _POOLER.search(name)]
        poolers = [name for name in report.missing if _POOLER.search(name)]
        needed += _used(model, output, report.transformer, poolers) if poolers else []
        if needed:
            rest = f", and {len(needed) - _NAMED} more" if len(needed) > _NAMED else ""
            raise ModelError(
                f"{where}: {len(needed)} of the model's weights are not in its files: {listed(needed[:_NAMED])}{rest}; "
                "filled with random numbers it would answer otherwise every time. Is a file missing, or the model an "
                "untrained backbone?"
            )


def _used(model: Any, output: str, transformer: Any, names: Sequence[str]) -> list[str]:
    """Return those weights that an answer of the model depends on."""
    import torch

    parameters = dict(transformer.named_parameters())
    asked = [name for name in names if name in parameters]
    inputs = [("a", "b")] if output == "scores" else ["a"]
    features = {
        key: value.to(model.device) if hasattr(value, "to") else value
        for key, value in model.preprocess(inputs).items()
    }
    with torch.enable_grad():
        answer = model(features)[output].float().sum()
        gradients = torch.autograd.grad(answer, [parameters[name] for name in asked], allow_unused=True)
    return [name for name, gradient in zip(asked, gradients, strict=True) if gradient is not None]


def check_tokenizer(model: Any, where: Path) -> None:
    """Raise ModelError where a model's tokenizer was made without its files, and so knows no words."""
    for tokenizer in _tokenizers(model):
        wanted = {kind: name for kind, name in tokenizer.vocab_files_names.items() if isinstance(name, str)}
        if not wanted:
            continue  # of bytes or characters: it needs no file
        names = (*wanted.values(), *TOKENIZER_FILES)
        there = {name for name in names if next(where.rglob(name), None) is not None}
        merges = wanted.get("merges_file")
        if merges is not None and there & {wanted.get("vocab_file"), merges, _WHOLE} == {
            wanted.get("vocab_file")
        }:
            raise ModelError(
                f"{where}: its tokenizer is not complete: {merges} is missing, without which {wanted['vocab_file']} "
                "cannot be used"
            )
        words = len(tokenizer) - len(set(tokenizer.all_special_tokens))
        if not there or words <= 0:
            needed = listed(dict.fromkeys((_WHOLE, *wanted.values())))
            what = "its files hold no words" if there else f"it needs {needed} or the like"
            raise _no_tokenizer(where, what)


def check_static(folder: ModelFolder) -> None:
    """Raise ModelError where static embeddings come without the tokenizer that the library then trips over."""
    for module in folder.modules():
        part = folder.path / module["path"]
        if module["type"].endswith(".StaticEmbedding") and not (part / _WHOLE).is_file():
            raise _no_tokenizer(part, f"it needs {_WHOLE}")


def _no_tokenizer(where: Path, what: str) -> ModelError:
    return ModelError(
        f"{where}: the model has no tokenizer: {what}; without one every text is the same to it. Copy the tokenizer's "
        "files there"
    )


def _tokenizers(model: Any) -> Iterator[Any]:
    """Every tokenizer of transformers in a model: of each way that a text can take through it."""
    from transformers import PreTrainedTokenizerBase

    seen = set()
    for module in model.modules():
        found = getattr(module, "tokenizer", None)
        if isinstance(found, PreTrainedTokenizerBase) and id(found) not in seen:
            seen.add(id(found))
            yield found


def limit_length(model: Any, wanted: int | None, where: str) -> int | None:
    """Have a model read ``wanted`` tokens, else as many as it says, and never more than it has positions.

    Returns the limit, or None where there is none. Raises ModelError where none can be set.
    """
    own = model.max_seq_length
    limits = [limit for limit in (own if wanted is None else wanted, _positions(model)) if limit is not None]
    if not limits or min(limits) == own:
        return None if own is None or own > _UNLIMITED else int(own)
    limit = int(min(limits))
    try:
        model.max_seq_length = limit
    except AttributeError:  # static embeddings have no such setting, but their tokenizer can cut
        tokenizer: Any = getattr(model[0], "tokenizer", None)
        if not hasattr(tokenizer, "enable_truncation"):
            raise ModelError(
                f"{where}: its length cannot be limited, as max_length or the suite's max_tokens asks"
            ) from None
        tokenizer.enable_truncation(limit)
    return limit


def _positions(model: Any) -> int | None:
    """Return how many tokens a model's absolute positions reach; None where it has none, or does not say.

    RoBERTa and its kin count positions from after the padding's number, so that of 514 there are 512.
    """
    import torch

    limits = []
    for module in model.modules():
        table, padding = getattr(module, "position_embeddings", None), getattr(module, "padding_idx", None)
        if isinstance(table, torch.nn.Embedding):
            limits.append(table.num_embeddings - (padding + 1 if isinstance(padding, int) else 0))
    return min(limits) if limits else None


def without_padding(model: Any, batch_size: int, where: str) -> bool:
    """Whether inputs must go one by one, unpadded. Raises ModelError where they must and a batch is asked for."""
    lacking = [tokenizer for tokenizer in _tokenizers(model) if tokenizer.pad_token is None]
    if lacking and batch_size > 1:
        raise ModelError(
            f"{where}: its tokenizer has no padding token, so that texts of different lengths fit into no batch; set "
            "'batch_size: 1', or name its pad_token in tokenizer_config.json"
        )
    return bool(lacking)


def adds_nothing(model: Any) -> bool:
    """Whether an empty text has no token at all, not even one that begins or ends it."""
    return any(not tokenizer("")["input_ids"] for tokenizer in _tokenizers(model))


def vocabulary_rows(model: Any) -> int | None:
    """Return how many tokens a model has vectors for, where its tokenizer has more; else None."""
    import torch

    rows = []
    for module in model.modules():
        if hasattr(module, "get_input_embeddings") and isinstance(module, torch.nn.Module):
            table = _table(module)
            rows += [table.num_embeddings] if isinstance(table, torch.nn.Embedding) else []
        elif isinstance(module, torch.nn.EmbeddingBag):
            rows.append(module.num_embeddings)
    sizes = [len(tokenizer) for tokenizer in _tokenizers(model)]
    own: Any = getattr(model[0], "tokenizer", None)  # that of static embeddings is not transformers'
    sizes += [own.get_vocab_size()] if hasattr(own, "get_vocab_size") else []
    return min(rows) if rows and sizes and max(sizes) > min(rows) else None


def _table(module: Any) -> Any:
    try:
        return module.get_input_embeddings()
    except NotImplementedError:
        return None


def check_tokens(ids: Any, rows: int, inputs: Sequence[Any], where: str) -> None:
    """Raise ModelError, naming the input, for a token that the model has no vector for."""
    if int(ids.max()) < rows:
        return
    place = int((ids >= rows).nonzero()[0][0]) if ids.ndim == 2 else 0
    of = (
        f"{inputs[place]!r:.80}"
        if ids.ndim == 2
        else f"one of {len(inputs)} texts, the first {inputs[0]!r:.80},"
    )
    raise ModelError(
        f"{where}: {of} has the token {int(ids.max())}, and the model has vectors for {rows} tokens; its tokenizer "
        "is of another model"
    )
