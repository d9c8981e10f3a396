"""Axolotl's and LLaMA-Factory's own code on exported rows: what is accepted, and which tokens are trained on.

How to install the tools without their pinned packages stands in tests/curate/oracles.
"""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from tuneset.curate.export import TARGETS, export
from tuneset.curate.export.scripts.axolotl import axolotl_yaml
from tuneset.curate.export.scripts.llamafactory import dataset_info, llamafactory_yaml
from tuneset.curate.export.transforms import find_transforms, transformed
from tuneset.review_app import approve, freeze
from tuneset.schemas.files import write_text
from tuneset.schemas.providers.problems import RowProblem, problems

pytestmark = pytest.mark.slow
ORACLES = Path(__file__).with_name("oracles")
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


def oracle(name: str) -> SimpleNamespace:
    """The functions of an oracle; skipped where the tool is not installed."""
    pytest.importorskip(name)
    return SimpleNamespace(**runpy.run_path(str(ORACLES / f"{name}.py")))


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


@pytest.mark.parametrize(
    ("name", "tool", "written"),
    [
        ("axolotl", "axolotl", 7),
        ("axolotl-dpo", "axolotl", 2),
        ("axolotl-kto", "axolotl", 10),
        ("llamafactory", "llamafactory", 6),
        ("llamafactory-last", "llamafactory", 4),
        ("llamafactory-dpo", "llamafactory", 4),
        ("llamafactory-kto", "llamafactory", 10),
    ],
)
def test_the_tool_trains_on_every_row_that_is_written(name: str, tool: str, written: int) -> None:
    accepts = oracle(tool).accepts
    rows = rows_for(name, [*TALKS, *WEIGHTED, *PAIRS])
    assert len(rows) == written
    assert accepts(name, rows) == [None] * written


