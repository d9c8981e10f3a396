"""The documentation is true: its code blocks run, and print what it shows.

A comment right before a code block says how it is handled:

    <!-- file: PATH -->         the block is that file
    <!-- exit: N -->            the command ends with N
    <!-- output of: COMMAND --> what that command prints, in a `text` block
    <!-- slow: REASON -->       run by the slow test alone
    <!-- not run: REASON -->    not run at all

A `text` block right after a block that ran holds lines that it printed, in order; `...` is anything.
"""

import contextlib
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tuneset.cli.main import main
from tuneset.schemas.recipe import TrainOptions
from tuneset.train import list_models

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(
    r"(?:^<!-- (?P<how>[a-z ]+): (?P<what>[^\n]*?) -->\n)?^```(?P<kind>\w+)\n(?P<body>.*?)^```$", re.M | re.S
)
SHELL_SIGNS = set("();<>|&")
MEASURED = re.compile(r"\d[\d,.]* (?=s\b|rows/s|MiB|MB)|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)")


def page_id(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@dataclass
class Block:
    how: str
    what: str
    kind: str
    body: str
    follows: bool  # nothing but blank lines since the block before


def blocks(page: Path) -> Iterator[Block]:
    source, end = page.read_text(encoding="utf-8"), 0
    for found in BLOCK.finditer(source):
        follows = not source[end : found.start()].strip() and end > 0
        yield Block(found["how"] or "", found["what"] or "", found["kind"], found["body"], follows)
        end = found.end()


@pytest.fixture(scope="session")
def desk(tmp_path_factory):
    """A folder as a reader has it: sample, recipes and examples, chats of one's own, the demo's workspace."""
    folder = tmp_path_factory.mktemp("desk")
    for name in ("cli/sample", "examples", "recipes"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "cli/sample/raw/home_intents.jsonl", folder / "chats.jsonl")
    with contextlib.chdir(folder), open("demo.txt", "w") as out, contextlib.redirect_stdout(out):
        assert main(["demo", "-o", "demo-out", "--skip-train", "-q"]) == 0
    return folder


def run_page(page: Path, desk: Path, folder: Path, capsys, slow: bool) -> None:
    shutil.copytree(desk, folder, dirs_exist_ok=True)
    printed = ""
    names: dict[str, Any] = {}
    for block in blocks(page):
        if block.kind == "text" and block.how == "output of":
            check_output(block.body, (folder / "demo.txt").read_text(), page)
        elif block.how == "file":
            (folder / block.what).write_text(block.body, encoding="utf-8")
        elif block.kind == "text":
            if block.follows and printed:
                check_output(block.body, printed, page)
        elif block.how == "not run" or (block.how == "slow" and not slow):
            printed = ""
        elif block.kind in ("bash", "python"):
            if block.kind == "bash":
                run_bash(block, folder)
            else:
                names = run_python(block, folder, names)
            captured = capsys.readouterr()
            printed = captured.out + captured.err


def run_python(block: Block, folder: Path, names: dict[str, Any]) -> dict[str, Any]:
    """Run a block with the names of the page's blocks before it."""
    script = folder / f"block_{len(names)}.py"
    script.write_text(block.body, encoding="utf-8")
    after = runpy.run_path(str(script), init_globals=names, run_name="__main__")
    return {name: value for name, value in after.items() if not name.startswith("__")}


def run_bash(block: Block, folder: Path) -> None:
    """Commands of ours run in this process, which saves their start; other blocks run in bash."""
    wanted = int(block.what) if block.how == "exit" else 0
    commands = [
        list(words) for line in block.body.replace("\\\n", " ").splitlines() if (words := split(line))
    ]
    if all(words[0] == "tuneset" and not SHELL_SIGNS & set(words) for words in commands):
        code = 0
        for words in commands:
            assert code == 0
            code = main(words[1:])
    else:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", "-euc", block.body],
            cwd=folder,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
        )
        code = done.returncode
        sys.stdout.write(done.stdout + done.stderr)
    assert code == wanted, block.body


def split(line: str) -> list[str]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    return list(lexer)


def check_output(shown: str, printed: str, page: Path) -> None:
    """Every shown line was printed, in order; times, speeds and memory may differ."""
    lines = iter([plain(line) for line in printed.splitlines()])
    for line in filter(str.strip, shown.splitlines()):
        pattern = re.compile(re.escape(plain(line)).replace(r"\.\.\.", ".*"))
        assert any(pattern.fullmatch(other) for other in lines), (
            f"{page_id(page)} shows {line!r}, not printed:\n{printed}"
        )


def plain(line: str) -> str:
    return " ".join(MEASURED.sub("N ", line).split())


RUNNABLE = [p for p in PAGES if any(b.kind in ("bash", "python") for b in blocks(p))]


@pytest.mark.parametrize("page", RUNNABLE, ids=page_id)
def test_blocks_run_and_print_what_is_shown(page, desk, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("COLUMNS", "100")
    run_page(page, desk, tmp_path, capsys, slow=False)


@pytest.mark.slow
@pytest.mark.parametrize(
    "page", [p for p in RUNNABLE if any(b.how == "slow" for b in blocks(p))], ids=page_id
)
def test_slow_blocks_run(page, desk, tmp_path, capsys, monkeypatch):
    if not any(model["cached"] for model in list_models() if model["name"] == TrainOptions().base):
        pytest.skip("the base model is not cached, and tests use no network")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    run_page(page, desk, tmp_path, capsys, slow=True)
