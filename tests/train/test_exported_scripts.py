"""The scripts beside exported rows, run on a tiny random model."""

from __future__ import annotations

import ast
import copy
import importlib.util
import json
import runpy
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from tuneset.curate.export import export
from tuneset.train.chat import ChatFormat

MARKED = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' }}"
    "{% if message['role'] == 'assistant' %}{% generation %}{{ message['content'] + '<|im_end|>' }}"
    "{% endgeneration %}{{ '\n' }}{% else %}{{ message['content'] + '<|im_end|>\n' }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
CALL = {"id": "c1", "type": "function", "function": {"name": "find_bay", "arguments": '{"bay":4}'}}


def _pairs(count: int, start: int, question: str = "hello") -> list[dict[str, Any]]:
    return [
        {
            "row_id": f"bbbbbbbbbbbb:{start + i}",
            "messages": [
                {"role": "user", "content": f"{question} {start + i}"},
                {"role": "assistant", "content": "good day"},
            ],
            "rejected": [{"role": "assistant", "content": "no no no"}],
        }
        for i in range(count)
    ]


@pytest.fixture
def run_script(monkeypatch, tmp_path: Path):
    """A function that exports and runs train.py for two updates; it gives the trainer and the adapter's folder."""
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")

    def run(out: Path, to: str, model: Path, *more: str, changes: tuple[str, ...] = ()) -> tuple[Any, Path]:
        import trl

        seen: list[Any] = []
        for name in ("SFTTrainer", "DPOTrainer", "KTOTrainer"):
            monkeypatch.setattr(trl, name, _watched(getattr(trl, name), seen))
        result = export(out, to=to, changes=changes)
        script = Path(result.folder) / "train.py"
        adapter = tmp_path / "adapter"
        arguments = ["--model", str(model), "--max-steps", "2", "--output", str(adapter), *more]
        monkeypatch.setattr(sys, "argv", [str(script), *arguments])
        runpy.run_path(str(script), run_name="__main__")
        return seen[0], adapter

    return run


def _watched(trainer: Any, seen: list[Any]) -> Any:
    """The trainer's class, whose objects can be looked at after the script has ended."""

    class Watched(trainer):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            seen.append(self)

    return Watched


def _learnt(trainer: Any, row: int) -> str:
    """What a training row teaches, as text."""
    batch = trainer.data_collator([trainer.train_dataset[row]])
    labels = [int(i) for i in batch["labels"][0] if i != -100]
    return trainer.processing_class.decode(labels)


def _is_adapter(folder: Path) -> bool:
    return (folder / "adapter_model.safetensors").is_file() and (folder / "tokenizer.json").is_file()


def test_trl_learns_answers_where_the_template_has_no_marks(run_script, small_out, tiny_folder) -> None:
    (small_out / "tuneset.yaml").write_text("seed: 5\ntrain: {rank: 4, batch_size: 8, learning_rate: 0.01}\n")
    trainer, adapter = run_script(small_out, "trl", tiny_folder)
    assert _is_adapter(adapter)
    assert trainer.state.global_step == 2
    args = trainer.args
    assert (args.learning_rate, args.seed, args.per_device_train_batch_size) == (0.01, 5, 8)
    assert trainer.model.peft_config["default"].r == 4
    assert trainer.model.peft_config["default"].lora_alpha == 8
    assert not args.assistant_only_loss
    assert _learnt(trainer, 0) == "ok then<|im_end|>"


@pytest.mark.slow
def test_trl_masks_by_itself_where_the_template_is_marked(
    run_script, small_out, tiny_folder, tmp_path
) -> None:
    marked = Path(shutil.copytree(tiny_folder, tmp_path / "marked"))
    (marked / "chat_template.jinja").write_text(MARKED)
    trainer, _ = run_script(small_out, "trl", marked)
    assert trainer.args.assistant_only_loss
    assert _learnt(trainer, 0) == "ok then<|im_end|>"


@pytest.mark.slow
def test_trl_prompt_learns_the_completion_alone(run_script, frozen, tmp_path, tiny_folder) -> None:
    turns = [
        {"role": "user", "content": "hello"},
        {"role": "assistant", "content": "good day", "weight": 0.0},
        {"role": "user", "content": "what is your name"},
        {"role": "assistant", "content": "ok then"},
    ]
    rows = [{"row_id": f"aaaaaaaaaaaa:{i}", "messages": turns} for i in range(1, 9)]
    frozen.freeze(tmp_path / "out", {"train": rows})
    trainer, adapter = run_script(tmp_path / "out", "trl-prompt", tiny_folder)
    assert _is_adapter(adapter)
    assert trainer.eval_dataset is None
    assert _learnt(trainer, 0).strip() == "ok then<|im_end|>"


