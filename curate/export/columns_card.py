"""The README that tells datasets.load_dataset the files and the column types of an export."""

from __future__ import annotations

from .sidecars import Exported, Sidecar

BOOLEANS = ("label",)


def card(*columns: str) -> Sidecar:
    """A README for rows with these columns: lists of JSON values, but for `label`, which is true or false.

    The loader guesses types from the first rows, and fails where later ones have members that those lack;
    with the types of this README it does not guess (datasets 4.7 and later).
    """

    def write(told: Exported) -> str:
        lines = ["---", "configs:", "- config_name: default", "  data_files:"]
        for split, file in told.files.items():
            lines += [f"  - split: {split}", f"    path: {file}"]
        lines += ["dataset_info:", "  features:"]
        for column in columns:
            lines += [f"  - name: {column}", "    dtype: bool" if column in BOOLEANS else "    list: json"]
        counts = " and ".join(f"{n:,} {split}" for split, n in told.rows.items())
        lines += [
            "---",
            "",
            f"Version {told.version} for {told.target}: {counts} rows.",
            "",
            "`python train.py` trains on this folder. To read it yourself, give the loader the path of the",
            "folder, so that it reads the column types above:",
            "",
            "```python",
            "from datasets import load_dataset",
            "",
            'rows = load_dataset("path/to/this/folder")',
            "```",
            "",
        ]
        return "\n".join(lines)

    return Sidecar("README.md", write, "the column types, which datasets.load_dataset reads")
