"""pandas on the file that the rows make: every cell must come back as it was."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pandas
from tuneset.curate.export.targets.csv import TARGETS


def accepts(target_name: str, rows: list[dict[str, Any]]) -> list[str | None]:
    """None for every row whose cells pandas reads as they are, else why not."""
    (target,) = [t for t in TARGETS if t.name == target_name]
    with tempfile.TemporaryDirectory() as folder:
        writer = target.layout.open(Path(folder))
        for row in rows:
            writer.write("train", row)
        writer.close()
        frame = pandas.read_csv(
            Path(folder) / target.layout.file_of("train"), dtype=str, keep_default_na=False
        )
    read = frame.to_dict("records")
    if len(read) != len(rows):
        return [f"{len(read)} rows come back of {len(rows)}"] * len(rows)
    same = (
        {name: cell for name, cell in cells.items() if cell} == row
        for cells, row in zip(read, rows, strict=True)
    )
    return [None if equal else "a cell comes back in another form" for equal in same]
