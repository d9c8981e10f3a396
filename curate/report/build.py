"""Puts the report together and writes it."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pyarrow as pa

from ...schemas.files import write_text
from ..ledger import Ledger
from . import figures, sections
from .escape import number, shown
from .examples import example
from .guard import guard_section
from .precision import precision
from .precision_text import precision_section
from .samples import PER_REASON, Samples, draw, draw_quarantine
from .shares import kept_by_file, languages, strata
from .sizes import histograms
from .thresholds import thresholds, thresholds_section
from .topics import label_tables, topics, topics_section

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
MENU = {
    "guard": "Guard rails",
    "funnel": "Funnel",
    "inputs": "Input files",
    "reasons": "Reasons",
    "examples": "Examples",
    "precision": "Precision",
    "thresholds": "Thresholds",
    "lengths": "Lengths",
    "languages": "Languages",
    "topics": "Topics",
    "labels": "Labels",
    "strata": "Strata",
    "quarantine": "Quarantine",
    "card": "Run card",
}


def report(out: str | Path, *, decisions: pa.Table | None = None) -> Path:
    """Write `report.html` of a finished run: one file that opens offline and asks nothing of the network.

    The same workspace gives the same bytes. Texts are streamed, so memory does not grow with them.

    Args:
        out: A workspace.
        decisions: The standing decision on each row: row_id, action, content_id, rule (`Store.current` of the
            review app). None leaves the precision of flags out.

    Returns:
        The file's path.

    Raises:
        WorkspaceError: No finished run there, or the report cannot be written.
    """
    ledger = Ledger.open(out)
    path = ledger.workspace.report
    write_text(path, render(ledger, decisions))
    return path


def render(ledger: Ledger, decisions: pa.Table | None = None) -> str:
    """The report as one HTML text."""
    card = ledger.card
    parts = [
        guard_section(card),
        sections.funnel_section(card),
        sections.inputs_section(card, kept_by_file(ledger)),
        sections.reasons_section(card),
        examples_section(ledger, draw(ledger)),
        precision_section(precision(ledger, decisions)),
        thresholds_section(thresholds(ledger)),
        figures.lengths_section(histograms(ledger)),
        figures.languages_section(languages(ledger)),
        topics_section(topics(ledger)),
        label_tables(ledger),
        figures.strata_section(strata(ledger)),
        sections.quarantine_section(
            draw_quarantine(ledger.workspace.quarantine, card.seed), card.quarantined
        ),
        figures.card_section(card),
    ]
    body = "".join(parts)
    menu = "".join(
        f'<li><a href="#{name}">{title}</a></li>'
        for name, title in MENU.items()
        if f'<section id="{name}"' in body
    )
    style = files(__package__ or "").joinpath("report.css").read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f"<title>Curation report: {number(card.kept)} of {number(card.rows_in)} rows kept</title>\n"
        f"<style>\n{style}</style>\n</head>\n<body>\n"
        '<a class="skip" href="#main">Skip to the report</a>\n'
        f'<header><p class="kicker">Tuneset curation report</p><h1>{sections.headline(card)}</h1>'
        f'<p class="lead">{sections.second_line(card)}</p>'
        f'<nav aria-label="Sections"><ul>{menu}</ul></nav></header>\n'
        f'<main id="main">\n{body}\n</main>\n'
        f"<footer><p>Seed {card.seed}, recipe {shown(card.recipe_sha256[:12])}, "
        f"tuneset {shown(card.tuneset_version)}. "
        "One row's whole story: <code>tuneset explain OUT ROW</code>.</p></footer>\n"
        "</body>\n</html>\n"
    )


def examples_section(ledger: Ledger, samples: Samples) -> str:
    """For each reason a few real rows."""
    found = sections.reasons(ledger.card)
    if not found:
        return ""
    parts = []
    for key, count, sentence in found:
        shown_rows = samples.verdicts.get(key, [])
        items = "".join(example(v, samples) for v in shown_rows)
        step, action, code = (shown(part) for part in key)
        parts.append(
            f'<details class="reason"><summary><span class="tag {action}">{action}</span> '
            f"<code>{code}</code> "
            f'<span class="count">{number(count)}</span><span class="what">{shown(sentence)}</span></summary>'
            f'<div id="{sections.anchor(key)}"><p class="quiet">Step {step}, {number(len(shown_rows))} of '
            f"{number(count)}</p>{items}</div></details>"
        )
    note = f"<p>Up to {PER_REASON} rows for each reason, drawn with the run's seed. Open a reason.</p>"
    return sections.section("examples", "Examples", note, *parts)
