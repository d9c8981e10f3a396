from __future__ import annotations

import json
import math
import random
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tuneset.schemas.errors import ModelError, RecipeError, VersionError, WorkspaceError
from tuneset.schemas.files import sha256_file
from tuneset.train import train
from tuneset.train.manifest import load_model_manifest

FOLDER = ["MODEL_CARD.md", "adapter", "manifest.json", "metrics.jsonl"]


def loaded_tiny(tiny_folder: Path) -> Any:
    import torch
    from tuneset.train.loading import load_base
    from tuneset.train.models import resolve

    return load_base(resolve(str(tiny_folder)), torch.device("cpu"), torch.float32)


def logits(model: Any, seed: int = 0) -> Any:
    import torch

    ids = torch.randint(5, 300, (2, 12), generator=torch.Generator().manual_seed(seed))
    with torch.inference_mode():
        return model(input_ids=ids).logits


def test_model_folder_is_complete_and_described(trained, tiny_folder):
    folder = trained / "models" / "run1"
    assert sorted(p.name for p in folder.iterdir()) == FOLDER
    assert sorted(p.name for p in (trained / "models").iterdir()) == ["run1"]
    manifest = load_model_manifest(trained, "run1")
    assert manifest.data.version == "v1"
    assert manifest.data.row_ids == [f"aaaaaaaaaaaa:{i}" for i in range(24)]
    assert manifest.data.manifest_sha256 == sha256_file(trained / "versions" / "v1" / "manifest.json")
    assert manifest.base.files["model.safetensors"] == sha256_file(tiny_folder / "model.safetensors")
    assert {name: s["origin"] for name, s in manifest.settings.items()} | {"epochs": "given"} == {
        **{name: s["origin"] for name, s in manifest.settings.items()},
        "epochs": "given",
        "learning_rate": "given",
        "batch_size": "given",
        "seed": "given",
        "rank": "default",
        "steps": "derived",
    }
    for name, digest in manifest.files.items():
        assert sha256_file(folder / name) == digest
    assert manifest.outcome.trainable_parameters > 0
    # Eight rows an update; a row is fed once an epoch, so 24 rows' tokens for every three updates.
    per_epoch = manifest.data.splits["train"]["tokens"]
    assert manifest.outcome.tokens == per_epoch * manifest.outcome.steps // 3


def test_metrics_start_at_the_base_and_end_below_it(trained):
    lines = [json.loads(line) for line in (trained / "models/run1/metrics.jsonl").read_text().splitlines()]
    assert lines[0]["step"] == 0
    outcome = load_model_manifest(trained, "run1").outcome
    assert outcome.base_validation_loss == lines[0]["validation_loss"]
    losses = {line["step"]: line["validation_loss"] for line in lines if "validation_loss" in line}
    assert outcome.validation_loss == min(losses.values())
    assert outcome.best_step == min(losses, key=lambda step: losses[step])
    assert outcome.validation_loss < 0.5 * outcome.base_validation_loss


def test_base_validation_loss_is_that_of_the_plain_model(trained, tiny_folder):
    """Oracle: full logits of one unpadded row at a time, in float32."""
    import torch

    loaded = loaded_tiny(tiny_folder)
    nats, count = 0.0, 0
    from tuneset.train import load_version

    for row in load_version(trained).rows["validation"]:
        tokens = loaded.chat.tokenize(row.messages)
        with torch.inference_mode():
            scores = torch.log_softmax(
                loaded.model(input_ids=torch.tensor([tokens.input_ids])).logits[0], dim=-1
            )
        for position, label in enumerate(tokens.labels):
            if label != -100:
                nats -= float(scores[position - 1, label])
                count += 1
    assert load_model_manifest(trained, "run1").outcome.base_validation_loss == pytest.approx(
        nats / count, rel=0.02
    )


