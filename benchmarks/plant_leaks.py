"""Leaks that are made on purpose: protected rows, changed in many ways, planted as training rows. Seeded."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

NAMES = ("Olive", "Bram", "Teresa", "Kofi", "Anouk", "Pavel", "Ines", "Tariq")
NO_NAME = frozenset(
    """
    How The If A An In Each What On At There It They He She For When Which Who Why This That To From
    Give Write Name Find Identify Create Explain Describe List Generate Given Is Are Do Does Can Tell Make Use
    Output
    """.split()
)
LOOKS = str.maketrans("aeopcxyi", "\u0430\u0435\u043e\u0440\u0441\u0445\u0443\u0456")
FILLER = (
    "The committee met on a rainy afternoon and went through the minutes of the last meeting without haste.",
    "Several members asked for a longer break, since the coffee had not been brought in time.",
    "Afterwards the chair thanked everybody, closed the windows and put the papers into a grey folder.",
)


class Planted(NamedTuple):
    """A training row that holds a protected row, or only looks like it.

    Args:
        label: leak, partial (a piece only) or template (another task).
    """

    item: int
    kind: str
    label: str
    messages: list[dict[str, str]]


Pair = tuple[str, str]
Edit = Callable[[str, random.Random], str]


def sentences(text: str) -> list[str]:
    return [s for s in re.split(r"(?<=[.?!])\s+", text) if s]


def reordered(text: str, _: random.Random) -> str:
    parts = sentences(text)
    return " ".join([*reversed(parts[:-1]), parts[-1]]) if len(parts) > 2 else text


def bulleted(text: str, _: random.Random) -> str:
    return "\n".join(f"- **{s}**" for s in sentences(text))


def zero_width(text: str, g: random.Random) -> str:
    return "".join(c + ("\u200b" if g.random() < 0.2 else "") for c in text)


def homoglyphs(text: str, g: random.Random) -> str:
    return "".join(c.translate(LOOKS) if g.random() < 0.25 else c for c in text)


def full_width(text: str, _: random.Random) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def entities(text: str, _: random.Random) -> str:
    return text.replace("&", "&amp;").replace("'", "&#39;").replace('"', "&quot;").replace("<", "&lt;")


def lower_bare(text: str, _: random.Random) -> str:
    return re.sub(r"[^\w\s]", "", text.lower())


def mistyped(text: str, g: random.Random) -> str:
    told = text.split(" ")
    for i in g.sample(range(len(told)), max(1, len(told) // 10)):
        word = told[i]
        if len(word) > 4 and word.isalpha():
            j = g.randrange(1, len(word) - 1)
            told[i] = word[:j] + g.choice(["", "e", word[j] * 2]) + word[j + 1 :]
    return " ".join(told)


def fewer_words(text: str, g: random.Random) -> str:
    told = text.split(" ")
    small = [i for i, w in enumerate(told) if w.lower() in ("the", "a", "an", "of", "is", "that", "to")]
    gone = set(g.sample(small, len(small) // 2))
    return " ".join(w for i, w in enumerate(told) if i not in gone)


def names_of(text: str) -> list[str]:
    found = re.findall(r"(?<=[a-z,] )[A-Z][a-z]+|^[A-Z][a-z]+", text)
    return [n for n in dict.fromkeys(found) if n not in NO_NAME]


def renamed(text: str, g: random.Random) -> str:
    fresh = g.sample(NAMES, len(NAMES))
    for old, new in zip(names_of(text)[:3], fresh, strict=False):
        text = re.sub(rf"\b{old}\b", new, text)
    return text


def renumbered(text: str, g: random.Random) -> str:
    return re.sub(r"\d+", lambda m: str(int(m.group()) + g.choice([1, 2, 4, 7])), text)


def one_number(text: str, g: random.Random) -> str:
    spots = list(re.finditer(r"\d+", text))
    if not spots:
        return text
    spot = g.choice(spots)
    return f"{text[: spot.start()]}{int(spot.group()) + g.choice([1, 2, 4])}{text[spot.end() :]}"


def buried(text: str, g: random.Random) -> str:
    lines = [g.choice(FILLER) for _ in range(12)]
    lines.insert(g.randrange(len(lines)), text)
    return " ".join(lines)


def words_from(text: str, start: float, stop: float) -> str:
    told = text.split(" ")
    return " ".join(told[int(len(told) * start) : int(len(told) * stop)])


ASKED: tuple[tuple[str, Edit], ...] = (
    ("sentences_reordered", reordered),
    ("markdown_bullets", bulleted),
    ("zero_width", zero_width),
    ("homoglyphs", homoglyphs),
    ("full_width", full_width),
    ("html_entities", entities),
    ("lower_no_punctuation", lower_bare),
    ("typos_a_tenth", mistyped),
    ("small_words_dropped", fewer_words),
    ("names_changed", renamed),
    ("buried_in_text", buried),
)


def plant(items: Sequence[Pair], others: Sequence[Pair], *, per: int = 20, seed: int = 17) -> list[Planted]:
    """Rows of every kind, `per` of each where enough items allow it.

    Args:
        items: Prompt and response of the protected rows.
        others: Clean rows, which stand around an item in blocks.
        per: Rows of each kind.
        seed: Of everything random.
    """
    g = random.Random(seed)
    makers = list(_makers(others, g))
    found: list[Planted] = []
    for kind, label, make in makers:
        order = g.sample(range(len(items)), len(items))
        made = 0
        for number in order:
            turns = make(*items[number])
            if turns is None or made == per:
                continue
            made += 1
            found.append(Planted(number, kind, label, turns))
    return found


def _turns(*texts: str) -> list[dict[str, str]]:
    return [{"role": ("user", "assistant")[i % 2], "content": t} for i, t in enumerate(texts)]


Maker = Callable[[str, str], list[dict[str, str]] | None]


def _makers(others: Sequence[Pair], g: random.Random) -> Iterator[tuple[str, str, Maker]]:
    for kind, edit in ASKED:
        yield kind, "leak", _edited(edit, g)
    yield "json_row", "leak", lambda q, a: _turns(json.dumps({"id": 7, "question": q, "answer": a}), "Read.")
    yield "json_in_json", "leak", lambda q, _: _turns("Store it.", json.dumps({"row": json.dumps({"q": q})}))
    yield "few_shot_block", "leak", lambda q, a: _turns(_block(q, a, g.sample(others, 5), g), "Noted.")
    yield "later_turn", "leak", lambda q, a: _turns("Hello there.", "Hi! What can I do?", q, a)
    yield "other_answer", "leak", lambda q, _: _turns(q, "I would rather not say.")
    yield "in_answer", "leak", lambda q, a: _turns("Make up a task.", f"Task: {q}\nAnswer: {a}")
    yield "options_added", "leak", lambda q, a: _turns(f"{q}\nA) {a[:60]}\nB) none\nC) all of these", "A")
    yield "second_half", "partial", lambda q, _: _part(q, 0.5, 1.0)
    yield "middle_half", "partial", lambda q, _: _part(q, 0.25, 0.75)
    yield (
        "answer_alone",
        "partial",
        lambda _, a: _turns("Proofread this.", a) if len(a.split()) > 25 else None,
    )
    yield "all_numbers_changed", "template", _edited(renumbered, g, answer="Let me think.")
    yield "one_number_changed", "template", _edited(one_number, g, answer="Let me think.")
    yield (
        "names_and_numbers_changed",
        "template",
        _edited(lambda q, h: renumbered(renamed(q, h), h) if names_of(q) else q, g, answer="Let me think."),
    )


def _edited(edit: Edit, g: random.Random, *, answer: str | None = None) -> Maker:
    def make(question: str, response: str) -> list[dict[str, str]] | None:
        text = edit(question, g)
        if text == question or (answer is not None and not re.search(r"\d", question)):
            return None
        return _turns(text, answer or response)

    return make


def _block(question: str, answer: str, others: Sequence[Pair], g: random.Random) -> str:
    pairs = [*others, (question, answer)]
    g.shuffle(pairs)
    return "\n\n".join(f"Q: {q}\nA: {a}" for q, a in pairs)


def _part(question: str, start: float, stop: float) -> list[dict[str, Any]] | None:
    return _turns(words_from(question, start, stop), "Go on.") if len(question.split()) >= 24 else None
