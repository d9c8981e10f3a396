from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tuneset.curate.export.settings import estimated_width, training_settings
from tuneset.curate.export.shape import text_size
from tuneset.curate.export.sidecars import Exported
from tuneset.schemas.recipe import TrainOptions


def exported(train: dict[str, Any] | None = None, **more: Any) -> Exported:
    given = train or {}
    values: dict[str, Any] = {
        "target": "trl",
        "version": "v1",
        "folder": Path("/data/out"),
        "rows": {"train": 320, "validation": 40},
        "files": {"train": "train.jsonl", "validation": "validation.jsonl"},
        "train": TrainOptions.model_validate(given),
        "given": frozenset(given),
        "longest": 900,
    }
    return Exported(**{**values, **more})


def test_defaults_of_the_recipe_and_what_follows_from_them() -> None:
    """320 rows in batches of 16 are 20 updates an epoch, 60 in three; 5 % of them are 3."""
    settings = training_settings(exported())
    assert dict(settings) == {
        "base": "HuggingFaceTB/SmolLM2-135M-Instruct",
        "method": "lora",
        "rank": 16,
        "batch_size": 16,
        "patience": 3,
        "over_length": "error",
        "alpha": 32,
        "epochs": 3,
        "steps": 60,
        "longest": 300,  # 900 bytes, 3 a token
        "max_length": 1216,  # 900 bytes and 256 tokens of the template, to the next multiple of 64
        "micro_batch": 16,  # 16 x 300 tokens are fewer than 32,768
        "accumulation": 1,
        "learning_rate": 2.0e-3,  # 7.5e-4 x (2000 / 576) ** 0.781, as in tests/train/test_settings.py
        "warmup_steps": 3,
        "schedule": "cosine",
        "packing": False,
        "evaluate_every": 6,  # 15 % of 960 rows pay for 144, three times as many measured: 432 / 40 = 10
        "seed": 13,
    }
    assert {s.origin for s in settings.origins.values()} == {"default", "derived"}


def test_what_the_recipe_states_is_given() -> None:
    stated = {
        "base": "org/model",
        "rank": 8,
        "learning_rate": 1e-4,
        "epochs": 2,
        "batch_size": 4,
        "max_length": 512,
        "over_length": "drop",
        "patience": 1,
    }
    settings = training_settings(exported(stated, seed=7))
    assert {name: settings[name] for name in stated} == stated
    assert {settings.origins[name].origin for name in [*stated, "seed"]} == {"given"}


def test_a_default_that_the_recipe_writes_out_is_still_a_default() -> None:
    written = TrainOptions().model_dump()
    settings = training_settings(exported(written), "dpo")
    assert "given" not in {s.origin for s in settings.origins.values()}
    assert settings["epochs"] == 1


def test_a_batch_that_does_not_fit_one_pass_is_accumulated() -> None:
    """10,000 tokens a row: three fit 32,768; of the divisors of 16 that leaves 2."""
    settings = training_settings(exported(longest=30_000))
    assert (settings["micro_batch"], settings["accumulation"]) == (2, 8)
    assert settings["max_length"] == 8192
    assert settings.origins["max_length"].why == "the model's limit"


def test_without_validation_rows_there_is_nothing_to_stop_early_on() -> None:
    settings = training_settings(exported(rows={"train": 5}))
    assert settings["evaluate_every"] is None
    assert settings["steps"] == 3


def test_kto_compares_the_rows_of_a_pass() -> None:
    """Nine rows an update of which one fits a pass: three is the next divisor; a batch of one becomes two."""
    nine = training_settings(exported({"batch_size": 9}, longest=90_000), "kto")
    assert (nine["micro_batch"], nine["accumulation"]) == (3, 3)
    one = training_settings(exported({"batch_size": 1}), "kto")
    assert (one["micro_batch"], one["accumulation"]) == (2, 1)


def test_preferences_are_learnt_slowly_and_once() -> None:
    settings = training_settings(exported(), "dpo")
    assert (settings["learning_rate"], settings["epochs"], settings["steps"]) == (5e-6, 1, 20)
    stated = training_settings(exported({"learning_rate": 1e-5, "epochs": 2}), "kto")
    assert (stated["learning_rate"], stated["epochs"]) == (1e-5, 2)


# by hand: (8e9 x 128 / 12) ** (1/3) = 4402, the nearest multiple of 64 is 4416; Llama 3.1 8B has 4096
@pytest.mark.parametrize(
    ("name", "width"),
    [
        ("meta-llama/Llama-3.1-8B-Instruct", 4416),
        ("Qwen/Qwen2.5-0.5B", 1728),
        ("org/tiny-135m", 1152),
        ("org/phi-4", None),
        ("8B/model", None),
        ("org/gemma-3b4", None),
    ],
)
def test_the_width_is_estimated_from_the_name(name: str, width: int | None) -> None:
    assert estimated_width(name) == width


def test_the_rate_of_an_unknown_base_says_what_it_rests_on() -> None:
    """5e-4 x (2000 / 4416) ** 0.781 = 5e-4 x 0.539 = 2.7e-4; 1,600 rows are 300 updates."""
    rows = {"train": 1600}
    named = training_settings(exported({"base": "meta-llama/Llama-3.1-8B-Instruct"}, rows=rows))
    assert named["learning_rate"] == 2.7e-4
    assert "estimated" in named.origins["learning_rate"].note
    unknown = training_settings(exported({"base": "org/model"}, rows=rows))
    assert unknown["learning_rate"] == 2e-4
    assert unknown.origins["learning_rate"].origin == "default"
    qwen = training_settings(exported({"base": "Qwen/Qwen3-8B"}, rows=rows))
    assert qwen["learning_rate"] == 4.7e-4  # 5e-4 x (2000 / 4416) ** 0.0775 = 5e-4 x 0.9405


def test_the_size_of_a_row_counts_bytes_of_every_part() -> None:
    turns = [{"role": "user", "content": "für"}, {"role": "assistant", "content": "ok", "weight": 1.0}]
    assert text_size({"messages": turns}) == 32 * 2 + 4 + 2
    pair = {"messages": turns, "rejected": [{"role": "assistant", "content": "nein"}], "tools": [1]}
    assert text_size(pair) == 32 * 3 + 4 + 2 + 4 + 3
    call = {"role": "assistant", "tool_calls": [0], "reasoning_content": "hm"}
    assert text_size({"messages": [call]}) == 32 + 3 + 2
