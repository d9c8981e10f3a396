"""Hateful and abusive rows, so that they do not go into a training set unseen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from ...schemas.step_options import ToxicityOptions
from ..rows import Rows, Turn, rows_of, turn_text
from ..step import KEEP, Opinion, verdicts
from ..toxicity import HARMLESS, THRESHOLD, Judgement, judges

ANSWER = "assistant"


class Toxicity:
    """Scores the answers of every row, and tells of a toxic prompt with a harmless answer.

    The score is the highest of all assistant turns, a ratio in [0, 1]. A toxic prompt that is answered well
    is safety data and only gets a label.

    Args:
        options: The model, and what becomes of a toxic answer.

    Source: the builtin model is a lexicon with a grammar (`curate/toxicity`), built for the functions that
    HateCheck (Röttger et al. 2021) tells apart.
    """

    name = "toxicity"
    version = 1
    reasons = {
        "toxic": "The answer attacks a group of people, or urges someone to self-harm.",
        "toxic_prompt": "The prompt is toxic and the answer is not: safety data, if the answer is good.",
    }

    def __init__(self, options: ToxicityOptions | None = None) -> None:
        self.options = options or ToxicityOptions()

    @property
    def measure_params(self) -> dict[str, Any]:
        """The model."""
        return {"model": self.options.model}

    def measure(self, batch: pa.Table) -> pa.Table:
        rows = rows_of(batch)
        places, texts = _texts(rows)
        answers: dict[int, tuple[Judgement, int]] = {}
        prompts: dict[int, tuple[Judgement, int]] = {}
        for (row, turn, is_answer), judgement in zip(
            places, judges(texts, model=self.options.model), strict=True
        ):
            if judgement is not HARMLESS:
                worst = answers if is_answer else prompts
                if row not in worst or judgement.score > worst[row][0].score:
                    worst[row] = (judgement, turn)
        columns = {**_columns("", answers, len(rows)), **_columns("prompt_", prompts, len(rows))}
        return pa.table({"row_id": batch.column("row_id"), **columns})

    def decide(self, measures: pa.Table) -> pa.Table:
        cells = {
            name: measures.column(name).to_pylist() for name in measures.column_names if name != "row_id"
        }
        opinions = []
        for i in range(measures.num_rows):
            row = {name: column[i] for name, column in cells.items()}
            opinions.append(self._opinion(row))
        return verdicts(measures.column("row_id"), self.name, opinions)

    def _opinion(self, row: dict[str, Any]) -> Opinion:
        score = row["score"]
        if score >= THRESHOLD:
            action = {"label": "assign"}.get(self.options.action, self.options.action)
            value = "toxic" if action == "assign" else None
            return Opinion(action, "toxic", score, value, detail=_detail(row, ""))
        if row["prompt_score"] >= THRESHOLD:
            return Opinion("assign", "toxic_prompt", score, "toxic_prompt", detail=_detail(row, "prompt_"))
        return Opinion("keep", score=score) if score else KEEP._replace(score=0.0)


def _texts(rows: Rows) -> tuple[list[tuple[int, int, bool]], list[str]]:
    """Row, turn and whether it is an answer, of every turn with text; and the texts."""
    places: list[tuple[int, int, bool]] = []
    texts: list[str] = []
    for row, turns in enumerate(rows.messages):
        for number, turn in enumerate(turns):
            text = _text(turn)
            if text:
                places.append((row, number, turn.get("role") == ANSWER))
                texts.append(text)
    return places, texts


def _text(turn: Turn) -> str:
    return turn_text(turn) if turn.get("tool_calls") else turn.get("content") or ""


def _columns(prefix: str, worst: Mapping[int, tuple[Judgement, int]], n_rows: int) -> dict[str, pa.Array]:
    """The columns of the worst answers or prompts, by row; most rows have none."""
    scores, categories = [HARMLESS.score] * n_rows, [HARMLESS.category] * n_rows
    words, turns = [HARMLESS.words] * n_rows, [-1] * n_rows
    for row, (judgement, turn) in worst.items():
        scores[row], categories[row], words[row] = judgement
        turns[row] = turn
    return {
        f"{prefix}score": pa.array(scores, pa.float64()),
        f"{prefix}category": pa.array(categories, pa.string()),
        f"{prefix}words": pa.array(words, pa.list_(pa.string())),
        f"{prefix}turn": pa.array(turns, pa.int64()),
    }


def _detail(row: dict[str, Any], prefix: str) -> str:
    told: dict[str, Any] = {"turn": row[f"{prefix}turn"], "category": row[f"{prefix}category"]}
    if row[f"{prefix}words"]:
        told["words"] = row[f"{prefix}words"]
    if prefix:
        told["prompt_score"] = row["prompt_score"]
    return json.dumps(told, ensure_ascii=False)
