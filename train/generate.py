"""Greedy answers and reference losses, in batches of like length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import torch

from .answer import Answer

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import DynamicCache, PreTrainedModel

    from .loading import LoadedModel

CPU_TOKENS_A_BATCH = 2048
GPU_TOKENS_A_BATCH = 8192


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
    batch it was made in, up to rounding. Nothing is read twice: what all prompts of a batch begin
    with is read once, and a prompt's keys and values serve the reference's loss and the answer.

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
    remembers = _remembers(loaded)
    answers: dict[int, Answer] = {}
    lengths = [len(p) + max(len(r), max_new_tokens) for p, r in zip(prompts, references, strict=True)]
    for batch in batches(lengths, _budget(model)):
        asked, wanted = [prompts[i] for i in batch], [references[i] for i in batch]
        shared = common_prefix(asked) if remembers else 0
        ids, mask = pad_rows(asked, loaded.pad_id, model.device, left=True, fixed=shared)
        with torch.inference_mode():
            cache = DynamicCache(config=loaded.model.config)
            if shared:
                model(input_ids=ids[:1, :shared], past_key_values=cache, use_cache=True, logits_to_keep=1)
                cache.batch_repeat_interleave(len(batch))
            losses = _reference_losses(model, loaded.pad_id, ids, mask, wanted, cache)
            if remembers:
                cache.crop(-max(map(len, wanted)) - 1)
            made = model.generate(  # pyright: ignore[reportCallIssue]
                input_ids=ids,
                attention_mask=mask,
                past_key_values=cache if remembers else None,
                generation_config=config,
            )
        for i, row, loss in zip(batch, made[:, ids.shape[1] :].tolist(), losses, strict=True):
            answers[i] = _read(row, loaded, loss)
    return [answers[i] for i in range(len(prompts))]


def _remembers(loaded: LoadedModel) -> bool:
    """Whether the model's cache keeps every token, so that it can be shared and cut."""
    config = loaded.model.config.get_text_config()
    kinds = getattr(config, "layer_types", None) or ["full_attention"]
    return not getattr(config, "sliding_window", None) and all(kind == "full_attention" for kind in kinds)


def common_prefix(rows: Sequence[list[int]]) -> int:
    """Leading tokens that all rows have in common; each row keeps at least one of its own."""
    most = min(map(len, rows)) - 1
    return next((i for i in range(most) if any(row[i] != rows[0][i] for row in rows)), most)


def _reference_losses(
    model: PreTrainedModel | PeftModel,
    pad: int,
    prompt_ids: torch.Tensor,
    prompt_mask: torch.Tensor,
    references: Sequence[list[int]],
    cache: DynamicCache,
) -> list[float]:
    """Mean nats a token of each reference.

    The cache may hold the first tokens of the prompts; it is left holding prompts and references.
    """
    ids, mask = pad_rows(references, pad, model.device, left=False)
    width, known = ids.shape[1], cache.get_seq_length()
    both = torch.cat([prompt_mask, mask], dim=1)
    positions = (both.cumsum(dim=1) - 1).clamp(min=0)
    logits = model(
        input_ids=torch.cat([prompt_ids, ids], dim=1)[:, known:],
        attention_mask=both,
        position_ids=positions[:, known:],
        past_key_values=cache,
        use_cache=True,
        logits_to_keep=width + 1,
    ).logits[:, -width - 1 : -1]
    losses = []
    for row, reference in zip(logits, references, strict=True):  # one at a time: a vocabulary is wide
        wanted = torch.tensor(reference, device=row.device)
        losses.append(float(torch.nn.functional.cross_entropy(row[: len(reference)].float(), wanted)))
    return losses


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
    rows: Sequence[list[int]], pad: int, device: torch.device, *, left: bool, fixed: int = 0
) -> tuple[torch.Tensor, torch.Tensor]:
    """Token ids and attention mask, both rows by the longest length.

    With `left`, padding comes before a row, but after its first `fixed` tokens.
    """
    width = max(len(row) for row in rows)
    ids, mask = [], []
    for row in rows:
        rest, at = width - len(row), fixed if left else len(row)
        ids.append(row[:at] + [pad] * rest + row[at:])
        mask.append([1] * at + [0] * rest + [1] * (len(row) - at))
    return torch.tensor(ids, device=device), torch.tensor(mask, device=device)


def _read(row: list[int], loaded: LoadedModel, loss: float) -> Answer:
    stops = set(loaded.chat.stop_ids)
    end = next((i for i, token in enumerate(row) if token in stops), None)
    said = row if end is None else row[:end]
    text = str(loaded.chat.tokenizer.decode(said, skip_special_tokens=True))
    return Answer(text, len(said) + (end is not None), end is not None, loss)
