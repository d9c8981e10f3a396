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
from ..language_model import folder_identity, usable_folder
from ..quality import answers, features, language_model
from ..quality.default_model import sigmoid
from ..quality.language_model import MIDDLE, Asked
from ..quality.learned_model import LearnedModel, find_learned
from ..quality.scoring import Scored, default_scores, learned_scores
from ..quality.words import in_words
from ..step import Opinion, verdicts

TOLD = 3
"""Signals named in a verdict's detail."""


class Quality:
    """Scores every row; sends rows below `min_score` to review where that is set.

    The model that ships is used until `tuneset learn` has written one into the workspace. A language model,
    where one is named, moves the scores of the rows that the model that ships leaves most in doubt.

    Args:
        options: The score below which a row goes to a person, and the language model.
        seed: Of the folds that labels are predicted in.
    """

    name = "quality"
    version = 1
    reasons = {"low_quality": "The quality score is below the limit that the recipe sets."}

    def __init__(self, options: QualityOptions | None = None, *, seed: int = 13) -> None:
        self.options = options or QualityOptions()
        self.seed = seed
        self.learned: LearnedModel | None = None
        self._model_folder = self.options.language_model

    @property
    def measure_params(self) -> dict[str, Any]:
        """The encoder, and whether conversations are kept; what reads them `decide` alone knows."""
        read = {"conversation": True} if self.options.language_model is not None else {}
        return {"encoder": encoder_for(STATIC).identity, **read}

    def prepare(self, folder: Path, space: Workspace) -> Mapping[str, Any] | None:
        """Find the model that was learned from the decisions in this workspace, and the language model."""
        self.learned = find_learned(space)
        found: dict[str, Any] = {}
        if self.learned is not None:
            found |= {"model": "quality/model.json", "sha256": self.learned.identity}
        if self.options.language_model is not None:
            found["language_model"] = self._find_language_model(folder, self.options.language_model)
        return found or None

    def _find_language_model(self, folder: Path, name: str) -> dict[str, str]:
        beside = folder / Path(name).expanduser()
        self._model_folder = str(beside) if (beside / "config.json").is_file() else name
        return {"name": name, "identity": folder_identity(usable_folder(self._model_folder))}

    def measure(self, batch: pa.Table) -> pa.Table:
        columns = {**features.measured(batch), **answers.measured(batch)}
        if self.options.language_model is not None:
            columns |= language_model.measured(batch)
        return pa.table({"row_id": batch.column("row_id"), **columns})

    def decide(self, measures: pa.Table) -> pa.Table:
        if self.learned is None:
            scored = default_scores(measures, TOLD)
        else:
            scored = learned_scores(measures, self.learned, self.seed, TOLD)
        asked, notes = self._ask(measures, scored)
        return verdicts(measures.column("row_id"), self.name, self._opinions(scored, asked), notes=notes)

    def _ask(self, measures: pa.Table, scored: Scored) -> tuple[Asked, list[str]]:
        """What the language model says of the rows in doubt, and what a person should know of it."""
        name, nothing = self.options.language_model, Asked([], 0)
        if name is None or self._model_folder is None or not measures.num_rows:
            return nothing, []
        if self.learned is not None:
            return nothing, [f"the language model {name} was not asked: scores are learned from decisions"]
        middle = MIDDLE if self.options.min_score is None else self.options.min_score
        asked = language_model.ask(measures, sigmoid(scored.log_odds), middle, self._model_folder)
        return asked, [_note(name, asked, measures.num_rows, middle)]

    def _opinions(self, scored: Scored, asked: Asked) -> list[Opinion]:
        limit = self.options.min_score
        log_odds = scored.log_odds.copy()
        said: dict[int, dict[str, Any]] = {}
        for row, told, adds in asked.said:
            log_odds[row] += adds
            said[row] = {"language_model": [told, adds]}
        scores = np.round(sigmoid(log_odds), 4).tolist()
        found: list[Opinion] = []
        for i, score in enumerate(scores):
            why = [[in_words(name, high), part] for name, high, part in scored.why(i)]
            detail = json.dumps({"model": scored.model, "why": why, **said.get(i, {})}, ensure_ascii=False)
            low = limit is not None and score < limit
            found.append(
                Opinion("review" if low else "keep", "low_quality" if low else None, score, detail=detail)
            )
        return found


def _note(name: str, asked: Asked, rows: int, middle: float) -> str:
    """How many rows a language model scored, and how many it left."""
    failed = asked.rows - len(asked.said)
    without = f" ({failed:,} more have no answer that it can read)" if failed else ""
    return (
        f"{name} scored the answers of {len(asked.said):,} rows, those with a score nearest to"
        f" {middle:g}{without}; {rows - asked.rows:,} rows were left to the other signals"
    )
