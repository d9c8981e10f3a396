"""`tuneset curate INPUT... -o OUT`."""

from __future__ import annotations

import argparse
from typing import Any

from ...schemas.workspace import Workspace
from ..outcome import Outcome


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument(
        "inputs",
        nargs="+",
        metavar="INPUT",
        help="file, folder, - for stdin, or a hub dataset id (OWNER/NAME)",
    )
    parser.add_argument("-o", "--out", required=True, help="the workspace folder")
    parser.add_argument("--recipe", help="a recipe; see `tuneset recipe init`")
    parser.add_argument("--engine", default="local", help="where measuring is spread (default: local)")
    parser.add_argument("--workers", type=int, help="processes (default: all cores; 1 for small inputs)")
    parser.add_argument("--batch-rows", type=int, help="rows a measured batch; never changes a result")
    parser.add_argument(
        "--allow",
        action="append",
        default=[],
        metavar="FILE.py",
        help="a Python file that the recipe may run",
    )
    parser.add_argument(
        "--accept-drops",
        action="store_true",
        help="go on where a step drops most of a source, language or length band; without it the run stops",
    )


def run(args: argparse.Namespace) -> Outcome:
    """Curate, then say what happened and where to look."""
    from ...curate import curate
    from ...curate.run import BATCH_ROWS
    from ...review_app.record_place import has_record
    from ...schemas.errors import RecipeError
    from ..progress import Progress
    from ..tables import funnel_table

    for option in ("workers", "batch_rows"):
        value = getattr(args, option)
        if value is not None and value < 1:
            flag = "--" + option.replace("_", "-")
            raise RecipeError(
                f"{flag} is {value}", where="tuneset curate", fix="use a whole number from 1 up"
            )
    progress = Progress(quiet=args.quiet)
    try:
        learned = _learn_if_due(args.out)
        result = curate(
            args.inputs,
            out=args.out,
            recipe=args.recipe,
            engine=args.engine,
            workers=args.workers,
            batch_rows=args.batch_rows or BATCH_ROWS,
            allow=args.allow,
            accept_drops=args.accept_drops,
            **_decided(args.out),
            progress=progress,
        )
    finally:
        progress.close()
    if has_record(result.workspace):
        _report_with_decisions(result.workspace)
    card = result.card
    taught = f"The quality score was learned from {learned:,} decisions.\n\n" if learned else ""
    return Outcome(
        data=card.model_dump(mode="json"),
        text=f"{taught}{_inputs(card)}\n\n{funnel_table(card)}\n\n{_end(card, args.out)}",
    )


def _decided(out: str) -> dict[str, Any]:
    """What people decided, as `curate` takes it; nothing where the workspace has no record."""
    from ...review_app.handover import handed_over
    from ...review_app.record_place import has_record, record_of

    space = Workspace.at(out)
    return {**handed_over(record_of(space))} if has_record(space) else {}


def _report_with_decisions(space: Workspace) -> None:
    """Build the report again with what people decided, which `curate` itself does not read."""
    from ...curate.report import report
    from ...review_app.record_place import record_of
    from ...review_app.store import Store

    with Store.reading(record_of(space)) as store:
        report(space.root, decisions=store.current())


def _learn_if_due(out: str) -> int:
    """Learn the quality score anew where enough decisions are new; from how many decisions, or 0."""
    from ...curate.learn import learn_if_due
    from ...review_app.record_place import has_record, record_of
    from ...review_app.store import Store
    from ...schemas.workspace import Workspace

    space = Workspace.at(out)
    if not space.run_card.is_file() or not has_record(space):
        return 0
    with Store.reading(record_of(space)) as store:
        learned = learn_if_due(out, decisions=store.current(), editions=store.editions())
    return learned.card["decisions"] if learned else 0


def _inputs(card: object) -> str:
    from ...schemas.run import RunCard
    from ..tables import table

    assert isinstance(card, RunCard)
    rows = [[i.file, i.shape, f"{i.rows:,}", f"{i.quarantined:,}", i.evidence] for i in card.inputs]
    lines = table(["file", "shape", "rows", "unreadable", "because"], rows, left=(0, 1, 4)).split("\n")
    skipped = [f"passed over {s.file}: {s.why}" for s in card.skipped]
    return "\n".join([line[:160] for line in lines] + skipped)


def _end(card: object, out: str) -> str:
    from ...curate.guard_text import sentence
    from ...schemas.run import RunCard

    assert isinstance(card, RunCard)
    accepted = "".join(f"accepted: {sentence(finding)}\n" for finding in card.guard.findings)
    unreadable = f" Unreadable rows are in {out}/quarantine.jsonl." if card.quarantined else ""
    return (
        f"{accepted}{card.rows_in:,} rows in = {card.kept:,} kept + {card.dropped:,} dropped"
        f" + {card.quarantined:,} quarantined"
        f" ({card.seconds:.1f} s, {card.rows_in / max(card.seconds, 1e-9):,.0f} rows/s,"
        f" {card.peak_memory_mb:,.0f} MiB).{unreadable}\n"
        f"{card.review:,} kept rows want a person's look.\n\n"
        f"look:     tuneset report {out}\n"
        f"one row:  tuneset explain {out} {card.inputs[0].file}:1\n"
        f"review:   tuneset review {out}\n"
        f"approve:  tuneset approve {out} --where true"
    )
