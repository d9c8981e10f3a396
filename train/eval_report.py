"""The report of an evaluation, as Markdown and as one HTML file that opens offline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from ..schemas.evaluation import EvaluationSummary, MetricSummary
from .eval_about import About
from .eval_draw import intervals, loss_curve
from .eval_style import STYLE
from .metrics import ALL_METRICS

SHOWN_SAMPLES = 10
SHOWN_CHARACTERS = 2000

Record = Mapping[str, Any]


def sample_groups(primary: str, records: Sequence[Record]) -> list[tuple[str, list[Record]]]:
    """Samples to look at, the ones that changed first: a heading and its records.

    With a binary primary metric: broken, fixed, wrong twice, right twice. Else: the rows that got
    worse, then the rows that got better, the largest change first.
    """

    def pair(record: Record) -> tuple[float, float]:
        scores = record["scores"][primary]
        return scores["base"], scores["tuned"]

    if ALL_METRICS[primary].binary:
        wanted = {
            "Broken: right with base, wrong with tuned": (1, 0),
            "Fixed: wrong with base, right with tuned": (0, 1),
            "Wrong with both": (0, 0),
            "Right with both": (1, 1),
        }
        return [(title, [r for r in records if pair(r) == scores]) for title, scores in wanted.items()]
    sign = 1 if ALL_METRICS[primary].better == "higher" else -1
    ranked = sorted(records, key=lambda r: sign * (pair(r)[1] - pair(r)[0]))
    worse = [r for r in ranked if sign * (pair(r)[1] - pair(r)[0]) < 0]
    better = [r for r in reversed(ranked) if sign * (pair(r)[1] - pair(r)[0]) > 0]
    return [("Worse than base", worse), ("Better than base", better)]


def markdown_report(summary: EvaluationSummary, about: About, records: Sequence[Record]) -> str:
    """The report as Markdown: verdict, table, counts of changed samples, lineage and commands."""
    table = "\n".join("| " + " | ".join(_cells(name, m)) + " |" for name, m in summary.metrics.items())
    groups = "\n".join(f"- {title}: {len(rows)}" for title, rows in sample_groups(summary.primary, records))
    lineage = "\n".join(f"- {name}: {value}" for name, value in about.lineage)
    methods = "\n".join(f"- {name}: {m.method}" for name, m in summary.metrics.items())
    commands = "\n".join(about.commands)
    return f"""# {summary.run} against its base

{summary.sentence}

| metric | base | tuned | difference | 95 % interval | p | fixed | broken |
|---|---|---|---|---|---|---|---|
{table}

{methods}

## Samples

{groups}

Every row with both answers is in `results.jsonl`.

## Lineage

{lineage}

## Commands