REFUSED_BY_LLAMAFACTORY: list[tuple[dict[str, Any], str]] = [
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


@pytest.mark.parametrize(("row", "verdict"), REFUSED_BY_LLAMAFACTORY)
def test_what_llamafactory_skips_or_fails_at_is_a_problem(row: dict[str, Any], verdict: str) -> None:
    accepts = oracle("llamafactory").accepts
    turns = [{"from": who, "value": text} for who, text in row["conversations"]]
    full = {"system": "", "tools": "", **row, "conversations": turns}
    assert verdict in accepts("llamafactory", [full])[0]
    assert problems(TARGETS["llamafactory"].model, full)


def test_llamafactory_rewrites_the_placeholder_that_we_refuse() -> None:
    tool = oracle("llamafactory")
    info = json.loads(dataset_info(tool.exported("llamafactory"), "sft"))["tuneset_train"]
    turns = [{"from": "human", "value": "Say {{idx}}."}, {"from": "gpt", "value": "b"}]
    encoded = tool.encoder("sft", info)({"conversations": turns, "system": "", "tools": ""})
    assert "Say 0." in encoded["tokenizer"].decode(encoded["input_ids"])
    assert problems(TARGETS["llamafactory"].model, {"conversations": turns})[0].code == "placeholder"


def runs(encoded: dict[str, Any], tokenizer: Any) -> list[str]:
    """The texts that are trained on, one for each unbroken run of labels."""
    found: list[list[int]] = [[]]
    for label in encoded["labels"]:
        if label != -100:
            found[-1].append(label)
        elif found[-1]:
            found.append([])
    return [tokenizer.decode(run) for run in found if run]


def test_axolotl_trains_on_the_turns_with_train_true_alone() -> None:
    tool = oracle("axolotl")
    tokenizer = tool.tiny_tokenizer()
    encode = tool.encoder(axolotl_yaml(tool.exported("axolotl"), "sft"), tokenizer)
    records = [
        *TALKS,
        *WEIGHTED,
        {"messages": [USER, {**LOST, "weight": 1.0}, USER, {**ANSWER, "weight": 0.0}]},
    ]
    end, north = "<|im_end|>", "North dock, 北."
    four, five = '<tool_call>find_bay {"bay": 4}</tool_call>', '<tool_call>find_bay {"bay": 5}</tool_call>'
    expected = [
        [north + end],
        [north + end, "<b>Yes</b>\n\n```py\nx = {1: 2}\n```" + end],
        [four + end, north + end],
        [four + five + end],
        ["<tool_call>find_bay {}</tool_call>" + end, north + end],
        [north + end],
        [north + end],
        ["No idea." + end],
    ]
    rows = tool.loaded(rows_for("axolotl", records))
    assert [runs(encode(row), tokenizer) for row in rows] == expected
    first = tokenizer.decode(encode(rows[6])["input_ids"])
    assert first.count(north) == 2  # the first of them is read and not learnt


@pytest.mark.parametrize(
    ("name", "learnt"), [("llamafactory", "every answer"), ("llamafactory-last", "the last")]
)
def test_llamafactory_trains_on_answers_alone(name: str, learnt: str) -> None:
    tool = oracle("llamafactory")
    info = json.loads(dataset_info(tool.exported(name), "sft"))["tuneset_train"]
    encode = tool.encoder("sft", info, "qwen", mask_history=name == "llamafactory-last")
    end, north = "<|im_end|>\n", "North dock, 北."
    if learnt == "every answer":
        rows = rows_for(name, TALKS[:4])
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
        rows, expected = rows_for(name, WEIGHTED), [[north + end]]
    encoded = [encode(row) for row in rows]
    assert [runs(one, one["tokenizer"]) for one in encoded] == expected
    assert "Où est le quai 4 ? 🚢" in encoded[0]["tokenizer"].decode(encoded[0]["input_ids"])


@pytest.mark.parametrize("template", ["chatml", "llama3", "gemma", "mistral", "qwen3", "default", "smollm2"])
def test_llamafactorys_other_templates_take_the_rows_too(template: str) -> None:
    rows = rows_for("llamafactory", TALKS)
    assert oracle("llamafactory").accepts("llamafactory", rows, template) == [None] * len(rows)


GPU = {"bf16": True, "fp8": True, "tf32": True, "n_gpu": 1, "compute_capability": "sm_90"}


@pytest.mark.parametrize("objective", ["sft", "dpo", "kto"])
def test_axolotl_knows_every_setting_of_the_config(objective: Any) -> None:
    tool = oracle("axolotl")
    text = axolotl_yaml(tool.exported("axolotl"), objective)
    cfg = tool.validated(text)
    from axolotl.utils.config import validate_config
    from axolotl.utils.dict import DictDefault
    from axolotl.utils.schemas.config import AxolotlInputConfig

    stated = yaml.safe_load(text)
    assert set(stated) <= set(AxolotlInputConfig.model_fields)
    same = ("base_model", "lora_r", "lora_alpha", "learning_rate", "sequence_len", "warmup_steps", "seed")
    assert {name: cfg[name] for name in same} == {name: stated[name] for name in same}
    assert validate_config(DictDefault(stated), GPU, {"torch_version": "2.11.0"}).lora_r == stated["lora_r"]


@pytest.fixture
def tiny_model(tmp_path: Path) -> Path:
    """A folder with a tokenizer and a model's config, as a base model that needs no download."""
    transformers = pytest.importorskip("transformers")
    folder = tmp_path / "model"
    runpy.run_path(str(ORACLES / "tiny.py"))["tiny_tokenizer"]().save_pretrained(folder)
    transformers.LlamaConfig(
        vocab_size=300, hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2,
        num_key_value_heads=2,
    ).save_pretrained(folder)  # fmt: skip
    return folder


@pytest.fixture
def version(workspaces, tmp_path: Path, tiny_model: Path) -> Path:
    """A workspace whose recipe names the small model: six conversations, two of them for validation."""
    rows = [
        workspaces.row(n, record["messages"], **{k: v for k, v in record.items() if k != "messages"})
        for n, record in enumerate([*TALKS[:4], *TALKS[:2]], 1)
    ]
    for n, row in enumerate(rows):
        row["messages"] = [*row["messages"]]
        row["messages"][-1] = {**row["messages"][-1]}
        row["row_id"] = f"{row['row_id']}{n}"
    told = [
        workspaces.verdict(row["row_id"], "split", "assign", value="validation" if n > 3 else "train")
        for n, row in enumerate(rows)
    ]
    out = workspaces.build(tmp_path / "w", rows, told)
    write_text(out / "tuneset.yaml", f"train:\n  base: {tiny_model}\n  learning_rate: 0.00005\n")
    approve(out, where="true", actor="ana")
    freeze(out)
    return out


def _environment() -> dict[str, str]:
    return {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}


def test_axolotl_preprocess_takes_an_export_as_it_is(version: Path) -> None:
    oracle("axolotl")
    folder = Path(export(version, to="axolotl").folder)
    script = ORACLES / "axolotl_preprocess.py"
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=folder,
        env=_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    from datasets import load_from_disk

    sizes = sorted(len(load_from_disk(str(path.parent))) for path in folder.glob("prepared/*/state.json"))
    assert sizes == [2, 4]


def test_llamafactory_takes_an_export_as_it_is(version: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = oracle("llamafactory")
    folder = Path(export(version, to="llamafactory").folder)
    monkeypatch.chdir(folder)
    tool.prepare()
    from llamafactory.data import get_dataset, get_template_and_fix_tokenizer
    from llamafactory.hparams import get_train_args

    config = yaml.safe_load((folder / "llamafactory.yaml").read_text())
    model, data, training, finetuning, _ = get_train_args(config)
    assert (finetuning.lora_rank, finetuning.early_stopping_steps) == (16, 3)
    assert (training.learning_rate, training.num_train_epochs) == (0.00005, 3)
    assert training.per_device_train_batch_size * training.gradient_accumulation_steps == 16
    tokenizer = tool.tiny_tokenizer()
    template = get_template_and_fix_tokenizer(tokenizer, data)
    made = get_dataset(template, model, data, training, stage="sft", tokenizer=tokenizer)
    assert (len(made["train_dataset"]), len(made["eval_dataset"])) == (4, 2)


@pytest.mark.parametrize("objective", ["dpo", "kto"])
def test_llamafactory_parses_the_config_of_preferences(
    objective: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = oracle("llamafactory")
    monkeypatch.chdir(tmp_path)
    tool.prepare()
    from llamafactory.hparams import get_train_args

    config = yaml.safe_load(llamafactory_yaml(tool.exported("llamafactory"), objective))
    _, data, _, finetuning, _ = get_train_args(config)
    assert (finetuning.stage, data.eval_dataset) == (objective, ["tuneset_validation"])


def test_llamafactorys_own_list_agrees_on_the_templates() -> None:
    tool = oracle("llamafactory")
    tool.prepare()
    from llamafactory.extras.constants import DEFAULT_TEMPLATE, SUPPORTED_MODELS
    from tuneset.curate.export.scripts.llamafactory import template_of

    hubs = {name: next(iter(sources.values())) for name, sources in SUPPORTED_MODELS.items()}
    known = {hub: DEFAULT_TEMPLATE[name] for name, hub in hubs.items() if name in DEFAULT_TEMPLATE}
    assert len(known) > 100
    wrong = {
        hub: (template_of(hub), own) for hub, own in known.items() if template_of(hub) not in (None, own)
    }
    assert wrong == {}
    named = {template_of(hub) for hub in known}
    assert named == {None, "smollm2", "smollm", "qwen3_nothink", "qwen3", "qwen", "llama3", "gemma", "gemma2"}
