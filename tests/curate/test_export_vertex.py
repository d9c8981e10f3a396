from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tuneset.curate.export import export
from tuneset.curate.export.targets.vertex import convert_dpo, convert_sft
from tuneset.curate.export.targets.vertex_tune import adapter_size, epoch_count
from tuneset.curate.readers.shapes import shape_of
from tuneset.review_app import approve, freeze
from tuneset.schemas.example import content_id
from tuneset.schemas.providers.problems import RowProblem

accepts = runpy.run_path(str(Path(__file__).with_name("oracles") / "vertex.py"))["accepts"]

USER = {"role": "user", "content": "Bay 4?"}
ANSWER = {"role": "assistant", "content": "North dock."}


def call(name: str, arguments: str, call_id: str) -> dict[str, Any]:
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def result(call_id: str, said: str, **more: Any) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call_id, "content": said, **more}


def tool(name: str = "find_bay", **parameters: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "description": "d", "parameters": parameters}}


FIND = tool(type="object", properties={"bay": {"type": "integer"}})
TALK = [
    USER,
    {
        "role": "assistant",
        "content": "",
        "tool_calls": [call("find_bay", '{"bay": 4}', "a"), call("find_bay", '{"bay":5}', "b")],
    },
    result("b", "south", name="find_bay"),
    result("a", '{"dock": "north"}'),
    ANSWER,
]


def record(messages: list[Any], **more: Any) -> dict[str, Any]:
    return {"messages": messages, "tools": None, "rejected": None, "label": None, **more}


@pytest.fixture
def frozen(workspaces, tmp_path: Path):
    def build(rows: list[dict[str, Any]], validation: tuple[int, ...] = ()) -> Path:
        told = [
            workspaces.verdict(
                r["row_id"], "split", "assign", value="validation" if i in validation else "train"
            )
            for i, r in enumerate(rows)
        ]
        out = workspaces.build(tmp_path / "w", rows, told)
        approve(out, where="true", actor="ana")
        freeze(out)
        return out

    return build


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_conversation_becomes_contents_and_parts(workspaces, frozen) -> None:
    system = {"role": "developer", "content": "Be brief."}
    out = frozen(
        [
            workspaces.row(1, [system, USER, ANSWER]),
            workspaces.row(2, workspaces.turns("q", "a", "b", "c"), tools=[FIND]),
            workspaces.row(3, workspaces.turns("v", "w")),
            workspaces.row(4, TALK, tools=[FIND]),
        ],
        validation=(2,),
    )
    result = export(out, to="vertex")
    train = lines(out / "exports/vertex-v1/train.jsonl")
    assert train == [
        {
            "systemInstruction": {"role": "system", "parts": [{"text": "Be brief."}]},
            "contents": [
                {"role": "user", "parts": [{"text": "Bay 4?"}]},
                {"role": "model", "parts": [{"text": "North dock."}]},
            ],
        },
        {
            "contents": [
                {"role": role, "parts": [{"text": said}]}
                for role, said in (("user", "q"), ("model", "a"), ("user", "b"), ("model", "c"))
            ],
            "tools": [
                {
                    "functionDeclarations": [
                        {
                            "name": "find_bay",
                            "description": "d",
                            "parameters": {"type": "OBJECT", "properties": {"bay": {"type": "INTEGER"}}},
                        }
                    ]
                }
            ],
        },
    ]
    assert result.refused == {"function_call_untunable": 1}
    assert result.changes == {"developer_to_system": 1}
    assert "--with tune_calls would let it in" in result.text()
    assert sorted(result.files) == ["refused.jsonl", "train.jsonl", "validation.jsonl"]


def test_function_calls_are_kept_where_the_user_asks(workspaces, frozen) -> None:
    out = frozen([workspaces.row(1, TALK, tools=[FIND])])
    exported = export(out, to="vertex", changes=("tune_calls",))
    (row,) = lines(out / "exports/vertex-v1/train.jsonl")
    assert row["contents"][1:3] == [
        {
            "role": "model",
            "parts": [
                {"functionCall": {"name": "find_bay", "args": {"bay": 4}}},
                {"functionCall": {"name": "find_bay", "args": {"bay": 5}}},
            ],
        },
        {
            "role": "user",
            "parts": [
                {"functionResponse": {"name": "find_bay", "response": {"output": '{"dock": "north"}'}}},
                {"functionResponse": {"name": "find_bay", "response": {"output": "south"}}},
            ],
        },
    ]
    assert exported.changes == {
        "arguments_respelled": 1,
        "empty_content_left_out": 1,
        "tool_answers_reordered": 1,
        "tool_ids_left_out": 1,
        "tune_calls": 1,
    }
    assert any("issue 6127" in warning for warning in exported.warnings)


