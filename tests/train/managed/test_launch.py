"""One upload, one job: whatever is lost, whatever is killed, however often it is repeated."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import signal
import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from tuneset.cli.main import main
from tuneset.curate import status
from tuneset.curate.export import export
from tuneset.review_app import freeze
from tuneset.schemas.errors import RecipeError, ServiceError, WorkspaceError
from tuneset.train.managed import launch
from tuneset.train.managed.hosted import load_hosted_manifest
from tuneset.train.managed.journal import Journal
from tuneset.train.managed.sending import Patience

MODEL = "gpt-4.1-mini-2025-04-14"


def _go(out: Path, stand_in: Any, **more: Any) -> Any:
    return launch(out, to="openai", **{"model": MODEL, "patience": Patience(stand_in.quick), **more})


def _journal(out: Path, run: str = "openai-v1") -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "models" / run / "launch.jsonl").read_text().splitlines()]


def _posts(provider: Any) -> dict[str, int]:
    return {"files": len(provider.files), "jobs": len(provider.jobs)}


ONCE = {"files": 2, "jobs": 1}


def test_a_launch_sends_the_exported_files_and_records_the_model(
    frozen: Path, provider: Any, stand_in: Any
) -> None:
    said: list[str] = []
    result = _go(frozen, stand_in, progress=said.append, settings={"n_epochs": 2, "suffix": "faq"})
    assert (result.status, result.job_id, result.model) == ("succeeded", "ftjob-1", f"ft:{MODEL}:org::1")
    assert provider.problems == []
    folder = frozen / "exports" / "openai-v1"
    for split, file in (("train", provider.files[0]), ("validation", provider.files[1])):
        assert provider.contents[file["id"]] == (folder / f"{split}.jsonl").read_bytes()
        assert file["filename"] == f"tuneset-{result.key}-{split}.jsonl"
        assert file["purpose"] == "fine-tune"
    job = provider.jobs[0]
    assert job["method"] == {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 2}}}
    assert (job["training_file"], job["validation_file"], job["seed"]) == ("file-1", "file-2", 13)
    assert job["metadata"] == {"tuneset_key": result.key, "tuneset_run": "openai-v1"}
    assert "job ftjob-1: running 30%: Step 3/10: training loss=1.5" in said
    manifest = load_hosted_manifest(frozen, "openai-v1")
    assert manifest is not None
    assert (manifest.service, manifest.base, manifest.model) == ("openai", MODEL, f"ft:{MODEL}:org::1")
    assert manifest.files["train"].sha256 == hashlib.sha256(provider.contents["file-1"]).hexdigest()
    assert (manifest.files["train"].rows, manifest.files["validation"].rows) == (20, 4)
    assert (manifest.data.version, len(manifest.data.row_ids)) == ("v1", 20)
    assert manifest.settings == {"seed": 13, "n_epochs": 2, "suffix": "faq"}
    assert manifest.details["trained_tokens"] == 1234
    assert [m["run"] for m in status(frozen).models] == ["openai-v1"]


def test_the_test_rows_and_the_key_stay_here(frozen: Path, provider: Any, stand_in: Any) -> None:
    said: list[str] = []
    _go(frozen, stand_in, progress=said.append)
    sent = b"".join(provider.contents.values()).decode()
    assert "question 24 é" in sent
    assert "question 25 é" not in sent
    key = os.environ["OPENAI_API_KEY"]
    assert provider.bearers == {f"Bearer {key}"}
    assert key not in "\n".join(said)
    for path in frozen.rglob("*"):
        assert not path.is_file() or key.encode() not in path.read_bytes(), path


def test_the_recipes_settings_are_sent_when_they_are_stated(
    frozen: Path, provider: Any, stand_in: Any
) -> None:
    (frozen / "tuneset.yaml").write_text("seed: 7\ntrain: {epochs: 4, batch_size: 8, learning_rate: 0.001}\n")
    _go(frozen, stand_in)
    job = provider.jobs[0]
    hyper = {"n_epochs": 4, "batch_size": 8}
    assert job["method"] == {"type": "supervised", "supervised": {"hyperparameters": hyper}}
    assert job["seed"] == 7
    assert provider.problems == []


def test_part_epochs_are_refused_before_anything_is_sent(frozen: Path, provider: Any, stand_in: Any) -> None:
    (frozen / "tuneset.yaml").write_text("train: {epochs: 1.5}\n")
    with pytest.raises(RecipeError, match=r"train.epochs is 1.5"):
        _go(frozen, stand_in)
    assert provider.calls == []


def test_repeating_a_finished_launch_asks_nobody(frozen: Path, provider: Any, stand_in: Any) -> None:
    first = _go(frozen, stand_in)
    calls, lines = len(provider.calls), _journal(frozen)
    manifest = (frozen / "models" / "openai-v1" / "manifest.json").read_bytes()
    again = _go(frozen, stand_in, model=None)
    assert (again.status, again.model, again.files) == (first.status, first.model, first.files)
    assert (len(provider.calls), _journal(frozen)) == (calls, lines)
    (frozen / "models" / "openai-v1" / "manifest.json").unlink()
    _go(frozen, stand_in)
    assert (frozen / "models" / "openai-v1" / "manifest.json").read_bytes() == manifest


def test_a_detached_launch_is_followed_by_the_same_call(frozen: Path, provider: Any, stand_in: Any) -> None:
    started = _go(frozen, stand_in, detach=True)
    assert (started.status, started.job_id, started.model) == ("started", "ftjob-1", None)
    with pytest.raises(WorkspaceError, match="has no model yet"):
        load_hosted_manifest(frozen, "openai-v1")
    assert _go(frozen, stand_in, detach=True).status == "started"
    assert _go(frozen, stand_in).status == "succeeded"
    assert _posts(provider) == ONCE


def test_another_name_is_another_job(frozen: Path, provider: Any, stand_in: Any) -> None:
    assert _go(frozen, stand_in).key != _go(frozen, stand_in, name="second").key
    assert _posts(provider) == {"files": 4, "jobs": 2}


def test_a_lost_workspace_finds_its_files_and_job(frozen: Path, provider: Any, stand_in: Any) -> None:
    """Copies of a workspace without the journal have the same key; what is on later pages is found too."""
    _go(frozen, stand_in, detach=True)
    for n in range(3):
        _go(frozen, stand_in, name=f"other{n}", detach=True)
    for path in (frozen / "models" / "openai-v1").iterdir():
        path.unlink()
    provider.jobs[0]["metadata"] = None
    result = _go(frozen, stand_in)
    assert (result.job_id, result.files) == ("ftjob-1", {"train": "file-1", "validation": "file-2"})
    assert _posts(provider) == {"files": 8, "jobs": 4}
    assert all(line["found"] for line in _journal(frozen) if line["event"] == "result")


@pytest.mark.parametrize("call", ["/v1/files", "/v1/fine_tuning/jobs"])
@pytest.mark.parametrize(
    "fault", ["drop_before", "drop_after", "cut", "badjson", "no_id", 408, 409, 429, 500, 502, 503]
)
def test_a_fault_in_a_creating_call_makes_no_double(
    frozen: Path, provider: Any, stand_in: Any, call: str, fault: str | int
) -> None:
    provider.faults[("POST", call)] = [fault, fault, fault]
    assert _go(frozen, stand_in).status == "succeeded"
    assert _posts(provider) == ONCE


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "cut", "badjson", 429, 500])
def test_a_fault_in_a_reading_call_is_waited_out(
    frozen: Path, provider: Any, stand_in: Any, fault: str | int
) -> None:
    for path in ("/v1/files", "/v1/fine_tuning/jobs", "/v1/fine_tuning/jobs/ftjob-1", "/events"):
        provider.faults[("GET", path)] = [fault, fault]
    assert _go(frozen, stand_in).status == "succeeded"
    assert _posts(provider) == ONCE


@pytest.mark.parametrize("fault", ["drop_after", "cut", "badjson", "no_id"])
def test_a_gateway_that_forgets_names_makes_no_double(
    frozen: Path, provider: Any, stand_in: Any, fault: str
) -> None:
    provider.keep_names = False
    provider.faults[("POST", "/v1/files")] = [fault, fault]
    assert _go(frozen, stand_in).status == "succeeded"
    assert _posts(provider) == ONCE


def test_a_strangers_file_is_not_taken_for_ours(frozen: Path, provider: Any, stand_in: Any) -> None:
    """Someone uploads a file of the same size while our own upload is lost; names are kept here."""
    size = _train_size(frozen)
    provider.files.append(_file("file-a", "mine.jsonl", 5))

    def meanwhile(number: int, when: str) -> None:
        if provider.calls[number] == ("POST", "/v1/files") and when == "before" and len(provider.files) == 1:
            provider.files.append(_file("file-b", "theirs.jsonl", size))
            provider.contents["file-b"] = b"x"

    provider.exchange = meanwhile
    provider.faults[("POST", "/v1/files")] = [503]
    result = _go(frozen, stand_in)
    assert result.files["train"] not in ("file-a", "file-b")


def _file(file_id: str, name: str, size: int) -> dict[str, Any]:
    told = {"object": "file", "created_at": 1, "purpose": "fine-tune", "status": "processed"}
    return {"id": file_id, "filename": name, "bytes": size, **told}


def _train_size(out: Path) -> int:
    export(out, to="openai")
    return (out / "exports" / "openai-v1" / "train.jsonl").stat().st_size


def test_a_provider_that_never_answers_is_given_up_and_taken_up_again(
    frozen: Path, provider: Any, stand_in: Any
) -> None:
    provider.faults[("POST", "/v1/fine_tuning/jobs")] = [503] * 3
    few = Patience(stand_in.quick, attempts=3)
    with pytest.raises(ServiceError, match="did not answer the start of the job, 3 times"):
        _go(frozen, stand_in, patience=few)
    assert _go(frozen, stand_in).status == "succeeded"
    assert _posts(provider) == ONCE


def test_an_address_without_a_server_is_told(
    frozen: Path, stand_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{free.getsockname()[1]}/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-loopback-0123456789abcdef")
    with pytest.raises(ServiceError, match="no connection: .*refused"):
        _go(frozen, stand_in, patience=Patience(stand_in.quick, attempts=2))


def test_a_version_without_validation_rows_sends_one_file(
    workspaces: Any, tmp_path: Path, provider: Any, stand_in: Any
) -> None:
    from tuneset.review_app import approve

    rows = [workspaces.row(n, workspaces.turns(f"q{n}", f"a{n}")) for n in range(12)]
    told = [workspaces.verdict(r["row_id"], "split", "assign", value="train") for r in rows]
    out = workspaces.build(tmp_path / "one", rows, told)
    approve(out, where="true", actor="ana")
    freeze(out)
    assert _go(out, stand_in).status == "succeeded"
    assert _posts(provider) == {"files": 1, "jobs": 1}
    assert provider.jobs[0]["validation_file"] is None


@pytest.mark.parametrize(
    ("status", "told"),
    [(401, "refuses the key in OPENAI_API_KEY"), (403, "planted 403"), (400, "planted 400")],
)
def test_a_refusal_is_told_and_not_repeated(
    frozen: Path, provider: Any, stand_in: Any, status: int, told: str
) -> None:
    provider.faults[("POST", "/v1/files")] = [status]
    with pytest.raises(ServiceError, match=told) as error:
        _go(frozen, stand_in)
    assert os.environ["OPENAI_API_KEY"] not in str(error.value)
    assert provider.calls.count(("POST", "/v1/files")) == 1
    assert _go(frozen, stand_in).status == "succeeded"


@pytest.mark.parametrize("ending", ["failed", "cancelled"])
def test_a_job_that_ends_badly_leaves_no_model(
    frozen: Path, provider: Any, stand_in: Any, ending: str
) -> None:
    provider.ending = ending
    result = _go(frozen, stand_in)
    assert (result.status, result.model) == (ending, None)
    assert result.message == ("the file is too dull" if ending == "failed" else "")
    assert not (frozen / "models" / "openai-v1" / "manifest.json").exists()
    calls = len(provider.calls)
    assert _go(frozen, stand_in).status == ending
    assert len(provider.calls) == calls


# Killed at any point


def _killed(out: Path, stand_in: Any, prepare: Any = None) -> int | None:
    """The exit of a launch in a process of its own."""

    def work() -> None:
        os.setsid()
        if prepare is not None:
            prepare()
        _go(out, stand_in)
        os._exit(0)

    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    pids.append(process.pid)
    process.join(60)
    return process.exitcode


pids: list[int | None] = []


def _fresh(frozen: Path, provider: Any) -> None:
    for path in sorted((frozen / "models").rglob("*"), reverse=True) if (frozen / "models").exists() else ():
        path.rmdir() if path.is_dir() else path.unlink()
    for things in (provider.files, provider.jobs, provider.calls):
        things.clear()
    provider.contents.clear()
    provider.looks.clear()


def test_a_launch_killed_at_any_exchange_makes_no_double(frozen: Path, provider: Any, stand_in: Any) -> None:
    import openai  # noqa: F401  before the forks

    _go(frozen, stand_in)
    calls = list(provider.calls)
    assert [method for method, _ in calls].count("POST") == 3
    points = [(n, "after") for n in range(len(calls))]
    points += [(n, "before") for n, (method, _) in enumerate(calls) if method == "POST"]
    for point in points:
        _fresh(frozen, provider)

        def kill(at: int, then: str, point: tuple[int, str] = point) -> None:
            if (at, then) == point:
                pid = pids[-1]
                assert pid is not None
                os.kill(pid, signal.SIGKILL)
                time.sleep(0.01)

        provider.exchange = kill
        assert _killed(frozen, stand_in) == -signal.SIGKILL
        provider.exchange = None
        assert (point, _go(frozen, stand_in).status) == (point, "succeeded")
        assert (point, _posts(provider)) == (point, ONCE)


@pytest.mark.parametrize("torn", [False, True])
def test_a_launch_killed_at_any_line_of_the_journal_makes_no_double(
    frozen: Path, provider: Any, stand_in: Any, torn: bool
) -> None:
    """Killed before each line, or in the middle of it."""
    import openai  # noqa: F401  before the forks

    _go(frozen, stand_in)
    lines = len(_journal(frozen))
    assert lines == 10
    for number in range(lines):
        _fresh(frozen, provider)

        def prepare(number: int = number) -> None:
            write = Journal.write

            def dying(self: Journal, event: str, /, **facts: Any) -> None:
                if len(self.lines) == number:
                    if torn:
                        with open(self.path, "ab") as f:
                            f.write(b'{"at": "2026-11-25T09:00:00+00:00", "event": "res')
                    os.kill(os.getpid(), signal.SIGKILL)
                write(self, event, **facts)

            Journal.write = dying  # type: ignore[method-assign]

        assert _killed(frozen, stand_in, prepare) == -signal.SIGKILL
        assert _go(frozen, stand_in).status == "succeeded"
        assert (number, _posts(provider)) == (number, ONCE)
        assert [line["event"] for line in _journal(frozen)].count("plan") == 1


def test_two_launches_at_once_make_no_double(frozen: Path, provider: Any, stand_in: Any) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def hold(number: int, _when: str) -> None:
        if provider.calls[number] == ("POST", "/v1/files"):
            inside.set()
            go_on.wait(10)

    provider.exchange = hold
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(_go(frozen, stand_in)))
    thread.start()
    assert inside.wait(10)
    with pytest.raises(
        WorkspaceError, match=r"another tuneset process \(pid \d+\) launches or follows 'openai-v1'"
    ):
        _go(frozen, stand_in)
    go_on.set()
    thread.join(30)
    assert results[0].status == "succeeded"
    assert _posts(provider) == ONCE


# What is refused


def test_a_repeated_launch_must_be_the_same(frozen: Path, provider: Any, stand_in: Any) -> None:
    _go(frozen, stand_in, detach=True)
    for more in ({"model": "gpt-4o"}, {"version": "v9"}, {"settings": {"n_epochs": 9}}):
        with pytest.raises(WorkspaceError, match="and .* is asked for now"):
            _go(frozen, stand_in, **{"name": "openai-v1", **more})
    assert _posts(provider) == ONCE


@pytest.mark.usefixtures("provider")
def test_a_launch_goes_on_at_the_same_address_alone(
    frozen: Path, stand_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    _go(frozen, stand_in, detach=True)
    monkeypatch.setenv("OPENAI_BASE_URL", "http://user:secret@127.0.0.1:9/v1")
    with pytest.raises(WorkspaceError, match="the environment names OpenAI at 127.0.0.1:9/v1 now") as error:
        _go(frozen, stand_in)
    assert "secret" not in str(error.value)


def test_a_stale_export_is_written_anew(frozen: Path, provider: Any, stand_in: Any) -> None:
    export(frozen, to="openai")
    path = frozen / "exports" / "openai-v1" / "train.jsonl"
    path.write_bytes(path.read_bytes()[:-40])
    _go(frozen, stand_in)
    assert provider.contents["file-1"].count(b"\n") == 20


def test_a_version_that_is_too_small_is_refused_before_the_upload(
    workspaces: Any, tmp_path: Path, provider: Any, stand_in: Any
) -> None:
    from tuneset.review_app import approve

    rows = [workspaces.row(n, workspaces.turns(f"q{n}", f"a{n}")) for n in range(9)]
    told = [workspaces.verdict(r["row_id"], "split", "assign", value="train") for r in rows]
    out = workspaces.build(tmp_path / "small", rows, told)
    approve(out, where="true", actor="ana")
    freeze(out)
    with pytest.raises(RecipeError, match=r"9 training rows are fewer than openai takes \(10\)"):
        _go(out, stand_in)
    assert provider.calls == []


@pytest.mark.usefixtures("provider")
def test_a_trained_models_name_is_taken(frozen: Path, stand_in: Any) -> None:
    (frozen / "models" / "run1").mkdir(parents=True)
    (frozen / "models" / "run1" / "manifest.json").write_text("{}")
    with pytest.raises(WorkspaceError, match="the name 'run1' is taken"):
        _go(frozen, stand_in, name="run1")


def test_tokens_and_cost_are_shown(frozen: Path, tmp_path: Path) -> None:
    """At 2 dollars a million tokens, each of three passes over the training rows is paid."""
    table = tmp_path / "prices.yaml"
    price = {"target": "openai", "model": "gpt-4.1-mini", "usd": 2.0, "per": "1M training tokens"}
    table.write_text(json.dumps({"prices": [{**price, "read": "2026-11", "source": "the test"}]}))
    offer = launch(
        frozen, to="openai", model=MODEL, settings={"n_epochs": 3}, prices=table, dry_run=True
    ).offer
    assert offer is not None
    train = offer.spend["tokens"]["splits"]["train"]
    assert train["rows"] == 20
    assert offer.spend["cost"]["epochs"] == 3
    assert offer.spend["cost"]["billed_tokens"] == 3 * train["tokens"]
    cost = offer.spend["cost"]["prices"][0]["cost"]
    assert cost == pytest.approx(3 * train["tokens"] * 2 / 1e6, abs=1e-4)
    assert "billed:" in offer.text()


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"to": "opnai"}, "did you mean 'openai'"),
        ({"model": None}, "no base model of openai is named"),
        ({"settings": {"n_epoch": 1}}, "did you mean 'n_epochs'"),
        ({"target": "trl"}, "openai takes no files of 'trl'"),
        ({"name": "../x"}, "cannot be the name of a run"),
    ],
)
@pytest.mark.usefixtures("provider", "stand_in")
def test_wrong_arguments_are_told(frozen: Path, more: dict[str, Any], told: str) -> None:
    with pytest.raises(RecipeError) as error:
        launch(frozen, **{"to": "openai", "model": MODEL, **more})
    assert told in str(error.value)


def test_a_launch_whose_job_was_refused_may_be_put_right(frozen: Path, provider: Any, stand_in: Any) -> None:
    """A wrong base model is told at the start of the job; there is none, so another one may be named."""
    provider.faults[("POST", "/v1/fine_tuning/jobs")] = [400]
    with pytest.raises(ServiceError, match="planted 400"):
        _go(frozen, stand_in, model="gpt-4.1-minni")
    asked: list[Any] = []
    result = _go(frozen, stand_in, agree=lambda offer: asked.append(offer) or True)
    assert (result.status, len(asked), len(provider.jobs)) == ("succeeded", 1, 1)
    assert provider.jobs[0]["model"] == MODEL
    manifest = load_hosted_manifest(frozen, "openai-v1")
    assert manifest is not None
    assert (manifest.base, manifest.key) == (MODEL, result.key)


def test_a_launch_whose_start_was_lost_may_not_be_changed(frozen: Path, provider: Any, stand_in: Any) -> None:
    provider.faults[("POST", "/v1/fine_tuning/jobs")] = [503, 400]
    with pytest.raises(ServiceError, match="planted 400"):
        _go(frozen, stand_in)
    with pytest.raises(WorkspaceError, match="and 'gpt-4o' is asked for now"):
        _go(frozen, stand_in, model="gpt-4o")
    assert _go(frozen, stand_in).status == "succeeded"


def test_no_message_holds_a_key(
    frozen: Path, provider: Any, stand_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A provider that repeats the key in its answer; and one whose key looks like none."""
    for key in (os.environ["OPENAI_API_KEY"], "hunter2hunter2"):
        monkeypatch.setenv("OPENAI_API_KEY", key)
        provider.says = f"bad request of {key}"
        provider.faults[("POST", "/v1/files")] = [400]
        with pytest.raises(ServiceError, match="bad request of") as error:
            _go(frozen, stand_in)
        assert key not in json.dumps(error.value.as_dict())


