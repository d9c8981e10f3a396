"""The options of every step, each with its range, its default and the default's source."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

GROUP_KEYS = ("conversation_id", "conv_id", "dialog_id", "dialogue_id", "chat_id", "thread_id", "ticket_id")
GROUP_KEYS += ("session_id", "message_tree_id", "user_id", "customer_id", "author_id", "patient_id")
GROUP_KEYS += ("document_id", "doc_id", "article_id")
"""Names of ids. `user`, `author`, `source` and `url` are not among them: they often hold a role, a model, the
name of a data set or a whole site, and would make one group of everything."""

USER_STEP = r"^[^:]+\.py:[A-Za-z_][A-Za-z0-9_]*$"


class Strict(BaseModel):
    """A model that refuses unknown keys and never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class StructureOptions(Strict):
    """Roles, order, empty turns, tool calls: fixes what is certain, drops what cannot be used."""

    use: Literal["structure"] = "structure"


class ExactDuplicateOptions(Strict):
    """The same prompt and response after Unicode, case and white-space normalisation."""

    use: Literal["exact_duplicate"] = "exact_duplicate"


class DefectsOptions(Strict):
    """Chat-specific defects of prompt and response."""

    use: Literal["defects"] = "defects"
    skip: tuple[str, ...] = Field(
        default=(), description="Reason codes that are switched off. Default: none."
    )


class LanguageOptions(Strict):
    """Labels every row with its ISO 639-1 language, and finds answers in another language than the prompt."""

    use: Literal["language"] = "language"
    allow: tuple[str, ...] | None = Field(
        default=None,
        description="ISO 639-1 codes to keep; others are dropped. Default: None, label only.",
    )
    detector: Literal["fast", "langdetect"] = Field(
        default="fast",
        description=(
            "Who reads the words: `fast` (py3langid with priors) or `langdetect`. Default fast: measured,"
            " about 40 times faster and more often right, see docs/LOG.md."
        ),
    )


class PiiOptions(Strict):
    """Personal data and secrets: replaced by consistent placeholders, labelled, or dropped with the row."""

    use: Literal["pii"] = "pii"
    action: Literal["redact", "label", "drop"] = Field(
        default="redact",
        description=(
            "What happens to rows with personal data or a secret. Default redact: values become placeholders"
            " such as `[EMAIL_1]`. `label` only tells the kinds, `drop` drops the row."
        ),
    )
    names: bool = Field(
        default=False,
        description=(
            "Whether names of people count. Default false: rows about known people would be edited too, see"
            " docs/LOG.md."
        ),
    )
    detector: Literal["builtin", "presidio"] = Field(
        default="builtin",
        description=(
            "What finds values: `builtin`, or Microsoft Presidio from the extra `pii`. Default builtin: more"
            " exact on chats and many times as fast, see docs/LOG.md."
        ),
    )


class ToxicityOptions(Strict):
    """Hateful and abusive answers; toxic prompts with harmless answers get a label."""

    use: Literal["toxicity"] = "toxicity"
    model: str = Field(
        default="builtin",
        description=(
            "What judges: `builtin`, which ships with the package, or a transformers text classifier, by name"
            " or path. Default builtin."
        ),
    )
    action: Literal["label", "review", "drop"] = Field(
        default="review",
        description="What becomes of a row with a toxic answer. Default review: people decide.",
    )


class QualityOptions(Strict):
    """Scores every row in [0, 1]; learns from decisions with `tuneset learn`."""

    use: Literal["quality"] = "quality"
    min_score: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Score, a ratio, below which a row goes to review. Default: None, score only.",
    )
    language_model: str | None = Field(
        default=None,
        description=(
            "Causal language model, a folder or a fetched name, whose perplexities move the score of the rows"
            " most in doubt: 200 on CPU, 20,000 on a GPU. Default: None, no model."
        ),
    )


class NearDuplicateOptions(Strict):
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
            "Which row of a pair stays. Default best: by quality score in tenths, then fewest unknown words,"
            " then most words, then order."
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


class HumanOptions(Strict):
    """What reviewers decided, applied to the run; needs a record of decisions."""

    use: Literal["human"] = "human"


class DecontaminateOptions(Strict):
    """Rows that hold a protected item, such as a question of a benchmark; needs `against`."""

    use: Literal["decontaminate"] = "decontaminate"
    against: tuple[str, ...] = Field(
        default=(),
        description=(
            "Files and folders with the protected rows, relative to the recipe or to the working directory."
            " Default: none."
        ),
    )


class LabelErrorsOptions(Strict):
    """Rows with a categorical answer that the other rows contradict."""

    use: Literal["label_errors"] = "label_errors"


class TopicOptions(Strict):
    """Labels every row with a topic, named by its words, and with the kind of work that it asks for."""

    use: Literal["topic"] = "topic"
    count: int | None = Field(
        default=None,
        ge=2,
        le=200,
        description="Number of topics. Default: None, the one that fits the rows best, at most 40.",
    )


