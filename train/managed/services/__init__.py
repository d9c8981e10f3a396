"""The services that jobs can be started at: name to module; each module has a `SERVICE`."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from ....schemas.errors import RecipeError, did_you_mean

if TYPE_CHECKING:
    from ..service import Service

SERVICES: dict[str, str] = {
    "openai": "openai",
    "azure": "azure",
    "together": "together",
    "fireworks": "fireworks",
    "vertex": "vertex",
    "bedrock": "bedrock",
    "sagemaker": "sagemaker",
}
"""Name that `launch --to` takes, to its module here."""


def find_service(name: str, where: str = "--to") -> Service:
    """The service with a name; its SDK is not loaded yet.

    Args:
        name: A name in `SERVICES`.
        where: The argument that gave it, for the error.

    Raises:
        RecipeError: There is none.
    """
    if name not in SERVICES:
        raise RecipeError(f"unknown service {name!r}", where=where, fix=did_you_mean(name, SERVICES))
    module = importlib.import_module(f".{SERVICES[name]}", __package__)
    service: Service = module.SERVICE
    return service
