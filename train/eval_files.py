"""The files of an evaluation: results, reports and, last, the summary."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..schemas.evaluation import EvaluationSummary
from ..schemas.files import write_json, write_text
from ..schemas.workspace import Workspace
from .answer import Answer
from .claim import building
from .eval_about import about_trained
from .eval_report import html_report, markdown_report
from .metrics import METRICS, Metric
from .questions import Asked, Exam


def store(space: Workspace, summary: EvaluationSummary, exam: Exam, answers: dict[str, list[Answer]]) -> None:
    """Write `evals/RUN`, whole or not at all; an earlier evaluation of the run gives way.

    Args:
        space: The workspace.
        summary: What came out.
        exam: What was asked.
        answers: By `base` and `tuned`, in the order of the questions.
    """
    about = about_trained(summary, exam.manifest)
    records = [
        record_of(q, base, tuned, METRICS)
        for q, base, tuned in zip(exam.questions, answers["base"], answers["tuned"], strict=True)
    ]
    lines = "".join(json.dumps(r, ensure_ascii=False, allow_nan=False) + "\n" for r in records)
    metrics_file = space.model(summary.run) / "metrics.jsonl"
    history = [json.loads(line) for line in metrics_file.read_text(encoding="utf-8").splitlines()]
    with building(space.evaluation(summary.run), replace=True) as folder:
        write_text(folder / "results.jsonl", lines)
        write_text(folder / "report.md", markdown_report(summary, about, records))
        write_text(folder / "report.html", html_report(summary, about, records, history))
        write_json(folder / "summary.json", summary.model_dump())


def record_of(question: Asked, base: Answer, tuned: Answer, metrics: Mapping[str, Metric]) -> dict[str, Any]:
    """A line of `results.jsonl`."""
    scores = {
        m.name: {"base": m.score(base, question.reference), "tuned": m.score(tuned, question.reference)}
        for m in metrics.values()
    }
    return {
        "row_id": question.row.row_id,
        "content_id": question.row.content_id,
        "prompt": question.prompt,
        "reference": question.reference,
        "base_answer": base.text,
        "tuned_answer": tuned.text,
        "stopped": {"base": base.stopped, "tuned": tuned.stopped},
        "scores": scores,
    }
