"""The dataset card of a version: README.md with the front matter that the Hugging Face hub reads."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from ..schemas.run import RunCard
from ..schemas.version import SPLITS, LeakCertificate, VersionFile
from .leak_text import leak_section

LANGUAGE = re.compile(r"[a-z]{2,3}")
SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
)
FEATURES = (
    ("row_id", "dtype: string"),
    ("content_id", "dtype: string"),
    ("messages", "list: json"),
    ("tools", "list: json"),
    ("rejected", "list: json"),
    ("label", "dtype: bool"),
)
"""Stated, because a loader that guesses them from the first rows fails when tools come late in a file."""

LINES = (
    "Each line has `row_id`, `content_id`, `messages` in the OpenAI chat shape and, where the row has them,",
    "`tools`, `rejected` (the losing turns of a preference row) and `label` (whether the answer was good).",
)
PREFERENCES = "preferences"
PAIR_LINES = (
    "What reviewers preferred, by comparing two answers or by editing one: `messages` ends with the better",
    "answer, and `rejected` is the other.",
)


class Frozen(Protocol):
    """What the card tells of the rows."""

    @property
    def files(self) -> dict[str, VersionFile]: ...
    @property
    def rows(self) -> int: ...
    @property
    def decisions(self) -> dict[str, int]: ...
    @property
    def reviewers(self) -> set[str]: ...
    @property
    def languages(self) -> dict[str, int]: ...
    @property
    def licences(self) -> dict[str, int]: ...
    @property
    def sources(self) -> dict[str, int]: ...
    @property
    def leaks(self) -> LeakCertificate | None: ...


def dataset_card(card: RunCard, frozen: Frozen) -> str:
    """The card as Markdown; equal input gives equal text. Reviewers are counted, never named.

    Args:
        card: The run that the version came from.
        frozen: What was frozen.
    """
    return "\n".join([*_front_matter(frozen), "", *_body(card, frozen), ""])


def _front_matter(frozen: Frozen) -> list[str]:
    languages = [code for code in sorted(frozen.languages) if LANGUAGE.fullmatch(code)]
    size = next((name for limit, name in SIZES if frozen.rows < limit), "n>10M")
    lines = ["---", "license: unknown"]
    if languages:
        lines += ["language:", *(f'- "{code}"' for code in languages)]
    lines += ["task_categories:", "- text-generation", "size_categories:", f"- {size}", "tags:", "- tuneset"]
    configs = {"default": _paths(frozen.files), PREFERENCES: _paths(frozen.files, f"{PREFERENCES}/")}
    configs = {name: paths for name, paths in configs.items() if paths}
    lines.append("configs:")
    for config, paths in configs.items():
        lines += [f"- config_name: {config}", "  data_files:"]
        for split, path in paths.items():
            lines += [f"  - split: {split}", f"    path: {path}"]
    return [*lines, *_features(configs), "---"]


def _paths(files: dict[str, VersionFile], folder: str = "") -> dict[str, str]:
    """Split to file, for the splits that have rows."""
    paths = {split: f"{folder}{split}.jsonl" for split in SPLITS}
    return {split: path for split, path in paths.items() if path in files and files[path].rows}


def _features(configs: Iterable[str]) -> list[str]:
    lines = ["dataset_info:"]
    several = len(list(configs)) > 1
    for config in configs if several else ("default",):
        lines.append(f"- config_name: {config}" if several else "  features:")
        lines += ["  features:"] if several else []
        lines += [line for name, kind in FEATURES for line in (f"  - name: {name}", f"    {kind}")]
    return lines


def _body(card: RunCard, frozen: Frozen) -> list[str]:
    lines = [
        "# Dataset card",
        "",
        f"{frozen.rows:,} conversations for fine-tuning, curated and approved with tuneset.",
    ]
    lines += ["", *LINES]
    counts = [(split, frozen.files[f"{split}.jsonl"].rows) for split in SPLITS]
    lines += ["", "## Splits", "", *_table(["split", "rows"], counts), *_preferences(frozen)]
    lines += _leaks(frozen)
    lines += ["", "## Licence", "", *_licence(frozen)]
    lines += ["", "## Sources", ""]
    lines += _table(
        ["file", "SHA-256", "format", "shape", "rows read", "rows here"],
        (
            (i.file, i.sha256[:16], i.format, i.shape, i.rows, frozen.sources.get(i.file, 0))
            for i in card.inputs
        ),
    )
    lines += [
        "",
        "## Curation",
        "",
        f"{card.rows_in:,} rows came in; {card.quarantined:,} could not be read, ",
    ]
    lines[-1] += f"{card.dropped:,} were dropped, {card.kept:,} kept, {card.edited:,} of them edited."
    lines += ["", *_table(["step", "reason", "action", "rows", "meaning"], _reasons(card))]
    lines += ["", "## Approval", "", *_approval(frozen)]
    return lines


def _leaks(frozen: Frozen) -> list[str]:
    if frozen.leaks is None or not frozen.leaks.train_rows:
        return []
    sentences, splits, pairs = leak_section(frozen.leaks)
    levels = next(iter(frozen.leaks.splits.values())).at_least
    head = ["split", "rows", "highest similarity", *(f"from {level}" for level in levels), "within one"]
    lines = ["", "## Held-out rows beside train rows", "", *sentences, "", *_table(head, splits)]
    if pairs:
        head = ["split", "row", "train row", "whole", "prompt", "response", "cosine"]
        lines += ["", "The closest pairs:", "", *_table(head, pairs)]
    return lines


def _preferences(frozen: Frozen) -> list[str]:
    paths = _paths(frozen.files, f"{PREFERENCES}/")
    if not paths:
        return []
    rows = [(path, frozen.files[path].rows) for path in paths.values()]
    return ["", "## Preferences", "", *PAIR_LINES, "", *_table(["file", "pairs"], rows)]


def _licence(frozen: Frozen) -> list[str]:
    if not frozen.licences:
        return ["Unknown: no row states a licence. Find out the licences of the sources before sharing."]
    stated = sorted(frozen.licences.items(), key=lambda item: (-item[1], item[0]))
    without = frozen.rows - sum(frozen.licences.values())
    rows = [*stated, *([("not stated", without)] if without else [])]
    return ["As the rows themselves state it; not checked.", "", *_table(["licence", "rows"], rows)]


def _reasons(card: RunCard) -> Iterable[tuple[Any, ...]]:
    for step in card.steps:
        for action in ("drop", "review", "edit"):
            for reason, count in sorted(step.reasons.get(action, {}).items()):
                yield step.step, reason, action, count, step.sentences.get(reason, "")


def _approval(frozen: Frozen) -> list[str]:
    rules = {name: n for name, n in frozen.decisions.items() if name not in frozen.reviewers}
    alone = frozen.rows - sum(rules.values())
    rows: list[tuple[str, int]] = [(f"rule: {rule}", n) for rule, n in sorted(rules.items())]
    if alone:
        people = len(frozen.reviewers)
        rows.append((f"one by one, by {people} {'person' if people == 1 else 'people'}", alone))
    return _table(["how", "rows"], rows)


def _table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    lines = ["| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
    return lines + ["| " + " | ".join(_cell(value) for value in row) + " |" for row in rows]


def _cell(value: Any) -> str:
    """A value as one table cell: no markup of its own, no line end."""
    if isinstance(value, int):
        return f"{value:,}"
    text = " ".join(str(value).split())
    return html.escape(re.sub(r"([\\`*_{}\[\]|#~$!])", r"\\\1", text), quote=False)
