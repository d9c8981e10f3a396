"""`tuneset recipe init | schema | check FILE`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from ..outcome import Outcome


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument("action", choices=["init", "schema", "check"], help="what to do")
    parser.add_argument("file", nargs="?", help="init: where to write (default: stdout); check: the recipe")


def run(args: argparse.Namespace) -> Outcome:
    """Write, describe or check a recipe."""
    from ...curate.recipe import load_recipe
    from ...curate.recipe_text import commented_recipe, recipe_schema
    from ...schemas.errors import RecipeError
    from ...schemas.files import write_text

    if args.action == "schema":
        schema = recipe_schema()
        return Outcome(schema, json.dumps(schema, indent=2, ensure_ascii=False))
    if args.action == "check":
        if args.file is None:
            raise RecipeError("no recipe named", where="tuneset recipe check", fix="name the file")
        recipe = load_recipe(args.file)
        names = [step.use for step in recipe.steps]
        return Outcome(
            {"ok": True, "steps": names}, f"{args.file}: fine, {len(names)} steps: {', '.join(names)}"
        )
    text = commented_recipe()
    if args.file is None:
        return Outcome({"recipe": text}, text.rstrip("\n"))
    if Path(args.file).exists():
        raise RecipeError(
            f"{args.file!r} exists", where=args.file, fix="name another file, or remove it first"
        )
    write_text(Path(args.file), text)
    return Outcome({"file": args.file}, f"wrote {args.file}; check it with: tuneset recipe check {args.file}")
