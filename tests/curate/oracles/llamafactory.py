"""LLaMA-Factory 0.9.5 itself: its data set list, converters, templates and processors decide.

    pip install --no-deps llamafactory==0.9.5 omegaconf antlr4-python3-runtime==4.9.3

`torchaudio` is a stand-in: it is imported for sound files alone.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import json
import os
import runpy
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

tiny_tokenizer = runpy.run_path(str(Path(__file__).with_name("tiny.py")))["tiny_tokenizer"]

STAGES = {
    "llamafactory": "sft",
    "llamafactory-last": "sft",
    "llamafactory-dpo": "rm",
    "llamafactory-kto": "kto",
}


def prepare() -> None:
    """Let the tool be imported beside other versions of what it pins, and without torchaudio."""
    os.environ["DISABLE_VERSION_CHECK"] = "1"
    os.environ.setdefault("LLAMAFACTORY_VERBOSITY", "ERROR")
    if "torchaudio" not in sys.modules and importlib.util.find_spec("torchaudio") is None:
        stand_in = types.ModuleType("torchaudio")
        stand_in.__spec__ = importlib.machinery.ModuleSpec("torchaudio", None)
        sys.modules["torchaudio"] = stand_in


def encoder(
    stage: str, info: dict[str, Any], template: str = "chatml", *, mask_history: bool = False
) -> Callable[[dict[str, Any]], Any]:
    """A function from one row to the model's inputs, which are missing where the row is skipped.

    Args:
        stage: `sft`, `rm` or `kto`.
        info: The entry of a data set in `dataset_info.json`.
        template: A name in LLaMA-Factory's TEMPLATES.
        mask_history: Whether only the last answer is trained on.
    """
    prepare()
    from llamafactory.data.converter import get_dataset_converter
    from llamafactory.data.loader import _get_dataset_processor
    from llamafactory.data.parser import get_dataset_list
    from llamafactory.data.template import get_template_and_fix_tokenizer
    from llamafactory.hparams.data_args import DataArguments

    data_args = DataArguments(template=template, cutoff_len=1 << 20, mask_history=mask_history)
    tokenizer = tiny_tokenizer()
    made = get_template_and_fix_tokenizer(tokenizer, data_args)
    [attributes] = get_dataset_list(["data"], {"data": info})
    convert = get_dataset_converter(attributes.formatting, attributes, data_args)
    processor = _get_dataset_processor(data_args, stage, made, tokenizer, None)

    def encode(row: dict[str, Any]) -> Any:
        aligned = {name: [value] for name, value in convert(row).items()}
        encoded = processor.preprocess_dataset(aligned)
        return {**{name: values[0] for name, values in encoded.items()}, "tokenizer": tokenizer}

    return encode


def accepts(target_name: str, rows: list[dict[str, Any]], template: str = "chatml") -> list[str | None]:
    """Why LLaMA-Factory skips or cannot read each row; None where it is trained on.

    Raises:
        ImportError: It is not installed.
    """
    from tuneset.curate.export.scripts.llamafactory import dataset_info

    told = exported(target_name)
    objective = {"sft": "sft", "rm": "dpo", "kto": "kto"}[STAGES[target_name]]
    info = json.loads(dataset_info(told, objective))["tuneset_train"]
    last_alone = target_name == "llamafactory-last"
    encode = encoder(STAGES[target_name], info, template, mask_history=last_alone)
    return [_verdict(encode, row) for row in rows]


def exported(target_name: str) -> Any:
    """What an export of two rows tells its sidecars."""
    from tuneset.curate.export.sidecars import Exported
    from tuneset.schemas.recipe import TrainOptions

    files = {"train": "train.jsonl", "validation": "validation.jsonl"}
    rows = {"train": 1, "validation": 1}
    return Exported(target_name, "v1", Path("/nowhere"), rows, files, TrainOptions(), longest=100)


def _verdict(encode: Callable[[dict[str, Any]], Any], row: dict[str, Any]) -> str | None:
    try:
        encoded = encode(row)
    except Exception as error:  # noqa: BLE001 - whatever it raises is its verdict
        return f"{type(error).__name__}: {error}"
    labels = encoded.get("labels") or encoded.get("chosen_labels")
    if labels is None:
        return "skipped as invalid"
    return None if any(label != -100 for label in labels) else "nothing is trained on"
