"""Seeded edits of rows, with labels: kinds that keep an example, and kinds that make it another one.

They are other kinds than those in the evaluation pool: a rule that was found on one set is tried on the
other. Each edit takes a row (prompt, answer) and a random source and gives the edited row, or None where the
row has nothing to edit.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

Row = tuple[str, str]
Edit = Callable[[Row, random.Random], Row | None]

_HOMOGLYPHS = str.maketrans("aeopcxyi", "\u0430\u0435\u043e\u0440\u0441\u0445\u0443\u0456")
_OCR = {"l": "1", "O": "0", "S": "5", "rn": "m", "e": "c", "h": "b", "i": "l"}
_SPELLINGS = (
    ("color", "colour"),
    ("ize", "ise"),
    ("favor", "favour"),
    ("center", "centre"),
    ("analyz", "analys"),
)
_SHORT = (
    ("do not", "don't"),
    ("is not", "isn't"),
    ("cannot", "can't"),
    ("it is", "it's"),
    ("that is", "that's"),
)
_SHORT += (("are not", "aren't"), ("does not", "doesn't"), ("You are", "You're"), ("They are", "They're"))
_UNITS = ("kilometers miles", "km miles", "meters feet", "hours minutes", "days weeks", "Celsius Fahrenheit")
_UNITS += ("grams ounces", "kg pounds", "dollars euros", "months years", "seconds minutes", "words sentences")
_UNITS += ("inches centimeters", "percent points", "liters gallons", "cups tablespoons")
_QUANTITIES = ("all some", "every no", "always never", "most few", "many few", "both neither", "more fewer")
_QUANTITIES += ("can cannot", "should should\u00a0not", "and or", "with without", "above below", "over under")
_QUANTITIES += ("left right", "true false", "same different", "possible impossible", "correct incorrect")
_CALLS = (
    "append insert",
    "sorted reversed",
    "min max",
    "sum len",
    "print return",
    "SELECT DELETE",
    "int float",
)
_CALLS += ("upper lower", "ASC DESC", "map filter", "push pop", "floor ceil", "encode decode", "list set")
_OPERATORS = ("< >", "<= >=", "== !=", "+ -", "* /", "&& ||", "% *")
_NAMES = ("Lena Omar Priya Tomasz Yuki Ingrid Mateo Fatima Kwame Bjorn Aisha Dmitri").split()
_DATES = ("January February March April May June July August September October November December").split()
_DAYS = ("Monday Tuesday Wednesday Thursday Friday Saturday Sunday").split()


def _both(row: Row, change: Callable[[str], str]) -> Row:
    return change(row[0]), change(row[1])


def _homoglyphs(row: Row, draw: random.Random) -> Row:
    def change(text: str) -> str:
        return "".join(c.translate(_HOMOGLYPHS) if draw.random() < 0.15 else c for c in text)

    return _both(row, change)


def _zero_width(row: Row, draw: random.Random) -> Row:
    return _both(row, lambda t: "".join(c + ("\u200b" if draw.random() < 0.06 else "") for c in t))


def _markdown(row: Row, draw: random.Random) -> Row:
    def bold(text: str) -> str:
        words = text.split(" ")
        return " ".join(f"**{w}**" if w.isalpha() and draw.random() < 0.12 else w for w in words)

    return f"### {row[0]}" if "\n" not in row[0] else row[0], bold(row[1])


def _bullets(row: Row, _draw: random.Random) -> Row | None:
    parts = re.split(r"(?<=[.!?]) +", row[1])
    return (row[0], "\n".join(f"- {p}" for p in parts)) if len(parts) > 2 else None


def _entities(row: Row, _draw: random.Random) -> Row:
    return _both(
        row,
        lambda t: t.replace("&", "&amp;").replace("'", "&#39;").replace('"', "&quot;").replace("<", "&lt;"),
    )


def _full_width(row: Row, draw: random.Random) -> Row:
    return _both(
        row,
        lambda t: "".join(
            chr(ord(c) + 0xFEE0) if c.isalpha() and c.isascii() and draw.random() < 0.3 else c for c in t
        ),
    )


def _no_accents_or_case(row: Row, _draw: random.Random) -> Row:
    return row[0].swapcase(), row[1].capitalize()


def _spelling(row: Row, _draw: random.Random) -> Row | None:
    def change(text: str) -> str:
        for a, b in _SPELLINGS:
            text = text.replace(a, b)
        return text

    new = _both(row, change)
    return new if new != row else None


def _contractions(row: Row, _draw: random.Random) -> Row | None:
    def change(text: str) -> str:
        for a, b in _SHORT:
            text = re.sub(rf"\b{a}\b", b, text)
        return text

    new = _both(row, change)
    return new if new != row else None


def _scanned(row: Row, draw: random.Random) -> Row:
    def change(text: str) -> str:
        for a, b in _OCR.items():
            text = re.sub(
                rf"(?<=[a-z]){a}(?=[a-z])", lambda m, b=b: b if draw.random() < 0.05 else m.group(), text
            )
        return text

    return _both(row, change)


def _line_breaks(row: Row, draw: random.Random) -> Row:
    return _both(row, lambda t: re.sub(" ", lambda _m: "\n" if draw.random() < 0.08 else " ", t))


def _labels(row: Row, draw: random.Random) -> Row:
    head, tail = draw.choice(
        [
            ("Question: ", "Answer: "),
            ("Q: ", "A: "),
            ("Instruction: ", "Response: "),
            ("User: ", "Assistant: "),
        ]
    )
    return head + row[0], tail + row[1]


def _closing(row: Row, draw: random.Random) -> Row:
    return row[0], row[1] + draw.choice(
        ["\n\nI hope this helps!", "\n\nLet me know if you have any questions.", " Hope that helps."]
    )


def _missing_spaces(row: Row, draw: random.Random) -> Row:
    return _both(row, lambda t: re.sub(" ", lambda _m: "" if draw.random() < 0.04 else " ", t))


def _joined_words(row: Row, draw: random.Random) -> Row:
    def change(text: str) -> str:
        words = text.split(" ")
        return " ".join(f"{w} {w}" if w.isalpha() and draw.random() < 0.04 else w for w in words)

    return _both(row, change)


def _swap(text: str, pairs: tuple[str, ...], draw: random.Random) -> str:
    for pair in draw.sample(pairs, len(pairs)):
        a, b = pair.split(" ")
        for x, y in ((a, b), (b, a)):
            if re.search(rf"(?<!\w){re.escape(x)}(?!\w)", text):
                return re.sub(rf"(?<!\w){re.escape(x)}(?!\w)", lambda _m, y=y: y, text, count=1)
    return text


def _swapped(pairs: tuple[str, ...]) -> Edit:
    def edit(row: Row, draw: random.Random) -> Row | None:
        prompt = _swap(row[0], pairs, draw)
        return (prompt, row[1]) if prompt != row[0] else None

    return edit


def _answer_swapped(pairs: tuple[str, ...]) -> Edit:
    def edit(row: Row, draw: random.Random) -> Row | None:
        answer = _swap(row[1], pairs, draw)
        return (row[0], answer) if answer != row[1] else None

    return edit


def _operator(part: int) -> Edit:
    """An operator between two operands becomes its counterpart."""

    def edit(row: Row, draw: random.Random) -> Row | None:
        for pair in draw.sample(_OPERATORS, len(_OPERATORS)):
            a, b = pair.split(" ")
            for x, y in ((a, b), (b, a)):
                spaced = rf"(?<=[\w)\]] ){re.escape(x)}(?= [\w(\[])"
                tight = rf"(?<=\d){re.escape(x)}(?=\d)"
                new = re.sub(f"{spaced}|{tight}", lambda _m, y=y: y, row[part], count=1)
                if new != row[part]:
                    return (new, row[1]) if part == 0 else (row[0], new)
        return None

    return edit


def _negated(row: Row, _draw: random.Random) -> Row | None:
    answer = re.sub(r"\b(is|are|was|can|will|should|does|has)\b(?! not)", r"\1 not", row[1], count=1)
    return (row[0], answer) if answer != row[1] else None


def _renamed(row: Row, draw: random.Random) -> Row | None:
    found = re.search(r"(?<=[a-z,] )[A-Z][a-z]{2,}\b", row[0])
    if found is None:
        return None
    name = draw.choice(_NAMES)
    return tuple(re.sub(rf"\b{found.group()}\b", name, t) for t in row)  # type: ignore[return-value]


def _dated(row: Row, draw: random.Random) -> Row | None:
    for names in (_DATES, _DAYS):
        for name in names:
            if re.search(rf"\b{name}\b", row[0]):
                other = draw.choice([n for n in names if n != name])
                return re.sub(rf"\b{name}\b", other, row[0]), row[1]
    return None


def _exchanged(row: Row, _draw: random.Random) -> Row | None:
    new = re.sub(
        r"\b([a-z]{4,}) (to|from|than|into|over|before|after|with|and|or) ([a-z]{4,})\b",
        r"\3 \2 \1",
        row[0],
        count=1,
    )
    return (new, row[1]) if new != row[0] else None


def _other_letter(row: Row, draw: random.Random) -> Row:
    first, second = draw.sample("ABCD", 2)
    prompt = f"{row[0]}\nWhich option is right?"
    return (prompt + f"\nThink of option {first}.", row[1] + f" So it is {second}.")


def _digit(row: Row, draw: random.Random) -> Row | None:
    new = re.sub(r"\d", lambda m: str((int(m.group()) + draw.randint(1, 8)) % 10), row[1], count=1)
    return (row[0], new) if new != row[1] else None


SAME: dict[str, Edit] = {
    "homoglyphs": _homoglyphs,
    "zero_width": _zero_width,
    "markdown": _markdown,
    "bullets": _bullets,
    "html_entities": _entities,
    "full_width": _full_width,
    "swapped_case": _no_accents_or_case,
    "british_spelling": _spelling,
    "contractions": _contractions,
    "scanned": _scanned,
    "line_breaks": _line_breaks,
    "role_labels": _labels,
    "closing_phrase": _closing,
    "missing_spaces": _missing_spaces,
    "doubled_words": _joined_words,
}
"""Kinds that keep the example."""

OTHER: dict[str, Edit] = {
    "unit": _swapped(_UNITS),
    "quantity": _swapped(_QUANTITIES),
    "code_token": _swapped(_CALLS),
    "operator": _operator(0),
    "answer_quantity": _answer_swapped(_QUANTITIES),
    "answer_code_token": _answer_swapped(_CALLS),
    "answer_operator": _operator(1),
    "answer_negated": _negated,
    "answer_number": _digit,
    "renamed": _renamed,
    "date": _dated,
    "exchanged": _exchanged,
}
"""Kinds that make it another example."""
