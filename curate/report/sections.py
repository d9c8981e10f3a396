"""The parts of the report that are about counts: headline, funnel, inputs, reasons, quarantine."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ...schemas.run import RunCard, StepCount
from .draw import Stage, funnel, meter
from .escape import number, share, shown
from .samples import Key, Quarantine


def table(
    head: Sequence[str], rows: Sequence[Sequence[str]], caption: str, *, numeric: Sequence[int] = ()
) -> str:
    """A table of finished HTML cells; on a narrow screen each row becomes a block of named values.

    Args:
        head: Column names, plain text.
        rows: Cells as HTML; the first of each row is its header.
        caption: What the table holds, plain text.
        numeric: Columns whose cells stand right.
    """
    kinds = [' class="n"' if i in numeric else "" for i in range(len(head))]
    names = "".join(
        f'<th scope="col" role="columnheader"{kind}>{escape(name)}</th>'
        for kind, name in zip(kinds, head, strict=True)
    )
    lines = []
    for row in rows:
        cells = [f'<th scope="row" role="rowheader"{kinds[0]}>{row[0]}</th>']
        cells += [
            f'<td role="cell" data-name="{escape(name)}"{kind}>{cell}</td>'
            for kind, name, cell in zip(kinds[1:], head[1:], row[1:], strict=True)
        ]
        lines.append(f'<tr role="row">{"".join(cells)}</tr>')
    return (
        f'<div class="scroll" role="region" aria-label="{escape(caption)}" tabindex="0">'
        f'<table role="table"><caption>{escape(caption)}</caption>'
        f'<thead role="rowgroup"><tr role="row">{names}</tr></thead>'
        f'<tbody role="rowgroup">{"".join(lines)}</tbody></table></div>'
    )


def section(name: str, title: str, *parts: str) -> str:
    """A section with a heading that the page's menu links to."""
    head = f'<section id="{name}" aria-labelledby="{name}-h"><h2 id="{name}-h">{title}</h2>'
    return f"{head}{''.join(parts)}</section>"


def details(summary: str, body: str) -> str:
    """A part that is closed at first."""
    return f"<details><summary>{summary}</summary>{body}</details>"


def headline(card: RunCard) -> str:
    """The run in one sentence."""
    lost = (
        f", and {_rows(card.quarantined)} could not be read"
        if card.quarantined
        else ", and every row could be read"
    )
    return (
        f"Of <b>{number(card.rows_in)}</b> input rows, <b>{number(card.kept)}</b> "
        f"({share(card.kept, card.rows_in)}) were kept and <b>{number(card.dropped)}</b> dropped{lost}."
    )


def second_line(card: RunCard) -> str:
    """What is left to do, and the sum."""
    noun, verb = ("row", "waits") if card.review == 1 else ("rows", "wait")
    wait = (
        f"{number(card.review)} kept {noun} ({share(card.review, card.kept)}) {verb} for a person."
        if card.review
        else "No kept row waits for a person."
    )
    edits = f" {_rows(card.edited)} {_was(card.edited)} edited." if card.edited else ""
    total = (
        f"{number(card.kept)} + {number(card.dropped)} + {number(card.quarantined)} = {number(card.rows_in)}"
    )
    return f"{wait}{edits} <span class=sum>kept + dropped + quarantined: {total}</span>"


def _rows(n: int) -> str:
    return f"{number(n)} row" if n == 1 else f"{number(n)} rows"


def _was(n: int) -> str:
    return "was" if n == 1 else "were"


def funnel_section(card: RunCard) -> str:
    """The funnel, drawn and as a table."""
    stages = [Stage("read", card.rows_in, card.quarantined, _note(card.rows, card.quarantined, 0))]
    stages += [Stage(s.step, s.rows_in, s.dropped, _note(s.kept, s.dropped, s.review)) for s in card.steps]
    description = (
        f"From {number(card.rows_in)} input rows, {number(card.quarantined)} could not be read; then "
        + "; ".join(f"{s.step} dropped {number(s.dropped)}" for s in card.steps)
        + f"; {number(card.kept)} rows are kept."
    )
    rows = [["read", number(card.rows_in), number(card.rows), number(card.quarantined), "0", "0", "0"]]
    rows += [_step_cells(s) for s in card.steps]
    head = ("step", "rows in", "rows out", "dropped or quarantined", "for review", "edited", "labelled")
    return section(
        "funnel",
        "Funnel",
        '<p class="legend"><i class="key bar"></i> goes on <i class="key gone"></i> leaves here</p>',
        funnel(stages, "Rows after each step", description),
        details("the same as a table", table(head, rows, "Rows by step", numeric=range(1, 7))),
    )


