"""Where an evaluated model comes from, for reports: lineage, commands, and what training did."""

from __future__ import annotations

from dataclasses import dataclass

from ..schemas.evaluation import EvaluationSummary
from .manifest import ModelManifest


@dataclass(frozen=True)
class About:
    """The model's side of a report.

    Args:
        lineage: Names and values, in order.
        commands: What made the model and the evaluation.
        curve: What stands under the loss curve.
    """

    lineage: list[tuple[str, str]]
    commands: list[str]
    curve: str = ""


def about_trained(summary: EvaluationSummary, manifest: ModelManifest) -> About:
    """A model that was trained here."""
    return About(_lineage(summary, manifest), _commands(summary, manifest), _curve(manifest))


def evaluation_command(summary: EvaluationSummary) -> str:
    """The command of an evaluation."""
    split = "" if summary.split == "test" else f" --split {summary.split}"
    return f"tuneset eval OUT {summary.run}{split}"


def _curve(manifest: ModelManifest) -> str:
    outcome = manifest.outcome
    kept = f"weights of step {outcome.best_step} of {outcome.steps} were kept"
    return f"Grey: training loss. Green: validation loss, from the base model at step 0; {kept}."


def _lineage(summary: EvaluationSummary, manifest: ModelManifest) -> list[tuple[str, str]]:
    data = manifest.data
    return [
        ("Model", f"{manifest.run}, trained {manifest.started_at} by Tuneset {manifest.tuneset_version}"),
        ("Base", f"{manifest.base.name} from {manifest.base.source}, SHA-256 {manifest.base.sha256}"),
        ("Version", f"{data.version}, manifest SHA-256 {data.manifest_sha256}"),
        ("Trained on", f"{len(data.row_ids)} approved rows, SHA-256 {data.rows_sha256}"),
        ("Adapter", f"SHA-256 {summary.settings.get('adapter_sha256')}"),
        ("Machine", str(summary.settings.get("hardware", {}).get("processor", ""))),
        ("Libraries", ", ".join(f"{k} {v}" for k, v in summary.settings.get("libraries", {}).items())),
    ]


def _commands(summary: EvaluationSummary, manifest: ModelManifest) -> list[str]:
    settings = manifest.settings
    options = [
        f"--{n} {settings[n]['value']}" for n in ("method", "epochs") if settings[n]["origin"] == "given"
    ]
    start = ["tuneset train OUT", f"--version {summary.version}", f"--base {manifest.base.name}"]
    train = " ".join([*start, *options, f"--name {summary.run}"])
    return [train, evaluation_command(summary)]
