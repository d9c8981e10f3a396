"""`tuneset train`: train an adapter on a frozen version."""

from __future__ import annotations

import argparse
import sys

from ..outcome import Outcome


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `tuneset train`."""
    parser.add_argument("out", help="workspace folder")
    parser.add_argument("--version", help="frozen version; default: the newest")
    parser.add_argument("--base", help="base model: a known name, a hub id or a folder")
    parser.add_argument("--method", help="training method; default: lora")
    parser.add_argument("--epochs", type=float, help="passes over the training rows")
    parser.add_argument("--name", default="run1", help="name of the model; default: run1")


def run(args: argparse.Namespace) -> Outcome:
    """Run `tuneset train`."""
    from ...train import train

    result = train(
        args.out,
        version=args.version,
        base=args.base,
        method=args.method,
        epochs=args.epochs,
        name=args.name,
        progress=None if args.quiet else lambda line: print(line, file=sys.stderr, flush=True),
    )
    outcome = result.manifest.outcome
    lines = [f"{result.folder}: {outcome.steps} updates in {outcome.seconds:.0f} s, {outcome.stopped}"]
    if outcome.validation_loss is not None and outcome.base_validation_loss is not None:
        lines.append(f"validation loss {outcome.base_validation_loss:.4f} -> {outcome.validation_loss:.4f}")
    lines.append(f"next: tuneset eval {args.out} {args.name}")
    data = {
        "run": result.run,
        "folder": str(result.folder),
        "version": result.manifest.data.version,
        "base": result.manifest.base.name,
        "settings": {name: s["value"] for name, s in result.manifest.settings.items()},
        "outcome": outcome.model_dump(),
    }
    return Outcome(data=data, text="\n".join(lines))
