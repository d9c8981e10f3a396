"""The edge: parse, run one verb, print its outcome, turn errors into exit codes."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from ..schemas.errors import TunesetError, did_you_mean
from .outcome import Outcome

VERBS: dict[str, str] = {
    "demo": "the whole story on a real sample: curate, approve, freeze, export, train, evaluate",
    "curate": "read, dedupe, filter, label and split; every row gets a verdict and a reason",
    "status": "funnel, decisions, versions and models of a workspace",
    "explain": "everything that happened to one row, and why",
    "report": "(re)build report.html",
    "review": "the review app: decide row by row, alone or with others",
    "review verify": "re-derive the record of decisions, and name the first broken link",
    "review export": "the queue or the decisions, for use in other tools",
    "review import": "decisions made elsewhere; every line is checked",
    "users": "who may review",
    "users add": "let someone review; prints their token once",
    "users list": "everyone who may review, with role and state",
    "users role": "give a user another role",
    "users token": "a new token for a user, in place of the old one",
    "users disable": "let a user do nothing from now on; what they decided stays",
    "approve": "approve kept rows by a rule; recorded with its rule and actor",
    "learn": "train the quality score on the reviewers' decisions; its figures with intervals",
    "freeze": "make the approved rows an immutable version",
    "diff": "two runs or versions side by side, row by row",
    "export": "write a version in a provider's shape",
    "launch": "a version as a fine-tuning job at a provider; safe to repeat",
    "check": "any file against a provider's rules, with token counts and cost",
    "train": "train an adapter on a frozen version",
    "eval": "base against tuned on held-out rows, with intervals",
    "models": "fetch and list base models",
    "recipe": "a commented recipe, its JSON schema, or a recipe checked",
}
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130
EXIT_TERMINATED = 143


class _Parser(argparse.ArgumentParser):
    """An argument parser whose errors have our three parts."""

    def error(self, message: str) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        raise _UsageError(message, where=self.prog, fix=f"run: {self.prog} --help")


class _UsageError(TunesetError):
    """A command line that does not parse."""


def build_parser(only: str | None = None) -> argparse.ArgumentParser:
    """The parser; with `only`, that verb alone is loaded, so that help answers at once."""
    parser = _Parser(
        prog="tuneset",
        description="Curate, review, freeze, export, train and evaluate fine-tuning data.",
        epilog="exit codes: 0 done; 1 done, but a check said no; 2 bad usage or input; 130 after Ctrl-C",
    )
    parser.add_argument("--version", action="store_true", dest="print_version", help="print the version")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", title="verbs", parser_class=_Parser)
    for name, summary in VERBS.items():
        if only is not None and name != only:
            verbs.add_parser(name, help=summary, add_help=False)
            continue
        verb = verbs.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
        if only is not None:
            importlib.import_module(f".verbs.{module_of(name)}", __package__).add_arguments(verb)
            add_common(verb)
    return parser


def module_of(verb: str) -> str:
    """The module of a verb in `cli.verbs`: `review verify` lives in `review_verify`."""
    return verb.replace(" ", "_")


def add_common(parser: argparse.ArgumentParser) -> None:
    """Options that every verb has."""
    parser.add_argument("--json", action="store_true", help="print one JSON object on stdout, nothing else")
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress on stderr")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        argv: Arguments without the program's name; None takes them from `sys.argv`.

    Returns:
        The exit code.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    as_json = "--json" in arguments
    signal.signal(signal.SIGTERM, _terminate)
    try:
        return _run(arguments)
    except TunesetError as error:
        return _fail(error, as_json)
    except MemoryError:
        return _fail(_out_of_memory(), as_json)
    except KeyboardInterrupt:
        print(
            "tuneset: stopped; finished work is kept",
            file=sys.stderr,
        )
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  kept open until exit
        return 0
    except OSError as error:
        return _fail(_system_error(error), as_json)


def _out_of_memory() -> TunesetError:
    from ..schemas.errors import WorkspaceError

    return WorkspaceError(
        "memory ran out",
        where="this machine",
        fix="close other programs, or run with --workers 1; finished work is kept",
    )


def _system_error(error: OSError) -> TunesetError:
    from pathlib import Path

    from ..schemas.files import disk_error

    return disk_error(error, Path(str(error.filename or "the workspace")))


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(EXIT_TERMINATED)


def _run(arguments: list[str]) -> int:
    verb, arguments = _named(arguments)
    if verb is not None and verb not in VERBS:
        raise _UsageError(f"unknown verb {verb!r}", where="tuneset", fix=did_you_mean(verb, VERBS))
    parser = build_parser(verb or "")
    args = parser.parse_args(arguments)
    if args.print_version:
        from ..schemas.version_info import VERSION

        print(VERSION)
        return 0
    if verb is None:
        parser.print_help()
        return EXIT_USAGE if arguments else 0
    outcome: Outcome = importlib.import_module(f".verbs.{module_of(verb)}", __package__).run(args)
    if args.json:
        print(json.dumps(outcome.data, ensure_ascii=False, allow_nan=False))
    elif outcome.text:
        print(outcome.text)
    sys.stdout.flush()
    return outcome.code


def _named(arguments: list[str]) -> tuple[str | None, list[str]]:
    """The verb, and the arguments with its words as one: `review verify OUT` is `review verify`."""
    at = [i for i, a in enumerate(arguments) if not a.startswith("-")][:2]
    both = " ".join(arguments[i] for i in at)
    if len(at) < 2 or both not in VERBS:
        return (arguments[at[0]] if at else None), arguments
    rest = [a for i, a in enumerate(arguments) if i not in at]
    return both, [*rest[: at[0]], both, *rest[at[0] :]]


def _fail(error: TunesetError, as_json: bool) -> int:
    if as_json:
        print(json.dumps(error.as_dict(), ensure_ascii=False))
    print(f"tuneset: {error}", file=sys.stderr)
    return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
