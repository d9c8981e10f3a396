from __future__ import annotations

import pytest
from tuneset.schemas.errors import RecipeError
from tuneset.schemas.recipe import TrainOptions
from tuneset.schemas.training_rules import derive_learning_rate
from tuneset.train.settings import Shape, read_options, resolve_settings


def shape(**more) -> Shape:
    values = {
        "train_rows": 160,
        "validation_rows": 10,
        "longest": 80,
        "hidden_size": 2000,
        "family": "llama",
        "layers": 10,
        "on_cpu": True,
        "free_bytes": 0,
    }
    return Shape(**{**values, **more})


# 5e-4 (7.5e-4 under 100 steps) x (2000 / width) ** power, by hand: 3.4722 ** 0.781 = 2.644;
# 0.48828 ** 0.781 = 0.5712; 2.2321 ** 0.0775 = 1.0642
@pytest.mark.parametrize(
    ("width", "family", "steps", "rate"),
    [
        (2000, "llama", 100, 5e-4),
        (576, "llama", 100, 1.3e-3),
        (576, "llama", 99, 2.0e-3),
        (4096, "llama", 5000, 2.9e-4),
        (896, "qwen2", 5000, 5.3e-4),
    ],
)
def test_learning_rate_follows_width_and_length(width, family, steps, rate):
    assert derive_learning_rate(width, family, steps)[0] == pytest.approx(rate, rel=1e-6)


def test_every_setting_tells_where_it_comes_from(tmp_path):
    (tmp_path / "tuneset.yaml").write_text("seed: 5\ntrain: {rank: 8, batch_size: 4}\n")
    options, seed, given = read_options(tmp_path, epochs=2)
    settings = resolve_settings(options, seed, given, shape())
    origins = {name: s.origin for name, s in settings.origins.items()}
    assert origins["rank"] == origins["batch_size"] == origins["epochs"] == origins["seed"] == "given"
    assert origins["patience"] == origins["method"] == "default"
    assert origins["learning_rate"] == origins["steps"] == "derived"
    assert (settings["rank"], settings["epochs"], settings["seed"]) == (8, 2, 5)
    assert settings["steps"] == 80  # 160 rows / 4 x 2
    assert settings["warmup_steps"] == 4


def test_resolved_recipe_with_defaults_written_out_gives_no_setting(tmp_path):
    from tuneset.schemas.recipe import Recipe

    text = "train: " + str(Recipe().train.model_dump()).replace("None", "null").replace("'", '"')
    (tmp_path / "tuneset.yaml").write_text(text)
    assert read_options(tmp_path)[2] == frozenset()


def test_call_wins_over_recipe(tmp_path):
    (tmp_path / "tuneset.yaml").write_text("train: {epochs: 5}\n")
    assert read_options(tmp_path, epochs=1)[0].epochs == 1
    assert read_options(tmp_path)[0].epochs == 5


def test_wrong_values_are_named(tmp_path):
    with pytest.raises(RecipeError, match="epochs is -1"):
        read_options(tmp_path, epochs=-1)
    with pytest.raises(RecipeError, match="'lroa'") as error:
        read_options(tmp_path, method="lroa")
    assert "lora" in error.value.fix
    (tmp_path / "tuneset.yaml").write_text("train: {rnak: 3}\n")
    with pytest.raises(RecipeError, match="rnak"):
        read_options(tmp_path)


def settings_for(**more):
    return resolve_settings(TrainOptions(), 13, frozenset(), shape(**more))


def test_evaluations_are_about_ten_and_cost_little():
    settings = settings_for()  # 30 steps; ten validation rows are cheap
    assert settings["evaluate_every"] == 3
    # 0.15 x 160 x 3 / (80 / 3) = 2.7 affordable, but one an epoch at least
    assert settings_for(validation_rows=80)["evaluate_every"] == 10


def test_no_validation_rows_means_no_evaluation():
    assert settings_for(validation_rows=0)["evaluate_every"] is None


@pytest.mark.parametrize(
    ("longest", "micro"), [(80, 16), (256, 16), (257, 8), (1000, 4), (4096, 1), (9000, 1)]
)
def test_micro_batch_fits_the_token_budget_and_divides_the_batch(longest, micro):
    assert settings_for(longest=longest)["micro_batch"] == micro


def test_activations_are_recomputed_only_where_memory_is_short():
    # 16 rows x 80 tokens x 10 layers x 2000 x 80 bytes = 2.05e9
    assert settings_for()["activation_checkpointing"] is False  # never on a CPU
    assert settings_for(on_cpu=False, free_bytes=4_000_000_000)["activation_checkpointing"] is True
    assert settings_for(on_cpu=False, free_bytes=5_000_000_000)["activation_checkpointing"] is False