@pytest.mark.slow
def test_trl_dpo_prefers_the_chosen_answer(run_script, frozen, tmp_path, tiny_folder) -> None:
    frozen.freeze(
        tmp_path / "out", {"train": _pairs(12, 1), "validation": _pairs(4, 50, "what is your name")}
    )
    trainer, adapter = run_script(tmp_path / "out", "trl-dpo", tiny_folder)
    assert _is_adapter(adapter)
    row = trainer.train_dataset[0]
    decode = trainer.processing_class.decode
    assert decode(row["chosen_ids"]).strip() == "good day<|im_end|>"
    assert decode(row["rejected_ids"]).strip() == "no no no<|im_end|>"
    assert trainer.args.learning_rate == 5e-6


@pytest.mark.slow
def test_trl_kto_gets_each_pair_as_two_rows(run_script, frozen, tmp_path, tiny_folder) -> None:
    """Twelve pairs and six bad answers: 12 good and 18 bad rows, so a good one counts 1.5 times."""
    bad = [
        {
            "row_id": f"cccccccccccc:{i}",
            "messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "two two"}],
            "label": False,
        }
        for i in range(6)
    ]
    frozen.freeze(
        tmp_path / "out", {"train": [*_pairs(12, 1), *bad], "validation": _pairs(4, 50, "what is your name")}
    )
    trainer, adapter = run_script(tmp_path / "out", "trl-kto", tiny_folder)
    assert _is_adapter(adapter)
    assert sorted(trainer.train_dataset["label"]) == [False] * 18 + [True] * 12
    assert (trainer.args.desirable_weight, trainer.args.undesirable_weight) == (1.5, 1.0)


@pytest.mark.slow
def test_rows_that_are_too_long_end_the_run_or_are_left_out(
    run_script, frozen, tmp_path, tiny_folder
) -> None:
    rows = [*frozen.rows(8, 0), *frozen.rows(1, 50, answer="yes no " * 30)]
    out = tmp_path / "out"
    longer = frozen.rows(1, 70, answer="yes no " * 30)
    frozen.freeze(out, {"train": rows, "validation": longer})
    (out / "tuneset.yaml").write_text("train: {max_length: 60}\n")
    with pytest.raises(SystemExit, match="1 rows of train have more than 60 tokens"):
        run_script(out, "trl", tiny_folder)
    (out / "tuneset.yaml").write_text("train: {max_length: 60, over_length: drop}\n")
    trainer, _ = run_script(out, "trl", tiny_folder)
    assert len(trainer.train_dataset) == 8
    assert trainer.eval_dataset is None  # its only row is too long
    (out / "tuneset.yaml").write_text("train: {max_length: 16, over_length: drop}\n")
    with pytest.raises(SystemExit, match="No row of train has at most 16 tokens"):
        run_script(out, "trl", tiny_folder)


SHOWS = {
    "HAS_TOOL_CALLS": "{{ m.tool_calls }}",
    "HAS_TOOLS": "{{ tools }}",
    "HAS_REASONING": "{{ m.reasoning_content }}",
    "HAS_CONTENT_BESIDE_CALLS": "",
}
HIDES = {"HAS_CONTENT_BESIDE_CALLS": "{% if not m.tool_calls %}{{ m.content }}{% endif %}"}


