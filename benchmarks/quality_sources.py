"""Reads the permissive answers that the quality model is trained on; see `make_quality_model.py`."""

from __future__ import annotations

import json
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

APART = ("text_compression", "steganography", "schelling_point", "already_said_that", "track_the_stat")
"""Folders of evals whose data have licences of their own, or no answers."""
LADDER = {"gpt-3.5": 3, "30b-chip2": 2, "65b-unnatural-instructions": 1}
"""Models in an order that GPT-4's mean ratings give them; the flan models are 0."""


class Answer(NamedTuple):
    """One model's answer to a prompt; `grade` is higher where it is better, `group` names the prompt."""

    prompt: str
    text: str
    grade: float
    group: str


def lines(path: Path) -> list[dict[str, Any]]:
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def vicuna(folder: Path) -> Iterator[Answer]:
    """Answers of 36 models to 80 prompts; the grade is GPT-4's score minus that of GPT-3.5's answer."""
    home = folder / "eval"
    prompts = {r["question_id"]: r["text"] for r in lines(home / "prompts" / "vicuna_questions.jsonl")}
    answers: dict[str, dict[int, str]] = {}
    for path in sorted((home / "generations" / "vicuna").glob("*.jsonl")):
        answers[path.stem] = {
            r["question_id"]: r.get("generation", r.get("output", r.get("text"))) or "" for r in lines(path)
        }
    reference = lines(home / "generations" / "vicuna" / "answer_gpt35.jsonl")
    reference_ids = {r["answer_id"] for r in reference}
    grades: dict[tuple[str, int], list[float]] = defaultdict(list)
    for path in sorted((home / "ratings-gpt4" / "vicuna" / "relative-gpt-3.5").glob("*.jsonl")):
        model = other_model(path.name)
        for r in lines(path):
            if len(r["score"]) == 2 and min(r["score"]) >= 0:
                first, second = r["score"]
                reversed_ = r["answer1_id"] in reference_ids
                grades[model, r["question_id"]].append(second - first if reversed_ else first - second)
    for (model, question), told in sorted(grades.items()):
        text = answers.get(model, {}).get(question, "").strip()
        if text and "###" not in text:
            yield Answer(prompts[question], text, sum(told) / len(told), f"vicuna {question}")


def other_model(name: str) -> str:
    """The model that a file of ratings compares with GPT-3.5."""
    sides = name.removesuffix("-gpt4-reviewer.jsonl").split("-vs-")
    side = next(s for s in sides if s != "gpt-3.5")
    names = {"gpt4": "answer_gpt4", "bard": "answer_bard", "vicuna-13b": "answer_vicuna-13b"}
    return names.get(side, side)


def open_assistant(folder: Path) -> tuple[list[Answer], list[Answer]]:
    """Answers of seven models to 953 prompts of OpenAssistant, and the people's own replies to them."""
    found: list[Answer] = []
    people: dict[str, Answer] = {}
    for path in sorted((folder / "eval" / "generations" / "oa").glob("*.jsonl")):
        model = path.name.split("-oa-")[0]
        for r in lines(path):
            prompt, group = conversation(r["input"]), f"oa {r['message_id']}"
            text = (r["generation"] or "").strip()
            if text and "###" not in text:
                found.append(Answer(prompt, text, LADDER.get(model, 0), group))
            if r["output"].strip():
                people.setdefault(group, Answer(prompt, r["output"].strip(), 0, group))
    return found, [people[group] for group in sorted(people)]


def conversation(text: str) -> str:
    """A prompt as `Rows.prompts` has it: one turn alone, several each after its role."""
    turns = [t.strip() for t in re.split(r"### (?:Human|Assistant): ?", text)]
    turns = [t for t in turns if t]
    if len(turns) == 1:
        return turns[0]
    return "\n".join(f"{('user', 'assistant')[i % 2]}: {turn}" for i, turn in enumerate(turns))


def short_answers(wheel: Path, per_file: int = 4) -> Iterator[Answer]:
    """Tasks with a short right answer, a few of each file."""
    with zipfile.ZipFile(wheel) as archive:
        for name in sorted(archive.namelist()):
            if name.endswith(".jsonl") and "/data/" in name and not any(f"/{a}/" in name for a in APART):
                with archive.open(name) as f:
                    head = [line for _, line in zip(range(200), f, strict=False)]
                told = [a for line in head[::3] if (a := short_answer(line, name)) is not None]
                yield from told[:per_file]


def short_answer(line: bytes, name: str) -> Answer | None:
    try:
        row = json.loads(line)
    except ValueError:
        return None
    turns, ideal = row.get("input"), row.get("ideal")
    ideal = ideal[0] if isinstance(ideal, list) and ideal else ideal
    if not isinstance(ideal, str) or not isinstance(turns, list) or not ideal.strip():
        return None
    told = [t.get("content") for t in turns if isinstance(t, dict)]
    if not all(isinstance(t, str) for t in told):
        return None
    prompt = "\n".join(told)
    return (
        Answer(prompt, ideal, 0, f"evals {name}") if 15 < len(prompt) < 1500 and len(ideal) < 2000 else None
    )
