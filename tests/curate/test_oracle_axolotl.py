"""Axolotl's own code on exported rows: what is accepted, and which tokens are trained on."""

from __future__ import annotations

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
from tuneset.schemas.providers.problems import problems

pytest.importorskip("axolotl")
pytestmark = pytest.mark.slow
ORACLES = Path(__file__).with_name("oracles")
TOOL = SimpleNamespace(**runpy.run_path(str(ORACLES / "axolotl.py")))
MADE = SimpleNamespace(**runpy.run_path(str(ORACLES / "talks.py")))
USER, ANSWER = MADE.USER, MADE.ANSWER


@pytest.mark.parametrize(
    ("name", "written"),
    [("axolotl", 7), ("axolotl-dpo", 2), ("axolotl-kto", 10)],
)
def test_the_tool_trains_on_every_row_that_is_written(name: str, written: int) -> None:
    rows = MADE.rows_for(name, [*MADE.TALKS, *MADE.WEIGHTED, *MADE.PAIRS])
    assert len(rows) == written
    assert TOOL.accepts(name, rows) == [None] * written


def test_axolotl_trains_on_the_turns_with_train_true_alone() -> None:
    tokenizer = TOOL.tiny_tokenizer()
    encode = TOOL.encoder(axolotl_yaml(TOOL.exported("axolotl"), "sft"), tokenizer)
    records = [
        *MADE.TALKS,
        *MADE.WEIGHTED,
        {"messages": [USER, {**MADE.LOST, "weight": 1.0}, USER, {**ANSWER, "weight": 0.0}]},
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
    rows = TOOL.loaded(MADE.rows_for("axolotl", records))
    assert [MADE.runs(encode(row), tokenizer) for row in rows] == expected
    first = tokenizer.decode(encode(rows[6])["input_ids"])
    assert first.count(north) == 2  # the first of them is read and not learnt


@pytest.mark.parametrize("text", ["[[dummy_message]]", "zzdummymessagezz"])
def test_axolotl_takes_other_tokens_for_the_answer_that_we_refuse(text: str) -> None:
    tokenizer = TOOL.tiny_tokenizer()
    encode = TOOL.encoder(axolotl_yaml(TOOL.exported("axolotl"), "sft"), tokenizer)
    messages = [USER, {**ANSWER, "content": text}]
    assert MADE.runs(encode({"messages": messages, "tools": "[]"}), tokenizer) != [f"{text}<|im_end|>"]
    assert problems(TARGETS["axolotl"].model, {"messages": messages})[0].code == "sentinel"


@pytest.mark.parametrize("text", ["user", " North dock."])
def test_axolotls_preference_loader_bends_the_answers_that_we_refuse(text: str) -> None:
    tokenizer = TOOL.tiny_tokenizer()
    tokenizer.chat_template = tokenizer.chat_template.replace(
        "{{ message.content }}", "{{ message.content | trim }}"
    )
    encode = TOOL.encoder(axolotl_yaml(TOOL.exported("axolotl-dpo"), "dpo"), tokenizer)
    row = {"messages": [USER], "chosen": {**ANSWER, "content": text}, "rejected": ANSWER}
    assert encode(row)["chosen"].removesuffix("<|im_end|>").strip() != text.strip()
    assert encode(row)["rejected"] == f"{ANSWER['content']}<|im_end|>"
    assert problems(TARGETS["axolotl-dpo"].model, row)[0].code in ("outer_space", "answer_in_template")


GPU = {"bf16": True, "fp8": True, "tf32": True, "n_gpu": 1, "compute_capability": "sm_90"}


@pytest.mark.parametrize("objective", ["sft", "dpo", "kto"])
def test_axolotl_knows_every_setting_of_the_config(objective: Any) -> None:
    text = axolotl_yaml(TOOL.exported("axolotl"), objective)
    cfg = TOOL.validated(text)
    from axolotl.utils.config import validate_config
    from axolotl.utils.dict import DictDefault
    from axolotl.utils.schemas.config import AxolotlInputConfig

    stated = yaml.safe_load(text)
    assert set(stated) <= set(AxolotlInputConfig.model_fields)
    same = ("base_model", "lora_r", "lora_alpha", "learning_rate", "sequence_len", "warmup_steps", "seed")
    assert {name: cfg[name] for name in same} == {name: stated[name] for name in same}
    assert validate_config(DictDefault(stated), GPU, {"torch_version": "2.11.0"}).lora_r == stated["lora_r"]


def _environment() -> dict[str, str]:
    return {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}


def test_axolotl_preprocess_takes_an_export_as_it_is(workspaces, tmp_path: Path) -> None:
    folder = Path(export(MADE.version(workspaces, tmp_path), to="axolotl").folder)
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
