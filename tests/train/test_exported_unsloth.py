"""The script for Unsloth: its calls against Unsloth's signatures, and a run where Unsloth is installed.

Unsloth takes other versions of TRL and datasets than this project, so it needs a Python of its own:
TUNESET_UNSLOTH_PYTHON names one. Without a GPU, Unsloth trains on the CPU.
"""

from __future__ import annotations

import ast
import os
import subprocess
from pathlib import Path

import pytest
from tuneset.curate.export import export

SIGNATURES = {
    "from_pretrained": {"model_name", "max_seq_length", "dtype", "load_in_4bit"},
    "get_peft_model": {
        "r", "target_modules", "lora_alpha", "lora_dropout", "bias", "use_gradient_checkpointing", "random_state",
    },
    "get_chat_template": {"chat_template"},
    "train_on_responses_only": set(),
}  # fmt: skip
"""Keywords of unsloth 2026.10.9: models/loader.py, models/llama.py, chat_templates.py, read 2026-11."""


def test_the_script_calls_unsloth_as_its_signatures_say(small_out) -> None:
    tree = ast.parse((Path(export(small_out, to="unsloth").folder) / "train.py").read_text())
    used: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            owner = getattr(getattr(node.func, "value", None), "id", "FastLanguageModel")
            if name in SIGNATURES and owner == "FastLanguageModel":
                used[name] = {keyword.arg for keyword in node.keywords if keyword.arg}
    assert used == SIGNATURES
    first = next(node for node in tree.body if isinstance(node, ast.ImportFrom))
    assert first.module == "unsloth"  # it changes TRL and transformers, so they come later


@pytest.mark.slow
def test_unsloth_trains_on_the_folder(small_out, tiny_folder, tmp_path) -> None:
    python = os.environ.get("TUNESET_UNSLOTH_PYTHON")
    if not python:
        pytest.skip("TUNESET_UNSLOTH_PYTHON names no Python that has Unsloth")
    (small_out / "tuneset.yaml").write_text("train: {batch_size: 8, rank: 4}\n")
    script = Path(export(small_out, to="unsloth").folder) / "train.py"
    adapter = tmp_path / "adapter"
    command = [python, str(script), "--model", str(tiny_folder), "--max-steps", "2", "--output", str(adapter)]
    places = {"HF_DATASETS_CACHE": str(tmp_path / "cache"), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        command, env={**os.environ, **places}, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert (adapter / "adapter_model.safetensors").is_file()
    assert "'epoch': '0.6667'" in done.stdout