def test_no_money_is_told_and_not_waited_for(frozen: Path, provider: Any, stand_in: Any) -> None:
    provider.code = "insufficient_quota"
    provider.faults[("POST", "/v1/files")] = [429]
    with pytest.raises(ServiceError, match="planted 429"):
        _go(frozen, stand_in)
    assert provider.calls.count(("POST", "/v1/files")) == 1


# The command line


class _Terminal:
    """Somebody at a terminal."""

    def __init__(self, answer: str) -> None:
        self.readline = lambda: f"{answer}\n"

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("answer", "code", "jobs"), [("y", 0, 1), ("n", 1, 0), ("", 1, 0)])
def test_on_a_terminal_it_asks(
    frozen: Path,
    provider: Any,
    capsys: Any,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    code: int,
    jobs: int,
) -> None:
    provider.polls = 0
    monkeypatch.setattr("sys.stdin", _Terminal(answer))
    assert _cli(frozen) == code
    out, err = capsys.readouterr()
    assert "Send this and start the job? [y/N]" in err
    assert len(provider.jobs) == jobs
    if not jobs:
        assert (out, provider.calls) == ("nothing was sent\n", [])
        assert not (frozen / "models" / "openai-v1").exists()


def _cli(out: Path, *more: str) -> int:
    return main(["launch", str(out), "--to", "openai", "--model", MODEL, *more])


