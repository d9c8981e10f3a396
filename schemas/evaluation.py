"""The summary of an evaluation: base against tuned on the same held-out rows."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class MetricSummary(BaseModel):
    """One metric, base and tuned, with the interval of their paired difference."""

    model_config = ConfigDict(extra="forbid")
    base: float
    tuned: float
    diff: float = Field(description="tuned minus base")
    low: float = Field(description="lower end of the 95 % interval of diff")
    high: float = Field(description="upper end of the 95 % interval of diff")
    p: float = Field(description="two-sided p value of no difference")
    n: int = Field(description="rows compared")
    better: Literal["higher", "lower"]
    method: str = Field(description="how interval and p were computed")
    fixed: int | None = Field(default=None, description="rows wrong with base and right with tuned")
    broken: int | None = Field(default=None, description="rows right with base and wrong with tuned")


class EvaluationSummary(BaseModel):
    """`evals/RUN/summary.json`."""

    model_config = ConfigDict(extra="forbid")
    run: str
    version: str
    split: str
    primary: str
    verdict: Literal["better", "worse", "inconclusive"]
    sentence: str
    metrics: dict[str, MetricSummary]
    settings: dict[str, Any]
    seconds: float
