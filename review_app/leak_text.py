"""A leak certificate in words: a line after a freeze, a section of the dataset card."""

from __future__ import annotations

from ..schemas.version import LeakCertificate, LeakLevels


def leak_lines(leaks: LeakCertificate) -> list[str]:
    """What the certificate says, in one line; a warning and the closest pair where rows nearly repeat."""
    lines: list[str] = []
    for split, levels in leaks.splits.items():
        if not levels.rows or not leaks.train_rows:
            continue
        if not _leaks(levels):
            lines.append(f"{split}: no row repeats a train row; highest similarity {levels.highest:.2f}")
            continue
        lines.append(f"warning: {_warning(split, levels, leaks.threshold)}")
        pair = next((p for p in leaks.pairs if p.split == split), None)
        if pair is not None:
            lines.append(f"  closest: {pair.row_id} and {pair.train_row_id} of train")
    return lines


def _leaks(levels: LeakLevels) -> bool:
    return bool(levels.at_threshold or levels.held)


def _warning(split: str, levels: LeakLevels, threshold: float) -> str:
    inside = f", {levels.held:,} stand within one" if levels.held else ""
    return (
        f"{levels.at_threshold:,} of {levels.rows:,} {split} rows reach similarity {threshold:g} to a train"
        f" row{inside}; highest {levels.highest:.2f}"
    )


def _certainty(leaks: LeakCertificate) -> str:
    if leaks.exact_from is None:
        return f"Recall, measured on some rows that were compared with all: {leaks.recall or 0:.3f}."
    if leaks.exact_from:
        return f"Exact from {leaks.exact_from:g} up; lower similarities are lower bounds."
    return "Exact."


def leak_section(leaks: LeakCertificate) -> tuple[list[str], list[tuple[str, ...]], list[tuple[str, ...]]]:
    """The section of a dataset card: sentences, a table of splits, and a table of the closest pairs."""
    sentences = [f"Method: {leaks.method}. {_certainty(leaks)}"]
    splits = [
        (
            split,
            f"{levels.rows:,}",
            f"{levels.highest:.3f}",
            *(f"{n:,}" for n in levels.at_least.values()),
            f"{levels.held:,}",
        )
        for split, levels in leaks.splits.items()
    ]
    pairs = [
        (
            pair.split,
            pair.row_id,
            pair.train_row_id,
            f"{pair.whole:.3f}",
            f"{pair.prompt:.3f}",
            f"{pair.response:.3f}",
            "" if pair.cosine is None else f"{pair.cosine:.3f}",
        )
        for pair in leaks.pairs
    ]
    return sentences, splits, pairs
