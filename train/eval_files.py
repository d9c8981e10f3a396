"""The files of an evaluation: results, reports and, last, the summary."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..schemas.evaluation import EvaluationSummary
from ..schemas.files import write_json, write_text
from ..schemas.workspace import Workspace
from .claim import building
from .eval_report import html_report, markdown_report
from .metrics import METRICS
from .questions import Exam, Question

if TYPE_CHECKING:
    from .generate import Answer


def store(space: Workspace, summary: EvaluationSummary, exam: Exam, answers: dict[str, list[Answer]]) -> None:
    """Write `evals/RUN`, whole or not at all; an earlier evaluation of the run gives way.

    Args:
        space: The workspace.
        summary: What came out.
        exam: What was asked.
        answers: By `base` and `tuned`, in the order of the questions.
    """
    records = [
        _record(q, base, tuned)
        for q, base, tuned in zip(exam.questions, answers["base"], answers["tuned"], strict=True)
    ]
    lines = "".join(json.dumps(r, ensure_ascii=False, allow_nan=False) + "\n" for r in records)
    metrics_file = space.model(summary.run) / "metrics.jsonl"
    history = [json.loads(line) for line in metrics_file.read_text(encoding="utf-8").splitlines()]
    with building(space.evaluation(summary.run), replace=True) as folder:
        write_text(folder / "results.jsonl", lines)
        write_text(folder / "report.md", markdown_report(summary, exam.manifest, records))
        write_text(folder / "report.html", html_report(summary, exam.manifest, records, history))
        write_json(folder / "summary.json", summary.model_dump())


def _record(question: Question, base: Answer, tuned: Answer) -> dict[str, Any]:
    scores = {
        m.name: {"base": m.score(base, question.reference), "tuned": m.score(tuned, question.reference)}
        for m in METRICS.values()
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
