"""The recipe: one pydantic model, every knob with its unit, range, default and the default's source.

A recipe is data: no code, no expressions, no environment variables. A step that names a user's file
(`use: my_filters.py:no_refusal`) runs only when the caller allows that file.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from .review_options import ReviewOptions
from .step_options import (
    DecontaminateOptions,
    DefectsOptions,
    ExactDuplicateOptions,
    LabelErrorsOptions,
    LanguageOptions,
    NearDuplicateOptions,
    PiiOptions,
    QualityOptions,
    SplitOptions,
    StepOptions,
    Strict,
    StructureOptions,
    TopicOptions,
    ToxicityOptions,
)


class Columns(Strict):
    """Names of the input columns, for rows in a shape of the user's own; None means not there."""

    messages: str | None = Field(default=None, description="Column with a list of turns.")
    prompt: str | None = Field(default=None, description="Column with the user's text.")
    response: str | None = Field(default=None, description="Column with the answer.")
    system: str | None = Field(default=None, description="Column with the system prompt.")
    rejected: str | None = Field(default=None, description="Column with the losing answer.")
    label: str | None = Field(default=None, description="Column with a true/false verdict on the answer.")
    tools: str | None = Field(default=None, description="Column with the tool definitions.")

    @model_validator(mode="after")
    def _enough(self) -> Columns:
        if self.messages is None and (self.prompt is None or self.response is None):
            raise ValueError("name `messages`, or both `prompt` and `response`")
        return self


class TrainOptions(Strict):
    """Settings of `tuneset train`; None means derived from model, method and data, and printed."""

    base: str = Field(
        default="smollm2-135m-instruct",
        description="Base model: a known name, a hub id or a folder. Default: a small chat model.",
    )
    method: Literal["lora"] = Field(default="lora", description="Adapter method. Default lora.")
    rank: int = Field(
        default=16, ge=1, le=256, description="LoRA rank. Default 16: LoRA Without Regret, 2025."
    )
    learning_rate: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="Peak learning rate. Default: derived from size and number of updates, and printed.",
    )
    epochs: float = Field(default=3, gt=0, le=100, description="Passes over the training rows. Default 3.")
    batch_size: int = Field(
        default=16, ge=1, le=4096, description="Rows an update, after accumulation. Default 16."
    )
    max_length: int | None = Field(
        default=None, ge=16, description="Tokens a row. Default: the longest row, at most the model's limit."
    )
    over_length: Literal["error", "drop", "truncate_prompt"] = Field(
        default="error", description="Rows longer than max_length; a completion is never cut. Default error."
    )
    patience: int = Field(
        default=3,
        ge=1,
        description="Evaluations without a better validation loss before stopping. Default 3.",
    )


class Recipe(Strict):
    """`tuneset.yaml`, resolved: every default is written out."""

    seed: int = Field(default=13, ge=0, lt=2**31, description="Seed of everything random. Default 13.")
    max_drop_ratio: float | None = Field(
        default=0.5,
        ge=0,
        le=1,
        description=(
            "Share of a source, language or length band, a ratio in [0, 1], of which a step may drop no more,"
            " or the run stops. Default 0.5: see docs/errors.md. None is off."
        ),
    )
    columns: Columns | None = Field(
        default=None, description="Column mapping for rows whose shape is not recognised. Default: None."
    )
    steps: tuple[Annotated[StepOptions, Field(union_mode="left_to_right")], ...] = Field(
        default_factory=lambda: (
            StructureOptions(),
            ExactDuplicateOptions(),
            DefectsOptions(),
            LanguageOptions(),
            PiiOptions(),
            ToxicityOptions(),
            QualityOptions(),
            NearDuplicateOptions(),
            DecontaminateOptions(),
            LabelErrorsOptions(),
            TopicOptions(),
            SplitOptions(),
        ),
        description="Steps in order. Default: all built-in steps.",
    )
    review: ReviewOptions = Field(
        default_factory=ReviewOptions,
        description="Settings of `tuneset review`; they take no part in curating.",
    )
    train: TrainOptions = Field(default_factory=TrainOptions, description="Settings of `tuneset train`.")