```
{commands}
```
"""


def html_report(
    summary: EvaluationSummary,
    about: About,
    records: Sequence[Record],
    history: Sequence[Mapping[str, Any]],
) -> str:
    """The report as one HTML page without scripts or outside files; all text is escaped.

    Args:
        summary: The evaluation.
        about: Where the model comes from.
        records: Rows of `results.jsonl`.
        history: Rows of the model's `metrics.jsonl`.
    """
    verdict, _, rest = summary.sentence.partition(":")
    curve = loss_curve(history)
    sections = [
        ("Metrics", _table(summary) + intervals(summary.metrics) + _method_notes(summary)),
        ("Training", curve + f'<p class="quiet">{escape(about.curve)}</p>' if curve else ""),
        ("Samples", _samples(summary, records)),
        ("Lineage", _lineage_table(about)),
        ("Commands", f"<pre>{escape(chr(10).join(about.commands))}</pre>"),
    ]
    body = "".join(f"<section><h2>{title}</h2>{content}</section>" for title, content in sections if content)
    title = escape(f"{summary.run} against its base")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{title}</title><style>{STYLE}</style></head><body>"
        f'<p class="kicker">{title}</p>'
        f'<h1 class="{summary.verdict}"><b>{escape(verdict)}:</b>{escape(rest)}</h1>'
        f"<p class=quiet>{escape(_scope(summary))}</p>{body}</body></html>\n"
    )


def _scope(summary: EvaluationSummary) -> str:
    rows = next(iter(summary.metrics.values())).n
    left_out = sum(summary.settings.get("left_out", {}).values())
    more = f"; {left_out} rows of the split could not be used" if left_out else ""
    made = summary.settings.get("dtype") or summary.settings.get("served")
    return (
        f"{rows} {summary.split} rows of version {summary.version}, greedy answers of at most"
        f" {summary.settings.get('max_new_tokens')} tokens, {made}{more}."
        f" {summary.primary.replace('_', ' ')} decides: {summary.settings.get('primary_because')}."
    )


def _cells(name: str, m: MetricSummary) -> list[str]:
    changed = ["" if count is None else str(count) for count in (m.fixed, m.broken)]
    numbers = [
        f"{m.base:.4g}",
        f"{m.tuned:.4g}",
        f"{m.diff:+.4g}",
        f"{m.low:+.4g} to {m.high:+.4g}",
        f"{m.p:.2g}",
    ]
    return [name.replace("_", " "), *numbers, *changed]


def _table(summary: EvaluationSummary) -> str:
    heads = ("metric", "base", "tuned", "difference", "95 % interval", "p", "fixed", "broken")
    head = "".join(f'<th scope="col"{" class=n" if i else ""}>{text}</th>' for i, text in enumerate(heads))
    rows = []
    for name, m in summary.metrics.items():
        first, *rest = _cells(name, m)
        says = ALL_METRICS[name].says if name in ALL_METRICS else ""
        cells = "".join(f'<td class="n">{escape(cell)}</td>' for cell in rest)
        rows.append(f'<tr><th scope="row">{escape(first)}<br><small>{escape(says)}</small></th>{cells}</tr>')
    return (
        '<div class="scroll"><table><caption>Base against tuned</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _method_notes(summary: EvaluationSummary) -> str:
    detectable = summary.settings.get("detectable_difference", {})
    lines = []
    for name, m in summary.metrics.items():
        smallest = detectable.get(name)
        power = (
            f" Rows like these show a true difference of {smallest:.2g} four times in five."
            if smallest
            else ""
        )
        lines.append(f"{name.replace('_', ' ')}: {m.method}.{power}")
    return "".join(f'<p class="quiet">{escape(line)}</p>' for line in lines)


def _samples(summary: EvaluationSummary, records: Sequence[Record]) -> str:
    parts = []
    for i, (title, rows) in enumerate(sample_groups(summary.primary, records)):
        if not rows:
            parts.append(f'<p class="quiet">{escape(title)}: none</p>')
            continue
        shown = "".join(_sample(row, summary.primary) for row in rows[:SHOWN_SAMPLES])
        rest = len(rows) - SHOWN_SAMPLES
        more = f'<p class="quiet">{rest} more in results.jsonl</p>' if rest > 0 else ""
        opened = " open" if i < 2 else ""
        parts.append(
            f"<details{opened}><summary>{escape(title)}: {len(rows)}</summary>{shown}{more}</details>"
        )
    return "".join(parts)


def _sample(record: Record, primary: str) -> str:
    scores = record["scores"][primary]
    last = next((turn for turn in reversed(record["prompt"]) if turn["role"] == "user"), record["prompt"][-1])
    texts = {
        last["role"]: last.get("content") or "",
        "reference": record["reference"],
        f"base, {scores['base']:.3g}": record["base_answer"],
        f"tuned, {scores['tuned']:.3g}": record["tuned_answer"],
    }
    lines = "".join(
        f"<dt>{escape(name)}</dt><dd><pre>{_cut(text)}</pre></dd>" for name, text in texts.items()
    )
    row = f"<dt>row</dt><dd><code>{escape(record['row_id'])}</code></dd>"
    return f'<div class="sample"><dl>{lines}{row}</dl></div>'


def _cut(text: str) -> str:
    rest = len(text) - SHOWN_CHARACTERS
    return escape(text[:SHOWN_CHARACTERS]) + (f" … {rest} more characters" if rest > 0 else "")


def _lineage_table(about: About) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>'
        for name, value in about.lineage
    )
    return f'<div class="scroll"><table><caption>Lineage</caption><tbody>{rows}</tbody></table></div>'
