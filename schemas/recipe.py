"""The recipe: one pydantic model, every knob with its unit, range, default and the default's source.

A recipe is data: no code, no expressions, no environment variables. A step that names a user's file
(`use: my_filters.py:no_refusal`) runs only when the caller allows that file.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

GROUP_KEYS = ("conversation_id", "conv_id", "dialog_id", "dialogue_id", "chat_id", "thread_id", "ticket_id")
GROUP_KEYS += ("session_id", "message_tree_id", "user_id", "customer_id", "author_id", "patient_id")
GROUP_KEYS += ("document_id", "doc_id", "article_id")
"""Names of ids. `user`, `author`, `source` and `url` are not among them: they often hold a role, a model, the
name of a data set or a whole site, and would make one group of everything."""

USER_STEP = r"^[^:]+\.py:[A-Za-z_][A-Za-z0-9_]*$"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StructureOptions(_Strict):
    """Roles, order, empty turns, tool calls: fixes what is certain, drops what cannot be used."""

    use: Literal["structure"] = "structure"


class ExactDuplicateOptions(_Strict):
    """The same prompt and response after Unicode, case and white-space normalisation."""

    use: Literal["exact_duplicate"] = "exact_duplicate"


class DefectsOptions(_Strict):
    """Chat-specific defects of prompt and response."""

    use: Literal["defects"] = "defects"
    skip: tuple[str, ...] = Field(
        default=(), description="Reason codes that are switched off. Default: none."
    )


class LanguageOptions(_Strict):
    """Labels every row with its ISO 639-1 language."""

    use: Literal["language"] = "language"
    allow: tuple[str, ...] | None = Field(
        default=None,
        description="ISO 639-1 codes to keep; others are dropped. Default: None, label only.",
    )


class NearDuplicateOptions(_Strict):
    """Rows whose prompt and response both nearly repeat a kept row."""

    use: Literal["near_duplicate"] = "near_duplicate"
    threshold: float = Field(
        default=0.7,
        ge=0.5,
        le=1.0,
        description=(
            "Similarity (Levenshtein, or Jaccard of character 5-grams), a ratio in [0.5, 1], that prompt and"
            " response must both reach before the guards judge. Default 0.7: measured, see docs/LOG.md."
        ),
    )
    keep: Literal["best", "longest", "first"] = Field(
        default="best",
        description=(
            "Which row of a pair stays. Default best: by quality score, then fewest unknown words, then most"
            " words, then order."
        ),
    )
    same_prompt: Literal["review", "drop"] = Field(
        default="review",
        description=(
            "Rows that ask what a better kept row asks and are answered otherwise. Default review: both are"
            " kept. `drop` leaves one answer for each prompt."
        ),
    )
    same_meaning: Literal["review", "drop", "off"] = Field(
        default="review",
        description=(
            "Rows that only the embedding calls the same. Default review: on real rows an embedding alone"
            " is wrong too often to delete, see docs/LOG.md."
        ),
    )
    encoder: str = Field(
        default="static",
        description=(
            "What judges meaning: `static`, which ships with the package, or a sentence-transformers name or"
            " path, which looks at the pairs that the static one proposes. Default static."
        ),
    )
    against: tuple[str, ...] = Field(
        default=(),
        description=(
            "Files, folders or frozen versions whose rows always stay: what repeats one of them is dropped."
            " Relative to the recipe or to the working directory. Default: none."
        ),
    )


class DecontaminateOptions(_Strict):
    """Rows that hold a protected item, such as a question of a benchmark; needs `against`."""

    use: Literal["decontaminate"] = "decontaminate"
    against: tuple[str, ...] = Field(
        default=(),
        description=(
            "Files and folders with the protected rows, relative to the recipe or to the working directory."
            " Default: none."
        ),
    )


class SplitOptions(_Strict):
    """Train, validation and test shares; groups never straddle, and a row keeps its split."""

    use: Literal["split"] = "split"
    train: float = Field(default=0.9, ge=0, le=1, description="Share of groups, a ratio. Default 0.9.")
    validation: float = Field(default=0.05, ge=0, le=1, description="Share of groups, a ratio. Default 0.05.")
    test: float = Field(default=0.05, ge=0, le=1, description="Share of groups, a ratio. Default 0.05.")
    group_by: tuple[str, ...] = Field(
        default=GROUP_KEYS,
        description=(
            "Members of `meta` that name a source conversation, user or document; rows that share one are a"
            " group. Default: the common names."
        ),
    )
    stratify: tuple[str, ...] = Field(
        default=("language",),
        description=(
            "Earlier steps that assign a value, or members of `meta`: their shares are told for each"
            " combination. Default: language."
        ),
    )
    keep_from: str | None = Field(
        default="newest",
        description=(
            "Where earlier splits are kept from: a frozen version, a workspace, or a file of rows with a"
            " `split`, relative to the recipe. Default: the workspace's newest version; None keeps nothing."
        ),
    )

    @model_validator(mode="after")
    def _shares_sum_to_one(self) -> SplitOptions:
        total = self.train + self.validation + self.test
        if abs(total - 1.0) > 1e-9:
            raise ValueError(f"train, validation and test sum to {total:g}; make them sum to 1")
        return self


class UserStepOptions(_Strict):
    """A step of the user's own: `use: FILE.py:NAME`, with its keyword arguments in `with`."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    use: str = Field(pattern=USER_STEP, description="FILE.py:NAME, relative to the recipe.")
    params: dict[str, Any] = Field(
        default_factory=dict, alias="with", description="Keyword arguments. Default: none."
    )


BUILTIN_OPTIONS: dict[str, type[_Strict]] = {
    "structure": StructureOptions,
    "exact_duplicate": ExactDuplicateOptions,
    "defects": DefectsOptions,
    "language": LanguageOptions,
    "near_duplicate": NearDuplicateOptions,
    "decontaminate": DecontaminateOptions,
    "split": SplitOptions,
}

StepOptions = (
    StructureOptions
    | ExactDuplicateOptions
    | DefectsOptions
    | LanguageOptions
    | NearDuplicateOptions
    | DecontaminateOptions
    | SplitOptions
    | UserStepOptions
)


class Columns(_Strict):
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


class TrainOptions(_Strict):
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


class Recipe(_Strict):
    """`tuneset.yaml`, resolved: every default is written out."""

    seed: int = Field(default=13, ge=0, lt=2**31, description="Seed of everything random. Default 13.")
    columns: Columns | None = Field(
        default=None, description="Column mapping for rows whose shape is not recognised. Default: None."
    )
    steps: tuple[Annotated[StepOptions, Field(union_mode="left_to_right")], ...] = Field(
        default_factory=lambda: (
            StructureOptions(),
            ExactDuplicateOptions(),
            DefectsOptions(),
            LanguageOptions(),
            NearDuplicateOptions(),
            DecontaminateOptions(),
            SplitOptions(),
        ),
        description="Steps in order. Default: all built-in steps.",
    )
    train: TrainOptions = Field(default_factory=TrainOptions, description="Settings of `tuneset train`.")
