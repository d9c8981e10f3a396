"""`datasets.load_dataset` on the folder that the rows make: every cell must come back as it was."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import datasets
from tuneset.curate.export.layout_parquet import ParquetFolder
from tuneset.curate.export.targets.hf import TABLES

Row = dict[str, Any]
FLOAT_ERROR = 1e-12
"""`datasets` decodes with pandas' ujson, which reads 0.7 as 0.7000000000000001."""


def accepts(target_name: str, rows: list[Row]) -> list[str | None]:
    """None for every row that loads and is what it was, else why not."""
    del target_name
    with tempfile.TemporaryDirectory() as folder:
        layout = ParquetFolder(TABLES)
        writer = layout.open(Path(folder))
        for row in rows:
            writer.write("train", row)
        files = writer.close()
        loaded: dict[str, Row] = {}
        for table in TABLES:
            names = [str(Path(folder) / name) for name in files if name.startswith(f"{table.folder}/")]
            if names:
                split = datasets.load_dataset(
                    "parquet", data_files=names, split="train", cache_dir=f"{folder}/cache"
                )
                loaded |= {_name(row): row for row in split}
    return [_compared(row, loaded.get(_name(row))) for row in rows]


def _name(row: Row) -> str:
    return f"{row['row_id']} {row['content_id']}"


def _compared(row: Row, found: Row | None) -> str | None:
    if found is None:
        return "the row does not come back"
    told = {name: value for name, value in found.items() if value is not None}
    return None if _same(row, told) else f"the row comes back as {told}"


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, dict) and isinstance(b, dict):
        return set(a) == set(b) and all(_same(a[name], b[name]) for name in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(_same, a, b))
    if isinstance(a, float) and isinstance(b, float | int):
        return abs(a - b) <= FLOAT_ERROR * max(1.0, abs(a))
    return type(a) is type(b) and a == b
