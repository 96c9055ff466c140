"""From a config's model to something that encodes or scores."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.config import (
    MODEL_KINDS,
    CustomModel,
    EncoderPair,
    EndpointModel,
    LiveModel,
    ModelSettings,
    PackagedModel,
    RecipeModel,
    RerankEndpoint,
)
from harness.errors import ModelError
from harness.models import custom, folders, precision, runtimes
from harness.models import device as devices
from harness.models import live as lives
from harness.models.card import card
from harness.models.endpoints.client import key_of, wire_of
from harness.models.endpoints.models import open_endpoint
from harness.models.folders import ModelFolder, Permissions
from harness.models.live import Live
from harness.models.protocols import (
    BiEncoder,
    CrossEncoder,
    Embeddings,
    Identity,
    Mark,
    Role,
    Work,
    work_of,
)
from harness.models.sentence import LoadSettings, SentenceBiEncoder
from harness.search.passages import Passages

SYMMETRIC: Role = "sentence"
BACKEND = "torch"
BATCH_PLAN = "longest first by tokens"
#: Raised whenever a folder's files come to other answers here than before, so that nothing kept stands in for them.
READING = 2


@dataclass(frozen=True)
class ModelRequest:
    """A model as the config names it, with its files found and nothing loaded yet."""

    name: str
    settings: ModelSettings
    folders: tuple[ModelFolder, ...]  # one, or two for (query, document); none for a custom class
    device: str
    max_tokens: int | None = None  # the suite's limit; the model's own may be lower
    base: Path = Path()  # the config's folder, beside which a class of one's own is looked for
    live: Live | None = None  # an object that was given in its place


def request(
    name: str,
    settings: ModelSettings,
    base: Path,
    device: str,
    permissions: Permissions,
    max_tokens: int | None = None,
    live: Live | None = None,
) -> ModelRequest:
    """Find a model's files. Raises ModelError for what is missing, before anything is computed."""
    backend = settings.backend or BACKEND
    also = () if backend == BACKEND else runtimes.wanted(settings.file, backend)
    permissions = replace(permissions, allow_pickle=settings.allow_pickle, also=also)
    source = settings.source

    if settings.endpoint is not None:
        _check_key(name, settings.endpoint)

    def locate(part: str | PackagedModel) -> ModelFolder:
        try:
            if isinstance(part, PackagedModel):
                return folders.find_package(part.package, permissions)
            return folders.find(part, base, settings.revision, permissions)
        except ModelError as error:
            raise ModelError(f"model {name!r}: {error}") from None

    found: tuple[ModelFolder, ...]
    if isinstance(source, RecipeModel):
        raise ModelError(f"model {name!r} is made by the recipe {source.recipe!r}, and was not made yet")
    if isinstance(source, EncoderPair):
        found = (locate(source.query), locate(source.document))
    elif isinstance(source, CustomModel | LiveModel | EndpointModel | RerankEndpoint):
        found = ()
    else:
        found = (locate(source),)
    if live is not None:
        device = live.device or device
    used = settings.device or device if settings.endpoint is None else "cpu"  # of what waits for the answers
    return ModelRequest(name, settings, found, used, max_tokens, base, live)


def _check_key(name: str, source: EndpointModel | RerankEndpoint) -> None:
    try:
        key_of(wire_of(source))
    except ModelError as error:
        raise ModelError(f"model {name!r}: {error}") from None


def load_settings(wanted: ModelRequest, folder: ModelFolder, device: str) -> LoadSettings:
    """Return how one folder of a model is loaded on a device; nothing is loaded, torch is not needed."""
    return _within(_load_settings(wanted.settings, device, wanted), folder, wanted.max_tokens)


def plain_settings(wanted: ModelRequest, device: str) -> LoadSettings:
    """Return how a model without a folder is asked to run."""
    found = _load_settings(wanted.settings, device, wanted)
    if wanted.live is None:
        return found
    own, most = getattr(wanted.live.value, "max_seq_length", None), wanted.max_tokens
    most = min(most, own) if most is not None and own is not None else most
    return replace(found, precision=wanted.live.precision, max_length=most)


def load(wanted: ModelRequest) -> tuple[BiEncoder | CrossEncoder, Identity]:
    """Load a model. Raises ModelError."""
    try:
        return _load(wanted)
    except ModelError as error:
        if str(error).startswith(f"model {wanted.name!r}"):
            raise
        raise ModelError(f"model {wanted.name!r}: {error}") from error.__cause__


