"""A parquet file whose row groups have one size, however its rows arrive."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

import pyarrow as pa
import pyarrow.parquet as pq

ROW_GROUP_ROWS = 4096


class RowGroupWriter:
    """Writes tables so that the file's bytes depend on the rows alone, not on how they were batched."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._writer = pq.ParquetWriter(path, schema, compression="zstd")
        self._waiting: list[pa.Table] = []
        self._rows = 0
        self._schema = schema

    def __enter__(self) -> RowGroupWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        try:
            if kind is None and self._rows:
                self._write(pa.concat_tables(self._waiting))
        finally:
            self._writer.close()

    def write(self, table: pa.Table) -> None:
        """Add rows; whole row groups go to the file."""
        self._waiting.append(table)
        self._rows += table.num_rows
        if self._rows < ROW_GROUP_ROWS:
            return
        joined = pa.concat_tables(self._waiting)
        whole = self._rows - self._rows % ROW_GROUP_ROWS
        for start in range(0, whole, ROW_GROUP_ROWS):
            self._write(joined.slice(start, ROW_GROUP_ROWS))
        self._waiting, self._rows = [joined.slice(whole)], self._rows - whole

    def _write(self, table: pa.Table) -> None:
        self._writer.write_table(table.combine_chunks(), row_group_size=ROW_GROUP_ROWS)
