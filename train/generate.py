"""Greedy answers and reference losses, in batches of like length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import DynamicCache, PreTrainedModel

    from .loading import LoadedModel

CPU_TOKENS_A_BATCH = 2048
GPU_TOKENS_A_BATCH = 65536


@dataclass(frozen=True)
class Answer:
    """What a model said, and how likely it found the wanted answer.

    Args:
        text: Without special tokens.
        tokens: Number of generated tokens, the stop token included.
        stopped: Whether the model ended its turn itself, rather than hitting the limit.
        reference_loss: Mean negative log-likelihood of the wanted answer, in nats a token.
    """

    text: str
    tokens: int
    stopped: bool
    reference_loss: float


def ask(
    model: PreTrainedModel | PeftModel,
    loaded: LoadedModel,
    prompts: Sequence[list[int]],
    references: Sequence[list[int]],
    *,
    max_new_tokens: int,
) -> list[Answer]:
    """Greedy answers to prompts and the losses of their references, in the order of the prompts.

    Prompts of like length share a batch; padding is masked, so an answer does not depend on the
    batch it was made in, up to rounding. The prompt is read once: its keys and values serve the
    reference's loss and the answer.

    Args:
        model: The base model, or an adapter over it.
        loaded: The base model with its chat format.
        prompts: Token ids, each ready for the assistant's answer.
        references: Token ids of the wanted answers, end token included; none is empty.
        max_new_tokens: Where an answer is cut.
    """
    from transformers import DynamicCache, GenerationConfig

    config = GenerationConfig(
        max_new_tokens=max_new_tokens,
        do_sample=False,
        eos_token_id=list(loaded.chat.stop_ids),
        pad_token_id=loaded.pad_id,
    )
    answers: dict[int, Answer] = {}
    lengths = [len(p) + max(len(r), max_new_tokens) for p, r in zip(prompts, references, strict=True)]
    for batch in batches(lengths, _budget(model)):
        ids, mask = pad_rows([prompts[i] for i in batch], loaded.pad_id, model.device, left=True)
        cache = DynamicCache(config=loaded.model.config)
        with torch.inference_mode():
            losses = _reference_losses(model, loaded.pad_id, ids, mask, [references[i] for i in batch], cache)
            longest = max(len(references[i]) for i in batch)
            kept = _cut_cache(cache, longest + 1, loaded)
            made = model.generate(  # pyright: ignore[reportCallIssue]
                input_ids=ids, attention_mask=mask, past_key_values=kept, generation_config=config
            )
        for i, row, loss in zip(batch, made[:, ids.shape[1] :].tolist(), losses, strict=True):
            answers[i] = _read(row, loaded, loss)
    return [answers[i] for i in range(len(prompts))]


def _cut_cache(cache: DynamicCache, tokens: int, loaded: LoadedModel) -> DynamicCache | None:
    """The cache without its last tokens; None for a model whose cache forgets, so cannot be cut."""
    config = loaded.model.config.get_text_config()
    kinds = getattr(config, "layer_types", None) or ["full_attention"]
    if getattr(config, "sliding_window", None) or any(kind != "full_attention" for kind in kinds):
        return None
    cache.crop(-tokens)
    return cache


def _reference_losses(
    model: PreTrainedModel | PeftModel,
    pad: int,
    prompt_ids: torch.Tensor,
    prompt_mask: torch.Tensor,
    references: Sequence[list[int]],
    cache: DynamicCache,
) -> list[float]:
    """Mean nats a token of each reference; the cache is left holding prompts and references."""
    ids, mask = pad_rows(references, pad, model.device, left=False)
    width = ids.shape[1]
    both = torch.cat([prompt_mask, mask], dim=1)
    logits = model(
        input_ids=torch.cat([prompt_ids, ids], dim=1),
        attention_mask=both,
        position_ids=(both.cumsum(dim=1) - 1).clamp(min=0),
        past_key_values=cache,
        use_cache=True,
        logits_to_keep=width + 1,
    ).logits[:, -width - 1 : -1]
    nats = -torch.log_softmax(logits.float(), dim=-1).gather(2, ids[:, :, None]).squeeze(2)
    return ((nats * mask).sum(dim=1) / mask.sum(dim=1)).tolist()


def batches(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Positions in batches of like length, longest first; a batch's padded size fits the budget.

    A row that is longer than the budget is a batch of its own.
    """
    order = sorted(range(len(lengths)), key=lambda i: (-lengths[i], i))
    start = 0
    while start < len(order):
        size = max(1, budget // max(1, lengths[order[start]]))
        yield order[start : start + size]
        start += size


def _budget(model: PreTrainedModel | PeftModel) -> int:
    return CPU_TOKENS_A_BATCH if model.device.type == "cpu" else GPU_TOKENS_A_BATCH


def pad_rows(
    rows: Sequence[list[int]], pad: int, device: torch.device, *, left: bool
) -> tuple[torch.Tensor, torch.Tensor]:
    """Token ids and attention mask, both rows by the longest length."""
    width = max(len(row) for row in rows)
    ids, mask = [], []
    for row in rows:
        rest = width - len(row)
        ids.append([pad] * rest + row if left else row + [pad] * rest)
        mask.append([0] * rest + [1] * len(row) if left else [1] * len(row) + [0] * rest)
    return torch.tensor(ids, device=device), torch.tensor(mask, device=device)


def _read(row: list[int], loaded: LoadedModel, loss: float) -> Answer:
    stops = set(loaded.chat.stop_ids)
    end = next((i for i, token in enumerate(row) if token in stops), None)
    said = row if end is None else row[:end]
    text = str(loaded.chat.tokenizer.decode(said, skip_special_tokens=True))
    return Answer(text, len(said) + (end is not None), end is not None, loss)
