"""A hosted model against its base: the same questions, each asked once, with intervals."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tuneset.cli.main import main
from tuneset.curate import explain, status
from tuneset.schemas.errors import ModelError, RecipeError, ServiceError, VersionError, WorkspaceError
from tuneset.train import evaluate
from tuneset.train.answer import Answer
from tuneset.train.managed import launch
from tuneset.train.managed.asking import Answers, Ask
from tuneset.train.managed.chat import answer_text
from tuneset.train.managed.sending import Patience
from tuneset.train.managed.service import NoAnswer, Reply
from tuneset.train.metrics import word_f1
from tuneset.train.stats import mcnemar_p

MODEL = "gpt-4.1-mini-2025-04-14"
TUNED = f"ft:{MODEL}:org::1"


def _says(model: str, messages: list[dict[str, Any]]) -> str:
    """The base is always wrong, the tuned model always right but for one question."""
    number = messages[-1]["content"].split()[1]
    right = model == TUNED and number != "30"
    return f"answer {number}" if right else "I do not know"


@pytest.fixture
def tuned(frozen: Path, provider: Any, stand_in: Any) -> Path:
    launch(frozen, to="openai", model=MODEL, patience=Patience(stand_in.quick))
    provider.answers = _says
    provider.calls.clear()
    return frozen


def test_base_and_tuned_are_compared_on_the_test_rows(tuned: Path, provider: Any) -> None:
    summary = evaluate(tuned, "openai-v1")
    match = summary.metrics["exact_match"]
    assert (match.n, match.base, match.tuned, match.fixed, match.broken) == (12, 0.0, 11 / 12, 11, 0)
    assert match.p == pytest.approx(2 * 0.5**11) == mcnemar_p(11, 0)
    assert (summary.primary, summary.verdict, summary.split) == ("exact_match", "better", "test")
    assert match.low > 0.5
    asked = [(body["model"], body["messages"][-1]["content"]) for body in provider.asked]
    questions = [f"question {n} é" for n in range(25, 37)]
    assert sorted(asked) == sorted((m, q) for m in (MODEL, TUNED) for q in questions)
    assert all(body["temperature"] == 0 for body in provider.asked)
    assert summary.settings["tokens"] == {
        "base": {"prompt": 84, "completion": 36},
        "tuned": {"prompt": 84, "completion": 36},
    }
    folder = tuned / "evals" / "openai-v1"
    assert json.loads((folder / "summary.json").read_text())["sentence"] == summary.sentence
    records = [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]
    assert records[0]["reference"] == "answer 25"
    assert (records[0]["base_answer"], records[0]["tuned_answer"]) == ("I do not know", "answer 25")
    assert "Base" in (folder / "report.html").read_text()
    assert (
        f"tuneset launch OUT --to openai --target openai --version v1 --model {MODEL}"
        in (folder / "report.md").read_text()
    )
    assert status(tuned).evaluations[0]["verdict"] == "better"
    assert explain(tuned, records[0]["row_id"]).as_dict()["evaluations"][0]["tuned_answer"] == "answer 25"


def test_a_second_evaluation_asks_nothing(tuned: Path, provider: Any) -> None:
    first = evaluate(tuned, "openai-v1")
    asked = len(provider.asked)
    again = evaluate(tuned, "openai-v1")
    assert len(provider.asked) == asked == 24
    assert again.metrics == first.metrics


def test_more_rows_ask_only_for_the_new_ones(tuned: Path, provider: Any) -> None:
    assert evaluate(tuned, "openai-v1", max_rows=5).metrics["exact_match"].n == 5
    assert len(provider.asked) == 10
    evaluate(tuned, "openai-v1")
    assert len(provider.asked) == 24


def test_models_may_be_served_under_other_names(tuned: Path, provider: Any) -> None:
    evaluate(tuned, "openai-v1", base="my-base", tuned="my-tuned", max_rows=1)
    assert {body["model"] for body in provider.asked} == {"my-base", "my-tuned"}


@pytest.mark.parametrize("fault", [429, 500, "drop_after", "cut", "badjson"])
def test_a_busy_endpoint_is_asked_again(tuned: Path, provider: Any, fault: str | int) -> None:
    provider.faults[("POST", "/v1/chat/completions")] = [fault] * 3
    summary = evaluate(tuned, "openai-v1", max_rows=4)
    assert summary.metrics["exact_match"].n == 4


def test_retry_after_is_heeded(tmp_path: Path) -> None:
    class Busy:
        left = 2

        def ask(self, *_: Any) -> Reply:
            if self.left:
                self.left -= 1
                raise NoAnswer("HTTP 429", retry_after=7.0)
            return Reply("yes", True, 1, 1)

    waited: list[float] = []
    answers = Answers(Busy(), "here", tmp_path / "a.jsonl", patience=Patience(waited.append))
    assert answers.of([Ask("m", [], None, 5)], "base", print) == [Reply("yes", True, 1, 1)]
    assert waited == [7.0, 7.0]


def test_a_refusal_is_told_and_what_came_is_kept(tuned: Path, provider: Any) -> None:
    provider.faults[("POST", "/v1/chat/completions")] = [404]
    with pytest.raises(ServiceError, match="planted 404"):
        evaluate(tuned, "openai-v1")
    assert not (tuned / "evals" / "openai-v1" / "summary.json").exists()
    known = (
        len((tuned / "evals" / "openai-v1" / "answers.jsonl").read_text().splitlines())
        if (tuned / "evals" / "openai-v1" / "answers.jsonl").exists()
        else 0
    )
    before = len(provider.asked)
    assert evaluate(tuned, "openai-v1").verdict == "better"
    assert len(provider.asked) - before == 24 - known


def test_a_killed_evaluation_goes_on_where_it_stopped(tuned: Path, provider: Any) -> None:
    import openai  # noqa: F401  before the fork

    def work() -> None:
        evaluate(tuned, "openai-v1")
        os._exit(0)

    process = multiprocessing.get_context("fork").Process(target=work)
    answers = tuned / "evals" / "openai-v1" / "answers.jsonl"

    def slow(model: str, messages: list[dict[str, Any]]) -> str:
        time.sleep(0.02)
        return _says(model, messages)

    provider.answers = slow
    process.start()
    while not answers.exists() or answers.read_bytes().count(b"\n") < 6:
        assert process.is_alive()
        time.sleep(0.005)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join(10)
    assert not (tuned / "evals" / "openai-v1" / "summary.json").exists()
    with open(answers, "ab") as f:
        f.write(b'{"key": "torn')
    time.sleep(0.2)
    known, before = answers.read_bytes().count(b"\n"), len(provider.asked)
    assert 6 <= known < 24
    summary = evaluate(tuned, "openai-v1")
    assert (summary.metrics["exact_match"].n, summary.verdict) == (12, "better")
    assert len(provider.asked) - before == 24 - known
    lines = [json.loads(line) for line in answers.read_text().splitlines()]
    assert len({line["key"] for line in lines}) == len(lines) == 24


def test_the_other_splits_are_not_held_out(tuned: Path) -> None:
    with pytest.raises(RecipeError, match="validation rows were sent to openai"):
        evaluate(tuned, "openai-v1", split="validation")


def test_a_changed_version_is_refused(tuned: Path) -> None:
    path = tuned / "versions" / "v1" / "manifest.json"
    path.write_text(path.read_text().replace('"ana"', '"bob"'))
    with pytest.raises(VersionError):
        evaluate(tuned, "openai-v1")


def test_a_damaged_answer_is_told(tuned: Path) -> None:
    evaluate(tuned, "openai-v1", max_rows=2)
    with open(tuned / "evals" / "openai-v1" / "answers.jsonl", "ab") as f:
        f.write(b"{oh\n")
    with pytest.raises(WorkspaceError, match="a line of 'answers.jsonl' is damaged"):
        evaluate(tuned, "openai-v1")


@pytest.mark.usefixtures("provider")
def test_the_command_prints_the_table_and_says_how_it_stands(tuned: Path, capsys: Any) -> None:
    assert main(["eval", str(tuned), "openai-v1"]) == 0
    out, err = capsys.readouterr()
    assert "The tuned model is better: exact match from 0 to 0.917" in out
    assert "base: 12 of 12 answers" in err
    assert "counted: base 84 prompt, base 36 completion, tuned 84 prompt, tuned 36 completion" in out


def test_the_key_is_in_no_file(tuned: Path) -> None:
    evaluate(tuned, "openai-v1", max_rows=2)
    key = os.environ["OPENAI_API_KEY"].encode()
    for path in (tuned / "evals").rglob("*"):
        assert not path.is_file() or key not in path.read_bytes()


def test_no_training_library_is_needed(tuned: Path) -> None:
    code = (
        "import sys; sys.modules.update(torch=None, transformers=None, peft=None, trl=None);"
        "from tuneset.train import evaluate;"
        "print(evaluate(sys.argv[1], 'openai-v1', max_rows=2).settings['decoding'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tuned)], capture_output=True, text=True, timeout=120
    )
    assert (done.stdout, done.returncode) == ("temperature 0\n", 0), done.stderr


def test_a_model_that_was_trained_here_has_no_other_names(frozen: Path) -> None:
    with pytest.raises((RecipeError, ModelError)):
        evaluate(frozen, "run1", tuned="x")


@pytest.mark.parametrize(
    ("said", "wanted", "score"),
    [
        ("the cat sat", "the cat sat", 1.0),
        ("The cat!", "the cat", 2 * 2 / (3 + 2)),  # "!" is a word of its own
        ("a a b", "a b b", 2 * 2 / 6),  # one a and one b are shared
        ("x", "y", 0.0),
        ("", "y", 0.0),
        ("", "", 1.0),
        ("東京都", "東京", 2 * 2 / 5),
        ("café", "cafe\u0301", 1.0),
    ],
)
def test_word_f1(said: str, wanted: str, score: float) -> None:
    assert word_f1(Answer(said, 0, True, np.nan), wanted) == pytest.approx(score)


def test_tool_calls_are_told_without_their_ids() -> None:
    """Key order and spaces in arguments do not matter; text comes first."""
    one = [{"id": "c1", "function": {"name": "find", "arguments": '{"b": 1, "a": 2}'}}]
    two = [{"id": "c2", "function": {"name": "find", "arguments": '{"a":2,"b":1}'}}]
    assert answer_text("Well.", one) == answer_text("Well.", two)
    assert answer_text(None, one) == '{"arguments":{"a":2,"b":1},"name":"find"}'
    assert (
        answer_text(None, [{"function": {"name": "f", "arguments": "{"}}]) == '{"arguments":"{","name":"f"}'
    )
