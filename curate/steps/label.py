"""Labels of the user's own, from sentences that describe them and from examples."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from ...schemas.run import ReferenceFile
from ...schemas.step_options import LabelOptions
from ..encoders import STATIC, Encoder, encoder_for, vector_cache
from ..labels.examples import Example, read_examples
from ..labels.features import PROMPT_CHARACTERS, RESPONSE_CHARACTERS, Vocabulary, joined, stems_of
from ..labels.few_shot import FewShot
from ..labels.zero_shot import ZeroShot, described, most_likely, texts_as_stems, unit
from ..near.parts import packed, unpacked
from ..reference import read_reference_files
from ..row_vectors import asked_text, row_vectors
from ..rows import rows_of
from ..step import Opinion, verdicts
from ..topics.clusters import SCALE, mean_of, whole

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them

BLOCK = 4096
TOLD = 3
"""Labels that `detail` tells, the likeliest first."""


FEW_ROWS = 20
"""With so many rows, half of their mean is taken away: the mean of few rows is what they say."""
NOTHING = "`{}` names neither labels nor examples, so no row got a label."


class Label:
    """Assigns every row one of the user's labels, with a calibrated confidence, or none.

    With sentences alone, a row gets the label whose name and sentence it is most like. With examples as well,
    a logistic regression on vectors and words decides, and the sentences count as examples.

    Args:
        options: Name, labels, examples, encoder and the least confidence.
        seed: Seed of the calibration's folds.
        folder: Where a relative path in `examples` is looked for first.
    """

    version = 1
    reasons = {
        "label": "The likeliest of the labels.",
        "no_label": "No label is likely enough.",
    }

    def __init__(self, options: LabelOptions, *, seed: int = 13, folder: Path = Path()) -> None:
        self.options = options
        self.name = options.name
        self.seed = seed
        self.folder = folder.absolute()
        self._examples()

    @property
    def references(self) -> list[ReferenceFile]:
        """The file of examples, for the run card."""
        given = self.options.examples
        return read_reference_files([given], self.folder)[1] if given else []

    @property
    def measure_params(self) -> dict[str, Any]:
        """The encoder."""
        return {"encoder": self._encoder().identity}

    def _encoder(self) -> Encoder:
        slow = self.options.encoder != STATIC
        return encoder_for(self.options.encoder, cache=vector_cache() if slow else None)

    def _examples(self) -> list[Example]:
        given = self.options.examples
        return read_examples(given, self.folder, self.name, self.options.labels) if given else []

    def measure(self, batch: pa.Table) -> pa.Table:
        rows = rows_of(batch)
        if self.options.encoder == STATIC:
            prompts, responses = row_vectors(batch)
        else:
            encoder = self._encoder()
            prompts = encoder.encode([asked_text(turns) for turns in rows.messages])
            responses = encoder.encode(rows.responses)
        stems = [
            stems_of(f"{prompt[:PROMPT_CHARACTERS]}\n{response[:RESPONSE_CHARACTERS]}")
            for prompt, response in rows.lowered
        ]
        return pa.table(
            {
                "row_id": batch.column("row_id"),
                "vector": packed(whole(joined(prompts, responses))),
                "stems": pa.array(stems, pa.list_(pa.uint32())),
            }
        )

    def decide(self, measures: pa.Table) -> pa.Table:
        examples = self._examples()
        if not len(measures) or not (examples or self.options.labels):
            opinions = [Opinion("keep", "no_label")] * len(measures)
            return verdicts(measures.column("row_id"), self.name, opinions, notes=[NOTHING.format(self.name)])
        names = list(self.options.labels) or sorted({e.label for e in examples})
        vectors = unpacked(measures.column("vector"))
        stems = measures.column("stems")
        texts = described(self.options.labels) + [f"{e.prompt}\n{e.response}" for e in examples]
        vocabulary = Vocabulary(texts_as_stems(texts), stems)
        mean = mean_of(vectors) / np.float32(SCALE) * np.float32(len(vectors) / (len(vectors) + FEW_ROWS))
        judge = self._few_shot(examples, names, mean, vocabulary) if examples else None
        zero = None if examples else ZeroShot(self.options.labels, self._encoder(), mean, vocabulary)
        opinions: list[Opinion] = []
        for i in range(0, len(vectors), BLOCK):
            rows = without_mean(vectors[i : i + BLOCK].astype(np.float32) / np.float32(SCALE), mean)
            words = vocabulary.matrix(stems.slice(i, BLOCK).combine_chunks())
            if judge is not None:
                confidence = judge.confidence(rows, words, len(names))
            else:
                assert zero is not None
                confidence = zero.confidence(rows, words)
            opinions += self._opinions(confidence, names)
        return verdicts(measures.column("row_id"), self.name, opinions)

    def _few_shot(
        self, examples: Sequence[Example], names: Sequence[str], mean: np.ndarray, vocabulary: Vocabulary
    ) -> FewShot:
        encoder = self._encoder()
        answered = joined(
            encoder.encode([e.prompt for e in examples]), encoder.encode([e.response for e in examples])
        )
        rows = without_mean(unit(answered), mean)
        texts = [f"{e.prompt}\n{e.response}".lower() for e in examples]
        told = [names.index(e.label) for e in examples]
        labels = self.options.labels
        if labels:
            sentences = ZeroShot(labels, encoder, mean, vocabulary).vectors
            rows = np.concatenate([rows, sentences])
            texts += [text.lower() for text in described(labels)]
            told += range(len(labels))
        words = vocabulary.matrix([stems_of(text) for text in texts])
        return FewShot(rows, words, np.array(told), described=len(labels), seed=self.seed)

    def _opinions(self, confidence: np.ndarray, names: Sequence[str]) -> list[Opinion]:
        best = most_likely(confidence, TOLD)
        scores = np.round(np.take_along_axis(confidence, best, axis=1), 4).tolist()
        opinions: list[Opinion] = []
        for places, row in zip(best.tolist(), scores, strict=True):
            detail = json.dumps(
                {"labels": {names[p]: s for p, s in zip(places, row, strict=True)}}, ensure_ascii=False
            )
            if row[0] < self.options.min_confidence:
                opinions.append(Opinion("keep", "no_label", detail=detail))
            else:
                opinions.append(
                    Opinion("assign", "label", score=row[0], value=names[int(places[0])], detail=detail)
                )
        return opinions


def without_mean(rows: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Unit rows without what all rows have in common; rows of zeros stay."""
    return unit(np.where(rows.any(axis=1, keepdims=True), rows - mean, 0)).astype(np.float32)
