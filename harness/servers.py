"""Servers as a config names them, and how patiently they are asked. A key is never part of a config."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from harness.settings import Settings
from harness.values import Positive

Seconds = Annotated[float, Field(gt=0, le=86_400)]


class Server(Settings):
    """A server: where it is, and how patiently it is asked."""

    url: str
    key_env: str | None = None  # the environment variable that holds the key
    concurrency: Positive = 4  # requests on their way at once
    timeout: Seconds = 60.0  # of one attempt
    retries: Annotated[int, Field(ge=0, le=100)] = 5
    deadline: Seconds = 300.0  # of one request, with all its attempts and waits

    @field_validator("url")
    @classmethod
    def _plain_url(cls, url: str) -> str:
        return check_url(url)

    @field_validator("key_env")
    @classmethod
    def _name_of_a_variable(cls, name: str | None) -> str | None:
        if name is not None and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,99}", name):
            raise ValueError(  # not shown: it may be the key itself
                "must be the name of an environment variable, such as EMBEDDINGS_KEY, and never the key"
            )
        return name


def check_url(url: str) -> str:
    """Return a server's address. Raises ValueError for one that is none, or may hold a secret; it is not shown."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ValueError("is no address; write it as http://HOST:PORT/...") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("is no address of a server; write it as http://HOST:PORT/...")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise ValueError(
            "has a user, a password, a query or a fragment, and would be kept with every result; a key belongs into "
            "an environment variable, named under 'key_env'"
        )
    return url
