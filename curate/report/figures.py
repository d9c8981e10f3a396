"""The parts of the report that are about distributions, and the run card."""

from __future__ import annotations

import yaml

from ...schemas.run import RunCard
from ...schemas.version import SPLITS
from .draw import histogram, meter
from .escape import number, share, shown
from .sections import details, section, table
from .shares import Languages
from .sizes import Histogram

TOP = 12  # languages that are shown at once


def lengths_section(charts: list[Histogram]) -> str:
    """Histograms before and after."""
    legend = (
        '<p class="legend"><i class="key before"></i> all readable rows <i class="key bar"></i> kept rows</p>'
    )
    figures = "".join(f'<figure class="chart">{_caption(c)}{histogram(c)}{_bins(c)}</figure>' for c in charts)
    return section(
        "lengths", "Lengths before and after", legend, f'<div class="charts">{figures}</div>', _note(charts)
    )


def _note(charts: list[Histogram]) -> str:
    if any("–" in label for c in charts for label in c.labels):
        return '<p class="quiet">Lengths double from bin to bin. A bin is named by its lower end.</p>'
    return ""


def _caption(c: Histogram) -> str:
    medians = f"median {_median(c.median_before)} → {_median(c.median_after)}"
    unit = "" if c.unit == c.name.lower() else f", {c.unit}"
    return f"<figcaption><b>{shown(c.name)}</b>{shown(unit)} <small>{medians}</small></figcaption>"


def _median(value: float | None) -> str:
    return "none" if value is None else number(value)


def _bins(c: Histogram) -> str:
    rows = [[label, number(b), number(a)] for label, b, a in zip(c.labels, c.before, c.after, strict=True)]
    return details("as a table", table((c.unit, "all", "kept"), rows, f"{c.name}, rows", numeric=(0, 1, 2)))


def languages_section(found: Languages | None) -> str:
    """Rows by language, and the share of each split in every language."""
    if found is None:
        return ""
    names = {**found.labelled, **found.kept}
    most = max(found.kept.values(), default=0)
    total = sum(found.kept.values())
    rows = []
    for name in sorted(names, key=lambda n: (-found.kept.get(n, 0), -found.labelled.get(n, 0), n)):
        kept = found.kept.get(name, 0)
        cells = [
            f"{number(n)} <small>{share(n, kept)}</small>" if kept else "0"
            for n in (found.cells.get((name, split), 0) for split in found.splits)
        ]
        bar = f'<span class="rate">{share(kept, total)}{meter(kept, most)}</span>'
        rows.append([shown(name), number(found.labelled.get(name, 0)), number(kept), bar, *cells])
    rest = rows[TOP:]
    rows = rows[:TOP]
    if len(names) > 1 and found.splits:
        sums = [sum(found.cells.get((n, split), 0) for n in names) for split in found.splits]
        cells = [f"{number(n)} <small>{share(n, total)}</small>" for n in sums]
        rows.append(["<b>all</b>", number(sum(found.labelled.values())), number(total), "", *cells])
    head = ("language", "labelled", "kept", "share of kept", *found.splits)
    title = "Languages and splits" if found.splits else "Languages"
    numeric = (1, 2, *range(4, 4 + len(found.splits)))
    caption = "Kept rows by language and split"
    more = details(f"{number(len(rest))} more", table(head, rest, "Rarer languages", numeric=numeric))
    return section("languages", title, table(head, rows, caption, numeric=numeric), more if rest else "")


def strata_section(found: dict[str, dict[str, int]]) -> str:
    """The share of each split in every stratum."""
    if not found:
        return ""
    rows = []
    for name, counts in found.items():
        total = sum(counts.values())
        cells = [f"{number(n)} <small>{share(n, total)}</small>" for n in (counts.get(s, 0) for s in SPLITS)]
        rows.append([shown(name), number(total), *cells])
    head, caption = ("stratum", "kept", *SPLITS), "Kept rows by stratum and split"
    numeric = tuple(range(1, len(head)))
    more = details(
        f"{number(len(rows) - TOP)} more", table(head, rows[TOP:], "Smaller strata", numeric=numeric)
    )
    shown_rows = table(head, rows[:TOP], caption, numeric=numeric)
    return section("strata", "Splits by stratum", shown_rows, more if rows[TOP:] else "")


def card_section(card: RunCard) -> str:
    """The run card: everything that a repetition needs."""
    facts = {
        "tuneset": card.tuneset_version,
        "code": card.code_sha256[:16],
        "Python": card.python,
        "seed": str(card.seed),
        "started": card.started_at,
        "time": _seconds(card.seconds),
        "peak memory": f"{number(card.peak_memory_mb)} MiB",
        "workers": f"{card.workers} ({card.engine})",
        "recipe hash": card.recipe_sha256[:16],
    }
    pairs = "".join(f"<dt>{k}</dt><dd>{shown(v)}</dd>" for k, v in facts.items())
    recipe = yaml.safe_dump(card.recipe, sort_keys=False, allow_unicode=True)
    steps = [
        [shown(s.step), _seconds(s.seconds), number(s.measured_batches), number(s.cached_batches)]
        for s in card.steps
    ]
    phases = [[shown(k), _seconds(v)] for k, v in card.seconds_by_phase.items()]
    files = [[shown(k), f"<code>{shown(v)}</code>"] for k, v in card.files.items()]
    read = [[shown(f.file), f"<code>{shown(f.sha256)}</code>"] for f in card.inputs]
    read += [
        [f"{shown(f.file)} (compared with, {number(f.rows)} rows)", f"<code>{shown(f.sha256)}</code>"]
        for f in card.references
    ]
    libraries = [[shown(k), shown(v)] for k, v in card.libraries.items()]
    return section(
        "card",
        "Run card",
        f'<dl class="card">{pairs}</dl>',
        details("recipe", f"<pre>{shown(recipe)}</pre>"),
        details(
            "time by phase and step",
            table(("phase", "time"), phases, "Time by phase", numeric=(1,))
            + table(
                ("step", "time", "batches measured", "batches from cache"),
                steps,
                "Time by step, summed over processes",
                numeric=(1, 2, 3),
            ),
        ),
        details("libraries", table(("library", "version"), libraries, "Libraries")),
        details(
            "file hashes",
            table(("input", "SHA-256"), read, "Inputs")
            + table(("file", "SHA-256"), files, "Files of the run"),
        ),
    )


def _seconds(value: float) -> str:
    if value < 60:
        return f"{value:.2f} s"
    return f"{value // 60:.0f} min {value % 60:.0f} s"
