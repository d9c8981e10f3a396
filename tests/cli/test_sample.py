"""The demo sample: files read, counts and licences are documented, damage is where it is said to be."""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

SAMPLE = Path(str(files("tuneset.cli"))) / "sample"
DOCS = Path(__file__).parents[2] / "docs/sample.md"
ROWS = {
    "css_feedback.jsonl": 114,
    "home_help.csv": 420,
    "home_intents.jsonl": 332,
    "home_tools.json": 240,
    "js_snippets.json": 336,
    "js_snippets_1.0.parquet": 315,
    "python_tools.jsonl.gz": 299,
}
INTENTS = {
    *("turn_on", "turn_off", "open_cover", "close_cover", "set_light", "set_volume", "get_state"),
    *("start_timer", "change_timer", "timer_status"),
}


def read(path: Path) -> Iterator[Any]:
    if path.suffix == ".parquet":
        yield from pq.read_table(path).to_pylist()
    elif path.suffix == ".csv":
        with open(path, encoding="utf-8", newline="") as f:
            yield from csv.DictReader(f)
    elif path.suffix == ".json":
        yield from json.loads(path.read_text(encoding="utf-8"))
    else:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for line in data.decode("utf-8").splitlines():
            try:
                yield json.loads(line)
            except json.JSONDecodeError:
                continue


def intents() -> dict[int, tuple[str, str]]:
    """Line number to question and answer."""
    found = {}
    for number, line in enumerate((SAMPLE / "raw/home_intents.jsonl").read_text("utf-8").splitlines(), 1):
        if line.endswith("}"):
            _, user, assistant = json.loads(line)["messages"]
            found[number] = (user["content"], assistant["content"])
    return found


def test_files_are_the_documented_ones() -> None:
    assert {p.name for p in (SAMPLE / "raw").iterdir()} == set(ROWS)


@pytest.mark.parametrize("name", sorted(ROWS))
def test_rows_are_as_documented(name: str) -> None:
    assert sum(1 for _ in read(SAMPLE / "raw" / name)) == ROWS[name]
    line = next(x for x in DOCS.read_text("utf-8").splitlines() if f"`{name}`" in x)
    assert re.search(rf"\| {ROWS[name]}[ ,]", line)


def test_docs_state_the_sum() -> None:
    assert f"{sum(ROWS.values()):,} readable rows" in DOCS.read_text("utf-8")


@pytest.mark.parametrize("name", sorted(ROWS))
def test_licence_is_named_for_each_file(name: str) -> None:
    text = (SAMPLE / "LICENSES.md").read_text("utf-8")
    line = next(x for x in text.splitlines() if x.startswith(f"| `{name}`"))
    licences = {part.strip() for part in line.split("|")[3].split(",")}
    assert licences <= {"Apache-2.0", "MIT", "CC0-1.0"}


def test_sample_is_small() -> None:
    assert sum(p.stat().st_size for p in SAMPLE.rglob("*") if p.is_file()) < 1_500_000


def test_damage_is_where_it_is_said_to_be() -> None:
    rows = intents()
    damage = {int(k): v for k, v in json.loads((SAMPLE / "damage.json").read_text("utf-8")).items()}
    by_kind: dict[str, list[int]] = {}
    for number, kind in damage.items():
        by_kind.setdefault(kind, []).append(number)
    documented = dict(re.findall(r"^\| `(\w+)` \| (\d+) \|", DOCS.read_text("utf-8"), re.MULTILINE))
    assert {k: str(len(v)) for k, v in by_kind.items()} == documented
    assert {rows[n][1] for n in by_kind["empty_answer"]} == {""}
    assert all("sorry" in rows[n][1] for n in by_kind["refusal"])
    assert all(n not in rows for n in by_kind["broken_line"])
    counts = Counter(rows.values())
    assert sorted(counts[rows[n]] for n in by_kind["exact_repeat"]) == [2] * 7
    answers: dict[str, set[str]] = {}
    for question, answer in rows.values():
        answers.setdefault(question, set()).add(answer)
    assert all(len(answers[rows[n][0]]) == 2 for n in by_kind["wrong_label"])


def test_task_is_balanced_and_exact() -> None:
    damage = json.loads((SAMPLE / "damage.json").read_text("utf-8"))
    clean = [answer for number, (_, answer) in intents().items() if str(number) not in damage]
    assert Counter(clean) == {f"intent: {name}": 29 for name in INTENTS}
