"""AutoTrain's own template code on each row, with a template that joins the texts."""

from __future__ import annotations

import copy
from typing import Any

from autotrain.trainers.clm.params import LLMTrainingParams
from autotrain.trainers.clm.utils import apply_chat_template


def accepts(target_name: str, rows: list[dict[str, Any]]) -> list[str | None]:
    """None for every row of which AutoTrain makes the texts that it holds, else why not."""
    trainer = "dpo" if target_name.endswith("dpo") else "sft"
    params = LLMTrainingParams(trainer=trainer, text_column="text", chat_template="tokenizer")
    return [_problem(copy.deepcopy(row), params) for row in rows]


def _problem(row: dict[str, Any], params: LLMTrainingParams) -> str | None:
    said = "".join(turn["content"] for turn in row["text"])
    if "rejected_text" in row:
        row["chosen"], row["rejected"] = row.pop("text"), row.pop("rejected_text")
    try:
        told = apply_chat_template(row, _Template(), params)
    except Exception as error:  # noqa: BLE001  whatever the package says
        return f"{type(error).__name__}: {error}"
    read = told["prompt"] + told["chosen"] if "chosen" in told else told["text"]
    return None if read == said else "the template gets other texts"


class _Template:
    def apply_chat_template(self, messages: list[dict[str, str]], **_: Any) -> str:
        return "".join(turn["content"] for turn in messages)
