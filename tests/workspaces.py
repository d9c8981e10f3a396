"""Small workspaces for tests, built with pyarrow straight from the schemas."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from tuneset.schemas.arrow import EDITS, ROWS, VERDICTS
from tuneset.schemas.example import content_id
from tuneset.schemas.files import sha256_file, write_json
from tuneset.schemas.run import InputFile, RunCard, StepCount

Verdict = dict[str, Any]
Turn = dict[str, Any]


def turns(*texts: str) -> list[Turn]:
    """User and assistant turns, alternating."""
    return [{"role": ("user", "assistant")[i % 2], "content": text} for i, text in enumerate(texts)]


def row(number: int, messages: list[Turn], *, file: str = "faq.jsonl", **more: Any) -> dict[str, Any]:
    """One row of rows.parquet; `tools` and `meta` are given as JSON values."""
    tools, rejected, label = more.get("tools"), more.get("rejected"), more.get("label")
    prefix = more.get("prefix") or hashlib.sha256(file.encode()).hexdigest()[:12]
    return {
        "row_id": f"{prefix}:{number}",
        "content_id": content_id(messages, tools=tools, rejected=rejected, label=label),
        "messages": messages,
        "tools": None if tools is None else json.dumps(tools),
        "rejected": rejected,
        "label": label,
        "source": {"file": file, "row": number},
        "meta": json.dumps(more.get("meta", {})),
    }


def verdict(row_id: str, step: str, action: str = "keep", **more: Any) -> Verdict:
    """One row of verdicts.parquet."""
    empty = dict.fromkeys(("reason", "score", "value", "related_id", "detail"))
    return {"row_id": row_id, "step": step, "action": action, **empty, **more}


def build(
    out: Path,
    rows: list[dict[str, Any]],
    verdicts: list[Verdict],
    *,
    edits: list[dict[str, Any]] | None = None,
    quarantine: list[dict[str, Any]] | None = None,
    sentences: dict[str, str] | None = None,
    row_group_size: int | None = None,
) -> Path:
    """Write a finished run; the run card's counts are taken from the verdicts."""
    out.mkdir(parents=True, exist_ok=True)
    edits, quarantine = edits or [], quarantine or []
    tables = {
        "rows.parquet": (rows, ROWS),
        "verdicts.parquet": (verdicts, VERDICTS),
        "edits.parquet": (edits, EDITS),
    }
    for name, (records, schema) in tables.items():
        pq.write_table(
            pa.Table.from_pylist(records, schema=schema), out / name, row_group_size=row_group_size
        )
    lines = [json.dumps(q) + "\n" for q in quarantine]
    (out / "quarantine.jsonl").write_text("".join(lines), encoding="utf-8")
    files = {name: sha256_file(out / name) for name in (*tables, "quarantine.jsonl")}
    card = _card(rows, verdicts, quarantine, edits, sentences or {}, files)
    write_json(out / "run.json", card.model_dump())
    return out


def _card(rows, verdicts, quarantine, edits, sentences, files) -> RunCard:
    steps = list(dict.fromkeys(v["step"] for v in verdicts))
    dropped = {v["row_id"] for v in verdicts if v["action"] == "drop"}
    flagged = {v["row_id"] for v in verdicts if v["action"] == "review"} - dropped
    names = list(dict.fromkeys(r["source"]["file"] for r in rows))
    inputs = [
        InputFile(
            file=name,
            sha256=hashlib.sha256(name.encode()).hexdigest(),
            bytes=1,
            format="jsonl",
            shape="messages",
            evidence="every row has messages",
            rows=sum(r["source"]["file"] == name for r in rows),
            quarantined=0,
        )
        for name in names
    ]
    return RunCard(
        tuneset_version="0",
        code_sha256="c" * 64,
        python="3",
        libraries={},
        recipe={"seed": 13},
        recipe_sha256="d" * 64,
        seed=13,
        inputs=inputs,
        skipped=[],
        rows_in=len(rows) + len(quarantine),
        rows=len(rows),
        quarantined=len(quarantine),
        kept=len(rows) - len(dropped),
        dropped=len(dropped),
        review=len(flagged),
        edited=len({e["row_id"] for e in edits} - dropped),
        steps=[_count(step, verdicts, sentences) for step in steps],
        files=files,
        started_at="2026-01-01T00:00:00Z",
        seconds=1.0,
        seconds_by_phase={},
        peak_memory_mb=1.0,
        workers=1,
        engine="local",
    )


