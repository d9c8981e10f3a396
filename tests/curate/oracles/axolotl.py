"""Axolotl 0.19.0 itself: its config validation, loader and prompt strategies decide.

    pip install --no-deps axolotl==0.19.0 addict colorama fire

`posthog` (telemetry) and `numba` (sample packing) are stand-ins where they are not installed: nothing here
sends or packs anything.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import json
import os
import runpy
import sys
import tempfile
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

tiny_tokenizer = runpy.run_path(str(Path(__file__).with_name("tiny.py")))["tiny_tokenizer"]


def prepare() -> None:
    """Let the tool be imported without telemetry and without a compiler."""
    os.environ["AXOLOTL_DO_NOT_TRACK"] = "1"
    os.environ["DO_NOT_TRACK"] = "1"
    for name in ("posthog", "numba"):
        if name not in sys.modules and importlib.util.find_spec(name) is None:
            stand_in = types.ModuleType(name)
            stand_in.__spec__ = importlib.machinery.ModuleSpec(name, None)
            stand_in.njit = lambda function: function  # pyright: ignore[reportAttributeAccessIssue]
            sys.modules[name] = stand_in


def validated(text: str) -> Any:
    """The config that Axolotl makes of an `axolotl.yaml`, validated as `axolotl train` does it.

    Raises:
        pydantic.ValidationError: It refuses the config.
    """
    prepare()
    import yaml
    from axolotl.utils.config import validate_config
    from axolotl.utils.dict import DictDefault

    capabilities = {"bf16": False, "fp8": False, "tf32": False, "n_gpu": 1, "compute_capability": None}
    return validate_config(DictDefault(yaml.safe_load(text)), capabilities, {"torch_version": "2.13.0"})


def encoder(text: str, tokenizer: Any = None) -> Callable[[dict[str, Any]], Any]:
    """A function from one loaded row to what Axolotl trains on.

    Args:
        text: An `axolotl.yaml`; its first data set says how rows are read.
        tokenizer: A fast tokenizer with a chat template.
    """
    cfg = validated(text)
    tokenizer = tokenizer or tiny_tokenizer()
    if cfg.rl is None:
        from axolotl.prompt_strategies import load

        return load(cfg.datasets[0].type, tokenizer, cfg, cfg.datasets[0]).tokenize_prompt
    if cfg.rl == "kto":
        from axolotl.prompt_strategies.kto import load as load_kto

        return load_kto(cfg.datasets[0].type, cfg, dataset_idx=0)
    from axolotl.prompt_strategies.dpo import load as load_dpo

    transform, _ = load_dpo(cfg.datasets[0].type, cfg, dataset_idx=0)
    return lambda row: transform(row, tokenizer=tokenizer)


def loaded(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows as Axolotl's loader gives them after Arrow made one type of each column."""
    prepare()
    from axolotl.utils.data.shared import load_dataset_with_config
    from axolotl.utils.dict import DictDefault

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train.jsonl"
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        config = DictDefault({"path": str(path), "ds_type": "json", "split": "train"})
        return list(load_dataset_with_config(config, use_auth_token=False))


def accepts(target_name: str, rows: list[dict[str, Any]]) -> list[str | None]:
    """Why Axolotl cannot read each row, or what it makes of it; None where the row is trained on as it is.

    Raises:
        ImportError: It is not installed.
    """
    from tuneset.curate.export.scripts.axolotl import axolotl_yaml

    objective = {"axolotl": "sft", "axolotl-dpo": "dpo", "axolotl-kto": "kto"}[target_name]
    encode = encoder(axolotl_yaml(exported(target_name), objective))  # pyright: ignore[reportArgumentType]
    try:
        read = loaded(rows) if rows else []
    except Exception as error:  # noqa: BLE001 - whatever it raises is its verdict
        return [f"the file does not load: {type(error).__name__}: {error}"] * len(rows)
    return [_verdict(encode, row) for row in read]


def exported(target_name: str) -> Any:
    """What an export of two rows tells its sidecars."""
    from tuneset.curate.export.sidecars import Exported
    from tuneset.schemas.recipe import TrainOptions

    files = {"train": "train.jsonl", "validation": "validation.jsonl"}
    rows = {"train": 1, "validation": 1}
    return Exported(target_name, "v1", Path("/nowhere"), rows, files, TrainOptions(), longest=100)


def _verdict(encode: Callable[[dict[str, Any]], Any], row: dict[str, Any]) -> str | None:
    wanted = {name: row[name]["content"] for name in ("chosen", "rejected") if name in row}
    if "completion" in row:
        wanted["completion"] = row["completion"][-1]["content"]
    try:
        encoded = encode(row)
    except Exception as error:  # noqa: BLE001 - whatever it raises is its verdict
        return f"{type(error).__name__}: {error}"
    if "labels" in encoded:
        return None if any(label != -100 for label in encoded["labels"]) else "nothing is trained on"
    lost = [name for name, text in wanted.items() if encoded[name] != f"{text}<|im_end|>"]
    return f"{', '.join(lost)}: the answer is not what is trained on" if lost else None