def test_keywords_left_out_are_counted_by_name(workspaces, frozen) -> None:
    rich = tool(type="object", title="T", properties={"bay": {"type": "integer", "default": 1}})
    none = [tool("now", type="object", properties={}), tool("here")]
    out = frozen([workspaces.row(1, [USER, ANSWER], tools=[rich, *none])])
    exported = export(out, to="vertex")
    assert exported.changes == {
        "empty_parameters_left_out": 1,
        "schema_keyword_left_out:default": 1,
        "schema_keyword_left_out:title": 1,
    }
    assert "1 rows: a keyword that the format lacks was left out of the parameters of tools: title" in (
        exported.text()
    )
    (row,) = lines(out / "exports/vertex-v1/train.jsonl")
    assert row["tools"][0]["functionDeclarations"][1:] == [
        {"name": "now", "description": "d"},
        {"name": "here", "description": "d"},
    ]


ASKS = {"role": "assistant", "content": None, "tool_calls": [call("find_bay", '{"bay":4}', "a")]}
REFUSED: list[tuple[dict[str, Any], str, str]] = [
    (record([USER, ANSWER], rejected=[ANSWER]), "preference_row", "rejected"),
    (record([USER, ANSWER], label=False), "negative_label", "label"),
    (record([USER, {**ANSWER, "weight": 0.0}]), "zero_weight", "messages.1.weight"),
    (record([USER, {**ANSWER, "weight": 0.5}]), "fractional_weight", "messages.1.weight"),
    (
        record([USER, {**ANSWER, "reasoning_content": "r"}]),
        "reasoning_content",
        "messages.1.reasoning_content",
    ),
    (record([{**USER, "name": "ana"}, ANSWER]), "speaker_name", "messages.0.name"),
    (record([USER, {"role": "system", "content": "s"}, ANSWER]), "late_system_prompt", "messages.1"),
    (record([USER, ASKS]), "function_call_untunable", "messages.1.tool_calls"),
    (record([USER, ASKS, ANSWER], tune_calls=True), "call_unanswered", "messages.2"),
    (record([USER, ASKS, result("b", "n"), ANSWER], tune_calls=True), "response_without_call", "messages.2"),
    (
        record([USER, {**ASKS, "tool_calls": [call("f", "[]", "a")]}], tune_calls=True),
        "arguments_not_object",
        "messages.1.tool_calls.0.function.arguments",
    ),
    (
        record([USER, {**ASKS, "tool_calls": [call("f", '{"n":[9007199254740993]}', "a")]}], tune_calls=True),
        "number_too_large",
        "messages.1.tool_calls.0.function.arguments",
    ),
    (
        record([USER, ANSWER], tools=[tool(type="object", properties={"a": {"type": "tuple"}})]),
        "schema_type_unknown",
        "tools.0.function.parameters",
    ),
    (
        record([USER, ANSWER], tools=[tool(**{"$ref": "#/x"})]),
        "schema_reference",
        "tools.0.function.parameters",
    ),
    (
        record([USER, ANSWER], tools=[tool(type="object", properties={"a": {"not": {}}})]),
        "schema_keyword_unknown",
        "tools.0.function.parameters",
    ),
    (record([USER, ANSWER], tools=[{"type": "web_search"}]), "tool_definitions", "tools.0"),
]


@pytest.mark.parametrize(("given", "code", "where"), REFUSED)
def test_what_cannot_be_told_is_refused(given: dict[str, Any], code: str, where: str) -> None:
    found = convert_sft(given)
    assert isinstance(found, RowProblem)
    assert (found.code, found.where) == (code, where)


def test_a_preference_is_two_scored_completions(workspaces, frozen) -> None:
    system = {"role": "system", "content": "Be brief."}
    out = frozen(
        [
            workspaces.row(1, [system, USER, ANSWER], rejected=[{"role": "assistant", "content": "No."}]),
            workspaces.row(2, workspaces.turns("q", "a")),
        ]
    )
    assert export(out, to="vertex-dpo").refused == {"not_a_preference_row": 1}
    assert lines(out / "exports/vertex-dpo-v1/train.jsonl") == [
        {
            "system_instruction": {"role": "system", "parts": [{"text": "Be brief."}]},
            "contents": [{"role": "user", "parts": [{"text": "Bay 4?"}]}],
            "completions": [
                {"score": 1, "completion": {"role": "model", "parts": [{"text": "North dock."}]}},
                {"score": 0, "completion": {"role": "model", "parts": [{"text": "No."}]}},
            ],
        }
    ]


LOSER = [{"role": "assistant", "content": "No."}]
REFUSED_PAIRS: list[tuple[dict[str, Any], str]] = [
    (record([USER, ANSWER]), "not_a_preference_row"),
    (record([USER, ANSWER, ANSWER], rejected=LOSER), "unclear_prompt"),
    (record([USER, ANSWER], rejected=[*LOSER, USER, *LOSER]), "several_losing_turns"),
    (record([USER, ANSWER], rejected=LOSER, tools=[FIND]), "tool_definitions"),
    (record([USER, ASKS], rejected=LOSER), "tool_calls"),
    (record([USER, ASKS, result("a", "n"), ANSWER, USER, ANSWER], rejected=LOSER), "tool_calls"),
]


