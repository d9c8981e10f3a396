"""What `pii` finds, what it takes by mistake, and what is left after redaction; Presidio beside it.

    python benchmarks/quality_pii.py [DATA]

`07_pii_toxicity` has chats with typed spans and hard negatives, and Presidio's own synthetic sentences. Of
these, the ones whose spans do not match their text are left out, and the types that no kind of ours claims:
ages, dates, places, nationalities, organisations, titles, domains and bare postcodes. Street addresses are
shown apart: they are marked in pieces there ("Apt. 595", "28245"). False alarms are counted on rows that hold
nothing by design (hard negatives) and on 42,018 rows of instructions, code and chats.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import random
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from plant_pii import planted_chats
from tuneset.curate import curate
from tuneset.curate.pii import (
    BuiltinDetector,
    PresidioDetector,
    found_in,
    parts_of,
    placed,
    redacted,
    with_repeats,
)
from tuneset.curate.rows import Rows, rows_of
from tuneset.curate.steps.pii import Pii
from tuneset.schemas.step_options import PiiOptions

CHATS = {
    "EMAIL": "email",
    "PHONE": "phone",
    "CREDIT_CARD": "credit_card",
    "IBAN": "iban",
    "US_SSN": "us_ssn",
    "IP_ADDRESS": "ip_address",
    "ADDRESS": "address",
    "API_KEY": "api_key",
    "DATE_OF_BIRTH": "date_of_birth",
    "PERSON": "person",
}
SENTENCES = {
    "EMAIL_ADDRESS": "email",
    "PHONE_NUMBER": "phone",
    "CREDIT_CARD": "credit_card",
    "IBAN_CODE": "iban",
    "US_SSN": "us_ssn",
    "US_DRIVER_LICENSE": "driver_license",
    "IP_ADDRESS": "ip_address",
    "PERSON": "person",
}
SHOWN_APART = {"STREET_ADDRESS": "address"}
Marks = set[tuple[int, int, str]]
Texts = Sequence[tuple[str, Marks]]


def lines(path: Path) -> list[Any]:
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def detectors() -> dict[str, tuple[Any, Any]]:
    """Name to the detector with names and without."""
    found: dict[str, tuple[Any, Any]] = {"tuneset": (BuiltinDetector(names=True), BuiltinDetector())}
    if all(importlib.util.find_spec(m) for m in ("presidio_analyzer", "spacy")):
        peer = PresidioDetector()
        label = f"Presidio, {peer.model or 'patterns alone'}"
        found[label] = (PresidioDetector(names=peer.model is not None), peer)
    return found


def chats(rows: Sequence[Mapping[str, Any]], *, names: bool) -> Texts:
    """Every turn with its marks."""
    texts: list[tuple[str, Marks]] = []
    for row in rows:
        for i, message in enumerate(row["messages"]):
            marks = {(s["start"], s["end"], CHATS[s["type"]]) for s in row["spans"] if s["turn"] == i}
            texts.append((message["content"], {m for m in marks if names or m[2] != "person"}))
    return texts


def sentences(rows: Sequence[Mapping[str, Any]], kinds: Mapping[str, str], *, names: bool) -> Texts:
    texts: list[tuple[str, Marks]] = []
    for row in rows:
        if row["offsets_ok"]:
            marks = {(s["start"], s["end"], kinds[s["type"]]) for s in row["spans"] if s["type"] in kinds}
            texts.append((row["text"], {m for m in marks if names or m[2] != "person"}))
    return texts


def compare(
    texts: Texts, finders: Mapping[str, Callable[[str], Iterable[Any]]], kinds: Iterable[str]
) -> None:
    """Print precision, recall and F1 by kind: exact, and with any overlap of the same kind."""
    wanted = list(kinds)
    columns: dict[str, dict[str, str]] = {}
    for name, find in finders.items():
        started = time.process_time()
        found = [{tuple(s) for s in find(text) if s.kind in wanted} for text, _ in texts]
        seconds = time.process_time() - started
        exact, overlap = counts(texts, found), counts(texts, found, exact=False)
        columns[name] = {k: f"{shown(exact[k])}  {shown(overlap[k])}" for k in wanted}
        columns[name]["all"] = f"{shown(total(exact))}  {shown(total(overlap))}"
        columns[name]["CPU microseconds a text"] = f"{1e6 * seconds / len(texts):,.0f}"
    print(f"  {'precision recall F1: exact, overlap':26s}" + "".join(f"{name:>50s}" for name in columns))
    for key in (*wanted, "all", "CPU microseconds a text"):
        print(f"  {key:26s}" + "".join(f"{column[key]:>50s}" for column in columns.values()))


def counts(texts: Texts, found: Sequence[set[Any]], *, exact: bool = True) -> dict[str, Counter[str]]:
    told: dict[str, Counter[str]] = defaultdict(Counter)
    for (_, want), got in zip(texts, found, strict=True):
        for one in got:
            told[one[2]]["right" if any(alike(one, w, exact) for w in want) else "wrong"] += 1
        for one in want:
            told[one[2]]["found" if any(alike(one, g, exact) for g in got) else "missed"] += 1
    return told


def alike(a: tuple[int, int, str], b: tuple[int, int, str], exact: bool) -> bool:
    return a == b if exact else a[2] == b[2] and a[0] < b[1] and b[0] < a[1]


def total(told: Mapping[str, Counter[str]]) -> Counter[str]:
    return sum(told.values(), Counter())


def shown(c: Mapping[str, int]) -> str:
    precision = c["right"] / max(c["right"] + c["wrong"], 1)
    recall = c["found"] / max(c["found"] + c["missed"], 1)
    return f"{precision:.3f} {recall:.3f} {2 * precision * recall / max(precision + recall, 1e-9):.3f}"


def leaks(rows: Sequence[Mapping[str, Any]], find: Callable[[str], Any], *, names: bool) -> tuple[int, int]:
    """Rows with a value still in them after redaction, and rows with values."""
    left = held = 0
    for row in rows:
        values = {s["value"] for s in row["spans"] if names or s["type"] != "PERSON"}
        hits = placed(with_repeats([(part, found_in(part, find)) for part in parts_of(row["messages"])]))
        text = "\n".join(m["content"] for m in redacted(row["messages"], hits))
        held += bool(values)
        left += any(value in text for value in values)
    return left, held


def pii(data: Path) -> None:
    """Print the figures on chats, on Presidio's sentences, and on rows without personal data."""
    folder = data / "07_pii_toxicity"
    rows = lines(folder / "pii_chats.jsonl")
    tools = detectors()
    for names in (True, False):
        show_chats("pii_chats.jsonl", rows, tools, names=names)
    show_chats("chats of plant_pii.py", planted_chats(), tools, names=True)
    published = lines(folder / "presidio_spans.jsonl")
    finders = {name: pair[0].find for name, pair in tools.items()}
    texts = sentences(published, SENTENCES, names=True)
    print(f"\npii, {len(texts)} of {len(published)} sentences of presidio-research, names on")
    compare(texts, finders, dict.fromkeys(SENTENCES.values()))
    print("  street addresses, shown apart (Presidio has no kind for them)")
    compare(sentences(published, SHOWN_APART, names=True), {"tuneset": finders["tuneset"]}, ["address"])
    false_alarms(data)


