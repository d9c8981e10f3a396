"""`tuneset models`: fetch and list base models."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from ..outcome import Outcome


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `tuneset models`."""
    parser.add_argument(
        "action", choices=("pull", "list"), help="fetch a model, or list known and cached ones"
    )
    parser.add_argument("name", nargs="?", help="for pull: a known name or a hub id")


def run(args: argparse.Namespace) -> Outcome:
    """Run `tuneset models`."""
    from ...schemas.errors import RecipeError
    from ...train.models import list_models, pull

    if args.action == "list":
        rows = list_models()
        return Outcome(data={"models": rows}, text="\n".join(_line(row) for row in rows))
    if not args.name:
        raise RecipeError("no model is named", where="tuneset models pull", fix="run: tuneset models list")
    model = pull(args.name, progress=None if args.quiet else lambda line: print(line, file=sys.stderr))
    data = {"name": model.name, "folder": str(model.folder), "source": model.source, "sha256": model.sha256}
    return Outcome(data=data, text=f"{model.name}: {model.folder} (from {model.source})")


def _line(row: dict[str, Any]) -> str:
    state = f"cached, {row['bytes'] / 1e6:.0f} MB, {row['source']}" if row["cached"] else "not fetched"
    return f"{row['name']:<24} {row.get('parameters', ''):>6}  {row.get('license', ''):<11} {state}"
