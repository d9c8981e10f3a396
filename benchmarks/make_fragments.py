"""Write curate/steps/language/fragments.txt: the likeliest five letters in a row of 47 languages.

    python -m pip download --no-deps "lingua-language-detector==1.4.2" -d /tmp/lingua
    python -m pip install brotli
    python benchmarks/make_fragments.py /tmp/lingua/lingua_language_detector-1.4.2-py3-none-any.whl

The models in the wheel (Apache-2.0) are read as data; nothing of it runs. They hold P(last letter | letters
before) for one to five letters in a row; the product is the probability of the five.
"""

from __future__ import annotations

import argparse
import heapq
import json
import math
import zipfile
from collections import defaultdict
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent / "curate" / "steps" / "language" / "fragments.txt"
LANGUAGES = (
    "af ar be bg bs ca cs cy da de en eo es et eu fa fi fr ga hi hr hu id is it la lt lv mk mr ms nl nb nn pl"
    " pt ro ru sk sl sq sr sv sw tl tr uk ur vi"
).split()
ORDERS = ("unigrams", "bigrams", "trigrams", "quadrigrams", "fivegrams")
LETTERS = 5
PER_LANGUAGE = 3000
FLOOR = -14.0
LEVELS_A_NAT = 2
NYNORSK_SHARE = 0.2
HEADER = """\
# Five letters in a row within a word, by language and level: a level is half a nat above e^-14.
# Source: models of lingua-language-detector 1.4.2, Copyright 2022-present Peter M. Stahl, Apache License 2.0,
# from frequencies in the Leipzig Corpora Collection (CC BY 4.0). Written by benchmarks/make_fragments.py.
"""


def model(wheel: zipfile.ZipFile, code: str) -> dict[str, float]:
    """Fragment to log P(last letter | letters before) of one language."""
    import brotli

    found: dict[str, float] = {}
    for order in ORDERS:
        packed = wheel.read(f"lingua/language-models/{code}/{order}.json.br")
        for share, fragments in json.loads(brotli.decompress(packed))["ngrams"].items():
            part, whole = map(int, share.split("/"))
            found |= dict.fromkeys(fragments.split(" "), math.log(part / whole))
    return found


def joint(conditional: dict[str, float]) -> dict[str, float]:
    """Fragment of five letters to its log probability."""
    whole = (fragment for fragment in conditional if len(fragment) == LETTERS)
    return {f: sum(conditional.get(f[:n], FLOOR) for n in range(1, LETTERS + 1)) for f in whole}


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser()
    parser.add_argument("wheel", type=Path)
    with zipfile.ZipFile(parser.parse_args().wheel) as wheel:
        told = {code: joint(model(wheel, code)) for code in LANGUAGES}
    told["no"] = _mixed(told.pop("nb"), told.pop("nn"))
    lines = []
    for code, fragments in sorted(told.items()):
        levels: dict[int, list[str]] = defaultdict(list)
        for fragment in heapq.nlargest(PER_LANGUAGE, fragments, key=lambda f, t=fragments: (t[f], f)):
            levels[round(LEVELS_A_NAT * (fragments[fragment] - FLOOR))].append(fragment)
        lines += [f"{code} {level} {''.join(sorted(levels[level]))}" for level in sorted(levels) if level > 0]
    OUT.write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")


def _mixed(bokmal: dict[str, float], nynorsk: dict[str, float]) -> dict[str, float]:
    """Both standards of Norwegian as one language."""
    shares = ((bokmal, 1 - NYNORSK_SHARE), (nynorsk, NYNORSK_SHARE))
    mixed: dict[str, float] = {}
    for fragment in {**bokmal, **nynorsk}:
        parts = (share * math.exp(told[fragment]) for told, share in shares if fragment in told)
        mixed[fragment] = math.log(sum(parts))
    return mixed


if __name__ == "__main__":
    main()
