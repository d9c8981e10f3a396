"""Azure, Together and Fireworks: one upload and one job each, through their own SDKs."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tuneset.curate.export import TARGETS
from tuneset.schemas.errors import MissingExtraError, RecipeError, ServiceError
from tuneset.schemas.recipe import TrainOptions
from tuneset.train.managed import launch
from tuneset.train.managed import sdk as sdk_module
from tuneset.train.managed.following import follow
from tuneset.train.managed.journal import Journal
from tuneset.train.managed.sending import Patience, Sender
from tuneset.train.managed.service import Asks, Plan, Reply
from tuneset.train.managed.services import find_service

KEY = "key-loopback-0123456789abcdef"
NEEDS = {"azure": "openai", "openai": "openai", "together": "together", "fireworks": "fireworks"}
ENVIRONMENT = {
    "azure": {"AZURE_OPENAI_API_KEY": KEY, "AZURE_OPENAI_ENDPOINT": "{url}"},
    "together": {"TOGETHER_API_KEY": KEY, "TOGETHER_BASE_URL": "{url}"},
    "fireworks": {"FIREWORKS_API_KEY": KEY, "FIREWORKS_ACCOUNT_ID": "acct", "FIREWORKS_BASE_URL": "{url}"},
}
CREATING = {
    "azure": ("/files", "/fine_tuning/jobs"),
    "together": ("/v1/files", "/v1/fine-tunes"),
    "fireworks": ("/datasets", "/supervisedFineTuningJobs"),
}
SETTINGS = {
    "azure": {"n_epochs": 2, "seed": 13},
    "together": {"n_epochs": 4, "random_seed": 13},
    "fireworks": {"epochs": 2},
}
NAMES = tuple(ENVIRONMENT)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sdk_module, "WAIT_SECONDS", 0.002)


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    pytest.importorskip(NEEDS[request.param])
    return request.param


@pytest.fixture
def at(name: str, stand_in: Any, other_stand_ins: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The provider on the loopback, and the environment that names it."""
    makers = {
        "azure": lambda: stand_in.StandIn(checking=2),
        "together": other_stand_ins.Together,
        "fireworks": other_stand_ins.Fireworks,
    }
    for variable in ("OPENAI_API_VERSION", "TOGETHER_PROJECT_ID"):
        monkeypatch.delenv(variable, raising=False)
    with stand_in.served(makers[name]()) as state:
        for variable, value in ENVIRONMENT[name].items():
            monkeypatch.setenv(variable, value.format(url=state.url))
        yield state


