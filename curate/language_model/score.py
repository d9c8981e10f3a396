"""Perplexity and instruction-following difficulty of every assistant turn of many conversations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .cache import ScoreCache, key_of
from .chat_text import ChatText
from .forward import mean_losses
from .model import LanguageModel
from .passes import Pass, Plan, plan_text
from .turn_score import TurnScore

Turn = Mapping[str, Any]
WINDOW = 256
"""Conversations that are read, and kept, together."""

MAX_TOKENS = 2_048
"""Tokens of a pass at most, where the model does not allow fewer: the context of SmolLM and Pythia models."""


def score_turns(
    conversations: Sequence[Sequence[Turn]],
    model: str | LanguageModel,
    *,
    tools: Sequence[list[Any] | None] | None = None,
    max_tokens: int = MAX_TOKENS,
    batch_tokens: int | None = None,
    cache: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[list[TurnScore]]:
    """What a language model says of every assistant turn.

    All answers of a conversation are read after their prompts in one pass; each is read once more alone,
    as the first turn there is. Both numbers are of the same tokens. An answer that does not end
    within the limit is read in a pass of its own, without the left of its prompt, which `cut` tells.

    Args:
        conversations: Canonical messages.
        model: A folder or a fetched base model's name, or a model that is loaded.
        tools: Tool definitions of each conversation, for the chat template.
        max_tokens: Tokens of a pass at most; the model's own limit holds as well.
        batch_tokens: Tokens of a batch; None suits the device. It changes rounding alone, below 1e-4.
        cache: Folder that keeps scores (`score_cache()`); None keeps none.
        progress: Called with conversations done and in all.

    Returns:
        One list a conversation, with one score an assistant turn, in order.

    Raises:
        MissingExtraError: torch or transformers is not installed.
        ModelError: The model cannot be found or loaded.
    """
    loaded = LanguageModel(model) if isinstance(model, str) else model
    limit = min(max_tokens, loaded.limit)
    given = tools if tools is not None else [None] * len(conversations)
    keys = [key_of(turns, t, limit) for turns, t in zip(conversations, given, strict=True)]
    kept = ScoreCache(cache, loaded.identity) if cache is not None else None
    found = {key: scores for key in keys if kept is not None and (scores := kept.get(key)) is not None}
    first_with: dict[bytes, int] = {}
    for i, key in enumerate(keys):
        if key not in found:
            first_with.setdefault(key, i)
    missing = list(first_with.values())
    chat = ChatText(loaded.tokenizer)
    for start in range(0, len(missing), WINDOW):
        window = missing[start : start + WINDOW]
        rows = [(conversations[i], given[i]) for i in window]
        scored = _score_window(rows, loaded, chat, limit, batch_tokens)
        fresh = {keys[i]: scores for i, scores in zip(window, scored, strict=True)}
        found |= fresh
        if kept is not None:
            kept.add(fresh)
        if progress is not None:
            progress(len(conversations) - len(missing) + start + len(window), len(conversations))
    return [found[key] for key in keys]


def _score_window(
    rows: Sequence[tuple[Sequence[Turn], list[Any] | None]],
    model: LanguageModel,
    chat: ChatText,
    limit: int,
    batch_tokens: int | None,
) -> list[list[TurnScore]]:
    rendered = [chat.render(turns, tools) for turns, tools in rows]
    texts = [(i, text) for i, (parts, _) in enumerate(rendered) for text in parts]
    tokens = _tokens(model.tokenizer, [text.text for _, text in texts])
    ((opening, _),) = _tokens(model.tokenizer, [chat.opening])
    plans: list[list[Plan]] = [[] for _ in rows]
    passes: list[Pass] = []
    for (i, text), (ids, offsets) in zip(texts, tokens, strict=True):
        plans[i] += plan_text(ids, offsets, text.answers, passes, opening=opening, limit=limit)
    losses = mean_losses(model, passes, batch_tokens=batch_tokens)
    return [_turn_scores(turns, plans[i], rendered[i][1], losses) for i, (turns, _) in enumerate(rows)]


def _tokens(tokenizer: Any, texts: Sequence[str]) -> list[tuple[list[int], list[tuple[int, int]]]]:
    """Tokens of each text, and where each begins and ends; the special ones stand in the text."""
    if not texts:
        return []
    made = tokenizer(
        list(texts),
        add_special_tokens=False,
        return_attention_mask=False,
        return_offsets_mapping=True,
        verbose=False,
    )
    return list(zip(made["input_ids"], made["offset_mapping"], strict=True))


def _turn_scores(
    turns: Sequence[Turn],
    plans: Sequence[Plan],
    refused: Sequence[int],
    losses: Sequence[Sequence[float]],
) -> list[TurnScore]:
    scores = {
        i: TurnScore(i, problem="empty_answer") for i, t in enumerate(turns) if t["role"] == "assistant"
    }
    scores |= {i: TurnScore(i, problem="template_refuses") for i in refused}
    for plan in plans:
        if plan.conditioned is None or plan.alone is None:
            problem = "answer_too_long" if plan.tokens else "empty_answer"
            scores[plan.turn] = TurnScore(plan.turn, plan.tokens, problem=problem)
            continue
        nll, alone = (losses[place][span] for place, span in (plan.conditioned, plan.alone))
        scores[plan.turn] = TurnScore(plan.turn, plan.tokens, plan.cut, nll, alone)
    return [scores[i] for i in sorted(scores)]