def show_chats(
    told: str, rows: Sequence[Mapping[str, Any]], tools: Mapping[str, Any], *, names: bool
) -> None:
    kinds = [k for k in CHATS.values() if names or k != "person"]
    finders = {name: pair[0 if names else 1].find for name, pair in tools.items()}
    print(f"\npii, {len(rows)} {told}, names {'on' if names else 'off'}")
    compare(chats(rows, names=names), finders, kinds)
    for name, find in finders.items():
        left, held = leaks(rows, find, names=names)
        print(f"  leak rate after redaction, {name}: {left} of {held} rows ({left / held:.4f})")
        print(f"  hard negatives masked, {name}: {masked(rows, find)}")


def masked(rows: Sequence[Mapping[str, Any]], find: Callable[[str], Any]) -> str:
    kinds: Counter[str] = Counter()
    negatives = [r for r in rows if r["hard_negative"]]
    for row in negatives:
        if any(found_in(part, find) for part in parts_of(row["messages"])):
            kinds[row["hard_negative"]] += 1
    listed = ", ".join(f"{kind} {n}" for kind, n in kinds.most_common())
    return f"{sum(kinds.values())} of {len(negatives)} rows {listed and f'({listed})'}"


def false_alarms(data: Path, sample: int = 12) -> None:
    """Print how many rows of instructions, code and chats are edited, what is found, and what it costs."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        curate(data / "01_raw_mixed", out=out, recipe={"steps": [{"use": "structure"}]})
        table = pq.read_table(out / "rows.parquet").combine_chunks()
    step = Pii(PiiOptions())
    seconds, found = 0.0, []
    for start in range(0, table.num_rows, 2048):
        batch = table.slice(start, 2048).combine_chunks()
        decoded = rows_of(batch)
        _ = decoded.lowered  # shared with the other steps
        started = time.process_time()
        measures = step.measure(batch)
        seconds += time.process_time() - started
        found += [hit for hit in hits_of(measures.column("detail").to_pylist(), decoded)]
    kinds = Counter(kind for _, kind, _ in found)
    edited = len({row for row, _, _ in found})
    print(f"\npii, {table.num_rows:,} rows of 01_raw_mixed, names off: {edited} edited")
    print(f"  spans by kind: {dict(kinds.most_common())}")
    print(f"  CPU microseconds a row: {1e6 * seconds / table.num_rows:.1f}; some of the hits:")
    for _, kind, told in random.Random(3).sample(found, min(sample, len(found))):
        print(f"  {kind:14s} {told!r}")


def hits_of(details: Sequence[str | None], rows: Rows) -> Iterable[tuple[str, str, str]]:
    for i, detail in enumerate(details):
        for span in json.loads(detail)["spans"] if detail else ():
            if "field" not in span:
                text = rows.messages[i][span["turn"]]["content"]
                low, high = span["start"], span["end"]
                told = f"{text[max(0, low - 40) : low]}>>{text[low:high]}<<{text[high : high + 15]}"
                yield rows.row_ids()[i], span["kind"], told


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    default = os.environ.get("TUNESET_EVAL_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")
    parser.add_argument("data", nargs="?", type=Path, default=Path(default))
    pii(parser.parse_args().data)
