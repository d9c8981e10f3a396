"""The recipe's `review` section: the queue, the questions beside the decision, the reasons of a rejection."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from .step_options import Strict

Order = Literal["uncertainty", "risk", "random", "fifo", "rare_topic"]
KEYS = 9
"""Number keys that a reviewer has."""
WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
MAX_SCALE = 10
MEMBERS = {"labels": "labels", "many": "labels", "suggest": "labels", "low": "rating", "high": "rating"}
"""Members of a question that only one kind has."""


class QueueOptions(Strict):
    """How the queue is ordered and shared, until an admin changes it."""

    order: Order = Field(
        default="risk",
        description=(
            "What comes first: `risk`, what steps send to a person; `uncertainty`; `rare_topic`; `random`; or"
            " `fifo`, the order of the input. Default risk: a person's time goes where a step asks for it."
        ),
    )
    overlap_ratio: float = Field(
        default=0.1,
        ge=0,
        le=1,
        description=(
            "Share of rows and pairs, a ratio, that two people decide, for figures of agreement; none while"
            " one person reviews alone. Default 0.1: of 1,000 rows 100 are decided twice."
        ),
    )
    lease_minutes: float = Field(
        default=5,
        ge=0.5,
        le=1440,
        description=(
            "Minutes for which an item is held for one person; an open page renews it. Default 5: a long row"
            " and an edit."
        ),
    )
    min_seconds: float = Field(
        default=0.7,
        ge=0,
        le=600,
        description=(
            "Seconds on the screen below which a decision is marked as fast; it counts all the same. Default"
            " 0.7: nobody reads an answer in less."
        ),
    )


class Question(Strict):
    """One thing that reviewers answer beside the decision: labels, a rating, or free text."""

    name: str = Field(pattern=f"^{WORD.pattern}$", max_length=40, description="Its name in the record.")
    kind: Literal["labels", "rating", "text"] = Field(
        default="labels",
        description="Labels to choose from, a rating on a scale, or free text. Default labels.",
    )
    labels: tuple[str, ...] = Field(
        default=(), max_length=50, description="Of `labels`: what can be chosen; the first nine have keys."
    )
    many: bool = Field(
        default=False, description="Of `labels`: whether several may be chosen. Default false."
    )
    suggest: str | None = Field(
        default=None,
        description="Of `labels`: a step whose value is proposed, such as topic or label. Default: None.",
    )
    low: int = Field(default=1, alias="from", ge=0, description="Of `rating`: its lowest value. Default 1.")
    high: int = Field(default=5, alias="to", le=100, description="Of `rating`: its highest value. Default 5.")

    @field_validator("labels")
    @classmethod
    def _distinct(cls, labels: tuple[str, ...]) -> tuple[str, ...]:
        if any(not label.strip() for label in labels) or len(set(labels)) < len(labels):
            raise ValueError("labels must be distinct and not empty")
        return labels

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for name, kind in MEMBERS.items():
            field = type(self).model_fields[name]
            if kind != self.kind and getattr(self, name) != field.default:
                raise ValueError(f"a question of kind {self.kind!r} has no {field.alias or name!r}")
        if self.kind == "labels" and len(self.labels) < 2:
            raise ValueError("name two labels or more")
        if self.kind == "rating" and not self.low < self.high <= self.low + MAX_SCALE:
            raise ValueError(f"a scale goes up, by at most {MAX_SCALE} steps")
        return self


class RejectReason(Strict):
    """A reason of a rejection: its code in the record, and what the reviewer reads."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)
    words: str = Field(min_length=1, max_length=80)


REASONS = (
    RejectReason(code="wrong_answer", words="Wrong or made up"),
    RejectReason(code="unsafe", words="Unsafe or harmful"),
    RejectReason(code="duplicate", words="Repeats another row"),
    RejectReason(code="poor_style", words="Poor style or tone"),
    RejectReason(code="off_topic", words="Off topic"),
    RejectReason(code="personal_data", words="Personal data"),
    RejectReason(code="truncated", words="Cut off"),
    RejectReason(code="wrong_format", words="Wrong format"),
    RejectReason(code="other", words="Other"),
)
"""In the order of the keys 1 to 9."""
OWN_CODES = frozenset({"not_preferred", "not_kept", "tie", "both_bad"})
"""Codes that comparing and keeping the best give; no reviewer chooses them."""


class ReviewOptions(Strict):
    """Settings of `tuneset review`; they take no part in curating."""

    queue: QueueOptions = Field(
        default=QueueOptions(), description="How the queue is ordered and shared, until an admin changes it."
    )
    questions: tuple[Question, ...] = Field(
        default=(),
        max_length=12,
        description=(
            "What reviewers answer beside the decision: sets of labels, ratings, free texts (docs/review.md)."
            " Default: none."
        ),
    )
    reasons: tuple[RejectReason, ...] = Field(
        default=REASONS,
        min_length=1,
        max_length=KEYS,
        description="Reasons of a rejection, in the order of the keys 1 to 9. Default: nine common ones.",
    )
    database: str | None = Field(
        default=None,
        description=(
            "PostgreSQL URL of the record, without a password: that comes from PGPASSWORD or ~/.pgpass."
            " Default: None, the file review.db in the workspace."
        ),
    )
    guidelines: str | None = Field(
        default=None,
        description=(
            "Markdown or text file with the guidelines, relative to the workspace or the working directory."
            " Default: None, they are written in the app."
        ),
    )

    @field_validator("questions")
    @classmethod
    def _one_name_each(cls, questions: tuple[Question, ...]) -> tuple[Question, ...]:
        names = [question.name for question in questions]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two questions are called {twice[0]!r}")
        return questions

    @field_validator("reasons")
    @classmethod
    def _free_codes(cls, reasons: tuple[RejectReason, ...]) -> tuple[RejectReason, ...]:
        codes = [reason.code for reason in reasons]
        if len(set(codes)) < len(codes):
            raise ValueError("two reasons have the same code")
        taken = sorted(OWN_CODES & set(codes))
        if taken:
            raise ValueError(f"{taken[0]!r} is what comparing records by itself")
        return reasons

    @field_validator("database")
    @classmethod
    def _without_password(cls, database: str | None) -> str | None:
        if database is None:
            return None
        try:
            url = urlsplit(database)
        except ValueError as error:
            raise ValueError("not a URL") from error
        if url.scheme.split("+")[0] not in ("postgresql", "postgres"):
            raise ValueError("write postgresql://USER@HOST:PORT/NAME")
        if url.password is not None or re.search(r"[?&](password|sslpassword)=", database):
            raise ValueError("a recipe holds no password: leave it out, and set PGPASSWORD or ~/.pgpass")
        return database

    @field_validator("guidelines")
    @classmethod
    def _inside(cls, guidelines: str | None) -> str | None:
        if guidelines is not None and PurePath(guidelines).suffix.lower() not in (".md", ".txt"):
            raise ValueError("name a .md or .txt file")
        return guidelines
