"""The whole story on the sample that ships with the package, readable from top to bottom."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..curate import Ledger, curate, explain, export
from ..review_app import approve, freeze
from ..schemas.errors import WorkspaceError
from ..schemas.workspace import Workspace
from .outcome import Outcome
from .progress import Progress
from .tables import evaluation_table, funnel_table

SAMPLE = Path(__file__).with_name("sample")
TASK = "home_intents.jsonl"
VERSION = "intents"
RUN = "demo"


@dataclass
class _Story:
    """Prints chapters as they happen and remembers what they cost."""

    to_stderr: bool
    started: float = field(default_factory=time.perf_counter)
    seconds: dict[str, float] = field(default_factory=dict)

    def chapter(self, name: str, command: str) -> None:
        self.seconds[name] = -time.perf_counter()
        self.say(f"\n== {name}: {command}\n")

    def say(self, text: str) -> None:
        print(text, file=sys.stderr if self.to_stderr else sys.stdout, flush=True)

    def note(self, line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    def done(self, name: str) -> None:
        self.seconds[name] = round(self.seconds[name] + time.perf_counter(), 1)


def demo(out: str, *, skip_train: bool = False, quiet: bool = False, as_json: bool = False) -> Outcome:
    """Curate, approve, freeze and export the sample; then train and evaluate a small model on its task.

    Args:
        out: The workspace folder; one that holds the demo already is used again.
        skip_train: Stop after the export.
        quiet: No progress on stderr.
        as_json: The story goes to stderr, so that stdout holds the JSON object alone.
    """
    story = _Story(as_json)
    progress = Progress(quiet=quiet)
    try:
        data = _data(out, story, progress)
        if not skip_train:
            data["evaluation"] = _model(out, story, quiet)
    finally:
        progress.close()
    total = round(time.perf_counter() - story.started, 1)
    data |= {"seconds": story.seconds, "seconds_in_all": total}
    return Outcome(data, "" if as_json else _end(out, data, skip_train))


def _data(out: str, story: _Story, progress: Progress) -> dict[str, Any]:
    """The part without a model: rows become a frozen, exported version."""
    story.chapter("curate", f"tuneset curate {SAMPLE / 'raw'} -o {out} --recipe {SAMPLE / 'recipe.yaml'}")
    result = curate(SAMPLE / "raw", out=out, recipe=SAMPLE / "recipe.yaml", progress=progress)
    progress.close()
    card = result.card
    story.say(funnel_table(card))
    story.say(
        f"\n{card.rows_in:,} rows in = {card.kept:,} kept + {card.dropped:,} dropped"
        f" + {card.quarantined:,} quarantined, in {card.seconds:.1f} s"
    )
    story.done("curate")

    row = _telling_row(result.ledger)
    story.chapter("explain", f"tuneset explain {out} {row}")
    story.say(explain(out, row).text())
    story.done("explain")

    workspace = Workspace.at(out)
    approved = {}
    for name, rule in ((VERSION, f"source.file == '{TASK}'"), ("everything", "true")):
        story.chapter(f"approve {name}", f'tuneset approve {out} --where "{rule}"')
        approved[name] = _approve_and_freeze(workspace, name, rule, story)
        story.done(f"approve {name}")

    story.chapter("export", f"tuneset export {out} --to openai --version everything")
    exported = export(out, to="openai", version="everything")
    story.say(exported.text())
    story.done("export")
    return {"curate": card.model_dump(mode="json"), "explained": row, "versions": approved}


def _telling_row(ledger: Ledger) -> str:
    """A row with a partner: the first near-duplicate of the task's file, else any first dropped row."""
    for reason in ("near_duplicate", "exact_duplicate"):
        found = ledger.examples(reason, 50)
        own = [f for f in found if f["row"]["source"]["file"] == TASK]
        if own or found:
            return (own or found)[0]["row_id"]
    raise WorkspaceError(
        "the sample has no duplicate", where=str(ledger.workspace.root), fix="reinstall tuneset"
    )


def _approve_and_freeze(workspace: Workspace, name: str, rule: str, story: _Story) -> dict[str, Any]:
    result = approve(workspace.root, where=rule, actor="demo")
    story.say(result.text())
    if name in workspace.versions():
        story.say(f"version {name} is frozen already")
        return {"name": name}
    frozen = freeze(workspace.root, name=name)
    story.say(frozen.text())
    return {"name": name, "counts": frozen.counts}


def _model(out: str, story: _Story, quiet: bool) -> dict[str, Any]:
    """The part with a model: an adapter on the frozen task, and its proof."""
    from ..train import evaluate, train

    story.chapter("train", f"tuneset train {out} --version {VERSION} --name {RUN}")
    if RUN in Workspace.at(out).models():
        story.say(f"model {RUN} is trained already")
    else:
        note = story.note if not quiet else None
        train(out, version=VERSION, name=RUN, progress=note)
    story.done("train")
    story.chapter("eval", f"tuneset eval {out} {RUN}")
    summary = evaluate(out, RUN, progress=story.note if not quiet else None)
    story.say(f"{evaluation_table(summary)}\n\n{summary.sentence}")
    story.done("eval")
    return summary.model_dump(mode="json")


def _end(out: str, data: dict[str, Any], skip_train: bool) -> str:
    looks = [
        f"report of the data:   {out}/report.html",
        f"approved version:     {out}/versions/everything/README.md",
    ]
    if not skip_train:
        looks.append(f"base against tuned:   {out}/evals/{RUN}/report.html")
    looks.append(f"review row by row:    tuneset review {out}")
    times = ", ".join(
        f"{name} {seconds:.0f} s" for name, seconds in data["seconds"].items() if seconds >= 0.5
    )
    return f"\n== done in {data['seconds_in_all']:.0f} s ({times})\n\n" + "\n".join(looks)
