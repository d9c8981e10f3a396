"""`tuneset status`: where a workspace stands, and what to do next."""

from __future__ import annotations

import argparse

from ..outcome import Outcome


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument("out", metavar="OUT", help="workspace of a finished run")


def run(args: argparse.Namespace) -> Outcome:
    """Tell where the workspace stands."""
    from ...curate.ledger import Ledger
    from ...curate.status import status
    from ...review_app.record_place import record_of
    from ...review_app.review_figures import agreement_line
    from ...review_app.store import Store
    from ..tables import funnel_table

    ledger = Ledger.open(args.out)
    with Store.reading(record_of(ledger.workspace)) as store:
        decisions, votes, editions = store.current(), store.votes(), store.editions()
    line = agreement_line(votes)
    agreement = None if line is None else {"text": line[0], **line[1]}
    found = status(args.out, decisions=decisions, editions=editions, votes=votes, agreement=agreement)
    return Outcome(found.as_dict(), f"{funnel_table(ledger.card)}\n\n{found.text()}")
