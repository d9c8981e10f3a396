"""Chats with planted personal data: names that no list has, other forms of numbers, other templates; seeded.

Nothing in them is anybody's: numbers of reserved ranges, example domains, names of drawn syllables. The rules
were put right with an earlier draw of them, so these figures guard against losses and foretell nothing.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any

from tuneset.curate.pii.checksums import luhn, mod97

SYLLABLES = "za ve lo mi ra tu ko en shi dra pel on qu or ly sa fer min ta bo".split()
STREETS = (
    "Elm Drive|Kirchgasse|Avenue Foch|Via Dante|High Street|Camino Real|Queens Road|Church Lane|Rua Direita|"
    "Kastanienallee|Boulevard Voltaire|Park Avenue|Market Square|Victoria Terrace"
).split("|")
TOWNS = "Bergen|Ghent|San Pedro|Linz|Bath|Novi Sad|Malmö|Kraków".split("|")
PREFIXES = "sk-proj- github_pat_ glpat- xoxb- hf_ AIza sk_live_ sk-ant-api03- npm_ gho_ ASIA".split()
MONTHS = "March July Oct December".split()
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"
FILLED = {"#": "0123456789", "~": "23456789"}

USER = (
    "Customer {PERSON} lives at {ADDRESS} and can be reached on {PHONE}.|"
    "Send the contract to {EMAIL}, cc {EMAIL}.|"
    "Patient name: {PERSON}\nDate of birth: {DATE_OF_BIRTH}\nSSN: {US_SSN}|export TOKEN={API_KEY}|"
    "curl -H 'Authorization: Bearer {API_KEY}' https://api.example.com|"
    "I was born on {DATE_OF_BIRTH} in Leeds.|"
    "Ship to:\n{PERSON}\n{ADDRESS}|Charge {CREDIT_CARD} please|Transfer 200 EUR to {IBAN} today|"
    "Block {IP_ADDRESS} in the firewall|Hello, I am {PERSON}, my number is {PHONE}|"
    "{PERSON} called from {PHONE} about card {CREDIT_CARD}.|Translate: 'Ich wohne in {ADDRESS}'|"
    'Kind regards,\n{PERSON}\n{PHONE}|{"name": "{PERSON}", "email": "{EMAIL}", "ip": "{IP_ADDRESS}"}'
).split("|")
ASSISTANT = (
    "Hello {PERSON}, your card {CREDIT_CARD} is active.|I will call {PERSON} at {PHONE}.|Done. "
    "Anything else?|"
    "Noted: born {DATE_OF_BIRTH}.|The refund goes to {IBAN}.|Thanks {PERSON}, I have noted {EMAIL}."
).split("|")
NEGATIVES = (
    "Order #~######### is late.|Deadline is 2024-0~-1#.|curl localhost:8080|ping 127.0.0.1|bind 0.0.0.0|"
    "id 550e8400-e29b-41d4-a716-44665544####|Tracking number ~###########|What did Isaac Newton discover?|"
    "Explain Kant's ethics.|Describe the novel by Jane Austen.|john.doe@example.com|your_api_key_here|"
    "name@example.com|[NAME] called|sk-xxxxxxxxxxxxxxxxxxxx|555-555-5555|Firefox version 115.3.1.2~#|"
    "Is ~~~-##-###-# the result of ~## - ~#?|Total 4,~##,###.00 USD|48.####° N, 2.####° E|Model "
    "~##-###-B fits"
).split("|")


def digits(g: random.Random, shape: str) -> str:
    return "".join(g.choice(FILLED[c]) if c in FILLED else c for c in shape)


def name(g: random.Random) -> str:
    return "".join(g.choice(SYLLABLES) for _ in range(g.choice([2, 3]))).capitalize()


def card(g: random.Random) -> str:
    while not luhn(
        number := digits(g, g.choice(["55554#", "4000##", "3782##"]) + "#" * 10)[: g.choice([15, 16])]
    ):
        pass
    kind = 15 if number[0] == "3" else 16
    if len(number) != kind:
        return card(g)
    return g.choice([number, *(sep.join(number[i : i + 4] for i in range(0, kind, 4)) for sep in " -")])


def iban(g: random.Random) -> str:
    account = digits(g, "#" * 18)
    check = f"{98 - mod97(account + 'DE00'):02d}"
    number = f"DE{check}{account}"
    return g.choice([number, " ".join(number[i : i + 4] for i in range(0, 22, 4))])


def email(g: random.Random) -> str:
    local = name(g).lower() + g.choice([".", "_", "-", ""]) + name(g).lower() + g.choice(["", "7", ".work"])
    return f"{local}@example.{g.choice(['com', 'org', 'net'])}"


PHONES = (
    "+1-303-555-01##|(415) 555-01##|07700 900###|+44 7700 900###|+61 491 570 1##|+49 (0)30 23125###|"
    "+33 6 39 98 ## ##|01 99 00 ## ##|+34 600 ~## ###|312.555.01##"
).split("|")
KINDS: dict[str, Callable[[random.Random], str]] = {
    "PERSON": lambda g: f"{name(g)} {g.choice(['', '', 'van ', 'de '])}{name(g)}",
    "EMAIL": email,
    "PHONE": lambda g: digits(g, g.choice(PHONES)),
    "CREDIT_CARD": card,
    "IBAN": iban,
    "US_SSN": lambda g: f"{g.randrange(100, 665)}-{g.randrange(10, 99)}-{g.randrange(1000, 9999)}",
    "IP_ADDRESS": lambda g: g.choice(
        [f"203.0.113.{g.randrange(1, 255)}", f"2001:db8::{g.randrange(16, 65535):x}"]
    ),
    "ADDRESS": lambda g: (
        f"{g.randrange(1, 200)}{g.choice(['', 'A'])} {g.choice(STREETS)}, "
        + g.choice([digits(g, "~####") + f" {g.choice(TOWNS)}", f"{g.choice(TOWNS)} " + digits(g, "~####")])
    ),
    "API_KEY": lambda g: g.choice(PREFIXES) + "".join(g.choice(LETTERS) for _ in range(32)),
    "DATE_OF_BIRTH": lambda g: g.choice(
        [
            f"{g.randrange(1, 28):02d}.{g.randrange(1, 12):02d}.{g.randrange(1950, 2004)}",
            f"{g.randrange(1, 28)} {g.choice(MONTHS)} {g.randrange(1950, 2004)}",
            f"{g.choice(MONTHS)} {g.randrange(1, 28)}, {g.randrange(1950, 2004)}",
        ]
    ),
}


def planted_chats(*, seed: int = 4242, n: int = 800) -> list[dict[str, Any]]:
    """Rows as `pii_chats.jsonl` has them: messages, spans, and in every fourth row a hard negative."""
    g = random.Random(seed)
    rows: list[dict[str, Any]] = []
    for i in range(n):
        if i % 4 == 3:
            told = [(digits(g, g.choice(NEGATIVES)), []), ("Here is what I found.", [])]
        else:
            told = [filled(g, g.choice(templates)) for templates in (USER, ASSISTANT)]
        spans = [{"turn": turn, **span} for turn, (_, found) in enumerate(told) for span in found]
        messages = [
            {"role": r, "content": text} for r, (text, _) in zip(("user", "assistant"), told, strict=True)
        ]
        rows.append(
            {"messages": messages, "spans": spans, "hard_negative": "planted" if i % 4 == 3 else None}
        )
    return rows


def filled(g: random.Random, template: str) -> tuple[str, list[dict[str, Any]]]:
    text, spans = "", []
    for piece in re.split(r"(\{[A-Z_]+\})", template):
        kind = piece[1:-1]
        if kind in KINDS:
            value = KINDS[kind](g)
            spans.append({"start": len(text), "end": len(text) + len(value), "type": kind, "value": value})
            text += value
        else:
            text += piece
    return text, spans
