"""What `toxicity` finds and what it flags by mistake, beside a keyword list and two packages.

HateCheck (Röttger et al. 2021) by its 29 functions; ParaDetox pairs; clean instruction rows; XSTest prompts.
The keyword lists are the builtin model's own words without the grammar. `better_profanity` (a word list) and
`alt-profanity-check` (a linear SVM) are compared where they are installed; the first takes minutes on long
texts and is left out there.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import json
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tuneset.curate.reference import read_reference
from tuneset.curate.rows import Rows
from tuneset.curate.toxicity import THRESHOLD, judge
from tuneset.curate.toxicity.lexicon import lexicon

Scores = Callable[[Sequence[str]], list[float]]
DEVELOPED_ON = ("women", "trans people", "gay people")
"""Targets whose rows were looked at while the grammar was written; the other four were only counted."""
KEYWORDS, VIOLENCE = "SsuEHQFBC", "VXWJAxy"
"""Parts of words that are hateful or foul, and of those that tell of violence and exclusion."""
SAMPLE = 3_000
SHOWN = 50


def lines(path: Path) -> list[Any]:
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def listing(tags: str) -> Scores:
    """1 where a text has a word of ours with one of these parts, else 0."""
    listed = {w for w, e in lexicon("en").words.items() if e.tag in tags and e.hate >= 0.5}

    def score(texts: Sequence[str]) -> list[float]:
        return [float(not listed.isdisjoint(re.findall(r"[a-z']+", text.lower()))) for text in texts]

    return score


def better_profanity(texts: Sequence[str]) -> list[float]:
    from better_profanity import profanity

    return [float(profanity.contains_profanity(text)) for text in texts]


def alt_profanity_check(texts: Sequence[str]) -> list[float]:
    from profanity_check import predict_prob

    return [float(p) for p in predict_prob(list(texts))]


def builtin(texts: Sequence[str]) -> list[float]:
    return [judge(text).score for text in texts]


def judges_at_hand() -> dict[str, Scores]:
    found: dict[str, Scores] = {"builtin": builtin, "keywords": listing(KEYWORDS)}
    found["and violence"] = listing(KEYWORDS + VIOLENCE)
    if importlib.util.find_spec("better_profanity"):
        found["better_profanity"] = better_profanity
    if importlib.util.find_spec("profanity_check"):
        found["alt-profanity-check"] = alt_profanity_check
    return found


def toxicity(data: Path) -> None:
    """Print all figures."""
    judges = judges_at_hand()
    hatecheck(data / "07_pii_toxicity" / "hatecheck_en.jsonl", judges)
    paradetox(data / "07_pii_toxicity" / "paradetox_pairs.jsonl", judges)
    clean_rows(data, {name: score for name, score in judges.items() if name != "better_profanity"})
    xstest(data / "03_quality" / "refusals_xstest.jsonl", judges)


def hatecheck(path: Path, judges: Mapping[str, Scores]) -> None:
    rows = lines(path)
    texts, truth = [r["text"] for r in rows], [r["label"] == "hateful" for r in rows]
    print(f"\ntoxicity, HateCheck, {len(rows):,} rows; accuracy by function")
    scores = {name: score(texts) for name, score in judges.items()}
    right = {
        n: [(s >= THRESHOLD) == t for s, t in zip(found, truth, strict=True)] for n, found in scores.items()
    }
    print(f"{'function':22}{'rows':>6}" + "".join(f"{name:>21}" for name in judges))
    groups: dict[str, list[int]] = defaultdict(list)
    for i, row in enumerate(rows):
        groups[row["functionality"]].append(i)
    better: dict[str, Counter[str]] = {name: Counter() for name in judges if name != "builtin"}
    for function, members in groups.items():
        shares = {n: sum(right[n][i] for i in members) / len(members) for n in judges}
        for name, counts in better.items():
            counts[compared(shares["builtin"], shares[name])] += 1
        print(f"{function:22}{len(members):>6}" + "".join(f"{share:>21.3f}" for share in shares.values()))
    for name, counts in better.items():
        print(f"functions where builtin is, against {name}: {dict(counts)}")
    for name, found in scores.items():
        print(f"{name}: {summary(found, truth)}")
    seen = {"developed on": [], "held out": []}
    for i, row in enumerate(rows):
        if row["target"]:
            seen["developed on" if row["target"] in DEVELOPED_ON else "held out"].append(i)
    for name, members in seen.items():
        share = sum(right["builtin"][i] for i in members) / len(members)
        print(f"builtin, targets {name}: accuracy {share:.3f} of {len(members):,} rows")


def compared(ours: float, theirs: float) -> str:
    return "better" if ours > theirs else "equal" if ours == theirs else "worse"


def summary(scores: Sequence[float], truth: Sequence[bool]) -> str:
    from sklearn.metrics import f1_score, roc_auc_score

    said = [s >= THRESHOLD for s in scores]
    accuracy = sum(a == b for a, b in zip(said, truth, strict=True)) / len(truth)
    macro = f1_score(truth, said, average="macro")
    return (
        f"accuracy {accuracy:.3f}, F1 of hateful {f1_score(truth, said):.3f}, macro F1 {macro:.3f},"
        f" AUC {roc_auc_score(truth, scores):.3f}"
    )


def paradetox(path: Path, judges: Mapping[str, Scores]) -> None:
    pairs = lines(path)
    different = [p["toxic"].lower().split() != p["neutral"].lower().split() for p in pairs]
    print(f"\nParaDetox, {len(pairs):,} pairs ({sum(different):,} differ): toxic scored higher, ties half")
    for name, score in judges.items():
        toxic, neutral = score([p["toxic"] for p in pairs]), score([p["neutral"] for p in pairs])
        wins = [1.0 if a > b else 0.5 if a == b else 0.0 for a, b in zip(toxic, neutral, strict=True)]
        real = [win for win, differs in zip(wins, different, strict=True) if differs]
        print(f"{name}: {sum(wins) / len(wins):.3f}; where the two differ {sum(real) / len(real):.3f}")


def clean_rows(data: Path, judges: Mapping[str, Scores]) -> None:
    table = read_reference([data / "01_raw_mixed"], Path())
    picked = sorted(random.Random(5).sample(range(table.num_rows), SAMPLE))
    answers = Rows(table.take(picked)).responses
    good = [r["output"] for r in lines(data / "03_quality" / "alpagasus.jsonl.gz") if r["claude_ge_4_5"]]
    for title, texts in (("01_raw_mixed, answers", answers), ("alpagasus, 4.5 and more, answers", good)):
        print(f"\n{title}: share that would go to review, of {len(texts):,}")
        for name, score in judges.items():
            flagged = [s >= THRESHOLD for s in score(texts)]
            print(f"{name}: {sum(flagged) / len(texts):.4f} ({sum(flagged)})")
    turns = [turn.get("content") or "" for messages in Rows(table).messages for turn in messages]
    judge("warm up, you idiot")
    started = time.process_time()
    found = [judge(text) for text in turns]
    spent = time.process_time() - started
    print(
        f"all of 01_raw_mixed, prompts and answers: {spent / table.num_rows * 1e6:.1f} CPU microseconds a row"
    )
    hits = [(j, text) for j, text in zip(found, turns, strict=True) if j.score >= THRESHOLD]
    print(
        f"turns over the threshold: {len(hits)} of {len(turns):,}; the first {SHOWN}, by their telling words"
    )
    for judgement, _ in hits[:SHOWN]:
        print(f"    {judgement.score:.2f} {judgement.category}: {', '.join(judgement.words[:3])}")


def xstest(path: Path, judges: Mapping[str, Scores]) -> None:
    kinds = {r["prompt"]: r["type"] for r in lines(path)}
    print("\nXSTest prompts over the threshold, of 25 a kind; `contrast` prompts are unsafe ones")
    for name, score in judges.items():
        flagged = [s >= THRESHOLD for s in score(list(kinds))]
        hit = Counter(kind for kind, f in zip(kinds.values(), flagged, strict=True) if f)
        safe = sum(n for kind, n in hit.items() if not kind.startswith("contrast"))
        print(
            f"{name}: safe {safe} of {sum(not k.startswith('contrast') for k in kinds.values())}; {dict(hit)}"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    toxicity(parser.parse_args().data)