def _load(wanted: ModelRequest) -> tuple[BiEncoder | CrossEncoder, Identity]:
    settings, source = wanted.settings, wanted.settings.source
    kind: Any = MODEL_KINDS[settings.kind].name
    if isinstance(source, CustomModel):
        model, made = custom.make(source, wanted.base, kind, settings.similarity)
        used: dict[str, Any] = {"args": dict(source.args)}
        try:
            code = {"class": hashlib.sha256(inspect.getsource(made).encode()).hexdigest()}
        except (OSError, TypeError):
            code = {}
        return model, Identity(kind, wanted.name, f"class {source.class_}", used, code)
    if settings.endpoint is not None:
        behind: Any = open_endpoint(settings)
        return behind, _of_endpoint(wanted, behind.describe())
    device = devices.resolve(wanted.device)
    if wanted.live is not None:
        return _load_live(wanted, wanted.live, device)
    common = {
        "precision": _precision(settings, device)
        if settings.backend in (None, BACKEND)
        else "as in the file",
        "device": device,
        "batch_size": settings.batch_size or devices.default_batch_size(device.partition(":")[0]),
        "batch_tokens": _batch_tokens(settings, device),
        "backend": settings.backend or BACKEND,
        **({} if settings.file is None else {"file": settings.file}),
        "batch_plan": BATCH_PLAN,
    }
    made = class_of(settings.kind)
    encoders = [made(folder, load_settings(wanted, folder, device)) for folder in wanted.folders]
    if len(encoders) == 1:
        return encoders[0], _identity(kind, wanted.folders, {**common, **encoders[0].describe()})
    pair = TwoEncoders(*encoders)
    described = {"query": pair.query.describe(), "document": pair.document.describe()}
    return pair, _identity(kind, wanted.folders, {**common, "encoders": described})


def _load_live(wanted: ModelRequest, live: Live, device: str) -> tuple[BiEncoder | CrossEncoder, Identity]:
    """Return what answers by an object that was given, which keeps its own device and precision."""
    how = plain_settings(wanted, device)
    model = lives.make(live, wanted.settings.similarity, how)
    used: dict[str, Any] = {}
    if live.of_library:
        used = {
            "precision": how.precision,
            "device": device,
            "batch_size": how.batch_size,
            "batch_tokens": how.batch_tokens,
            "backend": how.backend,
            "batch_plan": BATCH_PLAN,
            **model.describe(),
        }
    return model, identity(wanted, used, [live.files])


def class_of(kind: str) -> Any:
    """Return what loads a folder of one kind of model, named by its key in a config."""
    module, _, name = MODEL_KINDS[kind].made_by.partition(":")
    return getattr(import_module(module), name)


def _precision(settings: ModelSettings, device: str) -> str:
    if settings.backend not in (None, BACKEND):
        return "fp32"  # of what is left to the library
    return precision.resolved(settings.precision, device, isinstance(settings.source, RecipeModel))


def _batch_tokens(settings: ModelSettings, device: str) -> int | None:
    """Return the tokens a batch may have; a batch size alone, given in a config, is kept to the letter."""
    if settings.batch_tokens is not None or settings.batch_size is not None:
        return settings.batch_tokens
    return devices.default_batch_tokens(device.partition(":")[0])


def _load_settings(settings: ModelSettings, device: str, wanted: ModelRequest) -> LoadSettings:
    try:
        used = _precision(settings, device)
    except ModelError as error:
        raise ModelError(f"model {wanted.name!r}: {error}") from None
    prompts = settings.prompts.model_dump(exclude_none=True) if settings.prompts else None
    return LoadSettings(
        device=device,
        batch_size=settings.batch_size or devices.default_batch_size(device.partition(":")[0]),
        batch_tokens=_batch_tokens(settings, device),
        precision=used,
        max_length=settings.max_length,
        prompts=prompts,
        pooling=settings.pooling,
        normalize=settings.normalize,
        similarity=settings.similarity,
        activation=settings.activation,
        max_active_dims=settings.max_active_dims,
        backend=settings.backend or BACKEND,
        file=settings.file,
        trust_remote_code=settings.trust_remote_code,
        allow_pickle=settings.allow_pickle,
    )