@pytest.mark.parametrize(("given", "code"), REFUSED_PAIRS)
def test_a_preference_that_cannot_be_told_is_refused(given: dict[str, Any], code: str) -> None:
    found = convert_dpo(given)
    assert isinstance(found, RowProblem)
    assert found.code == code


@pytest.mark.parametrize(
    ("to", "given"),
    [
        ("vertex", record([USER, ANSWER])),
        ("vertex", record([{"role": "system", "content": "s"}, USER, ANSWER, USER, ANSWER], tools=[FIND])),
        (
            "vertex",
            record(
                [
                    USER,
                    {"role": "assistant", "tool_calls": [call("find_bay", '{"bay":4}', "call_1")]},
                    result("call_1", '{"dock": "north"}'),
                    ANSWER,
                ],
                tools=[FIND],
                tune_calls=True,
            ),
        ),
        ("vertex-dpo", record([USER, ANSWER], rejected=[{"role": "assistant", "content": "No."}])),
    ],
)
def test_what_was_exported_is_read_back_with_the_same_content_id(to: str, given: dict[str, Any]) -> None:
    converted = (convert_dpo if to == "vertex-dpo" else convert_sft)(given)
    assert not isinstance(converted, RowProblem)
    shape = shape_of(converted.row)
    assert shape is not None
    draft = shape.convert(converted.row)
    told = content_id(draft.messages, tools=draft.tools, rejected=draft.rejected, label=draft.label)
    assert told == content_id(given["messages"], tools=given["tools"], rejected=given["rejected"])
    assert draft.meta == {}


def test_googles_own_types_take_every_line(workspaces, frozen) -> None:
    pytest.importorskip("google.genai")
    rows = [
        workspaces.row(1, [USER, ANSWER], rejected=[{"role": "assistant", "content": "No."}]),
        workspaces.row(2, TALK, tools=[FIND]),
        workspaces.row(3, [{"role": "system", "content": "s"}, USER, ANSWER]),
    ]
    out = frozen(rows)
    for to in ("vertex", "vertex-dpo"):
        export(out, to=to, changes=("tune_calls",))
        written = lines(out / f"exports/{to}-v1/train.jsonl")
        assert accepts(to, written) == [None] * len(written)
        assert accepts(to, [{**written[0], "weight": 1}]) != [None]


@pytest.mark.parametrize(
    ("rank", "size"), [(1, "ONE"), (3, "TWO"), (8, "EIGHT"), (16, "SIXTEEN"), (64, "SIXTEEN")]
)
def test_the_adapter_is_no_larger_than_the_rank(rank: int, size: str) -> None:
    assert adapter_size(rank) == f"ADAPTER_SIZE_{size}"


@pytest.mark.parametrize(("epochs", "told"), [(0.2, 1), (3, 3), (2.6, 3)])
def test_epochs_are_whole(epochs: float, told: int) -> None:
    assert epoch_count(epochs) == told


@pytest.mark.parametrize(
    ("to", "method"), [("vertex", "supervisedTuningSpec"), ("vertex-dpo", "preferenceOptimizationSpec")]
)
def test_the_script_uploads_once_and_starts_a_job(
    workspaces, frozen, tmp_path: Path, to: str, method: str
) -> None:
    """Through google-genai and google-auth, at a server that follows the published description."""
    pytest.importorskip("google.genai")
    cloud_of = runpy.run_path(str(Path(__file__).parent.with_name("google_cloud.py")))["GoogleCloud"]
    loser = [{"role": "assistant", "content": "No."}] if to == "vertex-dpo" else None
    rows = [workspaces.row(n, workspaces.turns(f"q{n}", "a"), rejected=loser) for n in range(1, 4)]
    out = frozen(rows, validation=(2,))
    folder = Path(export(out, to=to).folder)
    with cloud_of() as cloud:
        for _ in range(2):
            done = subprocess.run(
                [sys.executable, str(folder / "tune.py")],
                env={**os.environ, **cloud.environment(tmp_path)},
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
            assert done.returncode == 0, done.stderr
        assert len(cloud.uploads) == 2
        assert done.stdout.split()[-1] in cloud.jobs
        job = next(iter(cloud.jobs.values()))
        spec = job[method]
        train = spec["trainingDatasetUri"].removeprefix("gs://")
        assert cloud.objects[train] == (folder / "train.jsonl").read_bytes()
        assert spec["validationDatasetUri"].endswith("/validation.jsonl")
        assert spec["hyperParameters"] == {"epochCount": 3, "adapterSize": "ADAPTER_SIZE_SIXTEEN"}
        assert (job["baseModel"], job["tunedModelDisplayName"]) == ("gemini-2.5-flash", f"{to}-v1")
