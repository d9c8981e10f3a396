"""The one question that an engine answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

from ...schemas.errors import RecipeError, did_you_mean

T = TypeVar("T")
R = TypeVar("R")

ENGINES = ("local",)


class Engine(Protocol):
    """Applies a picklable function to tasks; results come in task order."""

    @property
    def name(self) -> str: ...

    @property
    def workers(self) -> int: ...

    def map(self, function: Callable[[T], R], tasks: Sequence[T]) -> Iterator[R]: ...

    def close(self) -> None: ...


def engine_for(name: str, workers: int) -> Engine:
    """The engine called `name`.

    Raises:
        RecipeError: There is no such engine.
    """
    if name == "local":
        from .local import LocalEngine

        return LocalEngine(workers)
    raise RecipeError(f"unknown engine {name!r}", where="--engine", fix=did_you_mean(name, ENGINES))
