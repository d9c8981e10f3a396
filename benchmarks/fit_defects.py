"""Fit the two small models of `defects`: which answers belong to their prompts, and which ends are cuts.

    python benchmarks/fit_defects.py QLORA SEEDS

QLORA is the folder of a clone of artidoro/qlora (Dettmers et al. 2023, MIT) at commit 7f4e95a6, whose
eval/generations hold the answers of models to 80 prompts of Vicuna's and 953 of OpenAssistant's. SEEDS is
seed_tasks.jsonl of yizhongw/self-instruct (Wang et al. 2023, Apache-2.0); that repository's evaluation files
are not used. Writes relevance.npz and truncation.json into curate/steps/defects; the same files give the same
bytes.
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tuneset.curate.encoders.static import static_encoder
from tuneset.curate.steps.defects import Pair, relevance, truncation

OUT = Path(truncation.__file__).parent
OTHERS = 128
SHUFFLES = 6
CUTS = 6
LONGEST_WHOLE = 600  # characters
NOTE = (
    "Fitted by benchmarks/fit_defects.py on answers of artidoro/qlora (Dettmers et al. 2023, MIT) and seed "
    "tasks of"
    " yizhongw/self-instruct (Wang et al. 2023, Apache-2.0)."
)


VICUNA = (
    *("answer_gpt4", "answer_gpt35", "answer_vicuna-13b", "answer_bard"),
    *(
        f"{size}-{name}-vicuna-generations-topp0.9-temp0.7"
        for size in ("65b", "13b")
        for name in ("guanaco", "alpaca")
    ),
)
OPEN_ASSISTANT = (
    *("gpt-3.5-oa-generations", "30b-chip2-oa-generations-topp0.9-temp0.7"),
    "65b-unnatural-instructions-oa-generations-topp0.9-temp0.7",
)


TERSE = tuple(f"{size}-flan-oa-generations-topp0.9-temp0.7" for size in ("7b", "13b", "30b", "65b"))
"""Answers that often have no full stop, though they are whole: for the ends alone."""


def pairs(qlora: Path, seeds: Path, open_assistant: Sequence[str] = OPEN_ASSISTANT) -> list[tuple[str, str]]:
    """Prompt and answer of every row."""
    found = [
        (asked(row["instruction"], i["input"]), i["output"].strip())
        for row in lines(seeds)
        for i in row["instances"][:1]
    ]
    folder = qlora / "eval" / "generations"
    questions = {
        q["question_id"]: q["text"] for q in lines(qlora / "eval" / "prompts" / "vicuna_questions.jsonl")
    }
    for name in VICUNA:
        for row in lines(folder / "vicuna" / f"{name}.jsonl"):
            found.append(
                (questions[row["question_id"]], (row.get("generation") or row.get("text") or "").strip())
            )
    for name in open_assistant:
        for row in lines(folder / "oa" / f"{name}.jsonl"):
            prompt = row["input"].split("### Human:")[-1].split("### Assistant:")[0].strip()
            found.append(
                (prompt, (row.get("generation") or row.get("output") or "").split("### Human:")[0].strip())
            )
    return [(p, a) for p, a in found if len(a) >= 10 and p.isascii()]


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def asked(instruction: str, given: str) -> str:
    return f"{instruction.strip()}\n\n{given}" if given else instruction.strip()


def logistic(table: np.ndarray, truth: np.ndarray, strength: float) -> tuple[np.ndarray, float]:
    """Weights and bias for the features as they are."""
    from sklearn.linear_model import LogisticRegression

    mean, scale = table.mean(axis=0), table.std(axis=0) + 1e-6
    fitted = LogisticRegression(C=strength, class_weight="balanced", max_iter=2000).fit(
        (table - mean) / scale, truth
    )
    weights = fitted.coef_[0] / scale
    return weights, float(fitted.intercept_[0] - weights @ mean)


def fit_relevance(rows: Sequence[tuple[str, str]]) -> None:
    rng = np.random.default_rng(0)
    encoder = static_encoder()
    rows = [r for r in rows if relevance.comparable(Pair(*r))]
    asked, told = encoder.encode([p for p, _ in rows]), encoder.encode([a for _, a in rows])
    chosen = rng.choice(len(rows), OTHERS, replace=False)
    packed = [np.round(vectors[chosen] * 127).astype(np.int8) for vectors in (asked, told)]
    others = [relevance.unit(vectors.astype(np.float32)) for vectors in packed]
    tables = [relevance.features(asked, told, [Pair(*r) for r in rows], *others)]
    for _ in range(SHUFFLES):
        order = rng.permutation(len(rows))
        places = [(i, j) for i, j in enumerate(order.tolist()) if rows[i][0] != rows[j][0]]
        left, right = ([place[side] for place in places] for side in (0, 1))
        mixed = [Pair(rows[i][0], rows[j][1]) for i, j in places]
        tables.append(relevance.features(asked[left], told[right], mixed, *others))
    table = np.concatenate(tables)
    truth = np.arange(len(table)) < len(rows)
    weights, bias = logistic(table, truth, 0.1)
    report("relevance", table @ weights + bias, truth)
    np.savez_compressed(
        OUT / "relevance.npz",
        prompts=packed[0],
        answers=packed[1],
        weights=np.round(weights, 4),
        bias=np.float64(round(bias, 4)),
    )


def cuts_of(answer: str, rng: random.Random) -> list[str]:
    """The answer cut inside a word, after a word, and after a mark, at random places."""
    found: list[str] = []
    for number in range(CUTS):
        place = rng.randrange(max(20, int(0.3 * len(answer))), max(21, int(0.95 * len(answer)) + 1))
        piece = answer[:place]
        if number % 3 == 1:
            piece = piece.rsplit(" ", 1)[0] if " " in piece else piece
        if number % 3 == 2:
            piece = re.sub(r"\W+$", "", piece)[:-2]
        found.append(piece.rstrip())
    return found


def bare_list(answer: str) -> str | None:
    """The items of an answer's list, each up to its first colon or full stop."""
    items = [line.strip() for line in answer.split("\n") if re.match(r"\s*(?:\d+[.)]|[-*])\s+\S", line)][:10]
    short = [re.sub(r"(?<=\w\w)[:.].*|\*\*", "", item[3:]).strip() for item in items]
    if len(items) < 3 or not all(short):
        return None
    return "\n".join(item[:3].strip() + " " + rest for item, rest in zip(items, short, strict=True))


