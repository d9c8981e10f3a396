"""Base against tuned on the same held-out rows, in one process."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

from ..schemas.errors import ModelError, RecipeError, VersionError, did_you_mean
from ..schemas.evaluation import EvaluationSummary
from ..schemas.files import sha256_file
from ..schemas.version import SPLITS
from ..schemas.workspace import Workspace
from .answer import Answer
from .eval_files import store
from .hardware import describe, pick_device, prepare_threads
from .loading import load_adapter, load_base, require_train_extra
from .managed.hosted import load_hosted_manifest
from .manifest import ModelManifest, library_versions, load_model_manifest
from .metrics import METRICS, choose_primary
from .models import resolve
from .paired import WHO, pair
from .progress import Progress, silent
from .questions import Exam, answer_limit, make_questions, take
from .quiet import hushed
from .version import FrozenVersion, load_version


def evaluate(
    out: str | Path,
    run: str,
    *,
    split: str = "test",
    max_rows: int | None = None,
    base: str | None = None,
    tuned: str | None = None,
    progress: Progress | None = None,
) -> EvaluationSummary:
    """Compare a trained model with its base and store the comparison as `evals/RUN`.

    Both answer the same prompts greedily, with the same template, stop tokens and number format;
    the base is the tuned model with its adapter switched off. A model that was tuned at a provider is
    asked through the provider's chat endpoint, and so is its base.

    Args:
        out: The workspace folder.
        run: A trained model.
        split: Which rows of the version that the model was trained on.
        max_rows: Most rows; a fixed sample by content is taken where there are more.
        base: Of a hosted model, the name under which its base is served. Default: as it was launched.
        tuned: Of a hosted model, the name under which it is served. Default: as the provider named it.
        progress: Receives one line of text now and then.

    Raises:
        WorkspaceError: There is no such model.
        VersionError: The version was changed since training, or no row of the split can be used.
        ModelError: The base model or adapter is missing, or is not the one that was trained.
        RecipeError: The split or the number of rows is wrong.
        MissingExtraError: The training libraries, or those of the provider, are not installed.
        ServiceError: The provider of a hosted model refuses or does not answer.
    """
    say = progress or silent
    started = time.monotonic()
    _check_arguments(split, max_rows)
    hosted = load_hosted_manifest(out, run)
    if hosted is not None:
        from .managed.evaluate import evaluate_hosted

        names = {"base": base or hosted.base, "tuned": tuned or hosted.model}
        return evaluate_hosted(out, hosted, names, split=split, max_rows=max_rows, say=say)
    if base is not None or tuned is not None:
        raise RecipeError(
            f"{run!r} is no hosted model, so its base and tuned models have no other names",
            where="base, tuned",
            fix="leave them out",
        )
    manifest = load_model_manifest(out, run)
    version = _same_version(out, manifest)
    require_train_extra("tuneset eval")
    prepare_threads()
    exam = _prepare(out, manifest, version, split, max_rows, say)
    limit = answer_limit([len(q.reference_ids) for q in exam.questions])
    answers = _ask_both(exam, Workspace.at(out).model(run) / "adapter", limit, say)
    summary = _summarise(exam, answers, limit)
    summary.seconds = round(time.monotonic() - started, 2)
    store(Workspace.at(out), summary, exam, answers)
    return summary


def _check_arguments(split: str, max_rows: int | None) -> None:
    if split not in SPLITS:
        raise RecipeError(f"unknown split {split!r}", where="split", fix=did_you_mean(split, SPLITS))
    if max_rows is not None and max_rows < 1:
        raise RecipeError(f"max_rows is {max_rows}", where="max_rows", fix="give at least 1")


def _same_version(out: str | Path, manifest: ModelManifest) -> FrozenVersion:
    version = load_version(out, manifest.data.version)
    if version.manifest_sha256 != manifest.data.manifest_sha256:
        raise VersionError(
            f"the version {version.name!r} is not the one that {manifest.run!r} was trained on",
            where=str(Workspace.at(out).version(version.name) / "manifest.json"),
            fix="restore that version, or train again under another --name",
        )
    return version


def _prepare(
    out: str | Path,
    manifest: ModelManifest,
    version: FrozenVersion,
    split: str,
    max_rows: int | None,
    say: Progress,
) -> Exam:
    import torch

    device = pick_device()
    base = resolve(manifest.base.name, progress=say)
    _check_model(Workspace.at(out).model(manifest.run), manifest, base.sha256)
    loaded = load_base(base, device, torch.float32 if device.type == "cpu" else torch.bfloat16)
    selection, questions = make_questions(
        version.rows[split], loaded.chat, limit=loaded.limit, seen=frozenset(manifest.data.content_ids)
    )
    for line in selection.notes(split):
        say(line)
    if not questions:
        raise VersionError(
            f"the version {version.name!r} has no {split} row that can be used",
            where="; ".join(selection.notes(split)) or f"its {split} split is empty",
            fix="freeze a version with more rows in that split, or name another --split",
        )
    return Exam(manifest, loaded, take(questions, max_rows), selection, split)


def _check_model(folder: Path, manifest: ModelManifest, base_sha256: str) -> None:
    if base_sha256 != manifest.base.sha256:
        raise ModelError(
            f"the base model {manifest.base.name!r} is not the one that {manifest.run!r} was trained on",
            where=f"SHA-256 {base_sha256[:12]}, in training {manifest.base.sha256[:12]}",
            fix="restore that base model, or train again",
        )
    for name, digest in manifest.files.items():
        path = folder / name
        if name.startswith("adapter/") and (not path.is_file() or sha256_file(path) != digest):
            raise ModelError(
                f"the file {name!r} of {manifest.run!r} is missing or was changed after training",
                where=str(path),
                fix="restore it, or train again under another --name",
            )


def _ask_both(exam: Exam, adapter: Path, limit: int, say: Progress) -> dict[str, list[Answer]]:
    from .generate import ask

    model = load_adapter(exam.loaded, adapter)
    prompts = [q.prompt_ids for q in exam.questions]
    references = [q.reference_ids for q in exam.questions]
    answers: dict[str, list[Answer]] = {}
    for who in WHO:
        began = time.monotonic()
        off = model.disable_adapter() if who == "base" else contextlib.nullcontext()
        with off, hushed():
            answers[who] = ask(model, exam.loaded, prompts, references, max_new_tokens=limit)
        say(f"{who}: {len(prompts)} answers in {time.monotonic() - began:.0f} s")
    return answers


def _summarise(exam: Exam, answers: dict[str, list[Answer]], limit: int) -> EvaluationSummary:
    seed = int(exam.manifest.settings["seed"]["value"])
    references = [q.reference for q in exam.questions]
    primary, why = choose_primary(references)
    found = pair(METRICS, answers, references, primary=primary, seed=seed)
    settings = {
        "primary_because": why,
        "seed": seed,
        "decoding": "greedy",
        "max_new_tokens": limit,
        "dtype": str(exam.loaded.model.dtype).removeprefix("torch."),
        "base": exam.manifest.base.name,
        "adapter_sha256": exam.manifest.files.get("adapter/adapter_model.safetensors"),
        "detectable_difference": found.detectable,
        "stopped": {who: sum(a.stopped for a in answers[who]) for who in WHO},
        "left_out": {reason: len(ids) for reason, ids in exam.selection.left_out.items()},
        "hardware": describe(exam.loaded.model.device),
        "libraries": library_versions(),
    }
    return EvaluationSummary(
        run=exam.manifest.run,
        version=exam.manifest.data.version,
        split=exam.split,
        primary=primary,
        verdict=found.verdict,
        sentence=found.sentence,
        metrics=found.metrics,
        settings=settings,
        seconds=0.0,
    )
