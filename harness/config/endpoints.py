"""Models behind servers, as a config names them."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from harness.servers import Server
from harness.values import Positive


class Endpoint(Server):
    """A server that holds a model."""

    model: str | None = None
    store: bool = True  # whether its answers are kept


class EndpointModel(Endpoint):
    """A bi-encoder behind HTTP."""

    api: Literal["openai", "tei", "ollama"] = "openai"
    dimensions: Positive | None = None  # asked of the server

    @model_validator(mode="after")
    def _named(self) -> EndpointModel:
        _check_named(self.model, self.api)
        return self


class RerankEndpoint(Endpoint):
    """A cross-encoder behind HTTP."""

    api: Literal["cohere", "tei", "jina"]

    @model_validator(mode="after")
    def _named(self) -> RerankEndpoint:
        _check_named(self.model, self.api)
        return self


def _check_named(model: str | None, api: str) -> None:
    if (model is None) != (api == "tei"):
        raise ValueError(
            "model: a server of Text Embeddings Inference holds one model, and is given no name of it"
            if model is not None
            else f"model: key 'model' is missing; api '{api}' asks for a model by its name"
        )
