"""A hosted model against its base, through the provider's chat endpoint."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from ...curate.lock import locked
from ...schemas.errors import RecipeError, ServiceError, VersionError
from ...schemas.evaluation import EvaluationSummary
from ...schemas.files import write_json, write_text
from ...schemas.recipe import Recipe
from ...schemas.workspace import Workspace
from ..answer import Answer
from ..eval_about import About, evaluation_command
from ..eval_files import record_of
from ..eval_report import html_report, markdown_report
from ..metrics import HOSTED_METRICS, choose_primary
from ..paired import WHO, pair
from ..progress import Progress
from ..questions import take
from ..version import FrozenVersion, load_version
from .asking import Answers, Ask
from .exam import HostedQuestion, hosted_questions, token_limit
from .hosted import HostedManifest
from .sending import Patience
from .service import Asks, Plan, Reply
from .services import find_service

ANSWERS = "answers.jsonl"


def evaluate_hosted(
    out: str | Path,
    manifest: HostedManifest,
    names: Mapping[str, str],
    *,
    split: str,
    max_rows: int | None,
    say: Progress,
    patience: Patience | None = None,
) -> EvaluationSummary:
    """Ask the hosted model and its base the test rows, and store the comparison as `evals/RUN`.

    Each answer is kept in `evals/RUN/answers.jsonl` as it comes; a later call asks only for what is not
    there.

    Args:
        out: The workspace folder.
        manifest: The launch's manifest.
        names: `base` and `tuned` to the name under which each is served.
        split: Must be `test`: the provider has the other splits.
        max_rows: Most rows; a fixed sample by content is taken where there are more.
        say: Receives one line of text now and then.
        patience: How long is waited.

    Raises:
        RecipeError: Another split than `test`.
        VersionError: The version was changed since the launch, or no test row can be used.
        WorkspaceError: Another process evaluates the run.
        MissingExtraError: The provider's SDK is not installed.
        ServiceError: A key is missing, the models cannot be asked, or the provider refuses.
    """
    started = time.monotonic()
    if split != "test":
        raise RecipeError(
            f"the {split} rows were sent to {manifest.service}, so they are not held out",
            where="split",
            fix="leave --split out: the test rows stayed here",
        )
    version = _same_version(out, manifest)
    selection, questions = hosted_questions(version.rows[split], frozenset(manifest.data.content_ids))
    for line in selection.notes(split):
        say(line)
    if not questions:
        raise VersionError(
            f"the version {version.name!r} has no test row that can be used",
            where="; ".join(selection.notes(split)) or "its test split is empty",
            fix="freeze a version with more rows in that split, and launch it",
        )
    limit, asked = token_limit(questions), take(questions, max_rows)
    service, destination = _service(manifest)
    folder = Workspace.at(out).evaluation(manifest.run)
    with locked(folder.with_name(f".{folder.name}.lock")):
        answers = Answers(service, destination, folder / ANSWERS, patience=patience)
        replies = {
            who: answers.of([Ask(names[who], q.prompt, q.tools, limit) for q in asked], who, say)
            for who in WHO
        }
        left_out = {reason: len(ids) for reason, ids in selection.left_out.items()}
        summary = _summary(manifest, names, asked, replies, limit, left_out)
        summary.seconds = round(time.monotonic() - started, 2)
        _store(folder, summary, manifest, asked, replies)
    return summary


def _same_version(out: str | Path, manifest: HostedManifest) -> FrozenVersion:
    version = load_version(out, manifest.data.version)
    if version.manifest_sha256 != manifest.data.manifest_sha256:
        raise VersionError(
            f"the version {version.name!r} is not the one that {manifest.run!r} was tuned on",
            where=str(Workspace.at(out).version(version.name) / "manifest.json"),
            fix="restore that version, or launch again under another --name",
        )
    return version


def _service(manifest: HostedManifest) -> tuple[Asks, str]:
    """The provider, ready to be asked, and where it is."""
    service = find_service(manifest.service, where="the model's manifest")
    plan = Plan(
        manifest.service, manifest.run, manifest.target, manifest.base, {}, manifest.key, manifest.settings
    )
    if not isinstance(service, Asks):
        raise ServiceError(
            f"models at {service.name} cannot be asked from here",
            where="tuneset eval",
            fix=f"ask {manifest.model} with the provider's own tools",
        )
    service.ready(plan)
    return service, service.destination(plan)


def _summary(
    manifest: HostedManifest,
    names: Mapping[str, str],
    questions: Sequence[HostedQuestion],
    replies: Mapping[str, Sequence[Reply]],
    limit: int,
    left_out: dict[str, int],
) -> EvaluationSummary:
    references = [q.reference for q in questions]
    primary, why = choose_primary(references, over_long="word_f1")
    seed = int(manifest.settings.get("seed", manifest.settings.get("random_seed", Recipe().seed)))
    said = {who: [_answer(reply) for reply in replies[who]] for who in WHO}
    found = pair(HOSTED_METRICS, said, references, primary=primary, seed=seed)
    settings = {
        "primary_because": why,
        "seed": seed,
        "decoding": "temperature 0",
        "max_new_tokens": limit,
        "served": f"served by {manifest.destination}",
        "base": names["base"],
        "tuned": names["tuned"],
        "tokens": {who: _tokens(replies[who]) for who in WHO},
        "detectable_difference": found.detectable,
        "stopped": {who: sum(reply.stopped for reply in replies[who]) for who in WHO},
        "left_out": left_out,
    }
    return EvaluationSummary(
        run=manifest.run,
        version=manifest.data.version,
        split="test",
        primary=primary,
        verdict=found.verdict,
        sentence=found.sentence,
        metrics=found.metrics,
        settings=settings,
        seconds=0.0,
    )


def _answer(reply: Reply) -> Answer:
    return Answer(reply.text, reply.completion_tokens or 0, reply.stopped, math.nan)


def _tokens(replies: Sequence[Reply]) -> dict[str, int | None]:
    """Tokens that the provider counted; None where it counted none."""
    told = {
        "prompt": [reply.prompt_tokens for reply in replies],
        "completion": [reply.completion_tokens for reply in replies],
    }
    return {
        kind: sum(n for n in counts if n is not None) if any(n is not None for n in counts) else None
        for kind, counts in told.items()
    }


def _store(
    folder: Path,
    summary: EvaluationSummary,
    manifest: HostedManifest,
    questions: Sequence[HostedQuestion],
    replies: Mapping[str, Sequence[Reply]],
) -> None:
    """Write the reports beside the answers, the summary last; an earlier summary gives way first."""
    base, tuned = ([_answer(reply) for reply in replies[who]] for who in WHO)
    records = [record_of(q, b, t, HOSTED_METRICS) for q, b, t in zip(questions, base, tuned, strict=True)]
    about = _about(summary, manifest)
    (folder / "summary.json").unlink(missing_ok=True)
    lines = "".join(json.dumps(r, ensure_ascii=False, allow_nan=False) + "\n" for r in records)
    write_text(folder / "results.jsonl", lines)
    write_text(folder / "report.md", markdown_report(summary, about, records))
    write_text(folder / "report.html", html_report(summary, about, records, []))
    write_json(folder / "summary.json", summary.model_dump())


def _about(summary: EvaluationSummary, manifest: HostedManifest) -> About:
    data, settings = manifest.data, summary.settings
    sent = ", ".join(f"{split} SHA-256 {file.sha256}" for split, file in manifest.files.items())
    given = "".join(f" --set {name}={json.dumps(value)}" for name, value in manifest.settings.items())
    lineage = [
        ("Model", f"{settings['tuned']}, job {manifest.job_id}, {manifest.started_at}"),
        ("Base", settings["base"]),
        ("Service", manifest.destination),
        ("Version", f"{data.version}, manifest SHA-256 {data.manifest_sha256}"),
        ("Trained on", f"{len(data.row_ids)} approved rows, SHA-256 {data.rows_sha256}"),
        ("Files", sent),
        *(("Tokens", f"{who}: {_told(settings['tokens'][who])}") for who in WHO),
    ]
    sent_as = f"--to {manifest.service} --target {manifest.target} --version {data.version}"
    launch = f"tuneset launch OUT {sent_as} --model {manifest.base}{given} --name {manifest.run}"
    return About(lineage, [launch, evaluation_command(summary)])


def _told(tokens: Mapping[str, int | None]) -> str:
    return ", ".join(f"{'not told' if n is None else f'{n:,}'} {kind}" for kind, n in tokens.items())
