from __future__ import annotations

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from tuneset.schemas.errors import ModelError, RecipeError, VersionError, WorkspaceError
from tuneset.schemas.evaluation import EvaluationSummary
from tuneset.schemas.files import read_json
from tuneset.train import evaluate, train

VOID = {"meta", "br", "line", "circle", "polyline"}


@pytest.fixture(scope="session")
def judged(trained: Path) -> tuple[Path, EvaluationSummary]:
    return trained, evaluate(trained, "run1")


@pytest.fixture
def copy(trained: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(trained, tmp_path / "copy"))


def loaded_tiny(tiny_folder: Path) -> Any:
    import torch
    from tuneset.train.loading import load_base
    from tuneset.train.models import resolve

    return load_base(resolve(str(tiny_folder)), torch.device("cpu"), torch.float32)


def test_model_that_learnt_the_answer_is_better(judged):
    _, summary = judged
    match = summary.metrics["exact_match"]
    assert (summary.verdict, summary.primary) == ("better", "exact_match")
    assert (match.base, match.tuned, match.fixed, match.broken, match.n) == (0.0, 1.0, 12, 0, 12)
    assert match.p == pytest.approx(2 / 2**12)
    assert 0 < match.low < 1 == match.high
    loss = summary.metrics["loss"]
    assert loss.tuned < 0.5 * loss.base
    assert loss.high < 0
    assert summary.sentence.startswith("The tuned model is better: exact match from 0 to 1")


def test_files_are_stored_and_agree(judged):
    out, summary = judged
    folder = out / "evals" / "run1"
    assert sorted(p.name for p in folder.iterdir()) == [
        "report.html",
        "report.md",
        "results.jsonl",
        "summary.json",
    ]
    assert EvaluationSummary.model_validate(read_json(folder / "summary.json")) == summary
    rows = [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]
    assert [r["row_id"] for r in rows] == [f"aaaaaaaaaaaa:{i}" for i in range(200, 212)]
    assert {r["tuned_answer"] for r in rows} == {"ok then"}
    assert all(r["reference"] == "ok then" and r["prompt"][-1]["role"] == "user" for r in rows)
    mean = sum(r["scores"]["loss"]["tuned"] for r in rows) / 12
    assert mean == pytest.approx(summary.metrics["loss"].tuned)


def test_untrained_adapter_is_inconclusive_with_no_difference_at_all(tmp_path, tiny_folder, frozen):
    frozen.freeze(tmp_path, {"train": frozen.rows(8, 0), "test": frozen.rows(10, 50)})
    (tmp_path / "tuneset.yaml").write_text("train: {learning_rate: 1.0e-30}\n")
    train(tmp_path, base=str(tiny_folder), epochs=1)
    summary = evaluate(tmp_path, "run1")
    match, loss = summary.metrics["exact_match"], summary.metrics["loss"]
    assert summary.verdict == "inconclusive"
    assert (match.diff, match.p, match.fixed, match.broken) == (0.0, 1.0, 0, 0)
    assert match.low < 0 < match.high
    assert loss.diff == pytest.approx(0.0, abs=1e-9)
    assert loss.p == 1.0
    assert "cannot tell" in summary.sentence


def test_model_that_lost_the_answer_is_worse(copy, monkeypatch):
    """The trained model stands in for the base: the answers are swapped before they are scored."""
    from tuneset.train import compare as module

    swapped = ("tuned", "base")
    real = module._ask_both

    def ask(*args):
        answers = real(*args)
        return dict(zip(swapped, answers.values(), strict=True))

    monkeypatch.setattr(module, "_ask_both", ask)
    summary = evaluate(copy, "run1")
    assert summary.verdict == "worse"
    assert summary.metrics["exact_match"].broken == 12


def test_fewer_rows_are_a_fixed_sample(copy):
    first, second = evaluate(copy, "run1", max_rows=5), evaluate(copy, "run1", max_rows=5)
    assert first.metrics == second.metrics
    assert first.metrics["loss"].n == 5


def test_validation_rows_can_be_asked(copy):
    assert evaluate(copy, "run1", split="validation").metrics["loss"].n == 4


def test_training_rows_are_never_asked(copy):
    with pytest.raises(VersionError, match="no train row") as error:
        evaluate(copy, "run1", split="train")
    assert "the same content was trained on" in error.value.where


@pytest.mark.parametrize(
    ("more", "says"), [({"split": "tests"}, "unknown split 'tests'"), ({"max_rows": 0}, "max_rows is 0")]
)
def test_wrong_arguments_are_named(copy, more, says):
    with pytest.raises(RecipeError, match=says):
        evaluate(copy, "run1", **more)


def test_unknown_run_names_a_near_one(copy):
    with pytest.raises(WorkspaceError) as error:
        evaluate(copy, "run2")
    assert "run1" in error.value.fix


def test_changed_version_is_refused(copy):
    path = copy / "versions" / "v1" / "manifest.json"
    path.write_text(path.read_text().replace('"tuneset_version": "0"', '"tuneset_version": "1"'))
    with pytest.raises(VersionError, match="not the one that 'run1' was trained on"):
        evaluate(copy, "run1")


def test_changed_adapter_is_refused(copy):
    path = copy / "models/run1/adapter/adapter_model.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(ModelError, match="changed after training"):
        evaluate(copy, "run1")


