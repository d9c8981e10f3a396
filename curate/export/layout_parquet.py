"""Rows as parquet files in shards, one folder a table: what the Hugging Face hub calls a configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from ...schemas.files import sha256_file
from .layouts import Row, Writer, json_line

Column = Literal["text", "truth", "json_list"]
"""A text, a truth value, or a list of JSON values, which `datasets` reads as `List(Json())`."""
TYPES: dict[Column, pa.DataType] = {
    "text": pa.string(),
    "truth": pa.bool_(),
    "json_list": pa.list_(pa.json_()),
}
GROUP_ROWS = 2_000
GROUP_CHARACTERS = 8 << 20
"""A row group holds no more than either, so that memory does not grow with the number of rows."""
SHARD_BYTES = 500 * 1000**2
"""Source: the hub's advice on files, and the default of `Dataset.push_to_hub` (datasets 5.2.0)."""


@dataclass(frozen=True)
class Table:
    """Rows of one kind.

    Args:
        name: Of the configuration.
        folder: Where its files stand.
        known_by: The member that only rows of this kind have.
        columns: Name to type.
    """

    name: str
    folder: str
    known_by: str
    columns: Mapping[str, Column]

    def schema(self) -> pa.Schema:
        """The Arrow schema."""
        return pa.schema([pa.field(name, TYPES[kind]) for name, kind in self.columns.items()])


@dataclass(frozen=True)
class ParquetFolder:
    """`FOLDER/SPLIT-00000-of-00001.parquet` for each table and split that has rows.

    Args:
        tables: In the order in which they are told; the first that knows a row takes it.
        shard_bytes: A file that has reached this size is followed by another.
    """

    tables: Sequence[Table]
    shard_bytes: int = SHARD_BYTES

    def file_of(self, split: str) -> str:
        return shard_name(self.tables[0].folder, split, 0, 1)

    def open(self, folder: Path) -> Writer:
        return _Folder(self, folder)


def shard_name(folder: str, split: str, number: int, count: int) -> str:
    """A shard's path, as the hub names shards."""
    return f"{folder}/{split}-{number:05d}-of-{count:05d}.parquet"


class _Folder:
    def __init__(self, layout: ParquetFolder, folder: Path) -> None:
        self._layout, self._folder = layout, folder
        self._shards: dict[tuple[str, str], _Shards] = {}

    def write(self, split: str, row: Row) -> None:
        table = next(table for table in self._layout.tables if table.known_by in row)
        key = (table.name, split)
        if key not in self._shards:
            (self._folder / table.folder).mkdir(exist_ok=True)
            self._shards[key] = _Shards(table, split, self._folder, self._layout.shard_bytes)
        self._shards[key].add(row)

    def close(self) -> dict[str, dict[str, Any]]:
        names = [table.name for table in self._layout.tables]
        order = sorted(self._shards, key=lambda key: (names.index(key[0]), key[1] != "train", key[1]))
        return {name: told for key in order for name, told in self._shards[key].close().items()}


class _Shards:
    """The files of one table and split."""

    def __init__(self, table: Table, split: str, folder: Path, shard_bytes: int) -> None:
        self._table, self._split, self._folder, self._most = table, split, folder, shard_bytes
        self._schema = table.schema()
        self._rows: list[int] = []
        self._arrow_bytes: list[int] = []
        self._writer: pq.ParquetWriter | None = None
        self._sink: pa.NativeFile | None = None
        self._empty()

    def _empty(self) -> None:
        self._cells: dict[str, list[Any]] = {name: [] for name in self._table.columns}
        self._held = self._characters = 0

    def add(self, row: Row) -> None:
        for name, kind in self._table.columns.items():
            value = row.get(name)
            if kind == "json_list" and value is not None:
                value = [json_line(one) for one in value]
                self._characters += sum(map(len, value))
            self._cells[name].append(value)
        self._held += 1
        if self._held >= GROUP_ROWS or self._characters >= GROUP_CHARACTERS:
            self._flush()

    def _flush(self) -> None:
        if not self._held:
            return
        arrays = [_array(self._cells[name], kind) for name, kind in self._table.columns.items()]
        if self._writer is None:
            self._sink = pa.OSFile(str(self._part(len(self._rows))), "wb")
            self._writer = pq.ParquetWriter(self._sink, self._schema, compression="zstd")
            self._rows.append(0)
            self._arrow_bytes.append(0)
        table = pa.Table.from_arrays(arrays, schema=self._schema)
        self._writer.write_table(table)
        self._arrow_bytes[-1] += table.nbytes
        self._rows[-1] += self._held
        self._empty()
        assert self._sink is not None
        if self._sink.tell() >= self._most:
            self._end_shard()

    def _end_shard(self) -> None:
        if self._writer is not None and self._sink is not None:
            self._writer.close()
            self._sink.close()
        self._writer = self._sink = None

    def _part(self, number: int) -> Path:
        return self._folder / self._table.folder / f"{self._split}.{number}.part"

    def close(self) -> dict[str, dict[str, Any]]:
        self._flush()
        self._end_shard()
        told: dict[str, dict[str, Any]] = {}
        for number, rows in enumerate(self._rows):
            name = shard_name(self._table.folder, self._split, number, len(self._rows))
            path = self._part(number).rename(self._folder / name)
            told[name] = {"rows": rows, "bytes": path.stat().st_size, "sha256": sha256_file(path)}
            told[name]["arrow_bytes"] = self._arrow_bytes[number]
        return told


def _array(cells: list[Any], kind: Column) -> pa.Array:
    if kind != "json_list":
        return pa.array(cells, TYPES[kind])
    texts = pa.array(cells, pa.list_(pa.string()))
    values = pa.ExtensionArray.from_storage(pa.json_(), texts.values)
    mask = texts.is_null() if texts.null_count else None
    return pa.ListArray.from_arrays(texts.offsets, values, type=TYPES[kind], mask=mask)
