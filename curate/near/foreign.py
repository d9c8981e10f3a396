"""Rows outside the run that its rows are compared with: they always stay, and get no verdict."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa

from .pairs import Pairs


def with_foreign(measures: pa.Table, rows: pa.Table, measure: Callable[[pa.Table], pa.Table]) -> pa.Table:
    """The measures of a run's rows, and after them those of foreign rows.

    Args:
        measures: Of the run's rows.
        rows: The foreign rows.
        measure: Measures rows.

    Returns:
        The measures with a column `foreign`; foreign rows are alive, and what earlier steps said of them is
        null.
    """
    own = measures.append_column("foreign", pa.repeat(pa.scalar(False), measures.num_rows))
    if not rows.num_rows:
        return own
    yes = pa.repeat(pa.scalar(True), rows.num_rows)
    other = measure(rows).append_column("alive", yes).append_column("foreign", yes)
    return pa.concat_tables([own, other], promote_options="default")


def foreign_rows(measures: pa.Table) -> int:
    """How many of the rows are foreign; they are the last ones."""
    return int(measures.column("foreign").to_numpy().sum())


def of_the_run(pairs: Pairs, measures: pa.Table) -> Pairs:
    """The pairs with a row of the run: foreign rows are not compared with each other."""
    return pairs.where(pairs.left < measures.num_rows - foreign_rows(measures))
