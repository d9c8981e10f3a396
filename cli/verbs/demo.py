"""`tuneset demo [-o DIR]`."""

from __future__ import annotations

import argparse

from ..outcome import Outcome


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument("-o", "--out", default="demo-out", help="the workspace folder (default: demo-out)")
    parser.add_argument(
        "--skip-train", action="store_true", help="stop after the export: no model is trained"
    )


def run(args: argparse.Namespace) -> Outcome:
    """Tell the story, chapter by chapter."""
    from ..demo import demo

    return demo(args.out, skip_train=args.skip_train, quiet=args.quiet, as_json=args.json)
