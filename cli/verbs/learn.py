"""`tuneset learn`: the quality score, learned from the reviewers' decisions."""

from __future__ import annotations

import argparse

from ..outcome import Outcome


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument("out", metavar="OUT", help="workspace of a finished run, with 50 decisions or more")


def run(args: argparse.Namespace) -> Outcome:
    """Learn, and tell how well the model predicts decisions that it did not see."""
    from ...curate.learn import learn
    from ...curate.ledger import Ledger
    from ...review_app.record_place import record_of
    from ...review_app.store import Store

    ledger = Ledger.open(args.out)
    with Store.reading(record_of(ledger.workspace)) as store:
        found = learn(args.out, decisions=store.current(), editions=store.editions())
    return Outcome(found.as_dict(), found.text())
