"""`tuneset export`: a version in a provider's shape."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

from ...schemas.errors import RecipeError
from ..outcome import Outcome

if TYPE_CHECKING:
    from ...curate.export.shape import Target


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument("out", metavar="OUT", nargs="?", help="workspace with a frozen version")
    parser.add_argument(
        "--to", required=True, metavar="TARGET", help="the provider's format; `list` shows all"
    )
    parser.add_argument("--version", dest="name", metavar="NAME", help="default: the version frozen last")
    parser.add_argument(
        "--with",
        dest="changes",
        action="append",
        default=[],
        metavar="CHANGE",
        help="a change that may make a row fit, such as drop_reasoning; --to list shows all; repeatable",
    )
    parser.add_argument("-o", "--output", metavar="DIR", help="default: exports/TARGET-VERSION in OUT")


def run(args: argparse.Namespace) -> Outcome:
    """Export, or list the targets."""
    from ...curate.export import export

    if args.to == "list":
        return _listed()
    if args.out is None:
        raise RecipeError(
            "no workspace is named", where="tuneset export", fix="run: tuneset export OUT --to TARGET"
        )
    result = export(args.out, to=args.to, version=args.name, output=args.output, changes=args.changes)
    return Outcome(result.as_dict(), result.text())


def _listed() -> Outcome:
    from ...curate.export import TARGETS, TRANSFORMS

    targets = {
        target.name: {
            "summary": target.summary,
            "state": target.state.word,
            "note": target.state.note,
            "kinds": sorted(target.kinds),
            "carries": asdict(target.carries),
            "limits": {k: v for k, v in asdict(target.limits).items() if v not in (None, "")},
            "source": target.state.source,
        }
        for target in TARGETS.values()
    }
    changes = {name: transform.sentence for name, transform in TRANSFORMS.items()}
    width = max(map(len, TARGETS)) + 1
    lines = [_line(target, width) for target in TARGETS.values()]
    lines += ["", "changes that --with takes, each counted:"]
    lines += [f"  {name:<18} {sentence}" for name, sentence in changes.items()]
    return Outcome({"targets": targets, "changes": changes}, "\n".join(lines))


def _line(target: Target, width: int) -> str:
    limits = target.limits
    told = [target.state.word] if target.state.word != "open" else []
    if limits.min_train_rows:
        told.append(f"at least {limits.min_train_rows:,} rows")
    if limits.max_row_tokens:
        told.append(f"{limits.max_row_tokens:,} tokens a row")
    notes = f" ({'; '.join(told)})" if told else ""
    return f"{target.name:<{width}} {target.summary}{notes}"