def _plan(name: str, folder: Path, **more: Any) -> Plan:
    for split in ("train", "validation"):
        rows = [{"messages": [{"role": "user", "content": f"{split} {n}"}]} for n in range(12)]
        (folder / f"{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    files = {split: folder / f"{split}.jsonl" for split in ("train", "validation")}
    told = {
        "target": name,
        "model": "org/base",
        "key": "0123456789abcdef",
        "settings": SETTINGS[name],
        **more,
    }
    return Plan(to=name, name=f"{name}-v1", files=files, **told)


def _run(name: str, plan: Plan, folder: Path, stand_in: Any) -> Any:
    service, patience, journal = (
        find_service(name),
        Patience(stand_in.quick),
        Journal(folder / "m" / "launch.jsonl"),
    )
    service.ready(plan)
    sender = Sender(service, plan, journal, lambda _: None, patience)
    files = {split: sender.upload(split) for split in plan.files}
    job = sender.start(files)
    return files, job, follow(service, plan, job, journal, lambda _: None, patience)


def _contents(plan: Plan) -> list[bytes]:
    return [plan.files[split].read_bytes() for split in ("train", "validation")]


def _once(at: Any) -> bool:
    return (len(at.files), len(at.jobs)) == (2, 1)


def test_files_and_job_arrive_as_planned(name: str, at: Any, stand_in: Any, tmp_path: Path) -> None:
    plan = _plan(name, tmp_path)
    files, _, state = _run(name, plan, tmp_path, stand_in)
    assert list(at.contents.values()) == _contents(plan)
    storage = {""} if name == "together" else set()  # which gets no key
    assert at.bearers == {f"Bearer {KEY}"} | storage
    job = at.jobs[0]
    if name == "azure":
        assert (job["model"], job["training_file"], job["validation_file"]) == ("org/base", *files.values())
        assert job["method"] == {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 2}}}
        assert job["metadata"] is None
        assert at.files[0]["filename"] == "tuneset-0123456789abcdef-train.jsonl"
        assert state.model == "ft:org/base:org::1"
    if name == "together":
        assert (job["model"], job["training_file"], job["validation_file"]) == ("org/base", *files.values())
        assert (job["n_epochs"], job["random_seed"], job["n_evals"]) == (4, 13, 1)
        assert job["suffix"] == "tuneset-0123456789abcdef"
        assert at.files[0]["filename"] == "tuneset-0123456789abcdef-train.jsonl"
        assert state.model == "acct/base-tuneset-0123456789abcdef-1"
    if name == "fireworks":
        assert (job["baseModel"], job["epochs"]) == ("org/base", 2)
        assert (job["dataset"], job["evaluationDataset"]) == tuple(files.values())
        assert at.files[0]["datasetId"] == "tuneset-0123456789abcdef-train"
        assert at.files[0]["dataset"]["exampleCount"] == "12"
        assert state.model == "accounts/acct/models/tuneset-0123456789abcdef"
    assert state.status == "succeeded"
    assert _once(at)


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "cut", "badjson", "no_id", 429, 500, 503])
@pytest.mark.parametrize("which", [0, 1])
def test_a_fault_in_a_creating_call_makes_no_double(
    name: str, at: Any, stand_in: Any, tmp_path: Path, which: int, fault: str | int
) -> None:
    plan = _plan(name, tmp_path)
    at.faults[("POST", CREATING[name][which])] = [fault, fault]
    _, _, state = _run(name, plan, tmp_path, stand_in)
    assert state.status == "succeeded"
    assert len(at.jobs) == 1
    whole = [f for f in at.files if name != "together" or f["id"] in at.contents]
    assert len(whole) == 2, "a record without rows is no upload"
    assert list(at.contents.values()) == _contents(plan)


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", 500])
@pytest.mark.parametrize(
    ("name", "path"),
    [("together", "/storage/file-1"), ("together", "/preprocess"), ("fireworks", ":upload")],
    indirect=["name"],
)
def test_a_fault_in_a_part_of_an_upload_makes_no_double(
    name: str, at: Any, stand_in: Any, tmp_path: Path, path: str, fault: str | int
) -> None:
    plan = _plan(name, tmp_path)
    for method in ("POST", "PUT"):
        at.faults[(method, path)] = [fault, fault]
    _, _, state = _run(name, plan, tmp_path, stand_in)
    assert (state.status, len(at.jobs)) == ("succeeded", 1)
    assert list(at.contents.values()) == _contents(plan)


pids: list[int | None] = []


def _killed(name: str, plan: Plan, folder: Path, stand_in: Any) -> int | None:
    def work() -> None:
        _run(name, plan, folder, stand_in)
        os._exit(0)

    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    pids.append(process.pid)
    process.join(60)
    return process.exitcode


def test_killed_after_any_creating_exchange_it_makes_no_double(
    name: str, at: Any, stand_in: Any, tmp_path: Path
) -> None:
    plan = _plan(name, tmp_path)
    find_service(name).ready(plan)  # the SDK is loaded before the forks
    _run(name, plan, tmp_path, stand_in)
    points = [n for n, (method, _) in enumerate(at.calls) if method != "GET"]
    assert len(points) >= 3
    for number in points:
        for things in (at.files, at.jobs, at.calls, at.contents, at.looks):
            things.clear()
        folder = tmp_path / str(number)

        def kill(there: int, when: str, number: int = number) -> None:
            if (there, when) == (number, "after") and pids[-1] is not None:
                os.kill(pids[-1], signal.SIGKILL)
                time.sleep(0.01)

        at.exchange = kill
        assert _killed(name, plan, folder, stand_in) == -signal.SIGKILL
        at.exchange = None
        _, _, state = _run(name, plan, folder, stand_in)
        whole = [f for f in at.files if name != "together" or f["id"] in at.contents]
        assert (number, state.status, len(whole), len(at.jobs)) == (number, "succeeded", 2, 1)


@pytest.mark.parametrize("ending", ["failed", "cancelled"])
def test_a_bad_end_is_told(name: str, at: Any, stand_in: Any, tmp_path: Path, ending: str) -> None:
    at.ending = ending
    _, _, state = _run(name, _plan(name, tmp_path), tmp_path, stand_in)
    assert state.status == ending


def test_a_wrong_key_is_told_without_it(name: str, at: Any, stand_in: Any, tmp_path: Path) -> None:
    at.faults[("POST", CREATING[name][0])] = [401]
    with pytest.raises(ServiceError) as error:
        _run(name, _plan(name, tmp_path), tmp_path, stand_in)
    assert KEY not in str(error.value)
    assert "HTTP 401" in str(error.value)


