"""Launches at Vertex AI, through google-genai and google-auth, at a server that follows the description."""

from __future__ import annotations

import json
import multiprocessing
import os
import runpy
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tuneset.curate.export import export
from tuneset.schemas.errors import RecipeError, ServiceError
from tuneset.schemas.recipe import TrainOptions
from tuneset.train.managed import launch
from tuneset.train.managed.hosted import load_hosted_manifest
from tuneset.train.managed.sending import Patience
from tuneset.train.managed.service import NoAnswer, Reply
from tuneset.train.managed.services.vertex import SERVICE

pytest.importorskip("google.genai")
GoogleCloud = runpy.run_path(str(Path(__file__).parents[2] / "google_cloud.py"))["GoogleCloud"]
MODEL = "gemini-2.5-flash"
SPEC = "supervisedTuningSpec"


def go(out: Path, **more: Any) -> Any:
    return launch(
        out, to="vertex", **{"model": MODEL, "patience": Patience(lambda _: None, attempts=3), **more}
    )


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with GoogleCloud() as served:
        for name, value in served.environment(tmp_path).items():
            monkeypatch.setenv(name, value)
        yield served


def once(cloud: Any) -> tuple[int, int]:
    """Uploads and jobs."""
    return len(cloud.uploads), len(cloud.jobs)


def test_a_launch_sends_the_exported_files_and_records_the_model(frozen: Path, cloud: Any) -> None:
    said: list[str] = []
    result = go(frozen, progress=said.append, settings={"epoch_count": 2, "adapter_size": 4})
    (job,) = cloud.jobs.values()
    assert (result.status, result.job_id) == ("succeeded", job["name"])
    assert result.model == "projects/my-project/locations/us-central1/endpoints/8"
    folder = frozen / "exports" / "vertex-v1"
    for split, member in (("train", "trainingDatasetUri"), ("validation", "validationDatasetUri")):
        uri = job[SPEC][member]
        assert uri == f"gs://my-bucket/tuneset/tuneset-{result.key}-{split}.jsonl"
        assert cloud.objects[uri.removeprefix("gs://")] == (folder / f"{split}.jsonl").read_bytes()
    assert job[SPEC]["hyperParameters"] == {"epochCount": 2, "adapterSize": "ADAPTER_SIZE_FOUR"}
    assert job["labels"] == {"tuneset-key": result.key}
    assert (job["baseModel"], job["tunedModelDisplayName"]) == (MODEL, "vertex-v1")
    manifest = load_hosted_manifest(frozen, "vertex-v1")
    assert manifest is not None
    assert manifest.details == {"model": "projects/my-project/locations/us-central1/models/7@1"}
    assert manifest.destination == "Vertex AI in us-central1, project my-project, files in gs://my-bucket"
    assert go(frozen, model=None).model == result.model
    assert once(cloud) == (2, 1)


def test_the_recipes_settings_are_sent_when_they_are_stated(frozen: Path, cloud: Any) -> None:
    (frozen / "tuneset.yaml").write_text("train: {epochs: 4, rank: 24, learning_rate: 0.001}\n")
    go(frozen)
    (job,) = cloud.jobs.values()
    assert job[SPEC]["hyperParameters"] == {"epochCount": 4, "adapterSize": "ADAPTER_SIZE_SIXTEEN"}


def test_what_is_not_stated_is_the_services_choice(frozen: Path, cloud: Any) -> None:
    go(frozen)
    (job,) = cloud.jobs.values()
    assert "hyperParameters" not in job[SPEC]


def test_the_job_is_found_behind_other_jobs(frozen: Path, cloud: Any) -> None:
    """The list of jobs has pages of two."""
    started = go(frozen, detach=True)
    (job,) = cloud.jobs.values()
    for number in range(5):
        name = f"{job['name']}{number}"
        cloud.jobs[name] = {**job, "name": name, "labels": {"tuneset-key": "0" * 16}}
    journal = frozen / "models/vertex-v1/launch.jsonl"
    lines = journal.read_text().splitlines()
    journal.write_text("\n".join(lines[:-1]) + "\n")
    assert json.loads(lines[-1])["event"] == "result"
    assert go(frozen).job_id == started.job_id
    assert len(cloud.jobs) == 6


