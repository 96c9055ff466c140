"""The models of one config: found all at once, loaded when first needed and once, answering through the store."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

import numpy as np

from harness import manifest
from harness.config import MODEL_KINDS, CustomModel, LoadedConfig, RecipeModel
from harness.errors import ModelError, listed
from harness.models import device as devices
from harness.models import loading, precision, probe
from harness.models.answers import DENSE, Answers, form_of
from harness.models.endpoints.standing import Standing
from harness.models.folders import ModelFolder, Permissions
from harness.models.loading import ModelRequest
from harness.models.protocols import BiEncoder, CrossEncoder, Embeddings, Identity, Role, work_of
from harness.models.recipe import Recipe, asks_elsewhere, recipe_of
from harness.plan import endpoints, truncation
from harness.plan.backbone import stored
from harness.plan.memory import Budget
from harness.plan.shelf import Shelf, StoredEncoder, StoredScorer
from harness.plan.tally import Ledger, Tally
from harness.progress import Progress
from harness.store import Store
from harness.train import making


@dataclass
class Models:
    """Models and the store of one config.

    Mutable, since loading is: what it holds is only ever added to.
    """

    config: LoadedConfig
    permissions: Permissions
    progress: Progress
    max_tokens: int | None = None
    store: Store | None = None
    may_train: bool = True  # a plan only looks
    requests: dict[str, ModelRequest] = field(default_factory=dict)
    _to_make: dict[str, making.PlannedTraining] = field(
        default_factory=dict
    )  # by a recipe, when first needed
    endpoint_notes: list[str] = field(default_factory=list)
    _standings: dict[str, Standing | None] = field(default_factory=dict)
    _recipes: dict[str, Recipe | None] = field(default_factory=dict)
    _loaded: dict[str, tuple[BiEncoder | CrossEncoder, Identity]] = field(default_factory=dict)
    _described: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _tallies: dict[str, Tally] = field(default_factory=dict)

    @cached_property
    def budget(self) -> Budget:
        """The memory this run may use."""
        return Budget.of(self.config.settings.memory_limit)

    @cached_property
    def ledger(self) -> Ledger:
        """What has been counted."""
        return Ledger(self.store.session if self.store is not None else "")

    def find_models(self, names: Iterable[str], *, train_later: bool = False) -> None:
        """Find the files of some models.

        All that are missing are reported at once, before anything is computed. A model that a recipe makes is
        trained now, or when it is first needed: what does without it is then done, and shown, before.
        """
        problems = []
        for name in names:
            try:
                self._find(name)
                if not train_later:
                    self._make(name)
            except ModelError as error:
                problems.append(f"{self.config.file.where(('models', name))}: {error}")
        if problems:
            raise ModelError(problems[0], problems[1:])
        for name, request in self.requests.items():
            slow = precision.warning(
                request.settings.precision,
                devices.named(request.device),
                isinstance(request.settings.source, RecipeModel),
            )
            if slow is not None:
                self.progress.note(f"warning: model {name!r}: {slow}")

    def _find(self, name: str) -> None:
        settings = self.config.settings
        model = settings.models[name]
        if isinstance(model.source, RecipeModel):
            self._find_made(name, model.source)
            return
        self.requests[name] = loading.request(
            name,
            model,
            self.config.folder,
            settings.device,
            self.permissions,
            self.max_tokens,
            self.config.live.get(name),
        )

    def _found(self, name: str, folder: ModelFolder) -> None:
        settings = self.config.settings
        model = settings.models[name]
        self.requests[name] = ModelRequest(
            name, model, (folder,), model.device or settings.device, self.max_tokens
        )

    def _find_made(self, name: str, source: RecipeModel) -> None:
        """Find a recipe's model in the store, or what it is made of."""
        if self.store is None:
            raise ModelError(
                f"model {name!r}: the recipe {source.recipe!r} keeps its model in the store, and there is "
                f"none; allow one (store, HARNESS_STORE), or make it with "
                f"'harness train {source.recipe} --out DIR' and name that folder"
            )
        overrides = [f"{key}={json.dumps(value)}" for key, value in source.set.items()]
        planned = making.plan(source.recipe, self.config.folder, self.permissions, overrides)
        found = making.find(planned, self.store)
        if found is not None:
            self._found(name, found)
        elif self.may_train:
            making.check(planned, self.store, self.progress)
            self._to_make[name] = planned
        else:
            raise ModelError(
                f"model {name!r}: not made yet; a run trains it first, once, by the recipe {source.recipe!r}"
            )

    def _make(self, name: str) -> None:
        """Train a recipe's model, where it is not there yet."""
        planned = self._to_make.pop(name, None)
        if planned is not None and self.store is not None:
            backbone = stored(self.store, self.progress, self.budget, self.ledger)
            self._found(name, making.make(planned, self.store, self.progress, backbone))

    def recipe(self, name: str) -> Recipe | None:
        """Return what a model's answers depend on.

        None where that cannot be known, so that nothing may be kept.
        """
        self._make(name)
        if name not in self._recipes:
            request = self.requests[name]
            self._recipes[name] = (
                recipe_of(request) if request.settings.endpoint is None else self._of_server(request)
            )
        return self._recipes[name]

    def _of_server(self, request: ModelRequest) -> Recipe | None:
        """Return what a server's answers depend on: asked now, or, by who only looks, as it was last seen."""
        store = self.store if endpoints.keeps(request) else None
        if self.may_train and not self.permissions.offline:
            model, identity = self._load(request.name)
            seen, changes = endpoints.look(request, cast(Any, model), store)
            self._loaded[request.name] = (model, endpoints.identity(identity, cast(Any, model), seen))
            if changes:
                self.endpoint_notes.append(changes)
                self.progress.note(f"warning: {changes}")
            self._standings[request.name] = seen
        else:
            self._standings[request.name] = endpoints.held(request, store)
        known = self._standings[request.name]
        return None if known is None or not endpoints.keeps(request) else endpoints.recipe(request, known)

    def _load(self, name: str) -> tuple[BiEncoder | CrossEncoder, Identity]:
        """Load a model, once. Raises ModelError for one behind a server where the network may not be used."""
        if name not in self._loaded:
            request = self.requests[name]
            if self.permissions.offline:
                endpoints.refuse_offline(request, self.permissions.why)
            self._loaded[name] = loading.load(request)
        return self._loaded[name]

    @property
    def of_servers(self) -> tuple[str, ...]:
        """What to know of models behind servers: what changed, and requests that were made again."""
        asked = ((name, self._loaded[name][0]) for name in self._standings if name in self._loaded)
        return (
            *self.endpoint_notes,
            *(f"{name}: {text}" for name, model in asked for text in cast(Any, model).remarks()),
        )

    def model(self, name: str) -> BiEncoder | CrossEncoder:
        """Return a model, loaded once."""
        if name not in self._loaded:
            recipe = self.recipe(name)
            self._load(name)
            if recipe is not None:
                recipe.check_unchanged(name)
            self.budget.check(f"model {name!r}")
        return self._loaded[name][0]

    @property
    def loaded(self) -> tuple[str, ...]:
        """Names of the models that are in memory."""
        return tuple(self._loaded)

    def load_models(self) -> None:
        """Load every model that was never loaded before, so that one that cannot be is known before hours of work.

        Call it again after the work, for the models that were made on the way.
        """
        for name in self.requests:
            if self._description(name) is None:
                self.model(name)
                self._describe(name)
        for text in self.warnings:
            self.progress.note(f"warning: {text}")

    def _description(self, name: str) -> Mapping[str, Any] | None:
        """What a model turned out to be when it was last loaded: settings in use, device, threads."""
        recipe = self.recipe(name)
        if name not in self._described and recipe is not None and self.store is not None:
            kept = self.store.read("models", recipe.key)
            if kept is not None:
                self._described[name] = kept.header["description"]
        return self._described.get(name)

    def _describe(self, name: str) -> None:
        identity = self._loaded[name][1]
        device = identity.settings.get("device")
        content = {
            "settings": dict(identity.settings),
            "device": devices.describe(device) if device else None,
            "threads": manifest.threads(),
            "warnings": list(probe.warnings(self._loaded[name][0])),
        }
        self._described[name] = content
        recipe = self.recipe(name)
        if recipe is not None and self.store is not None:
            self.store.write("models", recipe.key, {"description": content}, np.zeros(0, dtype=np.uint8))

    @property
    def identities(self) -> dict[str, Identity]:
        """Identity of every model."""
        found = {}
        for name, request in self.requests.items():
            recipe, known = self.recipe(name), self._description(name)
            if recipe is None or known is None:
                identity = self._loaded[name][1]
            else:
                identity = loading.identity(
                    request, dict(known["settings"]), [part.files for part in recipe.parts]
                )
            if not MODEL_KINDS[request.settings.kind].scores:
                settings = {**identity.settings, "embeddings": self.config.settings.embeddings}
                identity = Identity.from_dict({**identity.as_dict(), "settings": settings})
            found[name] = identity
        return found

    @property
    def devices(self) -> dict[str, Any]:
        """What a manifest says about every device used."""
        found = (known["device"] for known in self._described.values() if known["device"])
        return dict(sorted((device["device"], device) for device in found))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to know about the models' answers, found when each was first loaded."""
        known = ((name, self._description(name) or {}) for name in self.requests)
        return tuple(f"{name}: {text}" for name, about in known for text in about.get("warnings", ()))

    @property
    def threads(self) -> Mapping[str, Any]:
        """Threads that the models' work was done with."""
        own = manifest.threads()
        return own or next((known["threads"] for known in self._described.values()), {})

    @property
    def work(self) -> dict[str, dict[str, Any]]:
        """Work behind every model's part of the result: computed by this run, and taken from the store."""
        return {name: self._tally(name).as_dict() for name in self.requests}

    def _tally(self, name: str) -> Tally:
        if (self.store is None or self.recipe(name) is None) and name in self._loaded:
            return Tally(computed=work_of(self._loaded[name][0]))
        return self._tallies.get(name, Tally())

    def own_classes(self, *, timed: bool) -> tuple[str, ...]:
        """What to know of classes of the user's own whose answers are kept, or are not."""
        said = []
        for name, request in self.requests.items():
            if not isinstance(request.settings.source, CustomModel) or self.store is None:
                continue
            asked = asks_elsewhere(request.settings.source, request.base)
            if self.recipe(name) is None and asked:
                said.append(
                    f"{name}: its class imports {listed(asked)}, so its answers may come from elsewhere and change: "
                    "nothing of it is kept, nor taken from the store"
                )
            elif timed and self.recipe(name) is not None and name not in self._loaded:
                said.append(
                    f"{name}: its quality was in the store, and its speed was measured now; where its answers depend "
                    "on more than its code and arguments, the two may be of different models ('store: off' makes both "
                    "anew)"
                )
        return tuple(said)

    def cut_off(self) -> tuple[str, ...]:
        """Sentences about models that read less than the whole of many texts."""
        behind = {name: self._tally(name) for name in self.requests}
        lengths = {
            name: (self._description(name) or {}).get("settings", {}).get("max_length") for name in behind
        }
        whole = {name: tally.computed + tally.stored for name, tally in behind.items()}
        return tuple(truncation.warnings(whole, lengths, self.requests))

    def shelf(self, name: str) -> Shelf | None:
        """Return a model's share of the store, or None where nothing of it is kept."""
        recipe = self.recipe(name)
        if recipe is None or self.store is None:
            return None
        tally = self._tallies.setdefault(name, Tally())
        return Shelf(
            name,
            recipe,
            lambda: self._through_store(name),
            self.store,
            tally,
            self.ledger,
            self.progress,
            self.budget,
        )

    def _through_store(self, name: str) -> Any:
        """Return a model that makes what the store lacks; of a server every answer is kept as it arrives."""
        model, standing = self.model(name), self._standings.get(name)
        if standing is None or self.store is None:
            return model
        return endpoints.kept(self.requests[name], model, standing, self.store)

    def encoder(self, name: str) -> BiEncoder:
        """Return an encoder, through the store where there is one."""
        shelf, precision = self.shelf(name), self.config.settings.embeddings
        if shelf is None:
            model = cast(BiEncoder, self.model(name))
            return model if precision == "fp32" else _Rounded(model)
        known = self._description(name)
        if known is None or "similarity" not in known["settings"]:
            similarity = cast(BiEncoder, self.model(name)).similarity
        else:
            similarity = str(known["settings"]["similarity"])
        return StoredEncoder(shelf, similarity, precision, self._form(name))

    def _form(self, name: str) -> Answers:
        """Return the form of a model's embeddings; a class of one's own gives a vector a text."""
        settings = self.requests[name].settings
        live = self.requests[name].live
        foreign = settings.endpoint is not None or (live is not None and not live.of_library)
        own = isinstance(settings.source, CustomModel) or foreign
        form: Answers = DENSE if own else getattr(loading.class_of(settings.kind), "answers", DENSE)
        return form

    def dimension(self, name: str) -> int | None:
        """Return the dimension of a model's embeddings, where it was told when it was first loaded."""
        found = (self._description(name) or {"settings": {}})["settings"].get("dimension")
        return None if found is None else int(found)

    def scores(self, name: str) -> bool:
        """Whether a model reads a query and a document together."""
        return MODEL_KINDS[self.config.settings.models[name].kind].scores

    def scorer(self, name: str) -> CrossEncoder:
        """Return a cross-encoder, through the store where there is one."""
        shelf = self.shelf(name)
        return cast(CrossEncoder, self.model(name)) if shelf is None else StoredScorer(shelf)


class _Rounded:
    """An encoder whose documents are rounded to fp16, as they would be in a store."""

    def __init__(self, model: BiEncoder) -> None:
        self._model, self.similarity = model, model.similarity
        self.batch_size = getattr(model, "batch_size", 1)

    def encode(self, texts: Sequence[str], role: Role) -> Embeddings:
        """Return embeddings; of documents as they would come from a store."""
        vectors = self._model.encode(texts, role)
        if role != "document":
            return vectors
        form = form_of(vectors)
        return cast(Embeddings, form.unpacked(*form.packed(vectors, "fp16")))