def test_a_missing_key_is_named(frozen: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    pytest.importorskip("openai")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert _cli(frozen, "--yes") == 2
    told = capsys.readouterr().err
    assert "the variable OPENAI_API_KEY is not set" in told
    assert "fix: export OPENAI_API_KEY=" in told


def test_nobody_to_ask_is_an_error(
    frozen: Path, provider: Any, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", open(os.devnull))  # noqa: SIM115
    assert _cli(frozen) == 2
    assert "run it with --yes" in capsys.readouterr().err
    assert provider.calls == []


def test_a_dry_run_needs_neither_key_nor_network(
    frozen: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setitem(__import__("sys").modules, "openai", None)
    assert _cli(frozen, "--dry-run", "--set", "n_epochs=2") == 0
    told = capsys.readouterr().out
    assert "to          OpenAI at api.openai.com/v1" in told
    assert "20 rows" in told
    compile(told[told.index("client = ") :], "dry run", "exec")
    assert "'hyperparameters': {'n_epochs': 2}" in told
    assert not (frozen / "models").exists()


def test_the_dry_runs_calls_are_the_ones_made(frozen: Path, provider: Any, stand_in: Any) -> None:
    """The printed text, run as it is, sends what a launch sends."""
    import openai

    text = "\n".join(launch(frozen, to="openai", model=MODEL, dry_run=True).calls)
    assert provider.calls == []
    exec(text, {"openai": openai})
    printed = [dict(thing) for thing in (*provider.files, *provider.jobs)]
    _fresh(frozen, provider)
    _go(frozen, stand_in, detach=True)
    assert [dict(thing) for thing in (*provider.files, *provider.jobs)] == printed


def test_the_command_shows_asks_and_follows(frozen: Path, provider: Any, capsys: Any) -> None:
    provider.polls = 1
    assert _cli(frozen, "--yes", "--json") == 0
    out, err = capsys.readouterr()
    data = json.loads(out)
    assert (data["status"], data["job_id"]) == ("succeeded", "ftjob-1")
    assert f"run         openai-v1, base model {MODEL}" in err
    assert "warning     openai is closing" in err
    assert "stays here  12 test rows" in err


def test_a_failed_job_is_exit_code_1(frozen: Path, provider: Any, capsys: Any) -> None:
    provider.polls, provider.ending = 0, "failed"
    assert _cli(frozen, "--yes", "-q") == 1
    out, err = capsys.readouterr()
    assert "job ftjob-1 failed: the file is too dull" in out
    assert err == ""


@pytest.mark.parametrize("version", [(), ("--version", "v1")])
def test_ctrl_c_says_that_the_job_goes_on(
    frozen: Path, provider: Any, capsys: Any, version: tuple[str, ...]
) -> None:
    if version:
        freeze(frozen)  # a newer one, which is not launched
    provider.polls = 10**6

    def interrupt(number: int, _when: str) -> None:
        if provider.calls[number][1].endswith("/ftjob-1"):
            provider.exchange = None
            signal.raise_signal(signal.SIGINT)

    provider.exchange = interrupt
    assert _cli(frozen, "--yes", *version) == 130
    assert "the job ftjob-1 goes on; run the same command again to follow it" in capsys.readouterr().err
    provider.exchange, provider.polls = None, 0
    assert _cli(frozen, *version) == 0
    assert _posts(provider) == ONCE
