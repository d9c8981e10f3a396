"""`tuneset report OUT`: (re)build report.html."""

from __future__ import annotations

import argparse

from ..outcome import Outcome


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verb."""
    parser.add_argument("out", metavar="OUT", help="a workspace with a finished run")


def run(args: argparse.Namespace) -> Outcome:
    """Build the report; say where it is, and how far people agree with each flag."""
    from ...curate.ledger import Ledger
    from ...curate.report import report
    from ...curate.report.precision import precision
    from ...curate.report.precision_text import advice, sentence
    from ...review_app.record_place import record_of
    from ...review_app.store import Store

    ledger = Ledger.open(args.out)
    with Store.reading(record_of(ledger.workspace)) as store:
        decisions = store.current()
    path = report(args.out, decisions=decisions)
    found = precision(ledger, decisions)
    told = [f"{sentence(flag)}. {advice(flag, found.unflagged)}" for flag in found.flags] if found else []
    return Outcome(
        data={"report": str(path), "precision": found.as_list() if found else []},
        text="\n".join([str(path), *told]),
    )
