"""`tuneset review OUT`: the review app."""

from __future__ import annotations

import argparse
import json
import os
import sys
import webbrowser

from ..outcome import Outcome

EPILOG = "also: tuneset review verify OUT. A folder of that name is opened as ./verify"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.epilog = EPILOG
    parser.add_argument("out", metavar="OUT", help="workspace of a finished run")
    parser.add_argument(
        "--port", type=int, metavar="N", help="where to listen (default: the first free port from 8501 on)"
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="ADDRESS",
        help="the address to listen on (default: 127.0.0.1, this machine alone); another one takes users and "
        "--public-host",
    )
    parser.add_argument(
        "--public-host",
        metavar="NAME",
        help="the name under which other machines come; https://NAME where a TLS proxy stands in front",
    )
    parser.add_argument("--no-browser", action="store_true", help="print the link, open no browser")
    add_database(parser)


def add_database(parser: argparse.ArgumentParser) -> None:
    """The option of all verbs that may find the record in PostgreSQL."""
    parser.add_argument(
        "--database",
        metavar="URL",
        help="the record in PostgreSQL, such as postgresql://ana@db.example.org/review (default: "
        "$TUNESET_DATABASE, the recipe's `review: database`, then OUT/review.db); the password comes from "
        "PGPASSWORD or ~/.pgpass",
    )


def run(args: argparse.Namespace) -> Outcome:
    """Serve until Ctrl-C."""
    from ...review_app.web.server import Started, review

    def started(server: Started) -> None:
        for warning in server.warnings:
            print(f"tuneset: {warning}", file=sys.stderr)
        if args.json:
            told = {"url": server.url, "link": server.link, "port": server.port, "pid": os.getpid()}
            print(json.dumps(told), flush=True)
        else:
            print(_told(server.link or server.url, bool(server.link)), flush=True)
        if server.launch and not args.no_browser and not args.json and _has_screen():
            webbrowser.open(server.launch)

    review(
        args.out,
        host=args.host,
        port=args.port,
        public_host=args.public_host,
        database=args.database,
        started=started,
    )
    return Outcome()


def _told(link: str, is_owner: bool) -> str:
    how = "It signs you in; keep it to yourself." if is_owner else "People sign in with their tokens."
    return f"review: {link}\n{how} Ctrl-C ends the app; every decision is saved at once."


def _has_screen() -> bool:
    """Whether a person sits here who could see a browser open."""
    if not (sys.stdout.isatty() and sys.stdin.isatty()):
        return False
    if sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
