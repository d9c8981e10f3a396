"""Any transformers text classifier as a judge: long texts in overlapping windows, batches of like length."""

from __future__ import annotations

import functools
import importlib.util
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...schemas.errors import MissingExtraError, ModelError
from .judgement import Judgement

if TYPE_CHECKING:
    import torch

OVERLAP = 64
"""Tokens that two windows of a long text share."""
MAX_WINDOW = 512
TOKENS = {"cpu": 4_096, "cuda": 131_072}  # in a batch, padding included
TOXIC = re.compile(
    r"toxi|hate|offens|abus|insult|obscen|threat|profan|violen|sexual|harass|self.?harm|identity.?attack|unsafe"
    r"|harmful|racis|sexis|nsfw|inappropriate"
)
HARMLESS_LABEL = re.compile(
    r"^(?:non?t?|un)[^a-z]*(?:tox|hat|off|abu|ins|obs|thr|pro|vio|sex|har)|^inoffens|^harmless|not[^a-z]|^neither"
    r"|^safe|^neutral|^clean|^ok"
)
DIGITS = 3
"""Of a score: the rounding of a model's arithmetic depends on the batch."""


class Classifier:
    """The chance that a text is toxic, by a sequence classification model.

    Where labels exclude each other, the score is the sum of those that mean toxic; where a model says yes or
    no to each label (`problem_type: multi_label_classification`), the highest of them. Of a text longer than
    the model's window, the worst window counts.

    Args:
        model: A folder, or a name on the hub.
        device: `cuda` or `cpu`; None takes a GPU where there is one.

    Raises:
        MissingExtraError: transformers or torch is not installed.
        ModelError: The model cannot be loaded, or no label of it is known to mean toxic.
    """

    def __init__(self, model: str, *, device: str | None = None) -> None:
        for needed in ("torch", "transformers"):
            if importlib.util.find_spec(needed) is None:
                raise MissingExtraError.of("train", needed, where=f"toxicity model {model!r}")
        import torch

        self.name = model
        self.device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        self._tokenizer, self._model = _load(model, self.device)
        self.labels = toxic_labels(self._model.config.id2label, model=model)
        self._many = self._model.config.problem_type == "multi_label_classification"
        self._window = _window_of(self._tokenizer, self._model.config)

    def judges(self, texts: Sequence[str]) -> list[Judgement]:
        """A judgement a text, in order; the category is the most likely toxic label."""
        if not texts:
            return []
        owners, windows = self._windows(texts)
        found: list[Judgement] = [Judgement(0.0, "-", ())] * len(texts)
        for owner, (score, label) in zip(owners, self._scores(windows), strict=True):
            if score > found[owner].score:
                found[owner] = Judgement(round(score, DIGITS), label, ())
        return found

    def _windows(self, texts: Sequence[str]) -> tuple[list[int], list[list[int]]]:
        """The text that each window belongs to, and its token ids; blank texts have none."""
        places = [i for i, text in enumerate(texts) if text.strip()]
        if not places:
            return [], []
        room = self._window - self._tokenizer.num_special_tokens_to_add()
        coded = self._tokenizer(
            [texts[i] for i in places],
            truncation=True,
            max_length=self._window,
            stride=max(0, min(OVERLAP, room // 2)),
            return_overflowing_tokens=True,
            return_attention_mask=False,
        )
        return [places[i] for i in coded["overflow_to_sample_mapping"]], coded["input_ids"]

    def _scores(self, windows: Sequence[Sequence[int]]) -> list[tuple[float, str]]:
        order = sorted(range(len(windows)), key=lambda i: -len(windows[i]))
        scores: list[tuple[float, str]] = [(0.0, "-")] * len(windows)
        first = 0
        while first < len(order):
            longest = len(windows[order[first]])
            batch = order[first : first + max(1, TOKENS[self.device.partition(":")[0]] // longest)]
            for i, score in zip(batch, self._forward([windows[i] for i in batch]), strict=True):
                scores[i] = score
            first += len(batch)
        return scores

    def _forward(self, windows: Sequence[Sequence[int]]) -> list[tuple[float, str]]:
        import torch

        longest = max(map(len, windows))
        filler = self._tokenizer.pad_token_id or 0
        ids = torch.tensor([[*w, *[filler] * (longest - len(w))] for w in windows], device=self.device)
        mask = torch.tensor([[1] * len(w) + [0] * (longest - len(w)) for w in windows], device=self.device)
        with torch.inference_mode():
            logits = self._model(input_ids=ids, attention_mask=mask).logits.float()
        return [self._score(row) for row in self._chances(logits).cpu()]

    def _chances(self, logits: torch.Tensor) -> torch.Tensor:
        return logits.sigmoid() if self._many or logits.shape[1] == 1 else logits.softmax(dim=1)

    def _score(self, chances: torch.Tensor) -> tuple[float, str]:
        each = {label: float(chances[i]) for i, label in self.labels.items()}
        worst = max(each, key=lambda label: each[label])
        return (each[worst] if self._many else min(1.0, sum(each.values()))), worst


def toxic_labels(names: Mapping[int, str], *, model: str) -> dict[int, str]:
    """The labels of a classifier that mean toxic, by index.

    Raises:
        ModelError: None does by its name, or all do although the model has several that exclude each other.
    """
    lowered = {int(i): str(name).lower().strip() for i, name in names.items()}
    found = {i: n for i, n in lowered.items() if TOXIC.search(n) and not HARMLESS_LABEL.search(n)}
    if not found:
        raise ModelError(
            f"none of the labels {', '.join(map(str, names.values()))} is known to mean toxic",
            where=f"toxicity model {model!r}, id2label in its config.json",
            fix="name its labels there, such as 'toxic' and 'neutral', or take another classifier",
        )
    return found


def _window_of(tokenizer: Any, config: Any) -> int:
    limits = [MAX_WINDOW, int(getattr(config, "max_position_embeddings", MAX_WINDOW) or MAX_WINDOW)]
    if 0 < tokenizer.model_max_length < 1_000_000:
        limits.append(int(tokenizer.model_max_length))
    return min(limits)


def _load(model: str, device: str) -> tuple[Any, Any]:
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(model, trust_remote_code=False)
        loaded = AutoModelForSequenceClassification.from_pretrained(
            model, trust_remote_code=False, use_safetensors=True
        )
    except (OSError, ValueError, KeyError, ImportError, RuntimeError) as error:
        where = str(Path(model)) if Path(model).exists() else f"toxicity model {model!r}"
        raise ModelError(
            f"the classifier {model!r} cannot be loaded: {str(error).splitlines()[0][:200]}",
            where=where,
            fix="name a folder or hub model for sequence classification with safetensors, or 'builtin'",
        ) from error
    return tokenizer, loaded.to(device).eval()


@functools.lru_cache(maxsize=1)
def classifier(model: str) -> Classifier:
    """The classifier, loaded once a process."""
    return Classifier(model)
