"""Reads the released packages that the demo sample is made of; see `make_sample.py`."""

from __future__ import annotations

import hashlib
import json
import random
import re
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Described = tuple[str, str, str]

RELEASES = {
    "home_assistant_intents-2026.10.27-py3-none-any.whl": (
        "256eb1e4fc6e6f4943d0ba4e089c9639d74d0e9d62ccddeb7148bc168de55e40"
    ),
    "homeassistant-2026.11.0-py3-none-any.whl": (
        "7ca5fbde9dea879ac7723949fc84347aac5182e6309c357b2e4973fd391b00f7"
    ),
    "evals-3.0.1.post1-py3-none-any.whl": "0abcb2051303500784b1641a6e4f6b813ed43ad64f879a37d344a6774eb8eb78",
    "30-seconds-of-code-1.0.0.tgz": "1701c592c829473337c94a20d8558b9089e576914db4775c6c1f1439b293d711",
    "30-seconds-of-code-1.2.3.tgz": "9f37d0bd1f04d3715759092993357e48d2176835b09c7a9ba20a1c831f45539c",
    "ruff-0.17.6.tar.gz": "2b04276561331300325040bdca21460770029ec574d4c479099e39e8ad1ed43c",
    "black-26.5.1.tar.gz": "dd321f668053961824bcc1be1cc1df748b2d7e4fa28086b08331e577b0100a73",
    "mypy-2.4.1.tar.gz": "63b590965691e540a335fa74dadf31a7069142f6b72e234689bbd244edf55623",
    "aiohttp-3.14.5.tar.gz": "5558a7f5a05af9ecf744af91e5baefc436f93c9333e656c27ec253f9a6bbe178",
}
"""Archive name to SHA-256, as released on the Python and JavaScript package indexes."""
FIRST = 0.5  # how often the first alternative is taken outright: templates list the usual wording first
OPTIONAL = 0.4  # how often an optional part is said

NAMES = {
    "light": ["desk lamp", "floor lamp", "ceiling light", "night light", "bedside lamp", "porch light"],
    "cover": ["garage door", "kitchen blinds", "bedroom curtains", "patio awning", "office shades"],
    "lock": ["front door", "back door", "garden gate"],
    "media_player": ["kitchen speaker", "living room tv", "bathroom radio"],
    "climate": ["hallway thermostat", "upstairs heating"],
    "todo": ["groceries", "hardware store", "packing"],
    "person": ["Alice", "Ben", "Carla"],
    "weather": ["home", "Lisbon"],
    "valve": ["garden valve", "sprinkler valve"],
    "vacuum": ["robot vacuum"],
    "lawn_mower": ["lawn mower"],
    "scene": ["movie night", "good morning", "dinner"],
    "script": ["bedtime routine"],
    "button": ["doorbell test"],
    "fan": ["ceiling fan", "desk fan"],
}
ANY_NAME = ["coffee machine", "kettle", "heater plug", "ceiling fan", "desk lamp", "radio", "humidifier"]
VALUES = {
    "area": ["kitchen", "living room", "bedroom", "bathroom", "office", "garage", "hallway", "nursery"],
    "floor": ["ground floor", "first floor"],
    "message": ["dinner is ready", "we leave in ten minutes"],
    "temperature": ["18", "19", "20", "21", "22", "23"],
    "position": ["10", "25", "50", "75"],
    "fan_speed": ["20", "40", "60", "80"],
    "brightness": ["5", "15", "30", "45", "60", "75", "90"],
    "color_temperature": ["2700", "4000", "6500"],
    "search_query": ["Kind of Blue", "the news"],
    "volume": ["10", "20", "35", "50", "65", "80"],
    "volume_step_up": ["5", "10", "15"],
    "volume_step_down": ["5", "10", "15"],
    "zone": ["work", "school"],
    "timer_seconds": ["10", "30", "45", "90"],
    "timer_minutes": ["2", "5", "8", "12", "20", "25", "40"],
    "timer_hours": ["1", "2", "3", "4"],
    "timer_name": ["pizza", "tea", "laundry", "eggs", "bread", "homework"],
    "timer_command": ["open the blinds", "turn off the lights", "pause the music"],
    "shopping_list_item": ["apples", "milk", "batteries", "rye bread"],
    "todo_list_item": ["call the dentist", "sunscreen", "paint rollers"],
}


