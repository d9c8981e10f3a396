"""A quality score for every row, in [0, 1], from cheap signals and the meaning of prompt and answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ...schemas.step_options import QualityOptions
from ...schemas.workspace import Workspace
from ..encoders import STATIC, encoder_for
from ..quality import answers, features
from ..quality.default_model import sigmoid
from ..quality.learned_model import LearnedModel, find_learned
from ..quality.scoring import Scored, default_scores, learned_scores
from ..quality.words import in_words
from ..step import Opinion, verdicts

TOLD = 3
"""Signals named in a verdict's detail."""


class Quality:
    """Scores every row; sends rows below `min_score` to review where that is set.

    The model that ships is used until `tuneset learn` has written one into the workspace.

    Args:
        options: The score below which a row goes to a person.
        seed: Of the folds that labels are predicted in.
    """

    name = "quality"
    version = 1
    reasons = {"low_quality": "The quality score is below the limit that the recipe sets."}

    def __init__(self, options: QualityOptions | None = None, *, seed: int = 13) -> None:
        self.options = options or QualityOptions()
        self.seed = seed
        self.learned: LearnedModel | None = None

    @property
    def measure_params(self) -> dict[str, Any]:
        """The encoder; the model is no part of it, since `decide` alone reads it."""
        return {"encoder": encoder_for(STATIC).identity}

    def prepare(self, folder: Path, space: Workspace) -> Mapping[str, Any] | None:  # noqa: ARG002
        """Find the model that was learned from the decisions in this workspace."""
        self.learned = find_learned(space)
        if self.learned is None:
            return None
        return {"model": "quality/model.json", "sha256": self.learned.identity}

    def measure(self, batch: pa.Table) -> pa.Table:
        columns = {**features.measured(batch), **answers.measured(batch)}
        return pa.table({"row_id": batch.column("row_id"), **columns})

    def decide(self, measures: pa.Table) -> pa.Table:
        if self.learned is None:
            scored = default_scores(measures, TOLD)
        else:
            scored = learned_scores(measures, self.learned, self.seed, TOLD)
        return verdicts(measures.column("row_id"), self.name, self._opinions(scored))

    def _opinions(self, scored: Scored) -> list[Opinion]:
        limit = self.options.min_score
        scores = np.round(sigmoid(scored.log_odds), 4).tolist()
        found: list[Opinion] = []
        for i, score in enumerate(scores):
            why = [[in_words(name, high), part] for name, high, part in scored.why(i)]
            detail = json.dumps({"model": scored.model, "why": why}, ensure_ascii=False)
            low = limit is not None and score < limit
            found.append(
                Opinion("review" if low else "keep", "low_quality" if low else None, score, detail=detail)
            )
        return found
