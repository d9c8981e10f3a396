"""Plants faults of structure into valid chats, one a copy; every kind is seeded by its place in FAULTS."""

from __future__ import annotations

import copy
import random
from collections.abc import Mapping, Sequence
from typing import Any

from plant_call_faults import CALL_FAULTS, Fault, Row, calls_of


def _assistant(row: Row) -> Row:
    return next(t for t in row["messages"] if t["role"] == "assistant")


def weight_half(row: Row, _g: random.Random) -> bool:
    _assistant(row)["weight"] = 0.5
    return True


def weight_two(row: Row, _g: random.Random) -> bool:
    _assistant(row)["weight"] = 2
    return True


def weight_text(row: Row, _g: random.Random) -> bool:
    _assistant(row)["weight"] = "1"
    return True


def weights_zero(row: Row, _g: random.Random) -> bool:
    for turn in row["messages"]:
        if turn["role"] == "assistant":
            turn["weight"] = 0
    return True


def weight_on_user(row: Row, g: random.Random) -> bool:
    next(t for t in row["messages"] if t["role"] == "user")["weight"] = g.choice([0, 1])
    return True


def extra_key(row: Row, g: random.Random) -> bool:
    g.choice(row["messages"])["timestamp"] = 1700000000
    return True


def role_capital(row: Row, g: random.Random) -> bool:
    turn = g.choice(row["messages"])
    turn["role"] = g.choice([turn["role"].upper(), turn["role"].capitalize()])
    return True


def role_space(row: Row, g: random.Random) -> bool:
    turn = g.choice(row["messages"])
    turn["role"] = g.choice([" ", "\t", ""]) + turn["role"] + g.choice([" ", "\n"])
    return True


def role_human_gpt(row: Row, g: random.Random) -> bool:
    turn = g.choice([t for t in row["messages"] if t["role"] in ("user", "assistant")])
    turn["role"] = {"user": "human", "assistant": "gpt"}[turn["role"]]
    return True


def role_number(row: Row, g: random.Random) -> bool:
    g.choice(row["messages"])["role"] = 1
    return True


def role_null(row: Row, g: random.Random) -> bool:
    g.choice(row["messages"])["role"] = None
    return True


def role_unknown(row: Row, g: random.Random) -> bool:
    g.choice(row["messages"])["role"] = g.choice(["narrator", "critic", "moderator"])
    return True


def system_twice(row: Row, _g: random.Random) -> bool:
    row["messages"][:0] = [
        {"role": "system", "content": "Be brief."},
        {"role": "system", "content": "Be kind."},
    ]
    return True


def system_repeated(row: Row, _g: random.Random) -> bool:
    row["messages"][:0] = [{"role": "system", "content": "Be brief."}] * 2
    return row["messages"][2]["role"] != "system"


def content_object(row: Row, _g: random.Random) -> bool:
    row["messages"][0]["content"] = {"text": row["messages"][0]["content"]}
    return True


def content_missing(row: Row, g: random.Random) -> bool:
    del g.choice([t for t in row["messages"] if t["role"] in ("user", "assistant") and t["content"]])[
        "content"
    ]
    return True


def content_blank(row: Row, g: random.Random) -> bool:
    turns = [t for t in row["messages"] if t["role"] in ("user", "assistant") and t["content"]]
    g.choice(turns)["content"] = g.choice([" ", "\n\n", "\u200b", "\t \n"])
    return True


def messages_object(row: Row, _g: random.Random) -> bool:
    row["messages"] = {"0": row["messages"][0]}
    return True


def messages_null(row: Row, _g: random.Random) -> bool:
    row["messages"] = None
    return True


def turn_text(row: Row, _g: random.Random) -> bool:
    row["messages"][0] = row["messages"][0]["content"]
    return True


def only_system(row: Row, _g: random.Random) -> bool:
    row["messages"] = [{"role": "system", "content": "Be brief."}]
    return True


def swapped_roles(row: Row, _g: random.Random) -> bool:
    other = {"user": "assistant", "assistant": "user"}
    for turn in row["messages"]:
        turn["role"] = other.get(turn["role"], turn["role"])
    return not calls_of(row)


def text_parts(row: Row, _g: random.Random) -> bool:
    """No fault: the API takes content in parts."""
    for turn in row["messages"]:
        if isinstance(turn["content"], str):
            turn["content"] = [{"type": "text", "text": turn["content"]}]
    return True


FAULTS: tuple[Fault, ...] = (
    weight_half,
    weight_two,
    weight_text,
    weights_zero,
    weight_on_user,
    extra_key,
    role_capital,
    role_space,
    role_human_gpt,
    role_number,
    role_null,
    role_unknown,
    system_twice,
    system_repeated,
    content_object,
    content_missing,
    content_blank,
    messages_object,
    messages_null,
    turn_text,
    only_system,
    swapped_roles,
    text_parts,
    *CALL_FAULTS,
)


def plant_all(rows: Sequence[Mapping[str, Any]], *, per: int) -> tuple[list[str], list[Row]]:
    """Kinds and broken copies, up to a number of each kind; a kind takes the rows that it can break."""
    kinds: list[str] = []
    planted: list[Row] = []
    for number, fault in enumerate(FAULTS):
        g = random.Random(100 + number)
        order = g.sample(range(len(rows)), len(rows))
        made = 0
        for i in order:
            row = copy.deepcopy(dict(rows[i]))
            if made < per and fault(row, g):
                kinds.append(fault.__name__)
                planted.append(row)
                made += 1
    return kinds, planted