def test_kept_weights_are_the_best_ones(trained, tiny_folder):
    import torch
    from tuneset.train import load_version
    from tuneset.train.generate import ask
    from tuneset.train.loading import load_adapter
    from tuneset.train.questions import make_questions

    loaded = loaded_tiny(tiny_folder)
    _, questions = make_questions(
        load_version(trained).rows["validation"], loaded.chat, limit=loaded.limit, seen=frozenset()
    )
    model = load_adapter(loaded, trained / "models/run1/adapter")
    with torch.autocast("cpu", dtype=torch.bfloat16):
        answers = ask(
            model,
            loaded,
            [q.prompt_ids for q in questions],
            [q.reference_ids for q in questions],
            max_new_tokens=1,
        )
    loss = sum(a.reference_loss for a in answers) / len(answers)  # references of equal length
    assert loss == pytest.approx(load_model_manifest(trained, "run1").outcome.validation_loss, rel=0.05)


def test_adapter_switched_off_is_exactly_the_base(trained, tiny_folder):
    from tuneset.train.loading import load_adapter

    plain = logits(loaded_tiny(tiny_folder).model)
    model = load_adapter(loaded_tiny(tiny_folder), trained / "models/run1/adapter")
    assert not (logits(model) == plain).all()
    with model.disable_adapter():
        assert (logits(model) == plain).all()


def test_same_seed_gives_the_same_adapter(small_out, tiny_folder):
    (small_out / "tuneset.yaml").write_text("train: {batch_size: 8}\n")
    first, second = (train(small_out, base=str(tiny_folder), epochs=1, name=name) for name in ("a", "b"))
    name = "adapter/adapter_model.safetensors"
    assert first.manifest.files[name] == second.manifest.files[name]
    (small_out / "tuneset.yaml").write_text("seed: 14\ntrain: {batch_size: 8}\n")
    third = train(small_out, base=str(tiny_folder), epochs=1, name="c")
    assert third.manifest.files[name] != first.manifest.files[name]


def test_taken_name_is_refused_before_any_work(trained):
    with pytest.raises(WorkspaceError, match="'run1' is taken") as error:
        train(trained, base="no such model", name="run1")
    assert "--name" in error.value.fix


def test_without_validation_rows_the_last_step_is_kept(tmp_path, tiny_folder, frozen):
    frozen.freeze(tmp_path, {"train": frozen.rows(8, 0), "test": frozen.rows(2, 50)})
    outcome = train(tmp_path, base=str(tiny_folder), epochs=1).manifest.outcome
    assert (outcome.best_step, outcome.validation_loss, outcome.stopped) == (outcome.steps, None, "finished")


def test_accumulated_micro_batches_are_the_same_update(tmp_path, tiny_folder, frozen, monkeypatch):
    from tuneset.train import settings

    losses = []
    for name, budget in (("whole", 4096), ("parts", 100)):
        out = tmp_path / name
        frozen.freeze(out, {"train": frozen.rows(16, 0)})
        monkeypatch.setattr(settings, "CPU_TOKENS_A_STEP", budget)
        result = train(out, base=str(tiny_folder), epochs=1)
        losses.append(result.manifest.outcome.train_loss)
    assert losses[0] == pytest.approx(losses[1], rel=1e-3)


def test_early_stopping_restores_an_earlier_step(tmp_path, tiny_folder, frozen):
    # Validation wants the contrary of what training teaches, so its loss soon rises.
    splits = {"train": frozen.rows(32, 0, "yes yes"), "validation": frozen.rows(4, 100, "no no no no")}
    frozen.freeze(tmp_path, splits)
    (tmp_path / "tuneset.yaml").write_text("train: {learning_rate: 0.05, batch_size: 8, patience: 1}\n")
    outcome = train(tmp_path, base=str(tiny_folder), epochs=10).manifest.outcome
    assert outcome.stopped == "early_stopping"
    assert outcome.best_step < outcome.steps < 40


