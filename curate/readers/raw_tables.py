"""Rows of tables that are typed already: parquet files and `datasets`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet as pq

from ...schemas.errors import InputError
from .raw import RawRow
from .strict_json import strict_json

BATCH_ROWS = 1024


def read_parquet(path: Path, name: str) -> Iterator[RawRow]:
    """Rows of a parquet file.

    Raises:
        InputError: The file is not parquet, or is damaged.
    """
    try:
        with pq.ParquetFile(path) as file:
            row = 0
            columns = _json_columns(file.schema_arrow)
            for batch in file.iter_batches(batch_size=BATCH_ROWS):
                for value in batch.to_pylist():
                    row += 1
                    yield _decoded(value, columns, row) if columns else RawRow(row, None, value)
    except (pa.ArrowInvalid, pa.ArrowException, OSError) as error:
        reason = re.sub(r"\s+", " ", str(error))[:200]
        raise InputError(
            f"{name!r} is not a whole parquet file ({reason})",
            where=name,
            fix="fetch the file again, or check its ending",
        ) from error


def _json_columns(schema: pa.Schema) -> list[str]:
    """Columns of JSON texts and of lists of them, as `datasets` stores its `Json` feature."""

    def is_json(kind: pa.DataType) -> bool:
        if pa.types.is_list(kind) or pa.types.is_large_list(kind):
            kind = kind.value_type
        return getattr(kind, "extension_name", None) == "arrow.json"

    return [field.name for field in schema if is_json(field.type)]


def _decoded(value: dict[str, Any], columns: list[str], row: int) -> RawRow:
    """A row with the JSON texts of some columns parsed."""
    for name in columns:
        cell = value[name]
        try:
            if isinstance(cell, list):
                value[name] = [None if text is None else strict_json(text) for text in cell]
            elif cell is not None:
                value[name] = strict_json(cell)
        except (ValueError, RecursionError) as error:
            raw = json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "surrogatepass")
            return RawRow(row, None, None, f"{name!r} is not JSON: {error}", raw)
    return RawRow(row, None, value)


def read_dataset_table(table: Any) -> Iterator[RawRow]:
    """Rows of a `datasets` dataset, saved, cached or streamed."""
    for row, value in enumerate(cast(Any, table), start=1):
        yield RawRow(row, None, value)