def _within(loading: LoadSettings, folder: ModelFolder, max_tokens: int | None) -> LoadSettings:
    """Lower the maximum length to the suite's, and never above what the model's positions reach."""
    about = card(folder)
    limit = folder.json("config.json", "0_Transformer/config.json").get("max_position_embeddings")
    if loading.max_length is not None and isinstance(limit, int) and loading.max_length > limit:
        raise ModelError(
            f"max_length {loading.max_length} is more than the {limit} positions {folder.name} has"
        )
    own = loading.max_length or about.max_length
    if max_tokens is None:
        return loading
    return replace(loading, max_length=min(max_tokens, own) if own else max_tokens)


def identity(wanted: ModelRequest, used: dict[str, Any], files: Sequence[Mapping[str, str]]) -> Identity:
    """Return the identity of a model that was loaded before: what it then turned out to use, and its files'
    hashes."""
    kind: Any = MODEL_KINDS[wanted.settings.kind].name
    source = wanted.settings.source
    if isinstance(source, CustomModel):
        return Identity(kind, wanted.name, f"class {source.class_}", used, files[0])
    if wanted.settings.endpoint is not None:
        return _of_endpoint(wanted, used)
    if wanted.live is not None:
        return Identity(kind, wanted.name, f"{wanted.live.name}, an object given in Python", used, files[0])
    return _identity(kind, wanted.folders, used, files)


def _of_endpoint(wanted: ModelRequest, used: dict[str, Any]) -> Identity:
    source: Any = wanted.settings.source
    kind = MODEL_KINDS[wanted.settings.kind].name
    return Identity(kind, source.model or wanted.name, f"{source.api} {source.url}", used)


def _identity(
    kind: Any,
    found: Sequence[ModelFolder],
    used: dict[str, Any],
    hashes: Sequence[Mapping[str, str]] | None = None,
) -> Identity:
    given = [folder.hashes() for folder in found] if hashes is None else hashes
    if len(found) == 1:
        folder = found[0]
        return Identity(kind, folder.name, folder.source, used, given[0], folder.revision)
    parts = zip(("query", "document"), given, strict=True)
    files = {f"{part}/{name}": digest for part, content in parts for name, digest in content.items()}
    name = " + ".join(f.name for f in found)
    return Identity(kind, name, " + ".join(f.source for f in found), used, files)


class TwoEncoders:
    """A bi-encoder with one encoder for queries and another for documents."""

    def __init__(self, query: SentenceBiEncoder, document: SentenceBiEncoder) -> None:
        if query.similarity != document.similarity:
            raise ModelError(
                f"the query encoder compares by {query.similarity}, the document encoder by "
                f"{document.similarity}; set "
                "'similarity' for both"
            )
        self.query, self.document = query, document
        self.similarity = query.similarity

    @property
    def batch_size(self) -> int:
        """Texts of one forward pass."""
        return self.document.batch_size

    @property
    def work(self) -> Work:
        """What both did."""
        return work_of(self.query) + work_of(self.document)

    def encode(self, texts: Sequence[str], role: Role) -> Embeddings:
        """Return embeddings by the encoder of the role.

        Sentences are encoded as queries' counterparts, documents.
        """
        return self._of(role).encode(texts, role)

    def encode_in_stages(self, texts: Sequence[str], role: Role, mark: Mark) -> Embeddings:
        """As ``encode``, for a few texts at once; marks ``tokenise`` on the way."""
        return self._of(role).encode_in_stages(texts, role, mark)

    def token_digests(self, inputs: Sequence[str], role: Role) -> NDArray[np.uint8] | None:
        """Return a digest of each text's tokens by the encoder of the role, [n_texts, 16]."""
        return self._of(role).token_digests(inputs, role)

    def room(self, queries: Sequence[str] = ()) -> int | None:
        """Return how many tokens of a document are read."""
        return self.document.room()

    def spans(self, texts: Sequence[str], how: Passages, most: int | None) -> list[list[tuple[int, int]]]:
        """Return the passages of each text, by the documents' encoder."""
        return self.document.spans(texts, how, most)

    @property
    def nbytes(self) -> int:
        """Bytes of both encoders' weights."""
        return self.query.nbytes + self.document.nbytes

    def _of(self, role: Role) -> SentenceBiEncoder:
        return self.query if role == "query" else self.document