def test_unusable_rows_are_counted_and_never_trained_on(tmp_path, tiny_folder, frozen):
    rows = frozen.rows(8, 0)
    rows[2]["label"] = False
    rows[3]["rejected"] = [{"role": "assistant", "content": "no"}]
    frozen.freeze(tmp_path, {"train": rows})
    notes: list[str] = []
    manifest = train(tmp_path, base=str(tiny_folder), epochs=1, progress=notes.append).manifest
    assert manifest.data.splits["train"]["left_out"] == {
        "label_false": ["aaaaaaaaaaaa:2"],
        "preference_row": ["aaaaaaaaaaaa:3"],
    }
    assert not {"aaaaaaaaaaaa:2", "aaaaaaaaaaaa:3"} & set(manifest.data.row_ids)
    assert any("marked the answer as bad: aaaaaaaaaaaa:2" in note for note in notes)


def test_nothing_to_learn_is_an_error(tmp_path, tiny_folder, frozen):
    rows = frozen.rows(2, 0)
    for row in rows:
        row["label"] = False
    frozen.freeze(tmp_path, {"train": rows})
    with pytest.raises(VersionError, match="no training row"):
        train(tmp_path, base=str(tiny_folder))


def test_max_length_beyond_the_model_is_refused(small_out, tiny_folder):
    (small_out / "tuneset.yaml").write_text("train: {max_length: 1000}\n")
    with pytest.raises(RecipeError, match="reads at most 256 tokens"):
        train(small_out, base=str(tiny_folder))


@pytest.mark.parametrize("failure", [KeyboardInterrupt, SystemExit, RuntimeError])
def test_broken_off_training_leaves_no_model(small_out, tiny_folder, monkeypatch, failure):
    from tuneset.train import trainer

    def breaks(*_args, **_kwargs):
        raise failure

    monkeypatch.setattr(trainer.ChatTrainer, "compute_loss", breaks)
    with pytest.raises(failure):
        train(small_out, base=str(tiny_folder), name="run1")
    assert list((small_out / "models").iterdir()) == []


@pytest.mark.slow
def test_killed_training_leaves_nothing_under_the_name_and_can_be_repeated(small_out, tiny_folder):
    code = (
        "import os, sys, signal\n"
        "from tuneset.train import train, trainer\n"
        "real = trainer.ChatTrainer.evaluation_loop\n"
        "def kill(self, *a, **k):\n"
        "    if self.state.global_step: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return real(self, *a, **k)\n"
        "trainer.ChatTrainer.evaluation_loop = kill\n"
        "train(sys.argv[1], base=sys.argv[2], epochs=2)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(small_out), str(tiny_folder)], capture_output=True, check=False
    )
    assert done.returncode == -9
    assert not (small_out / "models" / "run1").exists()
    assert (small_out / "models" / ".run1.tmp").is_dir()
    train(small_out, base=str(tiny_folder), epochs=1)
    assert sorted(p.name for p in (small_out / "models").iterdir()) == ["run1"]


def test_two_processes_cannot_make_one_model(tmp_path):
    from tuneset.train.claim import building

    final = tmp_path / "models" / "run1"
    with (
        building(final, replace=False),
        pytest.raises(WorkspaceError, match="another process"),
        building(final, replace=False),
    ):
        pass
    assert final.is_dir()


def test_diverging_loss_stops_with_a_message(tmp_path):
    from tuneset.train.watch import Watch

    watch, control = (
        Watch(tmp_path / "m.jsonl", lambda _line: None),
        SimpleNamespace(should_training_stop=False),
    )
    for step, loss in enumerate([2.0, 4.9, 5.1, 4.0, 5.1, 5.2], start=1):
        watch.on_log(
            None, SimpleNamespace(global_step=step, epoch=0.1, max_steps=10), control, {"loss": loss}
        )
    assert not control.should_training_stop  # two high losses in a row only
    watch.on_log(None, SimpleNamespace(global_step=7, epoch=0.1, max_steps=10), control, {"loss": 5.3})
    assert control.should_training_stop
    with pytest.raises(ModelError, match=r"grew from 2.00 to 5.30 by step 7"):
        watch.require_sane(0.1)