class LabelOptions(Strict):
    """Labels every row with one of the user's own labels, or none; may stand several times."""

    use: Literal["label"] = "label"
    name: str = Field(
        default="label",
        pattern=r"^[a-z_][a-z0-9_]*$",
        description="The step's name, such as intent: others know the labels by it. Default label.",
    )
    labels: dict[str, str] = Field(
        default={},
        description="Label to a sentence that describes its rows. Default: none, the labels of `examples`.",
    )
    examples: str | None = Field(
        default=None,
        description=(
            "File of labelled rows, relative to the recipe: a text, prompt and response, or messages, and a"
            " `label`. Default: None, the sentences alone decide."
        ),
    )
    encoder: str = Field(
        default="static",
        description=(
            "What judges meaning: `static`, which ships with the package, or a sentence-transformers name or"
            " path. Default static."
        ),
    )
    min_confidence: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description=(
            "Calibrated confidence, a ratio in [0, 1], below which a row gets no label. Default 0.5: more"
            " likely than all others together."
        ),
    )

    @model_validator(mode="after")
    def _names_are_sound(self) -> LabelOptions:
        if self.name in BUILTIN_OPTIONS and self.name != self.use:
            raise ValueError(f"{self.name!r} is the name of a built-in step; choose another")
        empty = [label for label, sentence in self.labels.items() if not (label.strip() and sentence.strip())]
        if empty:
            raise ValueError(f"the label {empty[0]!r} has no name or no sentence")
        return self


class BalanceOptions(Strict):
    """No group of rows larger than a cap; of a larger one a seeded random part stays."""

    use: Literal["balance"] = "balance"
    by: tuple[str, ...] = Field(
        default=("source",),
        min_length=1,
        description=(
            "What makes a group: `source`, the input file; earlier steps that assign a value; or members of"
            " `meta`. Several make a group of each combination. Default: source."
        ),
    )
    max_rows: int | None = Field(
        default=None, ge=1, description="Rows that stay of a group, at most. Default: None, no such cap."
    )
    max_share: float | None = Field(
        default=None,
        gt=0,
        le=1,
        description=(
            "Share that a group has of the rows that stay, at most, a ratio. Default: None, no such cap."
        ),
    )


class SelectOptions(Strict):
    """As many rows as a token budget holds, chosen at random or by a rule."""

    use: Literal["select"] = "select"
    tokens: int | None = Field(
        default=None,
        ge=1,
        description=(
            "Tokens that stay, at most; a row has a quarter of its UTF-8 bytes. Default: None, all rows stay."
        ),
    )
    method: Literal["random", "length", "diverse", "similar"] = Field(
        default="random",
        description=(
            "`random`; `length`: random, with the lengths of the whole; `diverse`: such that every row has a"
            " near one among them; `similar`: the nearest to the examples in `like`. Default random: few"
            " methods beat it, see docs/steps/select.md."
        ),
    )
    like: str | None = Field(
        default=None,
        description=(
            "File, folder or frozen version with the examples of `similar`, relative to the recipe or to the"
            " working directory. Default: None."
        ),
    )

    @model_validator(mode="after")
    def _examples_where_they_are_used(self) -> SelectOptions:
        if (self.method == "similar") != (self.like is not None):
            raise ValueError(f"method is {self.method} and like is {self.like}; `similar` alone needs `like`")
        return self


class SplitOptions(Strict):
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


class UserStepOptions(Strict):
    """A step of the user's own: `use: FILE.py:NAME`, with its keyword arguments in `with`."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    use: str = Field(pattern=USER_STEP, description="FILE.py:NAME, relative to the recipe.")
    params: dict[str, Any] = Field(
        default_factory=dict, alias="with", description="Keyword arguments. Default: none."
    )


BUILTIN_OPTIONS: dict[str, type[Strict]] = {
    "structure": StructureOptions,
    "exact_duplicate": ExactDuplicateOptions,
    "defects": DefectsOptions,
    "language": LanguageOptions,
    "pii": PiiOptions,
    "toxicity": ToxicityOptions,
    "quality": QualityOptions,
    "human": HumanOptions,
    "near_duplicate": NearDuplicateOptions,
    "decontaminate": DecontaminateOptions,
    "label_errors": LabelErrorsOptions,
    "topic": TopicOptions,
    "label": LabelOptions,
    "balance": BalanceOptions,
    "select": SelectOptions,
    "split": SplitOptions,
}

StepOptions = (
    StructureOptions
    | ExactDuplicateOptions
    | DefectsOptions
    | LanguageOptions
    | PiiOptions
    | ToxicityOptions
    | QualityOptions
    | HumanOptions
    | NearDuplicateOptions
    | DecontaminateOptions
    | LabelErrorsOptions
    | TopicOptions
    | LabelOptions
    | BalanceOptions
    | SelectOptions
    | SplitOptions
    | UserStepOptions
)