def _note(stayed: int, left: int, review: int) -> str:
    parts = [number(stayed)] + ([f"−{number(left)}"] if left else [])
    return " · ".join(parts + ([f"{number(review)} for review"] if review else []))


def _step_cells(s: StepCount) -> list[str]:
    return [
        shown(s.step),
        *(number(v) for v in (s.rows_in, s.kept, s.dropped, s.review, s.edited, s.assigned)),
    ]


def inputs_section(card: RunCard, kept: dict[str, int]) -> str:
    """Each input file: shape, evidence, rows, kept share; and what was skipped."""
    survived = [kept.get(f.file, 0) for f in card.inputs]
    rows = [
        [
            f"{shown(f.file)}<small>{shown(f.format)}, {_size(f.bytes)}</small>",
            f"{shown(f.shape) or 'not recognised'}<small>{shown(f.evidence)}</small>",
            number(f.rows),
            number(f.quarantined),
            number(n),
            f'<span class="rate">{share(n, f.rows)}{meter(n, f.rows)}</span>',
        ]
        for f, n in zip(card.inputs, survived, strict=True)
    ]
    head = ("file", "shape, and why", "rows", "quarantined", "kept", "kept share")
    skipped = table(
        ("file", "why"), [[shown(s.file), shown(s.why)] for s in card.skipped], "Files that were skipped"
    )
    return section(
        "inputs",
        "Input files",
        table(head, rows, "Input files", numeric=(2, 3, 4, 5)),
        skipped if card.skipped else "",
    )


def reasons(card: RunCard) -> list[tuple[Key, int, str]]:
    """Every reason to drop, review or edit, in step order: its key, its count and its sentence."""
    return [
        ((s.step, action, code), count, s.sentences.get(code, ""))
        for s in card.steps
        for action in ("drop", "review", "edit")
        for code, count in s.reasons.get(action, {}).items()
    ]


def anchor(key: Key) -> str:
    """The id of a reason's examples."""
    return "r-" + "-".join("".join(c if c.isalnum() else "_" for c in part) for part in key)


def reasons_section(card: RunCard) -> str:
    """The table of reasons, each with a link to its examples."""
    found = reasons(card)
    if not found:
        return section("reasons", "Reasons", "<p>No row was dropped, edited or sent to review.</p>")
    rows = [
        [
            shown(step),
            f'<span class="tag {shown(action)}">{shown(action)}</span>',
            f'<a href="#{anchor((step, action, code))}"><code>{shown(code)}</code></a>',
            shown(sentence),
            number(count),
            share(count, card.rows),
        ]
        for (step, action, code), count, sentence in found
    ]
    head = ("step", "action", "reason", "what it means", "rows", "share")
    note = "<p>Shares are of all readable rows. A row can have several reasons, but it is dropped once.</p>"
    return section("reasons", "Reasons", note, table(head, rows, "Reasons by step", numeric=(4, 5)))


def quarantine_section(found: Quarantine, total: int) -> str:
    """Unreadable rows by reason, with a few of them."""
    if not total:
        return section("quarantine", "Quarantine", "<p>Every row could be read.</p>")
    parts = [
        "<p>These rows could not be read. They stand in <code>quarantine.jsonl</code> with their bytes, "
        "and count in no step.</p>"
    ]
    for reason, count in found.counts.items():
        items = "".join(
            f'<article class="example"><p class="facts"><span class="where">{_position(e)}</span></p>'
            f'<pre dir="auto">{_bytes(e)}</pre></article>'
            for e in found.examples[reason]
        )
        parts.append(f'<h3>{shown(reason)} <span class="count">{_rows(count)}</span></h3>{items}')
    return section("quarantine", "Quarantine", *parts)


def _position(entry: dict[str, object]) -> str:
    line = f", line {entry['line']}" if entry.get("line") else ""
    return f"{shown(str(entry['file']))}, row {entry['row']}{line}"


def _bytes(entry: dict[str, object]) -> str:
    text = str(entry.get("text", ""))
    return shown(text[:600]) + ("…" if len(text) > 600 else "") if text else _base64(entry)


def _base64(entry: dict[str, object]) -> str:
    data = str(entry.get("base64", ""))
    return f"bytes, base64: {shown(data[:400])}" if data else '<i class="none">empty</i>'


def _size(count: int) -> str:
    size = float(count)
    for unit in ("B", "KiB", "MiB"):
        if size < 1024:
            return f"{size:.0f} {unit}"
        size /= 1024
    return f"{size:.1f} GiB"