def test_a_missing_variable_is_named(
    name: str, at: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del at
    variable = next(iter(ENVIRONMENT[name]))
    monkeypatch.delenv(variable)
    with pytest.raises(ServiceError, match=f"the variable {variable} is not set"):
        find_service(name).ready(_plan(name, tmp_path))


def test_models_are_asked_at_temperature_0(name: str, at: Any) -> None:
    service = find_service(name)
    assert isinstance(service, Asks)
    turns = [{"role": "user", "content": "well?", "weight": 1}]
    reply = service.ask("org/tuned", turns, None, 30)
    body = at.asked[0]
    assert (body["model"], body["temperature"]) == ("org/tuned", 0)
    assert body["messages"] == [{"role": "user", "content": "well?"}]
    assert body.get("max_tokens", body.get("max_completion_tokens")) == 30
    assert reply == Reply("yes", True, 7, reply.completion_tokens)


def test_azure_of_an_older_version_has_its_own_client(
    stand_in: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stand_in.served(stand_in.StandIn()) as state:
        monkeypatch.setenv("AZURE_OPENAI_API_KEY", KEY)
        monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", state.url)
        monkeypatch.setenv("OPENAI_API_VERSION", "2024-10-21")
        _run("azure", _plan("azure", tmp_path), tmp_path, stand_in)
        assert ("POST", "/openai/fine_tuning/jobs") in state.calls
        assert _once(state)


def test_fireworks_trains_on_preferences(
    stand_in: Any, other_stand_ins: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("fireworks")
    with stand_in.served(other_stand_ins.Fireworks()) as state:
        for variable, value in ENVIRONMENT["fireworks"].items():
            monkeypatch.setenv(variable, value.format(url=state.url))
        _run("fireworks", _plan("fireworks", tmp_path, target="fireworks-dpo"), tmp_path, stand_in)
        job = state.jobs[0]
        assert (job["kind"], job["trainingConfig"]["baseModel"]) == ("dpoJobs", "org/base")
        assert job["trainingConfig"]["epochs"] == 2


@pytest.mark.parametrize("service", sorted(NEEDS))
def test_what_every_service_says_of_itself(service: str) -> None:
    found = find_service(service)
    assert found.name == service
    assert found.environment
    assert found.extra.startswith("launch-")
    assert found.models.startswith("for example --model")
    assert set(found.targets) <= set(TARGETS)


@pytest.mark.parametrize(
    ("service", "settings"),
    [
        ("openai", {"n_epochs": 2, "batch_size": 4, "seed": 5}),
        ("azure", {"n_epochs": 2, "batch_size": 4, "seed": 5}),
        ("together", {"n_epochs": 2, "batch_size": 4, "learning_rate": 0.01, "lora": True, "lora_r": 8, "random_seed": 5}),
        ("fireworks", {"epochs": 2, "batch_size_samples": 4, "learning_rate": 0.01, "lora_rank": 8}),
    ],
)  # fmt: skip
def test_the_recipe_in_each_providers_words(service: str, settings: dict[str, Any]) -> None:
    options = TrainOptions(epochs=2, batch_size=4, learning_rate=0.01, rank=8)
    given = frozenset({"epochs", "batch_size", "learning_rate", "rank"})
    assert find_service(service).settings(options, given, 5) == settings
    assert set(settings) <= set(find_service(service).takes)
    with pytest.raises(RecipeError) as error:
        find_service(service).settings(TrainOptions(epochs=0.5), frozenset({"epochs"}), 5)
    assert f"--set {next(iter(settings))}=" in str(error.value)


@pytest.mark.parametrize("service", sorted(NEEDS))
def test_the_calls_are_python_and_need_no_sdk(
    service: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    for module in NEEDS.values():
        monkeypatch.setitem(sys.modules, module, None)
    plan = _plan("azure", tmp_path, target=find_service(service).targets[0], settings={})
    text = "\n".join(find_service(service).calls(plan))
    compile(text, "calls", "exec")
    assert "0123456789abcdef" in text
    with pytest.raises(MissingExtraError, match=r"is not installed"):
        find_service(service).ready(plan)


@pytest.mark.parametrize("service", NAMES)
def test_a_version_is_launched_at_each(
    service: str, frozen: Path, stand_in: Any, other_stand_ins: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip(NEEDS[service])
    makers = {
        "azure": stand_in.StandIn,
        "together": other_stand_ins.Together,
        "fireworks": other_stand_ins.Fireworks,
    }
    with stand_in.served(makers[service]()) as state:
        for variable, value in ENVIRONMENT[service].items():
            monkeypatch.setenv(variable, value.format(url=state.url))
        result = launch(frozen, to=service, model="org/base", patience=Patience(stand_in.quick))
        assert result.status == "succeeded"
        assert _once(state)
