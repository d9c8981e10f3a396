"""What `tuneset export` writes passes `tuneset check`, for every target."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from tuneset.curate.export import TARGETS, TRANSFORMS, check, export
from tuneset.review_app import approve, freeze
from tuneset.schemas.errors import VersionError

CALL = {"id": "c1", "type": "function", "function": {"name": "find_bay", "arguments": '{"bay": 4}'}}
TOOL = {
    "type": "function",
    "function": {"name": "find_bay", "description": "Finds a bay.", "parameters": {"type": "object", "properties": {"bay": {"type": "integer"}}}},
}  # fmt: skip


@pytest.fixture
def frozen(workspaces, tmp_path: Path) -> Path:
    """Conversations with and without system prompts and tools, preferences and verdicts, in two splits."""
    user, end = {"role": "user", "content": "Bay 4?"}, {"role": "assistant", "content": "North dock."}
    used = [
        user,
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "c1", "content": "north"},
        end,
    ]
    rows = []
    for n in range(1, 61):
        turns = workspaces.turns(f"Question {n} 🚢?", f"Answer, number {n}.")
        kind = n % 5
        if kind == 1:
            rows.append(workspaces.row(n, [{"role": "system", "content": "Be brief."}, *turns]))
        elif kind == 2:
            rows.append(workspaces.row(n, [*turns[:1], *turns[1:], *used], tools=[TOOL]))
        elif kind == 3:
            rows.append(
                workspaces.row(n, turns, rejected=[{"role": "assistant", "content": f"No idea {n}."}])
            )
        elif kind == 4:
            rows.append(workspaces.row(n, turns, label=n % 2 == 0))
        else:
            rows.append(workspaces.row(n, turns))
    told = [
        workspaces.verdict(r["row_id"], "split", "assign", value="validation" if i >= 50 else "train")
        for i, r in enumerate(rows)
    ]
    out = workspaces.build(tmp_path / "w", rows, told)
    approve(out, where="true", actor="ana")
    freeze(out)
    return out


@pytest.mark.parametrize("name", TARGETS)
def test_an_export_passes_its_check(frozen: Path, name: str) -> None:
    try:
        result = export(frozen, to=name)
    except VersionError:
        result = export(frozen, to=name, changes=list(TRANSFORMS))
    checked = check(result.folder, tokenizer="estimate")
    few = {"too_few_rows", "too_many_rows"}  # of this small version, which the export warns of
    wrong = [k for k in checked.kinds if k.severity == "error" and k.code not in few]
    assert wrong == []
    told = Counter[str]()
    for file in checked.files:
        told[file.split] += file.rows
    layout = TARGETS[name].layout
    one_file = layout.file_of("train") == layout.file_of("validation")
    assert told == ({"train": sum(result.rows.values())} if one_file else result.rows)
