"""The main job: inputs to a finished workspace."""

from __future__ import annotations

import datetime
import hashlib
import os
import resource
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from ..schemas.errors import InputError
from ..schemas.example import canonical_json
from ..schemas.files import disk_error, sha256_file, write_text
from ..schemas.recipe import Recipe
from ..schemas.run import Guard, InputFile, RunCard, SkippedFile
from ..schemas.version_info import VERSION, code_sha256
from ..schemas.workspace import Workspace
from .assemble import READER_VERSION, ReadInput, assemble, read_inputs
from .engines import Engine, engine_for
from .guard_text import guard_error
from .lock import locked
from .pipeline import Outcome, Pipeline, Progress, no_progress
from .publish import FINAL, publish, remove_stopped
from .readers.inputs import Input, find_inputs
from .recipe import check_names, dump_recipe, load_recipe, make_steps
from .report import report
from .result import Curation
from .standing import Decided
from .step import Step
from .steps.human import Human

BATCH_ROWS = 2048
SMALL_INPUT_BYTES = 8 << 20
LIBRARIES = ("numpy", "py3langid", "pyarrow", "pydantic", "msgspec")
Source = str | os.PathLike[str]


def curate(  # noqa: PLR0913  the verb's own options, all keywords
    inputs: Source | Sequence[Source] | Sequence[Mapping[str, Any]],
    *,
    out: Source,
    recipe: Source | Mapping[str, Any] | Recipe | None = None,
    steps: Sequence[Step] | None = None,
    engine: str = "local",
    workers: int | None = None,
    batch_rows: int = BATCH_ROWS,
    allow: Sequence[str] = (),
    accept_drops: bool = False,
    decisions: pa.Table | None = None,
    editions: pa.Table | None = None,
    head: tuple[int, str] | None = None,
    progress: Progress = no_progress,
) -> Curation:
    """Read, dedupe, filter, label and split rows; every row gets a verdict and a reason.

    Finished work is kept in the workspace, so a run that was killed goes on where it was, and a run with
    another threshold measures nothing again.

    Args:
        inputs: Files, folders, `-` for standard input, hub dataset ids, or rows as mappings.
        out: The workspace folder.
        recipe: A YAML file, a mapping or a Recipe. Default: the built-in steps.
        steps: Step objects instead of the recipe's.
        engine: Where measuring is spread: local.
        workers: Processes. Default: all usable cores, one for small inputs.
        batch_rows: Rows a measured batch; affects speed alone.
        allow: Python files of the user's that the recipe may run.
        accept_drops: Go on where a step drops more of a group than the recipe's `max_drop_ratio`.
        decisions: The standing decision on each row (`Store.current` of the review app), which the step
            `human` applies; None or an empty table leaves that step out.
        editions: What reviewers wrote (`Store.editions`).
        head: Events in the record and the hash of the last (`Store.head`), for the run card.
        progress: Called with phase, rows done and rows in all.

    Raises:
        TunesetError: Bad input, recipe, step or workspace; nothing half-written stays under a final name.
        GuardError: A guard rail stopped the run; it is in `OUT/stopped`, and `OUT` is as it was.
    """
    started = time.perf_counter()
    space = Workspace.at(Path(out))
    resolved = load_recipe(recipe)
    folder = Path(os.fspath(recipe)).parent if isinstance(recipe, (str, os.PathLike)) else Path()
    human = (
        Human(Decided(decisions, editions), head=head) if decisions is not None and len(decisions) else None
    )
    chosen = list(steps) if steps is not None else make_steps(resolved, folder, allow, human=human)
    check_names(chosen)
    with locked(space.lock):
        staging = space.root / ".staging"
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir()
        sources = _sources(inputs, staging)
        spread = engine_for(engine, workers or _default_workers(sources))
        try:
            besides = _prepare(chosen, folder, space)
            job = _Job(
                space, staging, resolved, chosen, besides, spread, batch_rows, accept_drops, progress, started
            )
            card = job.run(sources)
        except OSError as error:
            raise disk_error(error, space.rows) from error
        finally:
            spread.close()
        shutil.rmtree(staging, ignore_errors=True)
        report(space.stopped if card.guard.stopped else space.root)
    if card.guard.stopped:
        raise guard_error(card.guard, space.stopped)
    return Curation(space, card)


def _prepare(steps: Sequence[Step], folder: Path, space: Workspace) -> dict[str, dict[str, Any]]:
    """Let steps find what they read besides the inputs; for each that does, what it found."""
    found: dict[str, dict[str, Any]] = {}
    for step in steps:
        prepare = getattr(step, "prepare", None)
        used = prepare(folder, space) if prepare is not None else None
        if used:
            found[step.name] = dict(used)
    return found


def _sources(inputs: Any, staging: Path) -> list[Input]:
    if isinstance(inputs, (str, os.PathLike)):
        return find_inputs([inputs], staging / "stdin")
    given = list(inputs)
    if given and all(isinstance(row, Mapping) for row in given):
        path = staging / "rows.jsonl"
        path.write_bytes(b"".join(msgspec.json.encode(row) + b"\n" for row in given))
        return [Input(path, "rows", "jsonl")]
    return find_inputs(given, staging / "stdin")


