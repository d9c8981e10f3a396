"""What a wrong input says: three parts, exit 2, no traceback, nothing half-written."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time

import pytest
from tuneset.cli.main import main

GOOD = json.dumps({"prompt": "What is 2 + 2?", "completion": "4"}) + "\n"
FINAL = {"rows.parquet", "verdicts.parquet", "edits.parquet", "run.json", "quarantine.jsonl", "report.html"}


def three_parts(text):
    lines = text.strip().splitlines()
    assert lines[-3].startswith("tuneset: ")
    assert lines[-2].startswith("  where: ")
    assert lines[-1].startswith("  fix: ")
    assert "Traceback" not in text
    return lines[-3]


FILES = {
    "empty": ("x.jsonl", b"", "is empty"),
    "blank": ("x.jsonl", b"\n\n", "holds no row"),
    "truncated array": (
        "x.json",
        b'[{"prompt": "a", "completion": "b"}, {"prompt"',
        "ends in the middle of row 2",
    ),
    "truncated gzip": ("x.jsonl.gz", gzip.compress(GOOD.encode() * 1000)[:40], "damaged or cut off"),
    "latin1 array": ("x.json", '[{"prompt": "ä", "completion": "b"}]'.encode("latin1"), "not UTF-8"),
    "latin1 csv": ("x.csv", "prompt,completion\nä,b\n".encode("latin1"), "not UTF-8"),
    "no rows of ours": ("x.jsonl", b'{"frage": 1}\n', "no known shape"),
    "binary": ("x.jsonl", bytes(range(256)) * 20, "no row of 'x.jsonl' can be read"),
    "column twice": ("x.csv", b"prompt,prompt\na,b\n", "is there twice"),
    "not parquet": ("x.parquet", b"PAR1 hello PAR1", "not a whole parquet file"),
    "number": ("x.json", b"42", "starts with '4'"),
    "unknown ending": ("x.docx", b"PK", "no known ending"),
}


@pytest.mark.parametrize(("name", "data", "what"), FILES.values(), ids=FILES.keys())
def test_unusable_file(tmp_path, capsys, name, data, what):
    (tmp_path / name).write_bytes(data)
    assert main(["curate", str(tmp_path / name), "-o", str(tmp_path / "out"), "-q"]) == 2
    assert what in three_parts(capsys.readouterr().err)
    assert not FINAL & set(os.listdir(tmp_path / "out"))


RECIPES = {
    "unknown key": ("sed: 3", "unknown key 'sed'", "did you mean 'seed'?"),
    "unknown step": ("steps: [near_dup]", "unknown step 'near_dup'", "did you mean 'near_duplicate'?"),
    "unknown option": (
        "steps:\n- use: near_duplicate\n  treshold: 0.8",
        "unknown key 'treshold'",
        "'threshold'?",
    ),
    "out of range": ("steps:\n- use: near_duplicate\n  threshold: 7", "threshold=7", "recipe schema"),
    "wrong type": ("seed: many", "seed='many'", "recipe schema"),
    "step twice": ("steps: [split, split]", "'split' is there twice", "remove"),
    "key twice": ("seed: 1\nseed: 2", "'seed' is there twice", "repair"),
    "alias": ("seed: &a 1\ncolumns: *a", "aliases are not allowed", "repair"),
    "python tag": ("seed: !!python/object/apply:os.system [echo]", "not valid YAML", "repair"),
    "not yaml": ("steps: [", "not valid YAML", "repair"),
    "a list": ("- structure", "is a list", "recipe init"),
    "foreign code": ("steps: [{use: 'evil.py:f'}]", "wants to run code", "--allow evil.py"),
}


@pytest.mark.parametrize(("text", "what", "fix"), RECIPES.values(), ids=RECIPES.keys())
def test_wrong_recipe(tmp_path, capsys, text, what, fix):
    (tmp_path / "x.jsonl").write_text(GOOD)
    (tmp_path / "r.yaml").write_text(text)
    command = [
        "curate",
        str(tmp_path / "x.jsonl"),
        "-o",
        str(tmp_path / "out"),
        "--recipe",
        str(tmp_path / "r.yaml"),
    ]
    assert main([*command, "-q"]) == 2
    said = capsys.readouterr().err
    assert what in three_parts(said)
    assert fix in said
    assert not (tmp_path / "out" / "run.json").exists()


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["curat"], "unknown verb 'curat'"),
        (["curate", "x.jsonl"], "the following arguments are required: -o"),
        (["curate", "missing.jsonl", "-o", "OUT"], "'missing.jsonl' does not exist"),
        (["curate", "x.jsonl", "-o", "OUT", "--workers", "0"], "--workers is 0"),
        (["curate", "x.jsonl", "-o", "OUT", "--engine", "spark"], "unknown engine 'spark'"),
        (["status", "OUT"], "holds no finished run"),
        (["explain", "OUT", "x.jsonl:1"], "holds no finished run"),
        (["report", "OUT"], "holds no finished run"),
        (["approve", "OUT", "--where", "true"], "holds no finished run"),
        (["freeze", "OUT"], "holds no finished run"),
        (["export", "OUT", "--to", "openai"], "no frozen version"),
        (["train", "OUT"], "no frozen version"),
    ],
)
def test_wrong_call(tmp_path, capsys, monkeypatch, arguments, what):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.jsonl").write_text(GOOD)
    assert main(arguments) == 2
    assert what in three_parts(capsys.readouterr().err)


def test_json_error_is_one_object(tmp_path, capsys):
    assert main(["curate", "missing.jsonl", "-o", str(tmp_path), "--json", "-q"]) == 2
    said = json.loads(capsys.readouterr().out)
    assert set(said) == {"error", "what", "where", "fix"}


def test_a_bad_row_goes_to_quarantine_and_the_run_goes_on(tmp_path, capsys):
    bad = b'{"prompt": "a", "prompt": "b", "completion": "c"}\n' + b'{"prompt": "\xe4", "completion": "c"}\n'
    (tmp_path / "x.jsonl").write_bytes(GOOD.encode() + bad + b'{"prompt": "cut')
    assert main(["curate", str(tmp_path / "x.jsonl"), "-o", str(tmp_path / "out"), "-q"]) == 0
    assert "3 quarantined" in capsys.readouterr().out
    lost = [json.loads(line) for line in (tmp_path / "out" / "quarantine.jsonl").read_text().splitlines()]
    assert [q["line"] for q in lost] == [2, 3, 4]
    assert ["base64" in q for q in lost] == [False, True, False]


def test_a_folder_that_cannot_be_written(tmp_path, capsys):
    (tmp_path / "x.jsonl").write_text(GOOD)
    (tmp_path / "file").write_text("")
    assert main(["curate", str(tmp_path / "x.jsonl"), "-o", str(tmp_path / "file" / "out"), "-q"]) == 2
    assert "cannot be written" in three_parts(capsys.readouterr().err)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full, a device that is always full")
def test_a_full_disk_is_said_to_be_full(tmp_path):
    from tuneset.schemas.errors import WorkspaceError
    from tuneset.schemas.files import atomic

    full = pytest.raises(WorkspaceError, match="the disk is full")
    with full, atomic(tmp_path / "x"), open("/dev/full", "w") as device:
        device.write("x")
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_ends_quickly_with_130(tmp_path):
    rows = "".join(
        json.dumps(
            {"prompt": f"Tell me about the number {i}.", "completion": f"{i} comes after {i - 1}. " * 20}
        )
        + "\n"
        for i in range(30_000)
    )
    (tmp_path / "x.jsonl").write_text(rows)
    command = [sys.executable, "-m", "tuneset.cli.main", "curate", "x.jsonl", "-o", "out", "--workers", "2"]
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while "measure" not in (line := process.stderr.readline()):
        assert line, "ended before it measured"
    time.sleep(0.5)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Traceback" not in said
    assert "stopped" in said
    assert not FINAL & set(os.listdir(tmp_path / "out"))


def test_version_of_the_program_and_of_the_data_are_two_things(tmp_path, capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.strip()[0].isdigit()
    assert main(["train", str(tmp_path), "--version", "v9"]) == 2
    assert "version" in three_parts(capsys.readouterr().err)