@pytest.mark.parametrize("path", ["/upload/storage/v1/b/my-bucket/o", "tuningJobs"])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("how", [True, 503])
def test_a_lost_answer_makes_no_double(
    frozen: Path, cloud: Any, path: str, when: str, how: bool | int
) -> None:
    planted = [how]

    def fault(method: str, asked: str, now: str) -> bool | int:
        return (
            planted.pop() if planted and method == "POST" and asked.endswith(path) and now == when else False
        )

    cloud.fault = fault
    assert go(frozen).status == "succeeded"
    assert planted == []
    assert once(cloud) == (2, 1)


@pytest.mark.parametrize("everywhere", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_launch_killed_at_an_exchange_makes_no_double(
    frozen: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, everywhere: bool
) -> None:
    """Killed right after each creating call was done; or before and after every call."""
    import google.auth.transport.requests
    import google.genai  # noqa: F401  before the forks

    with GoogleCloud() as served:
        for name, value in served.environment(tmp_path).items():
            monkeypatch.setenv(name, value)
        go(frozen)
        calls = list(served.requests)
    posts = [n for n, (method, path) in enumerate(calls) if method == "POST" and path != "/token"]
    assert len(posts) == 3
    points = [(n, "after") for n in (range(len(calls)) if everywhere else posts)]
    points += [(n, "before") for n in range(len(calls))] if everywhere else []
    for point in points:
        _forget(frozen / "models")
        with GoogleCloud() as served:
            for name, value in served.environment(tmp_path).items():
                monkeypatch.setenv(name, value)
            assert _killed(frozen, served, *point) == -signal.SIGKILL
            assert (point, go(frozen).status) == (point, "succeeded")
            assert (point, once(served)) == (point, (2, 1))


def _forget(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()


def _killed(out: Path, served: Any, number: int, when: str) -> int | None:
    """The exit of a launch in a process of its own, killed at one exchange."""

    def work() -> None:
        go(out)
        os._exit(0)

    process = multiprocessing.get_context("fork").Process(target=work)

    def kill(_method: str, _path: str, now: str) -> bool:
        if len(served.requests) - 1 == number and now == when and process.pid is not None:
            os.kill(process.pid, signal.SIGKILL)
        return False

    served.fault = kill
    process.start()
    process.join(60)
    served.fault = lambda *_: False
    return process.exitcode


def test_an_adapter_size_that_there_is_not_is_refused_before_anything_is_sent(
    frozen: Path, cloud: Any
) -> None:
    with pytest.raises(ServiceError, match="there is no adapter size 3"):
        go(frozen, settings={"adapter_size": 3})
    assert cloud.requests == []


@pytest.mark.parametrize("path", ["/upload/storage/v1/b/my-bucket/o", "tuningJobs"])
@pytest.mark.parametrize(("status", "fix"), [(400, "put right"), (403, "sign in with gcloud")])
def test_a_refusal_is_told_and_not_repeated(
    frozen: Path, cloud: Any, path: str, status: int, fix: str
) -> None:
    def fault(method: str, asked: str, _: str) -> bool | int:
        return status if method == "POST" and asked.endswith(path) else False

    cloud.fault = fault
    with pytest.raises(ServiceError, match=rf"planted \(HTTP {status}\)") as error:
        go(frozen)
    assert fix in error.value.fix
    assert [asked.endswith(path) for method, asked in cloud.requests if method == "POST"].count(True) == 1


def test_an_object_with_other_bytes_is_never_used(frozen: Path, cloud: Any) -> None:
    key = go(frozen, dry_run=True).key
    cloud.objects[f"my-bucket/tuneset/tuneset-{key}-train.jsonl"] = b"{}\n"
    with pytest.raises(ServiceError, match="has other bytes than the file"):
        go(frozen)
    assert cloud.jobs == {}


def test_no_credentials_no_call(frozen: Path, cloud: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(frozen / "none.json"))
    with pytest.raises(ServiceError, match="there are no Google credentials"):
        go(frozen)
    monkeypatch.delenv("GOOGLE_CLOUD_BUCKET")
    with pytest.raises(ServiceError, match="the variable GOOGLE_CLOUD_BUCKET is not set"):
        go(frozen)
    assert cloud.requests == []


def test_a_dry_run_prints_calls_that_are_python(frozen: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SERVICE.environment:
        monkeypatch.delenv(name, raising=False)
    result = go(frozen, dry_run=True)
    for call in result.calls:
        compile(call, "call", "exec")
    assert result.status == "planned"
    assert f"'labels': {{'tuneset-key': '{result.key}'}}" in "".join(result.calls)
    assert not (frozen / "models").exists()


def test_parts_of_an_epoch_are_refused() -> None:
    with pytest.raises(RecipeError, match=r"train.epochs is 1.5"):
        SERVICE.settings(TrainOptions(epochs=1.5), frozenset({"epochs"}), 13)


def test_preferences_are_tuned_by_preference(workspaces, tmp_path: Path, cloud: Any) -> None:
    from tuneset.review_app import approve, freeze

    loser = [{"role": "assistant", "content": "No."}]
    rows = [workspaces.row(n, workspaces.turns(f"q{n}", "a"), rejected=loser) for n in range(1, 4)]
    told = [workspaces.verdict(row["row_id"], "split", "assign", value="train") for row in rows]
    out = workspaces.build(tmp_path / "pairs", rows, told)
    approve(out, where="true", actor="ana")
    freeze(out)
    export(out, to="vertex-dpo")
    go(out, target="vertex-dpo", settings={"beta": 0.2})
    (job,) = cloud.jobs.values()
    assert job["preferenceOptimizationSpec"]["hyperParameters"] == {"beta": 0.2}


def test_a_tuned_model_is_asked_at_its_endpoint(cloud: Any) -> None:
    endpoint = "projects/my-project/locations/us-central1/endpoints/8"
    says = {"functionCall": {"name": "find_bay", "args": {"dock": "n", "bay": 4}}}
    cloud.answers = lambda _: {
        "candidates": [
            {"content": {"role": "model", "parts": [{"text": "Let me look."}, says]}, "finishReason": "STOP"}
        ],
        "usageMetadata": {"promptTokenCount": 12, "candidatesTokenCount": 7, "totalTokenCount": 19},
    }
    prompt = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Bay 4?"}]
    tool = {"type": "function", "function": {"name": "find_bay", "parameters": {"type": "object"}}}
    reply = SERVICE.ask(endpoint, prompt, [tool], 50)
    assert reply == Reply(
        text='Let me look.\n{"arguments":{"bay":4,"dock":"n"},"name":"find_bay"}',
        stopped=True,
        prompt_tokens=12,
        completion_tokens=7,
    )
    ((model, body),) = cloud.asked
    assert model == endpoint
    assert body["contents"] == [{"role": "user", "parts": [{"text": "Bay 4?"}]}]
    assert body["systemInstruction"]["parts"] == [{"text": "Be brief."}]
    assert body["tools"] == [{"functionDeclarations": [{"name": "find_bay"}]}]
    told = body["generationConfig"]
    assert (told["temperature"], told["maxOutputTokens"]) == (0, 50)
    assert [*told["thinkingConfig"].values()] == [0]


def test_a_base_model_is_asked_by_its_name_and_may_be_cut(cloud: Any) -> None:
    parts = [{"text": "Hm.", "thought": True}, {"text": "North"}]
    cloud.answers = lambda _: {
        "candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": "MAX_TOKENS"}]
    }
    reply = SERVICE.ask(MODEL, [{"role": "user", "content": "Bay 4?"}], None, 1)
    assert (reply.text, reply.stopped, reply.prompt_tokens) == ("North", False, None)
    assert cloud.asked[0][0].endswith(f"/publishers/google/models/{MODEL}")
    cloud.answers = lambda _: {"promptFeedback": {"blockReason": "SAFETY"}}
    blocked = SERVICE.ask(MODEL, [{"role": "user", "content": "Bay 4?"}], None, 1)
    assert (blocked.text, blocked.stopped) == ("", False)
    cloud.answers = lambda _: {}
    with pytest.raises(NoAnswer, match="without a candidate"):
        SERVICE.ask(MODEL, [{"role": "user", "content": "Bay 4?"}], None, 1)
    with pytest.raises(ServiceError, match="a turn names its speaker"):
        SERVICE.ask(MODEL, [{"role": "user", "content": "Bay 4?", "name": "ana"}], None, 1)


def test_a_launched_model_is_compared_with_its_base(frozen: Path, cloud: Any) -> None:
    """The twelve test rows are asked of both; the tuned model's answers are right."""
    from tuneset.train import evaluate

    def says(model: str) -> dict[str, Any]:
        asked = cloud.asked[-1][1]["contents"][-1]["parts"][0]["text"]
        said = asked.replace("question", "answer").removesuffix(" é") if "endpoints" in model else "no idea"
        return {
            "candidates": [{"content": {"role": "model", "parts": [{"text": said}]}, "finishReason": "STOP"}]
        }

    run = go(frozen).run
    cloud.answers = says
    report = evaluate(frozen, run)
    assert len(cloud.asked) == 24
    assert "exact match from 0 to 1" in report.sentence