def _default_workers(sources: Sequence[Input]) -> int:
    size = sum(s.path.stat().st_size for s in sources if s.path is not None and s.path.is_file())
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return 1 if size < SMALL_INPUT_BYTES else cores


@dataclass(frozen=True)
class _Job:
    """One run of the main job, between lock and publication."""

    space: Workspace
    staging: Path
    recipe: Recipe
    steps: Sequence[Step]
    besides: dict[str, dict[str, Any]]
    engine: Engine
    batch_rows: int
    accept_drops: bool
    progress: Progress
    started: float

    def run(self, sources: Sequence[Input]) -> RunCard:
        at = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        columns = self.recipe.columns
        read = read_inputs(sources, columns, self.space.measures, self.engine, self.progress)
        used = [r for r in read if r.shard.shape]
        if not used:
            raise InputError(
                "no input holds rows of a known shape",
                where=", ".join(r.source.name for r in read[:5]),
                fix="name the columns in a recipe, as in columns: {prompt: question, response: answer}",
            )
        read_seconds = time.perf_counter() - self.started
        assemble(used, self.staged("rows.parquet"), self.staged("quarantine.jsonl"))
        salt = canonical_json([READER_VERSION, columns.model_dump() if columns else None])
        pipeline = Pipeline(
            self.steps,
            self.staged("rows.parquet"),
            self.space.measures,
            self.engine,
            self.batch_rows,
            salt,
            self.recipe.max_drop_ratio,
        )
        outcome = pipeline.run(self.staged("verdicts.parquet"), self.staged("edits.parquet"), self.progress)
        write_text(self.staged("tuneset.yaml"), dump_recipe(self.recipe))
        seconds = time.perf_counter() - self.started
        phases = {"read": round(read_seconds, 3), "steps": round(seconds - read_seconds, 3)}
        card = self._card(read, outcome, at, seconds, phases)
        remove_stopped(self.space)
        target = Workspace.at(self.space.stopped) if card.guard.stopped else self.space
        publish(card, {name: self.staged(name) for name in FINAL}, target)
        return card

    def staged(self, name: str) -> Path:
        """Where a final file is made."""
        return self.staging / f"{name}.part"

    def _card(
        self, read: Sequence[ReadInput], outcome: Outcome, at: str, seconds: float, phases: dict[str, float]
    ) -> RunCard:
        used = [r for r in read if r.shard.shape]
        resolved = self.recipe.model_dump(mode="json", by_alias=True)
        resolved["steps"] = _recorded(self.recipe, self.steps)
        rows = sum(r.shard.rows for r in used)
        lost = sum(r.shard.quarantined for r in used)
        return RunCard(
            tuneset_version=VERSION,
            code_sha256=code_sha256(),
            python=sys.version.split()[0],
            libraries={name: version(name) for name in LIBRARIES},
            recipe=resolved,
            recipe_sha256=hashlib.sha256(canonical_json(resolved).encode()).hexdigest(),
            seed=self.recipe.seed,
            inputs=[_input_file(r) for r in used],
            skipped=[
                SkippedFile(file=r.source.name, why=r.shard.evidence) for r in read if not r.shard.shape
            ],
            references=[r for step in self.steps for r in getattr(step, "references", ())],
            rows_in=rows + lost,
            rows=rows,
            quarantined=lost,
            kept=outcome.kept,
            dropped=rows - outcome.kept,
            review=outcome.review,
            edited=outcome.edited,
            steps=outcome.steps,
            besides=self.besides,
            guard=Guard(
                max_drop_ratio=self.recipe.max_drop_ratio,
                accepted=self.accept_drops and bool(outcome.large_drops),
                findings=outcome.large_drops,
            ),
            files={name: sha256_file(self.staged(name)) for name in FINAL},
            started_at=at,
            seconds=round(seconds, 3),
            seconds_by_phase=phases,
            peak_memory_mb=_peak_memory_mb(),
            workers=self.engine.workers,
            engine=self.engine.name,
        )


def _input_file(read: ReadInput) -> InputFile:
    return InputFile(
        file=read.source.name,
        sha256=read.sha256,
        bytes=read.bytes,
        format=read.source.format,
        shape=read.shard.shape,
        evidence=read.shard.evidence,
        rows=read.shard.rows,
        quarantined=read.shard.quarantined,
    )


def _recorded(recipe: Recipe, steps: Sequence[Step]) -> list[dict[str, Any]]:
    """The steps as they ran: from the recipe, or by name and parameters when objects were given."""
    named = {getattr(o, "name", getattr(o, "use", "")).rsplit(":", 1)[-1]: o for o in recipe.steps}
    recorded: list[dict[str, Any]] = []
    for step in steps:
        options = named.get(step.name)
        if options is not None:
            recorded.append(options.model_dump(mode="json", by_alias=True))
        else:
            recorded.append({"use": step.name, "with": dict(getattr(step, "params", {}))})
    return recorded


def _peak_memory_mb() -> float:
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return round(peak / (1024 if sys.platform != "darwin" else 1 << 20), 1)