def whole_answers(rows: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Prompts with whole answers, with and without a last full stop, and bare lists; long ones may be cut."""
    found: list[tuple[str, str]] = []
    for prompt, answer in rows:
        if len(answer) <= LONGEST_WHOLE and "```" not in answer:
            found += [(prompt, text) for text in dict.fromkeys((answer, answer.rstrip(".")))]
        listed = bare_list(answer)
        found += [(prompt, listed)] if listed else []
    return found


def fit_truncation(rows: Sequence[tuple[str, str]]) -> None:
    rng = random.Random(0)
    examples: dict[str, list[tuple[list[float], bool]]] = {"prose": [], "list": []}
    for prompt, whole in whole_answers(rows):
        pieces = [p for p in cuts_of(whole, rng) if len(p) < len(whole)] if len(whole) > 40 else []
        for text in (whole, *pieces):
            seen = truncation.end_features(text, prompt)
            if seen is not None:
                examples["list" if truncation.ends_in_list(text) else "prose"].append(
                    (seen, text is not whole)
                )
    told: dict[str, Any] = {"note": NOTE}
    for kind, seen in examples.items():
        table, labels = np.array([f for f, _ in seen]), np.array([cut for _, cut in seen])
        weights, bias = logistic(table, labels, 0.3)
        report(f"truncation, {kind}", table @ weights + bias, labels)
        named = {n: round(float(w), 4) for n, w in zip(truncation.FEATURES, weights, strict=True)}
        told[kind] = {"bias": round(bias, 4), "weights": named}
    (OUT / "truncation.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


def report(name: str, scores: np.ndarray, truth: np.ndarray) -> None:
    from sklearn.metrics import roc_auc_score

    print(
        f"{name}: {len(truth):,} rows, {int(truth.sum()):,} of them true, area under the curve "
        f"{roc_auc_score(truth, scores):.4f}"
    )


def main() -> None:
    rows = pairs(Path(sys.argv[1]), Path(sys.argv[2]))
    fit_relevance(rows)
    fit_truncation(pairs(Path(sys.argv[1]), Path(sys.argv[2]), (*OPEN_ASSISTANT, *TERSE)))


if __name__ == "__main__":
    main()
