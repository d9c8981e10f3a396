"""Where a workspace's decisions are: `review.db` in its folder, or PostgreSQL for a team."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from ..schemas.errors import RecipeError
from ..schemas.workspace import Workspace
from .store_engines.connection import is_url

VARIABLE = "TUNESET_DATABASE"


def record_of(space: Workspace, database: str | None = None) -> str | Path:
    """The file or PostgreSQL address of the decisions.

    Args:
        space: The workspace.
        database: An address that wins; else $TUNESET_DATABASE, else the recipe's `review: database`.

    Raises:
        RecipeError: An address that is none of PostgreSQL.
    """
    for value, where in (
        (database, "--database"),
        (os.environ.get(VARIABLE), VARIABLE),
        (_recipe_database(space), str(space.recipe)),
    ):
        if not value:
            continue
        if not is_url(value):
            raise RecipeError(
                f"a database address begins with {value.split(':')[0][:20]!r}",
                where=where,
                fix="give an address such as postgresql://ana@db.example.org/review",
            )
        if where == "--database" and urlsplit(value).password is not None:
            raise RecipeError(
                f"the address of {urlsplit(value).hostname!r} holds a password, which others can read there",
                where=where,
                fix=f"take it out: PGPASSWORD or ~/.pgpass has it, or the whole address is in {VARIABLE}",
            )
        return value
    return space.review_db


def has_record(space: Workspace) -> bool:
    """Whether anyone could have decided yet; a database is asked, a file must be there."""
    return is_url(record_of(space)) or space.review_db.is_file()


def _recipe_database(space: Workspace) -> str | None:
    """`review: database` of the resolved recipe, which `curate` checked."""
    if not space.recipe.is_file():
        return None
    recipe = yaml.safe_load(space.recipe.read_text(encoding="utf-8"))
    review = recipe.get("review") if isinstance(recipe, dict) else None
    return review.get("database") if isinstance(review, dict) else None
