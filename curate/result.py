"""What `curate` returns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..schemas.run import RunCard
from ..schemas.workspace import Workspace
from .ledger import Ledger

if TYPE_CHECKING:
    import datasets
    import pandas as pd


@dataclass(frozen=True)
class Curation:
    """A finished curation that answers questions; its files are the workspace's.

    Args:
        workspace: The folder.
        card: The run card: inputs, counts by step and reason, timings.
    """

    workspace: Workspace
    card: RunCard

    @cached_property
    def ledger(self) -> Ledger:
        """Every question that the files can answer."""
        return Ledger(self.workspace, self.card)

    @property
    def kept(self) -> list[str]:
        """Row ids of the kept rows, in input order."""
        return self.ledger.kept().to_pylist()

    @property
    def dropped(self) -> list[str]:
        """Row ids of the dropped rows, in input order."""
        return self.ledger.dropped().to_pylist()

    def explain(self, row: str) -> Any:
        """Everything that happened to one row; `row` is a row id, a unique prefix, or FILE:ROW."""
        from .explain import explain

        return explain(self.workspace.root, row)

    def to_pandas(self) -> pd.DataFrame:
        """The kept rows with edits applied."""
        return self.ledger.to_pandas()

    def to_datasets(self) -> datasets.Dataset:
        """The kept rows with edits applied, as a `datasets.Dataset`."""
        return self.ledger.to_datasets()

    def __repr__(self) -> str:
        card = self.card
        counts = (
            f"{card.rows_in} in, {card.kept} kept, {card.dropped} dropped, {card.quarantined} quarantined"
        )
        return f"Curation({str(self.workspace.root)!r}: {counts})"
