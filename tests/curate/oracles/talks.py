"""Rows for the two trainers' oracles, and what is read from their labels."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from tuneset.curate.export import TARGETS
from tuneset.curate.export.transforms import find_transforms, transformed
from tuneset.review_app import approve, freeze
from tuneset.schemas.files import write_text
from tuneset.schemas.providers.problems import RowProblem, problems

SYSTEM, USER = {"role": "system", "content": "Brief."}, {"role": "user", "content": "Où est le quai 4 ? 🚢"}
ANSWER, LOST = (
    {"role": "assistant", "content": "North dock, 北."},
    {"role": "assistant", "content": "No idea."},
)
TOOL = {
    "type": "function",
    "function": {
        "name": "find_bay",
        "description": "Finds a bay.",
        "parameters": {"type": "object", "properties": {"bay": {"type": "integer"}}},
    },
}


def calls(*arguments: str) -> dict[str, Any]:
    made = [
        {"id": f"c{i}", "type": "function", "function": {"name": "find_bay", "arguments": text}}
        for i, text in enumerate(arguments)
    ]
    return {"role": "assistant", "content": None, "tool_calls": made}


def result(number: int = 0, content: str = '{"dock": "north"}') -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": f"c{number}", "content": content}


TALKS: list[dict[str, Any]] = [
    {"messages": [USER, ANSWER]},
    {"messages": [SYSTEM, USER, ANSWER, USER, {**ANSWER, "content": "<b>Yes</b>\n\n```py\nx = {1: 2}\n```"}]},
    {"messages": [USER, calls('{"bay": 4}'), result(), ANSWER], "tools": [TOOL]},
    {"messages": [USER, calls('{"bay": 4}', '{"bay": 5}')], "tools": [TOOL]},
    {"messages": [USER, calls("{}"), result(content=""), ANSWER]},
    {"messages": [SYSTEM, USER, ANSWER], "label": True},
]
WEIGHTED = [{"messages": [USER, {**ANSWER, "weight": 0.0}, USER, {**ANSWER, "weight": 1.0}]}]
PAIRS: list[dict[str, Any]] = [
    {"messages": [USER, ANSWER], "rejected": [LOST]},
    {"messages": [SYSTEM, USER, {**LOST, "weight": 0.0}, USER, ANSWER], "rejected": [LOST]},
    {"messages": [USER, {**ANSWER, "content": "user"}], "rejected": [LOST]},
    {"messages": [USER, {**ANSWER, "content": " North dock."}], "rejected": [LOST]},
    {"messages": [USER, ANSWER], "label": False},
]


def rows_for(name: str, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows that the target writes."""
    target, rows = TARGETS[name], list[dict[str, Any]]()
    for record in records:
        for one in transformed(record, find_transforms(target.always))[0]:
            made = target.convert(one)
            if not isinstance(made, RowProblem) and not problems(target.model, made.row):
                rows.append(made.row)
    return rows


def runs(encoded: dict[str, Any], tokenizer: Any) -> list[str]:
    """The texts that are trained on, one for each unbroken run of labels."""
    found: list[list[int]] = [[]]
    for label in encoded["labels"]:
        if label != -100:
            found[-1].append(label)
        elif found[-1]:
            found.append([])
    return [tokenizer.decode(run) for run in found if run]


def version(workspaces: Any, folder: Path) -> Path:
    """A workspace of six conversations, two for validation, whose recipe names a small model in a folder."""
    import transformers

    model = folder / "model"
    runpy.run_path(str(Path(__file__).with_name("tiny.py")))["tiny_tokenizer"]().save_pretrained(model)
    transformers.LlamaConfig(
        vocab_size=300, hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2,
        num_key_value_heads=2,
    ).save_pretrained(model)  # fmt: skip
    rows = [
        workspaces.row(n, record["messages"], tools=record.get("tools"))
        for n, record in enumerate([*TALKS[:4], *TALKS[:2]], 1)
    ]
    told = [
        workspaces.verdict(row["row_id"], "split", "assign", value="validation" if n > 3 else "train")
        for n, row in enumerate(rows)
    ]
    out = workspaces.build(folder / "w", rows, told)
    write_text(out / "tuneset.yaml", f"train:\n  base: {model}\n  learning_rate: 0.00005\n")
    approve(out, where="true", actor="ana")
    freeze(out)
    return out
