from __future__ import annotations

import os
import runpy
from pathlib import Path
from typing import Any

import pytest
import yaml
from tuneset.curate.export import export
from tuneset.curate.export.scripts.torchtune import BUILDERS, write
from tuneset.curate.export.sidecars import Exported
from tuneset.curate.readers.shapes import shape_of
from tuneset.review_app import approve, freeze
from tuneset.schemas.example import content_id
from tuneset.schemas.recipe import TrainOptions

ORACLE = runpy.run_path(str(Path(__file__).with_name("oracles") / "torchtune.py"))
USER = {"role": "user", "content": "Where is bay 4?"}
ANSWER = {"role": "assistant", "content": "North dock."}
CALL = {"id": "c1", "type": "function", "function": {"name": "find_bay", "arguments": "{}"}}
TOOL = {"type": "function", "function": {"name": "find_bay"}}
GOOD = [
    {"messages": [USER, ANSWER]},
    {"messages": [{"role": "system", "content": "Brief."}, USER, ANSWER, USER, {**ANSWER, "weight": 1.0}]},
]


@pytest.fixture
def frozen(workspaces, tmp_path: Path):
    """A function that freezes rows, all in train."""

    def build(*rows: dict[str, Any]) -> Path:
        named = [workspaces.row(n, **row) for n, row in enumerate(rows, start=1)]
        told = [workspaces.verdict(row["row_id"], "split", "assign", value="train") for row in named]
        out = workspaces.build(tmp_path / "w", named, told)
        approve(out, where="true", actor="ana")
        freeze(out)
        return out

    return build


REFUSED = [
    ({"messages": [USER, {"role": "assistant", "tool_calls": [CALL]}]}, "tool_calls"),
    (
        {"messages": [USER, {"role": "tool", "content": "x", "tool_call_id": "c"}, ANSWER]},
        "tool_calls",
    ),
    ({"messages": [USER, ANSWER], "tools": [TOOL]}, "tool_definitions"),
    ({"messages": [{**USER, "name": "Ann"}, ANSWER]}, "speaker_name"),
    ({"messages": [USER, {**ANSWER, "reasoning_content": "hm"}]}, "reasoning_content"),
    ({"messages": [USER, {**ANSWER, "weight": 0.0}, USER, ANSWER]}, "zero_weight"),
    ({"messages": [USER, {**ANSWER, "weight": 0.5}]}, "fractional_weight"),
    ({"messages": [USER, ANSWER], "label": False}, "negative_label"),
    ({"messages": [USER, ANSWER], "rejected": [ANSWER]}, "preference_row"),
    ({"messages": [USER, USER, ANSWER]}, "roles_not_alternating"),
]


@pytest.mark.parametrize(("row", "reason"), REFUSED)
def test_what_torchtune_cannot_say_is_refused(frozen, row: dict[str, Any], reason: str) -> None:
    assert export(frozen(row, GOOD[0]), to="torchtune").refused == {reason: 1}


def test_rows_come_back_with_the_same_content(frozen) -> None:
    result = export(frozen(*GOOD), to="torchtune")
    rows = runpy.run_path(str(Path(__file__).with_name("oracles") / "trl.py"))["lines"](
        Path(result.folder) / "train.jsonl"
    )
    assert rows == GOOD
    for row, given in zip(rows, GOOD, strict=True):
        shape = shape_of(row)
        assert shape is not None
        assert content_id(shape.convert(row).messages) == content_id(given["messages"])
    assert "torchtune is closing" in "".join(result.warnings)


def test_torchtune_accepts_the_rows_and_objects_to_others() -> None:
    pytest.importorskip("torchtune")
    assert ORACLE["accepts"]("torchtune", GOOD) == [None, None]
    bad = [{"messages": [USER, USER, ANSWER]}, {"messages": [ANSWER, USER]}, {"messages": [USER, {**ANSWER, "content": None}]}]  # fmt: skip
    assert None not in ORACLE["accepts"]("torchtune", bad)


def _told(**more: Any) -> Exported:
    rows = {"train": 320, "validation": 40}
    train = TrainOptions.model_validate(more)
    return Exported("torchtune", "v1", Path("/x/torchtune-v1"), rows, {}, train, frozenset(more), longest=900)


@pytest.mark.parametrize("base", BUILDERS)
def test_the_config_carries_the_settings_of_the_recipe(base: str) -> None:
    text = write(_told(base=base, rank=8, learning_rate=1e-5, epochs=1.5, batch_size=4, max_length=512))
    assert "ATTENTION" not in text
    config = yaml.safe_load(text)
    assert config["model"]["_component_"].startswith("torchtune.models.")
    assert (config["model"]["lora_rank"], config["model"]["lora_alpha"]) == (8, 16)
    assert config["optimizer"]["lr"] == 1e-5
    assert config["epochs"] == 2
    assert (config["batch_size"], config["gradient_accumulation_steps"]) == (4, 1)
    assert config["tokenizer"]["max_seq_len"] == 512
    assert config["dataset"]["train_on_input"] is False
    assert config["output_dir"] == "../torchtune-v1-adapter"
    folder = config["checkpointer"]["checkpoint_dir"]
    assert folder == "models/" + base.split("/")[1]
    assert f"tune download {base} --output-dir {folder}" in text


def test_a_known_name_is_its_hub_id_and_an_unknown_base_is_told() -> None:
    assert "ATTENTION" not in write(_told(base="qwen2.5-0.5b-instruct"))
    other = write(_told(base="smollm2-135m-instruct"))
    assert 'base model, "HuggingFaceTB/SmolLM2-135M-Instruct"' in other
    assert yaml.safe_load(other)["model"]["_component_"].endswith("lora_qwen2_5_0_5b")
    assert yaml.safe_load(other)["tokenizer"]["max_seq_len"] is None
    assert yaml.safe_load(write(_told(base="a: b\nc: d")))["epochs"] == 3


@pytest.mark.parametrize("base", BUILDERS)
def test_torchtune_takes_the_config(frozen, monkeypatch, tmp_path: Path, base: str) -> None:
    """Every component exists and takes its arguments, and the dataset reads the folder."""
    config_module = pytest.importorskip("torchtune.config")
    omegaconf = pytest.importorskip("omegaconf")
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    out = frozen(*GOOD)
    (out / "tuneset.yaml").write_text(f"train: {{base: {base}}}\n")
    folder = Path(export(out, to="torchtune").folder)
    config = omegaconf.OmegaConf.load(folder / "lora.yaml")
    config_module.validate(config)
    monkeypatch.chdir(folder)
    rows = config_module.instantiate(config.dataset, _Letters())
    assert len(rows) == 2
    first = rows[0]
    learnt = "".join(chr(t) for t, masked in zip(first["tokens"], first["mask"], strict=True) if not masked)
    assert learnt == "North dock."


class _Letters:
    """A tokenizer with a token for each letter, as torchtune calls one."""

    max_seq_len = None

    def __call__(self, sample: Any, inference: bool = False) -> dict[str, Any]:
        del inference
        tokens = [(ord(c), m.masked) for m in sample["messages"] for c in m.text_content]
        return {"tokens": [t for t, _ in tokens], "mask": [masked for _, masked in tokens]}


def test_the_folder_has_its_config(frozen) -> None:
    folder = Path(export(frozen(*GOOD), to="torchtune").folder)
    assert sorted(os.listdir(folder)) == ["lora.yaml", "report.json", "train.jsonl"]