@pytest.mark.parametrize("name", SHOWS)
def test_a_template_that_hides_what_the_rows_have_ends_the_run(
    small_out, tiny_tokenizer, monkeypatch, name: str
) -> None:
    folder = Path(export(small_out, to="trl").folder)
    spec = importlib.util.spec_from_file_location("exported_train", folder / "train.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    tokenizer = copy.deepcopy(tiny_tokenizer)
    plain = "{% for m in messages %}" + HIDES.get(name, "{{ m.content }}") + "{% endfor %}"
    tokenizer.chat_template = plain
    module.check_template(tokenizer)
    monkeypatch.setattr(module, name, True)
    with pytest.raises(SystemExit, match="does not show"):
        module.check_template(tokenizer)
    tokenizer.chat_template = "{% for m in messages %}{{ m.content }}" + SHOWS[name] + "{% endfor %}"
    module.check_template(tokenizer)
    tokenizer.chat_template = None
    with pytest.raises(SystemExit, match="no chat template"):
        module.check_template(tokenizer)


def test_a_template_that_drops_tool_calls_ends_the_run(run_script, frozen, tmp_path, tiny_folder) -> None:
    turns = [{"role": "user", "content": "q"}, {"role": "assistant", "tool_calls": [CALL]}]
    row = {"row_id": "aaaaaaaaaaaa:1", "messages": turns, "tools": TOOLS}
    frozen.freeze(tmp_path / "out", {"train": [row]})
    with pytest.raises(SystemExit, match="does not show calls"):
        run_script(tmp_path / "out", "trl", tiny_folder)


def test_the_labels_of_the_script_are_those_of_the_trainer(small_out, tiny_folder) -> None:
    """`labelled` against the mask of tuneset's own trainer, on conversations of several turns."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tiny_folder)
    folder = Path(export(small_out, to="trl").folder)
    labelled = runpy.run_path(str(folder / "train.py"))["labelled"]
    turns = [
        {"role": "system", "content": "Be kind"},
        {"role": "user", "content": "hello there"},
        {"role": "assistant", "content": "\ngood day"},
        {"role": "user", "content": "one two"},
        {"role": "assistant", "content": " three  "},
    ]
    expected = ChatFormat(tokenizer, [tokenizer.eos_token_id]).tokenize(turns)
    found = labelled({"messages": turns}, tokenizer)
    n = len(expected.input_ids)
    assert found["input_ids"][:n] == expected.input_ids
    assert found["labels"][:n] == expected.labels
    assert set(found["labels"][n:]) <= {-100}


@pytest.mark.parametrize("name", ['v"1', "v1\\", "{v}"])
def test_names_cannot_break_out_of_the_script(name: str) -> None:
    from tuneset.curate.export.scripts.trl import script
    from tuneset.curate.export.sidecars import Exported
    from tuneset.schemas.recipe import TrainOptions

    base = 'org/"; import os #\n'
    told = Exported("trl", name, Path("/x"), {"train": 1}, {}, TrainOptions(base=base))
    tree = ast.parse(script(told, "sft"))
    values = {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }
    assert values["MODEL"] == base
    assert "os" not in {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}


ASK = {"role": "user", "content": "Where is bay 4?"}
CALLS = {"role": "assistant", "tool_calls": [CALL]}
RESULT = {"role": "tool", "tool_call_id": "c1", "name": "find_bay", "content": "north"}
END = {"role": "assistant", "content": "North dock."}
TOOLS = [{"type": "function", "function": {"name": "find_bay", "parameters": {"type": "object"}}}]
CALL_TEXT = '<tool_call>\n{"name": "find_bay", "arguments": {"bay": 4}}\n</tool_call><|im_end|>'
TOOL_ROWS: dict[str, tuple[dict[str, Any], str]] = {
    "trl": ({"messages": [ASK, CALLS, RESULT, END]}, f"{CALL_TEXT}North dock.<|im_end|>"),
    "trl-prompt": ({"messages": [ASK, {**CALLS, "weight": 0.0}, RESULT, END]}, "North dock.<|im_end|>"),
    "trl-dpo": ({"messages": [ASK, CALLS], "rejected": [END]}, CALL_TEXT),
    "trl-kto": ({"messages": [ASK, CALLS, RESULT, END], "label": True}, "North dock.<|im_end|>"),
}


@pytest.fixture
def tool_model(tiny_folder, tmp_path: Path) -> Path:
    """The tiny model with Qwen 2.5's chat template, and room for it."""
    trl = pytest.importorskip("trl")
    folder = Path(shutil.copytree(tiny_folder, tmp_path / "tools"))
    template = Path(trl.__file__).parent / "chat_templates/qwen2_5.jinja"
    shutil.copy(template, folder / "chat_template.jinja")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "max_position_embeddings": 2048}))
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("to", TOOL_ROWS)
def test_rows_with_tools_are_learnt_beside_rows_without(run_script, frozen, tmp_path, tool_model, to) -> None:
    row, learnt = TOOL_ROWS[to]
    plain = {"messages": [ASK, END], **{k: v for k, v in row.items() if k in ("rejected", "label")}}
    rows = [plain, {**row, "tools": TOOLS}, plain, plain]
    named = [{"row_id": f"dddddddddddd:{i}", **told} for i, told in enumerate(rows, start=1)]
    frozen.freeze(tmp_path / "out", {"train": named})
    trainer, _ = run_script(tmp_path / "out", to, tool_model)
    decode = trainer.processing_class.decode
    told = max(trainer.train_dataset, key=lambda r: sum(len(v) for v in r.values() if isinstance(v, list)))
    tokens = next(told[k] for k in ("chosen_ids", "completion_ids", "labels") if k in told)
    text = decode([t for t in tokens if t != -100])
    assert text.replace("\n", "") == learnt.replace("\n", "")  # templates learn line ends or not