def test_other_base_is_refused(copy, tiny_folder, tmp_path):
    path = copy / "models/run1/manifest.json"
    other = Path(shutil.copytree(tiny_folder, tmp_path / "other"))
    (other / "generation_config.json").write_text("{}")
    path.write_text(path.read_text().replace(f'"name": "{tiny_folder}"', f'"name": "{other}"'))
    with pytest.raises(ModelError, match="is not the one that"):
        evaluate(copy, "run1")


def test_batched_answers_and_losses_are_those_of_one_row_at_a_time(trained, tiny_folder, monkeypatch):
    """Oracle: one row at a time, no padding, no shared cache, greedy by hand."""
    import torch
    from tuneset.train import generate
    from tuneset.train.loading import load_adapter

    loaded = loaded_tiny(tiny_folder)
    words = "one two three hello there good day what is your name yes no".split()
    prompts = [
        loaded.chat.prompt_ids([{"role": "user", "content": " ".join(words[: 1 + i % 12])}])
        for i in range(20)
    ]
    references = [loaded.chat.encode(" ".join(words[: 1 + i % 5])) for i in range(20)]
    model = load_adapter(loaded, trained / "models/run1/adapter")
    for off in (True, False):
        if off:
            model.base_model.disable_adapter_layers()
        else:
            model.base_model.enable_adapter_layers()
        monkeypatch.setattr(generate, "CPU_TOKENS_A_BATCH", 400)
        answers = generate.ask(model, loaded, prompts, references, max_new_tokens=7)
        for prompt, reference, answer in zip(prompts, references, answers, strict=True):
            ids, nats = list(prompt), 0.0
            with torch.inference_mode():
                both = torch.tensor([prompt + reference])
                scores = torch.log_softmax(model(input_ids=both, use_cache=False).logits[0], dim=-1)
                for k, token in enumerate(reference):
                    nats -= float(scores[len(prompt) + k - 1, token])
                for _ in range(7):
                    ids.append(
                        int(model(input_ids=torch.tensor([ids]), use_cache=False).logits[0, -1].argmax())
                    )
                    if ids[-1] in loaded.chat.stop_ids:
                        break
            made = ids[len(prompt) :]
            stopped = made[-1] in loaded.chat.stop_ids
            text = loaded.chat.tokenizer.decode(made[:-1] if stopped else made, skip_special_tokens=True)
            assert (answer.text, answer.tokens, answer.stopped) == (text, len(made), stopped)
            assert answer.reference_loss == pytest.approx(nats / len(reference), rel=1e-4)


def test_common_prefix_leaves_each_row_a_token():
    from tuneset.train.generate import common_prefix

    assert common_prefix([[1, 2, 3, 4], [1, 2, 5]]) == 2
    assert common_prefix([[1, 2], [1, 2]]) == 1
    assert common_prefix([[1], [1, 2]]) == 0
    assert common_prefix([[7, 2], [1, 2]]) == 0


class Checker(HTMLParser):
    """Collects tags and outside references, and checks that tags close in order."""

    def __init__(self):
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("src", "href") and value]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        assert tag in VOID

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def check_page(page: str) -> Checker:
    checker = Checker()
    checker.feed(page)
    assert checker.open == []
    assert checker.links == []
    assert "script" not in checker.tags
    return checker


def test_report_opens_offline_in_light_and_dark(judged):
    out, summary = judged
    page = (out / "evals/run1/report.html").read_text()
    checker = check_page(page)
    assert "prefers-color-scheme: dark" in page
    assert "<b>The tuned model is better:</b>" in page
    assert checker.tags.count("svg") == 2
    assert "Fixed: wrong with base, right with tuned: 12" in page
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", page)
    markdown = (out / "evals/run1/report.md").read_text()
    assert summary.sentence in markdown
    assert "| exact match | 0 | 1 | +1 |" in markdown


def test_report_escapes_every_text(judged):
    from tuneset.train.eval_about import about_trained
    from tuneset.train.eval_report import html_report
    from tuneset.train.manifest import load_model_manifest

    out, summary = judged
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&"
    record = {
        "row_id": evil,
        "prompt": [{"role": "user", "content": evil}],
        "reference": evil,
        "base_answer": evil,
        "tuned_answer": evil,
        "scores": {"exact_match": {"base": 0.0, "tuned": 1.0}, "loss": {"base": 2.0, "tuned": 1.0}},
    }
    manifest = load_model_manifest(out, "run1")
    base = manifest.base.model_copy(update={"name": evil})
    told = summary.model_copy(update={"run": evil, "sentence": f"{evil}: {evil}"})
    page = html_report(
        told,
        about_trained(told, manifest.model_copy(update={"base": base, "run": evil})),
        [record],
        [],
    )
    checker = check_page(page)
    assert "img" not in checker.tags
    assert evil not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 6


def test_report_of_a_loss_verdict_shows_the_largest_changes_first():
    from tuneset.train.eval_report import sample_groups

    def record(name, base, tuned):
        return {"row_id": name, "scores": {"loss": {"base": base, "tuned": tuned}}}

    records = [record("a", 2, 1), record("b", 2, 3), record("c", 2, 0), record("d", 2, 9), record("e", 2, 2)]
    groups = {title: [r["row_id"] for r in rows] for title, rows in sample_groups("loss", records)}
    assert groups == {"Worse than base": ["d", "b"], "Better than base": ["c", "a"]}


def test_command_line_prints_a_table(trained, capsys):
    from tuneset.cli.main import main

    assert main(["eval", str(trained), "run1", "-q", "--max-rows", "6"]) == 0
    printed = capsys.readouterr()
    assert "exact_match" in printed.out
    assert "6 / 0" in printed.out
    assert printed.err == ""