@pytest.mark.parametrize("key", ["loss", "eval_loss"])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_loss_that_is_no_number_stops_at_once(tmp_path, key, value):
    from tuneset.train.watch import Watch

    watch, control = (
        Watch(tmp_path / "m.jsonl", lambda _line: None),
        SimpleNamespace(should_training_stop=False),
    )
    watch.on_log(None, SimpleNamespace(global_step=3, epoch=0.1, max_steps=10), control, {key: value})
    assert control.should_training_stop
    json.loads((tmp_path / "m.jsonl").read_text(), parse_constant=lambda name: pytest.fail(name))
    with pytest.raises(ModelError, match="at step 3"):
        watch.require_sane(0.1)


def test_loss_that_is_no_number_ends_a_real_run_with_nothing_saved(small_out, tiny_folder, tmp_path):
    from safetensors.torch import load_file, save_file

    broken = Path(shutil.copytree(tiny_folder, tmp_path / "broken"))
    weights = load_file(broken / "model.safetensors")
    weights["model.norm.weight"][0] = math.nan
    save_file(weights, broken / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match="validation loss became nan at step 0") as error:
        train(small_out, base=str(broken), epochs=2)
    assert "train.learning_rate" in error.value.fix
    assert list((small_out / "models").iterdir()) == []


def test_cut_output_head_gives_the_loss_and_gradients_of_the_whole_one(tiny_folder):
    import torch
    from tuneset.train.trainer import summed_loss

    torch.manual_seed(1)
    model = loaded_tiny(tiny_folder).model.train()
    ids = torch.randint(5, 300, (3, 20))
    mask = torch.ones_like(ids)
    mask[1, 15:] = 0
    labels = torch.full_like(ids, -100)
    labels[0, 4:9], labels[1, 10:15], labels[2, 19] = ids[0, 4:9], ids[1, 10:15], ids[2, 19]
    gradients = []
    for cut in (True, False):
        model.zero_grad()
        loss, count = summed_loss(
            model, {"input_ids": ids, "attention_mask": mask, "labels": labels}, cut_head=cut
        )
        loss.backward()
        gradients.append((loss.item(), count, model.model.layers[0].self_attn.q_proj.weight.grad.clone()))
    whole = model(input_ids=ids, attention_mask=mask, labels=labels).loss.item()  # mean over tokens
    assert gradients[0][1] == gradients[1][1] == 11
    assert gradients[0][0] == pytest.approx(gradients[1][0], rel=1e-6) == pytest.approx(whole * 11, rel=1e-5)
    assert torch.allclose(gradients[0][2], gradients[1][2], atol=1e-5)


def test_batches_have_like_lengths_and_every_row_once():
    from tuneset.train.trainer import LengthBatches

    lengths = [random.Random(3).randint(5, 90) for _ in range(50)]
    sampler = LengthBatches(lengths, 8, seed=1)
    first, second = list(sampler), list(sampler)
    assert sorted(first) == sorted(second) == list(range(50))
    assert first != second
    spans = [
        max(lengths[i] for i in first[s : s + 8]) - min(lengths[i] for i in first[s : s + 8])
        for s in range(0, 48, 8)
    ]
    assert max(spans) <= 30
    again = LengthBatches(lengths, 8, seed=1)
    assert list(again) == first
    again.set_epoch(0)
    assert list(again) == first
    assert list(LengthBatches(lengths, 8, seed=2)) != first


def test_command_line_prints_json_and_nothing_else(small_out, tiny_folder, capfd):
    from tuneset.cli.main import main

    assert main(["train", str(small_out), "--base", str(tiny_folder), "--epochs", "1", "--json", "-q"]) == 0
    printed = capfd.readouterr()
    assert json.loads(printed.out)["run"] == "run1"
    assert printed.err == ""


def test_command_line_tells_progress_on_stderr(small_out, tiny_folder, capfd):
    from tuneset.cli.main import main

    assert main(["train", str(small_out), "--base", str(tiny_folder), "--epochs", "1"]) == 0
    printed = capfd.readouterr()
    assert "learning_rate" in printed.err
    assert "derived" in printed.err
    assert "validation loss" in printed.err
    assert "next: tuneset eval" in printed.out
