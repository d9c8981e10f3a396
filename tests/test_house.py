"""The house stands: floors, start-up, public names, and no clash with a user's own files."""

import ast
import importlib
import importlib.util
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PORTIONS = ("cli", "curate", "review_app", "schemas", "train")
SOURCES = sorted(p for portion in PORTIONS for p in (ROOT / portion).rglob("*.py"))


def run(*command, cwd=None, **environment):
    env = {**os.environ, **environment}
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=env, timeout=120)


def tuneset(*arguments, cwd=None):
    return run(sys.executable, "-m", "tuneset.cli.main", *map(str, arguments), cwd=cwd)


def test_imports_respect_the_floors():
    done = run(str(Path(sys.executable).with_name("lint-imports")), "--no-cache", cwd=ROOT)
    assert done.returncode == 0, done.stdout


def test_a_broken_floor_is_noticed(tmp_path):
    from importlinter.application import use_cases  # noqa: F401  the linter is installed

    config = (ROOT / "pyproject.toml").read_text()
    upside_down = config.replace(
        'layers = ["tuneset.cli", "tuneset.review_app | tuneset.train", "tuneset.curate", "tuneset.schemas"]',
        'layers = ["tuneset.schemas", "tuneset.curate", "tuneset.review_app | tuneset.train", "tuneset.cli"]',
    )
    assert upside_down != config
    (tmp_path / "pyproject.toml").write_text(upside_down)
    linter = str(Path(sys.executable).with_name("lint-imports"))
    assert (
        run(linter, "--no-cache", "--config", str(tmp_path / "pyproject.toml"), cwd=tmp_path).returncode != 0
    )


def test_own_files_are_imported_relatively():
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            assert not any(n == "tuneset" or n.startswith("tuneset.") for n in names), path


def test_help_is_quick_and_loads_nothing_heavy():
    script = (
        "import sys, tuneset.cli.main as m\n"
        "try: m.main(['--help'])\n"
        "except SystemExit: pass\n"
        "print([n for n in ('torch', 'pandas', 'streamlit', 'pyarrow', 'pydantic', 'numpy') if n in sys.modules])"
    )
    done = run(sys.executable, "-c", script)
    assert done.stdout.rstrip().endswith("[]"), done.stdout[-200:]


def test_beside_a_users_own_train_and_schemas(tmp_path):
    (tmp_path / "train.py").write_text("raise SystemExit('the wrong train was imported')\n")
    (tmp_path / "curate.py").write_text("raise SystemExit('the wrong curate was imported')\n")
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "__init__.py").write_text("raise SystemExit('the wrong schemas was imported')\n")
    (tmp_path / "data.jsonl").write_text(json.dumps({"prompt": "Hi there?", "completion": "Hello."}) + "\n")
    done = tuneset("curate", "data.jsonl", "-o", "out", "--json", "-q", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["kept"] == 1
    command = Path(sys.executable).with_name("tuneset")
    if command.exists():
        assert run(str(command), "status", "out", cwd=tmp_path).returncode == 0
    assert (
        run(
            sys.executable, "-c", "import tuneset.curate, tuneset.train, tuneset.schemas", cwd=tmp_path
        ).returncode
        == 0
    )


@pytest.mark.parametrize("package", ["tuneset.curate", "tuneset.review_app", "tuneset.train"])
def test_public_names_are_sorted_complete_and_importable(package):
    module = importlib.import_module(package)
    assert list(module.__all__) == sorted(module.__all__)
    for name in module.__all__:
        value = getattr(module, name)
        assert not isinstance(value, type(sys)), f"{package}.{name} is a module"
        assert value.__doc__, f"{package}.{name} has no docstring"


def test_an_installed_package_has_every_folder():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    named = set(settings["tool"]["setuptools"]["packages"])
    assert named == {".".join(("tuneset", *p.relative_to(ROOT).parent.parts)) for p in SOURCES}


def test_no_dangerous_calls():
    forbidden = {"eval", "exec", "__import__"}
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else ""
            assert name not in forbidden, f"{path}: {name}"
            text = ast.unparse(node)
            allowed = path.name == "testing.py" and "pickle.loads(pickle.dumps" in text
            for word in ("pickle.load", "torch.load", "shell=True", "trust_remote_code=True", "verify=False"):
                assert allowed or word not in text, f"{path}: {text[:80]}"


def test_every_raise_of_ours_names_a_value():
    """An error says what was wrong with which value: its first text is built from something."""
    errors = {"InputError", "RecipeError", "WorkspaceError", "VersionError", "StepError", "ModelError"}
    bare = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in errors:
                words = {k.arg for k in node.keywords}
                if not {"where", "fix"} <= words:
                    bare.append(f"{path.name}:{node.lineno}")
    assert not bare


@pytest.mark.parametrize("path", sorted((ROOT / "benchmarks").glob("*.py")), ids=lambda p: p.stem)
def test_benchmarks_find_what_they_import(path, monkeypatch):
    monkeypatch.syspath_prepend(str(path.parent))
    spec = importlib.util.spec_from_file_location(f"benchmark_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.__doc__
