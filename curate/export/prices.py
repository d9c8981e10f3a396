"""What training costs: a dated table that ships with the package, and the user's own lines over it."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...schemas.errors import RecipeError

PER_TOKENS = 1_000_000
_DATE = re.compile(r"-\d{4}-\d{2}-\d{2}")


class Price(BaseModel):
    """One line of the table, in US dollars."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    target: str
    model: str
    usd: float = Field(ge=0, allow_inf_nan=False)
    per: Literal["1M training tokens"]
    read: str
    source: str


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid")
    prices: list[Price]


def user_file() -> Path:
    """Where the user's own prices stand."""
    root = os.environ.get("XDG_CONFIG_HOME")
    return (Path(root) if root else Path.home() / ".config") / "tuneset" / "prices.yaml"


def ours() -> list[Price]:
    """The table that ships with the package."""
    return _read((Path(__file__).parent / "prices.yaml").read_text(encoding="utf-8"), "prices.yaml")


def load_prices(path: str | Path | None = None) -> list[Price]:
    """The table; lines of the user's file, or of the file named, stand in place of ours.

    Raises:
        RecipeError: A file that is missing or is no table of prices.
    """
    own = Path(path) if path is not None else user_file()
    lines = {(p.target, p.model): p for p in ours()}
    if path is not None or own.is_file():
        try:
            text = own.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise RecipeError(
                f"the prices in {str(own)!r} cannot be read ({error})", where=str(own), fix="check the path"
            ) from error
        lines |= {(p.target, p.model): p for p in _read(text, str(own))}
    return list(lines.values())


def _read(text: str, where: str) -> list[Price]:
    try:
        value: Any = yaml.safe_load(text)
        return _Table.model_validate(value).prices
    except yaml.YAMLError as error:
        raise RecipeError(f"{where!r} is not YAML ({error})", where=where, fix="correct the file") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        raise RecipeError(
            f"{place or 'the file'} of {where!r} is no price ({first['msg']})",
            where=where,
            fix="write `prices:` and lines with target, model, usd, per, read and source (docs/export.md)",
        ) from error


def prices_of(prices: Sequence[Price], target: str, model: str | None) -> list[Price]:
    """The prices of a target, cheapest first; with a model, its own alone.

    Args:
        prices: The table.
        target: The target's name.
        model: The base model, perhaps with the date of its version.
    """
    own = [p for p in prices if p.target == target]
    if model is not None:
        own = [p for p in own if p.model == model or _DATE.fullmatch(model.removeprefix(p.model))]
    return sorted(own, key=lambda p: (p.usd, p.model))
