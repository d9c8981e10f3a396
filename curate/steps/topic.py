"""What rows are about: topics with readable names, and the kind of work that each row asks for."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute

from ...schemas.step_options import TopicOptions
from ..encoders import STATIC, encoder_for
from ..near.parts import packed, unpacked
from ..row_vectors import row_vectors
from ..rows import rows_of
from ..step import Opinion, verdicts
from ..topics.clusters import candidate_counts, centred, cluster, mean_of, nearest, whole
from ..topics.layout import row_places, topic_places
from ..topics.names import OTHER, count_words, names_of
from ..topics.tasks import TASKS, tasks_of
from ..topics.words import naming_words

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them

FAR = 0.25
"""Cosine to the nearest centre, without what all rows have in common, below which a row has no topic."""
DRAWN = 1500
"""Rows that get a place on the map."""


class Topic:
    """Assigns every kept row a topic, named by its words, and tells the kind of work it asks for.

    Topics are formed over the kept rows by the static encoder's vectors of prompt and response. Dropped rows
    are only counted, by the topic that they would have had.

    Args:
        options: The number of topics.
        seed: Seed of the rows that centres are fitted on, and of the map.

    Source: Grootendorst 2022 for the names; what else is borrowed stands in `topics/`.
    """

    name = "topic"
    version = 1
    sees_dropped = True
    reasons = {
        "topic": "The topic whose rows it is most like.",
        "no_topic": "It is unlike the rows of every topic, or has no word that is known.",
    }

    def __init__(self, options: TopicOptions | None = None, *, seed: int = 13) -> None:
        self.options = options or TopicOptions()
        self.seed = seed

    @property
    def measure_params(self) -> dict[str, Any]:
        """The encoder."""
        return {"encoder": encoder_for(STATIC).identity}

    def measure(self, batch: pa.Table) -> pa.Table:
        rows, vectors = rows_of(batch), row_vectors(batch)
        words = [naming_words(prompt, response) for prompt, response in rows.lowered]
        responses = [response for _, response in rows.lowered]
        tasks = tasks_of(rows.messages, batch.column("tools").to_pylist(), responses, vectors.prompt)
        return pa.table(
            {
                "row_id": batch.column("row_id"),
                "vector": packed(whole(vectors.prompt + vectors.response)),
                "words": pa.array(words, pa.list_(pa.string())),
                "task": pa.array(tasks, pa.string()),
            }
        )

    def decide(self, measures: pa.Table) -> pa.Table:
        alive = measures.column("alive").to_numpy()
        vectors = unpacked(measures.column("vector"))
        found = _found(vectors, alive, self.options.count, self.seed)
        names = names_of(
            count_words(measures.column("words"), np.where(alive, found.home, -1), len(found.centres)),
            np.bincount(found.home[alive & (found.home >= 0)], minlength=len(found.centres)),
        )
        details = [json.dumps({"task": task}) for task in TASKS]
        tasks = pc.index_in(measures.column("task"), value_set=pa.array(TASKS)).to_pylist()
        extra = _on_the_map(found, alive, self.seed)
        opinions = []
        for i, (topic, cosine) in enumerate(zip(found.home.tolist(), found.cosine.tolist(), strict=True)):
            reason, value = ("no_topic", OTHER) if topic < 0 else ("topic", names[topic])
            detail = json.dumps({"task": TASKS[tasks[i]], **extra[i]}) if i in extra else details[tasks[i]]
            score = round(max(cosine, 0.0), 4)
            opinions.append(Opinion("assign", reason, score=score, value=value, detail=detail))
        return verdicts(measures.column("row_id"), self.name, opinions)


class Found(NamedTuple):
    """Topics, largest first: of each row its vector, its topic (-1 for none) and the cosine to its centre."""

    rows: np.ndarray
    centres: np.ndarray
    home: np.ndarray
    cosine: np.ndarray


def _found(vectors: np.ndarray, alive: np.ndarray, count: int | None, seed: int) -> Found:
    """Topics of the rows that are alive, and for every row the nearest."""
    living = vectors[alive]
    one = count is None and candidate_counts(int(living.any(axis=1).sum())) == [1]
    mean = np.zeros(vectors.shape[1], np.float32) if one else mean_of(living)
    del living
    rows = centred(vectors, mean)
    centres = cluster(rows[alive], count, seed=seed)
    home, cosine = nearest(rows, centres) if len(centres) else (np.full(len(rows), -1), np.zeros(len(rows)))
    home = np.where(cosine < FAR, -1, home)
    sizes = np.bincount(home[alive & (home >= 0)], minlength=len(centres))
    order = np.argsort(-sizes, kind="stable")
    place = np.empty(len(order) + 1, np.int64)
    place[order], place[-1] = np.arange(len(order)), -1
    return Found(rows, centres[order], place[home], cosine)


def _on_the_map(found: Found, alive: np.ndarray, seed: int) -> dict[int, dict[str, Any]]:
    """What some rows tell the report: their place, and of each topic its place and its dropped rows.

    A topic's own facts stand with its most typical row, those of the rows without a topic with their first.
    """
    extra: dict[int, dict[str, Any]] = {}
    inside = np.flatnonzero(alive & (found.home >= 0))
    drawn = np.random.default_rng(seed).choice(inside, min(len(inside), DRAWN), replace=False)
    places = topic_places(found.centres)
    drawn = np.sort(drawn)
    points = row_places(found.rows[drawn], found.home[drawn], found.centres, places)
    for row, point in zip(drawn.tolist(), points.tolist(), strict=True):
        extra[row] = {"at": [round(v, 3) for v in point]}
    for topic in range(-1, len(found.centres)):
        mine = np.flatnonzero(alive & (found.home == topic))
        if not len(mine):
            continue
        typical = int(mine[found.cosine[mine].argmax()]) if topic >= 0 else int(mine[0])
        facts: dict[str, Any] = {"dropped_before": int((~alive & (found.home == topic)).sum())}
        if topic >= 0:
            facts["centre"] = [round(v, 3) for v in places[topic].tolist()]
        extra[typical] = {**extra.get(typical, {}), "topic": facts}
    return extra
