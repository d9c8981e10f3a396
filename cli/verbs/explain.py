"""`tuneset explain`: everything that happened to one row, and why."""

from __future__ import annotations

import argparse

from ..outcome import Outcome


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument("out", metavar="OUT", help="workspace of a finished run")
    parser.add_argument(
        "row", metavar="ROW", help="a row id, its beginning, or FILE:ROW such as faq.jsonl:812"
    )


def run(args: argparse.Namespace) -> Outcome:
    """Tell the row's story, people's decisions included."""
    from ...curate.explain import explain
    from ...review_app.record_place import record_of
    from ...review_app.store import Store
    from ...schemas.workspace import Workspace

    with Store.reading(record_of(Workspace.at(args.out).require_run())) as store:
        story = explain(
            args.out,
            args.row,
            decisions=store.events,
            standing=store.current(),
            votes=store.votes(),
            editions=store.editions(),
        )
    return Outcome(story.as_dict(), story.text())