def open_release(folder: Path, start: str) -> Path:
    """The archive whose name starts so, with its hash checked."""
    name = next(n for n in RELEASES if n.startswith(start))
    path = folder / name
    if hashlib.sha256(path.read_bytes()).hexdigest() != RELEASES[name]:
        raise SystemExit(f"{name} is not the release that the sample was made from")
    return path


def members(path: Path, pattern: str) -> Iterator[tuple[str, str]]:
    """Names and texts of an archive's members, by name, where the name matches a pattern."""
    wanted = re.compile(pattern)
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as archive:
            for name in sorted(n for n in archive.namelist() if wanted.search(n)):
                yield name, archive.read(name).decode("utf-8")
        return
    with tarfile.open(path) as archive:
        for name in sorted(n for n in archive.getnames() if wanted.search(n)):
            member = archive.extractfile(name)
            if member is not None:
                yield name, member.read().decode("utf-8")


def home_intents(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Home Assistant's English sentence templates, and the schema of its intents."""
    path = open_release(folder, "home_assistant_intents")
    texts = dict(members(path, r"intents/(data/en|intents)\.json$"))
    return (
        json.loads(texts["home_assistant_intents/data/en.json"]),
        json.loads(texts["home_assistant_intents/intents.json"]),
    )


def home_actions(
    folder: Path, language: str
) -> tuple[list[tuple[str, str, str]], list[tuple[str, str, str]]]:
    """Home Assistant's actions and repair issues in one language, as (integration, title, description)."""
    actions: list[Described] = []
    issues: list[Described] = []
    path = open_release(folder, "homeassistant-")
    for name, text in members(path, rf"components/[^/]+/translations/{language}\.json$"):
        integration = name.split("/")[2]
        data = json.loads(text)
        for entry in data.get("services", {}).values():
            if entry.get("name") and entry.get("description"):
                actions.append((integration, entry["name"], entry["description"]))
        for entry in data.get("issues", {}).values():
            if entry.get("title") and entry.get("description"):
                issues.append((integration, entry["title"], entry["description"]))
    return actions, issues


def snippets_new(folder: Path) -> list[Described]:
    """JavaScript snippets of the later release, as (name, description, code)."""
    text = next(
        iter(members(open_release(folder, "30-seconds-of-code-1.2.3"), r"vscode_snippets/snippets\.json$"))
    )[1]
    return [(k, v["description"], "\n".join(v["body"])) for k, v in json.loads(text).items()]


def snippets_old(folder: Path) -> list[Described]:
    """JavaScript snippets of the earlier release, as (name, description, code)."""
    rows = []
    for name, text in members(open_release(folder, "30-seconds-of-code-1.0.0"), r"package/snippets/\w+\.md$"):
        found = re.search(r"^### .*?\n+(.*?)\n+```js\n(.*?)\n```", text.replace("\r\n", "\n"), re.DOTALL)
        if found:
            rows.append((Path(name).stem, found[1].strip(), found[2]))
    return rows


def lint_rules(folder: Path) -> list[tuple[str, dict[str, str]]]:
    """Ruff's rules, as (name, heading to text), from the comments above each rule."""
    rows = []
    for name, text in members(open_release(folder, "ruff"), r"ruff_linter/src/rules/\w+/rules/.*\.rs$"):
        comment = re.search(r"((?:^///.*\n)+)", text, re.MULTILINE)
        if comment is None or "## What it does" not in comment[1]:
            continue
        lines = [line[4:] if line.startswith("/// ") else line[3:] for line in comment[1].splitlines()]
        parts = re.split(r"^## (.+)$", "\n".join(lines), flags=re.MULTILINE)
        sections = {h.strip(): t.strip() for h, t in zip(parts[1::2], parts[2::2], strict=True)}
        rows.append((Path(name).stem.replace("_", "-"), sections))
    return rows


def questions(folder: Path) -> list[Described]:
    """Frequently asked questions of Black, mypy and aiohttp, as (project, question, answer)."""
    rows = []
    for project, pattern, split in (
        ("Black", r"docs/faq\.md$", r"^## (.+)\n"),
        ("mypy", r"docs/source/faq\.rst$", r"^(.+)\n\*{4,}\n"),
        ("aiohttp", r"docs/faq\.rst$", r"^(.+)\n-{4,}\n"),
    ):
        text = next(iter(members(open_release(folder, project.lower()), pattern)))[1]
        parts = re.split(split, text, flags=re.MULTILINE)
        rows += [(project, q.strip(), a.strip()) for q, a in zip(parts[1::2], parts[2::2], strict=True)]
    return rows


def css_selectors(folder: Path) -> list[tuple[str, str, bool]]:
    """Explanations of CSS selectors, as (selector, explanation, is it right)."""
    rows = []
    path = open_release(folder, "evals")
    for line in next(iter(members(path, r"css-selectors/explain\.jsonl$")))[1].splitlines():
        row = json.loads(line)
        selector, explanation = row["input"][-1]["content"].split(" | ", 1)
        rows.append((selector, explanation, row["ideal"] == ["True"]))
    return rows


class Templates:
    """Draws sentences from templates: `[optional]`, `(a|b)`, `(any;order)`, `<rule>`, `{list}`."""

    def __init__(self, language: dict[str, Any], values: dict[str, list[str]], rng: random.Random) -> None:
        self.rules = language["expansion_rules"]
        self.lists = language["lists"]
        self.values = values
        self.rng = rng

    def draw(self, template: str, names: list[str]) -> tuple[str, dict[str, str]]:
        """One sentence and its slots; `names` are the devices that fit."""
        slots: dict[str, str] = {}
        text, _ = self._sequence(template, 0, slots, names)
        return re.sub(r"\s+", " ", text).strip(), slots

    def _sequence(self, t: str, i: int, slots: dict[str, str], names: list[str]) -> tuple[str, int]:
        """Expand until the end or a closing bracket; alternatives and orders are settled here."""
        options: list[tuple[str, dict[str, str]]] = []
        shuffled = False
        text, found = "", {}
        while i < len(t) and t[i] not in ")]":
            if t[i] in "|;":
                shuffled = shuffled or t[i] == ";"
                options.append((text, found))
                text, found, i = "", {}, i + 1
                continue
            piece, i = self._piece(t, i, found, names)
            text += piece
        options.append((text, found))
        if shuffled:
            self.rng.shuffle(options)
            for _, more in options:
                slots.update(more)
            return " ".join(o for o, _ in options), i
        text, found = options[0] if self.rng.random() < FIRST else self.rng.choice(options)
        slots.update(found)
        return text, i

    def _piece(self, t: str, i: int, slots: dict[str, str], names: list[str]) -> tuple[str, int]:
        if t[i] in "([":
            inner: dict[str, str] = {}
            text, end = self._sequence(t, i + 1, inner, names)
            if t[i] == "[" and self.rng.random() >= OPTIONAL:
                return "", end + 1
            slots.update(inner)
            return text, end + 1
        if t[i] == "<":
            end = t.index(">", i)
            return self._sequence(self.rules[t[i + 1 : end]], 0, slots, names)[0], end + 1
        if t[i] == "{":
            end = t.index("}", i)
            return self._value(t[i + 1 : end], slots, names), end + 1
        return t[i], i + 1

    def _value(self, reference: str, slots: dict[str, str], names: list[str]) -> str:
        source, _, slot = reference.partition(":")
        known = self.lists.get(source, {})
        if known.get("values"):
            value = self.rng.choice(known["values"])
            said = self._sequence(str(value["in"] if isinstance(value, dict) else value), 0, {}, names)[0]
            slots[slot or source] = str(value["out"]) if isinstance(value, dict) else said
            return said
        said = self.rng.choice(names if source == "name" else self.values[source])
        slots[slot or source] = said
        return said