def _count(step: str, verdicts: list[Verdict], sentences: dict[str, str]) -> StepCount:
    mine = [v for v in verdicts if v["step"] == step]
    actions = [v["action"] for v in mine]
    reasons: dict[str, dict[str, int]] = {}
    for v in mine:
        if v["reason"] is not None:
            by_reason = reasons.setdefault(v["action"], {})
            by_reason[v["reason"]] = by_reason.get(v["reason"], 0) + 1
    return StepCount(
        step=step,
        rows_in=len(mine),
        kept=len(mine) - actions.count("drop"),
        dropped=actions.count("drop"),
        review=actions.count("review"),
        edited=actions.count("edit"),
        assigned=actions.count("assign"),
        reasons=reasons,
        seconds=0.1,
        sentences={k: s for k, s in sentences.items() if any(v["reason"] == k for v in mine)},
    )


def story(out: Path) -> Path:
    """Eight rows and five steps, one of each thing that can happen; the table is worked by hand.

    =====  ============================  =======================================  =====  ==========
    row    what                          end                                      lang   split
    =====  ============================  =======================================  =====  ==========
    1      password reset                kept                                     en     train
    2      the same, nearly              dropped: near_duplicate of row 1, 0.91   en     -
    3      canned refusal                dropped: defects, refusal                -      -
    4      e-mail address redacted       kept, edited by pii                      en     train
    5      French                        kept                                     fr     validation
    6      doubtful                      kept, review by quality 0.52             en     train
    7      preference row                kept                                     en     test
    8      bad answer (label false)      kept                                     en     train
    =====  ============================  =======================================  =====  ==========
    """
    ids = {n: row(n, [])["row_id"] for n in range(1, 9)}
    rows = [
        row(
            1,
            turns("How do I reset my password?", "Open Settings and choose Reset."),
            meta={"task": "faq", "n": 3},
        ),
        row(
            2, turns("How do I reset my password??", "Open Settings and choose Reset!"), meta={"task": "faq"}
        ),
        row(3, turns("Tell me a joke", "As an AI language model I cannot.")),
        row(4, turns("Who do I ask?", "Write to ana@example.org today."), meta={"task": "contact", "n": "3"}),
        row(5, turns("Où est la gare ?", "Au bout de la rue."), meta={"task": "travel", "n": True}),
        row(6, turns("Is it open?", "Maybe.")),
        row(
            7, turns("Say hello", "Hello, how can I help?"), rejected=[{"role": "assistant", "content": "Yo"}]
        ),
        row(8, turns("Two plus two?", "Five."), label=False),
    ]
    seen = [n for n in range(1, 9) if n != 3]
    kept = [n for n in seen if n != 2]
    language = {5: "fr"}
    splits = {5: "validation", 7: "test"}
    quality = {1: 0.9, 4: 0.8, 5: 0.85, 6: 0.52, 7: 0.95, 8: 0.1}
    verdicts = [verdict(ids[n], "defects") for n in range(1, 9) if n != 3]
    verdicts.insert(2, verdict(ids[3], "defects", "drop", reason="refusal", detail="as an ai language model"))
    verdicts += [verdict(ids[n], "language", "assign", value=language.get(n, "en"), score=0.99) for n in seen]
    verdicts += [
        verdict(ids[n], "near_duplicate", "drop", reason="near_duplicate", score=0.91, related_id=ids[1])
        if n == 2
        else verdict(ids[n], "near_duplicate")
        for n in seen
    ]
    verdicts += [
        verdict(ids[n], "pii", "edit", reason="email", detail="1 e-mail address")
        if n == 4
        else verdict(ids[n], "pii")
        for n in kept
    ]
    verdicts += [
        verdict(
            ids[n],
            "quality",
            "review" if n == 6 else "keep",
            reason="doubtful" if n == 6 else None,
            score=quality[n],
        )
        for n in kept
    ]
    verdicts += [verdict(ids[n], "split", "assign", value=splits.get(n, "train")) for n in kept]
    edits = [{"row_id": ids[4], "step": "pii", "messages": turns("Who do I ask?", "Write to <EMAIL> today.")}]
    quarantine = [{"file": "faq.jsonl", "row": 9, "line": 9, "reason": "not_json", "text": '{"messages": ['}]
    sentences = {
        "refusal": "the answer is a canned refusal",
        "near_duplicate": "prompt and answer nearly repeat a kept row",
        "email": "an e-mail address was redacted",
        "doubtful": "the quality score is near the limit",
    }
    return build(out, rows, verdicts, edits=edits, quarantine=quarantine, sentences=sentences)
