"""The learned quality model of a workspace, and the queue that orders its rows for review."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field

QUEUE = pa.schema(
    [
        ("row_id", pa.string()),
        ("rank", pa.int32()),
        ("score", pa.float64()),
        ("uncertainty", pa.float64()),
        ("audit", pa.bool_()),
        ("why", pa.string()),
    ]
)
"""`quality/queue.parquet`: open kept rows, the most uncertain first; `uncertainty` is 1 - |2 score - 1|."""


class LearnedQuality(BaseModel):
    """`quality/model.json`: weights, and the card that tells how they were found."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: int = 1
    default: str = Field(description="Identity of the default model whose parts are features.")
    dense: list[str] = Field(description="Names of the features before those of meaning.")
    bias: float
    means: list[float]
    weights: list[float]
    decided: int = Field(ge=0, description="Sequence number of the last decision that was learned from.")
    card: dict[str, Any] = Field(description="Counts, figures with intervals, threshold and audit.")
