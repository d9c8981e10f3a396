"""LLaMA-Factory's own code on exported rows: what is accepted, and which tokens are trained on."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from tuneset.curate.export import TARGETS, export
from tuneset.curate.export.scripts.llamafactory import dataset_info, llamafactory_yaml, template_of
from tuneset.schemas.providers.problems import problems

pytest.importorskip("llamafactory")
pytestmark = pytest.mark.slow
ORACLES = Path(__file__).with_name("oracles")
TOOL = SimpleNamespace(**runpy.run_path(str(ORACLES / "llamafactory.py")))
MADE = SimpleNamespace(**runpy.run_path(str(ORACLES / "talks.py")))
USER, ANSWER = MADE.USER, MADE.ANSWER


@pytest.mark.parametrize(
    ("name", "written"),
    [("llamafactory", 6), ("llamafactory-last", 4), ("llamafactory-dpo", 4), ("llamafactory-kto", 10)],
)
def test_the_tool_trains_on_every_row_that_is_written(name: str, written: int) -> None:
    rows = MADE.rows_for(name, [*MADE.TALKS, *MADE.WEIGHTED, *MADE.PAIRS])
    assert len(rows) == written
    assert TOOL.accepts(name, rows) == [None] * written


SKIPPED: list[tuple[dict[str, Any], str]] = [
    ({"conversations": [("human", "a"), ("human", "b"), ("gpt", "c")]}, "skipped"),
    ({"conversations": [("human", "a"), ("gpt", "b"), ("human", "c")]}, "skipped"),
    ({"conversations": [("gpt", "a"), ("human", "b")]}, "skipped"),
    ({"conversations": [("human", "a"), ("gpt", "b"), ("system", "c"), ("gpt", "d")]}, "skipped"),
    (
        {
            "conversations": [
                ("human", "a"),
                ("function_call", '{"name": "f", "arguments": {}}'),
                ("observation", "b"),
                ("observation", "c"),
                ("gpt", "d"),
            ]
        },
        "skipped",
    ),
    ({"conversations": [("user", "a"), ("gpt", "b")]}, "skipped"),
    ({"conversations": [("human", "a"), ("function_call", "no JSON")]}, "RuntimeError"),
    ({"conversations": [("human", "a"), ("function_call", '{"name": "f"}')]}, "KeyError"),
    (
        {
            "conversations": [
                ("human", "a"),
                ("function_call", '{"name": "f", "arguments": {"x": "<tool_call>y</tool_call>"}}'),
            ]
        },
        "RuntimeError",
    ),
    ({"conversations": [("human", "a"), ("gpt", "b")], "tools": "no JSON"}, "RuntimeError"),
    ({"conversations": [("human", "a"), ("gpt", "b")], "tools": '[{"name": "f"}]'}, "KeyError"),
    (
        {
            "conversations": [("human", "a"), ("gpt", "b")],
            "tools": '[{"name": "f", "parameters": {"properties": {"x": {"enum": [1]}}}}]',
        },
        "TypeError",
    ),
    (
        {
            "conversations": [("human", "a"), ("gpt", "b")],
            "tools": '[{"name": "f", "parameters": {"properties": {"x": {}}, "required": null}}]',
        },
        "TypeError",
    ),
]


@pytest.mark.parametrize(("row", "verdict"), SKIPPED)
def test_what_llamafactory_skips_or_fails_at_is_a_problem(row: dict[str, Any], verdict: str) -> None:
    turns = [{"from": who, "value": text} for who, text in row["conversations"]]
    full = {"system": "", "tools": "", **row, "conversations": turns}
    assert verdict in TOOL.accepts("llamafactory", [full])[0]
    assert problems(TARGETS["llamafactory"].model, full)


def test_llamafactory_rewrites_the_placeholder_that_we_refuse() -> None:
    info = json.loads(dataset_info(TOOL.exported("llamafactory"), "sft"))["tuneset_train"]
    turns = [{"from": "human", "value": "Say {{idx}}."}, {"from": "gpt", "value": "b"}]
    encoded = TOOL.encoder("sft", info)({"conversations": turns, "system": "", "tools": ""})
    assert "Say 0." in encoded["tokenizer"].decode(encoded["input_ids"])
    assert problems(TARGETS["llamafactory"].model, {"conversations": turns})[0].code == "placeholder"


@pytest.mark.parametrize(
    ("name", "learnt"), [("llamafactory", "every answer"), ("llamafactory-last", "the last")]
)
def test_llamafactory_trains_on_answers_alone(name: str, learnt: str) -> None:
    info = json.loads(dataset_info(TOOL.exported(name), "sft"))["tuneset_train"]
    encode = TOOL.encoder("sft", info, "qwen", mask_history=name == "llamafactory-last")
    end, north = "<|im_end|>\n", "North dock, 北."
    if learnt == "every answer":
        rows = MADE.rows_for(name, MADE.TALKS[:4])
        four, five = (
            f'<tool_call>\n{{"name": "find_bay", "arguments": {{"bay": {n}}}}}\n</tool_call>' for n in (4, 5)
        )
        expected = [
            [north + end],
            [north + end, "<b>Yes</b>\n\n```py\nx = {1: 2}\n```" + end],
            [four + end, north + end],
            [f"{four}\n{five}{end}"],
        ]
    else:
        rows, expected = MADE.rows_for(name, MADE.WEIGHTED), [[north + end]]
    encoded = [encode(row) for row in rows]
    assert [MADE.runs(one, one["tokenizer"]) for one in encoded] == expected
    assert "Où est le quai 4 ? 🚢" in encoded[0]["tokenizer"].decode(encoded[0]["input_ids"])


@pytest.mark.parametrize("template", ["chatml", "llama3", "gemma", "mistral", "qwen3", "default", "smollm2"])
def test_llamafactorys_other_templates_take_the_rows_too(template: str) -> None:
    rows = MADE.rows_for("llamafactory", MADE.TALKS)
    assert TOOL.accepts("llamafactory", rows, template) == [None] * len(rows)


def test_llamafactory_takes_an_export_as_it_is(
    workspaces, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(export(MADE.version(workspaces, tmp_path), to="llamafactory").folder)
    monkeypatch.chdir(folder)
    TOOL.prepare()
    from llamafactory.data import get_dataset, get_template_and_fix_tokenizer
    from llamafactory.hparams import get_train_args

    config = yaml.safe_load((folder / "llamafactory.yaml").read_text())
    model, data, training, finetuning, _ = get_train_args(config)
    assert (finetuning.lora_rank, finetuning.early_stopping_steps) == (16, 3)
    assert (training.learning_rate, training.num_train_epochs) == (0.00005, 3)
    assert training.per_device_train_batch_size * training.gradient_accumulation_steps == 16
    tokenizer = TOOL.tiny_tokenizer()
    template = get_template_and_fix_tokenizer(tokenizer, data)
    made = get_dataset(template, model, data, training, stage="sft", tokenizer=tokenizer)
    assert (len(made["train_dataset"]), len(made["eval_dataset"])) == (4, 2)


@pytest.mark.parametrize("objective", ["dpo", "kto"])
def test_llamafactory_parses_the_config_of_preferences(
    objective: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    TOOL.prepare()
    from llamafactory.hparams import get_train_args

    config = yaml.safe_load(llamafactory_yaml(TOOL.exported("llamafactory"), objective))
    _, data, _, finetuning, _ = get_train_args(config)
    assert (finetuning.stage, data.eval_dataset) == (objective, ["tuneset_validation"])


def test_llamafactorys_own_list_agrees_on_the_templates() -> None:
    TOOL.prepare()
    from llamafactory.extras.constants import DEFAULT_TEMPLATE, SUPPORTED_MODELS

    hubs = {name: next(iter(sources.values())) for name, sources in SUPPORTED_MODELS.items()}
    known = {hub: DEFAULT_TEMPLATE[name] for name, hub in hubs.items() if name in DEFAULT_TEMPLATE}
    assert len(known) > 100
    wrong = {
        hub: (template_of(hub), own) for hub, own in known.items() if template_of(hub) not in (None, own)
    }
    assert wrong == {}
    named = {template_of(hub) for hub in known}
    assert named == {None, "smollm2", "smollm", "qwen3_nothink", "qwen3", "qwen", "llama3", "gemma", "gemma2"}
