"""TRL's SFTTrainer with batches of like length and, on a CPU, no wasted work in the output head."""

from __future__ import annotations

import hashlib
import inspect
import math
import random
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import torch
from datasets import Dataset
from datasets.table import InMemoryTable
from torch.utils.data import Sampler
from transformers.trainer_utils import EvalLoopOutput
from trl.trainer.sft_trainer import SFTTrainer

from .chat import IGNORED

if TYPE_CHECKING:
    from torch.utils.data import DataLoader

    from .data import TokenRow


def token_dataset(rows: Sequence[TokenRow]) -> Dataset:
    """Rows that are tokenised and masked, as the trainer wants them: `input_ids` and `labels`.

    Its fingerprint is that of the rows, so nothing is pickled to make one.
    """
    table = pa.table(
        {
            "input_ids": pa.array([row.tokens.input_ids for row in rows], pa.list_(pa.int64())),
            "labels": pa.array([row.tokens.labels for row in rows], pa.list_(pa.int64())),
        }
    )
    names = "".join(f"{row.row_id} {row.content_id}\n" for row in rows)
    return Dataset(InMemoryTable(table), fingerprint=hashlib.sha256(names.encode()).hexdigest()[:16])


class LengthBatches(Sampler[int]):
    """Row positions so that every run of `batch` of them has like lengths, in an order of its own.

    Rows are shuffled, sorted by length, cut into batches, and the batches are shuffled: each epoch
    differs, and the same seed gives the same epochs.

    Args:
        lengths: Tokens of each row.
        batch: Rows a batch.
        seed: Seed of the order.
    """

    def __init__(self, lengths: Sequence[int], batch: int, seed: int) -> None:
        super().__init__()
        self.lengths = list(lengths)
        self.batch = batch
        self.seed = seed
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the order of an epoch."""
        self.epoch = epoch

    def __len__(self) -> int:
        return len(self.lengths)

    def __iter__(self) -> Iterator[int]:
        dice = random.Random(f"{self.seed}/{self.epoch}")  # noqa: S311  an order, not a secret
        rows = list(range(len(self.lengths)))
        dice.shuffle(rows)
        rows.sort(key=lambda i: self.lengths[i])
        batches = [rows[i : i + self.batch] for i in range(0, len(rows), self.batch)]
        short = batches.pop() if len(batches[-1]) < self.batch else None
        dice.shuffle(batches)
        batches += [short] if short else []  # only the last batch may be short
        self.epoch += 1
        return iter([row for batch in batches for row in batch])


class ChatTrainer(SFTTrainer):
    """Trains on rows that are tokenised and masked already.

    On a CPU, TRL projects every position through the output head; here only positions whose next
    token carries loss are projected. Evaluation loss is the mean over tokens, not over batches.
    """

    tokens_fed: int = 0

    def __init__(self, *args: Any, lengths: Sequence[int], **kwargs: Any) -> None:
        self.lengths = lengths
        super().__init__(*args, **kwargs)
        base = self.accelerator.unwrap_model(self.model).get_base_model()
        self.can_cut_head = "logits_to_keep" in inspect.signature(base.forward).parameters

    def _get_train_sampler(self, train_dataset: Any = None) -> Sampler[int]:
        del train_dataset
        return LengthBatches(self.lengths, self.args.train_batch_size, self.args.seed)

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """Mean negative log-likelihood of the labelled tokens, in nats."""
        if model.training:
            self.tokens_fed += int(inputs["attention_mask"].sum())
        if return_outputs or self.args.device.type != "cpu":
            return super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
        total, count = summed_loss(model, inputs, cut_head=self.can_cut_head)
        return total / torch.as_tensor(count if num_items_in_batch is None else num_items_in_batch).clamp(
            min=1
        )

    def evaluation_loop(
        self,
        dataloader: DataLoader[Any],
        description: str,
        prediction_loss_only: bool | None = None,
        ignore_keys: list[str] | None = None,
        metric_key_prefix: str = "eval",
    ) -> EvalLoopOutput:
        """Nats per labelled token over the whole dataset."""
        del description, prediction_loss_only, ignore_keys
        model: Any = self.model
        model.eval()
        total, count, rows = 0.0, 0, 0
        for raw in dataloader:
            inputs = self._prepare_inputs(raw)
            with torch.no_grad(), self.compute_loss_context_manager():
                loss, tokens = summed_loss(model, inputs, cut_head=self.can_cut_head)
            total, count, rows = total + float(loss), count + tokens, rows + len(inputs["input_ids"])
        return EvalLoopOutput(
            predictions=np.empty(0),
            label_ids=None,
            metrics={f"{metric_key_prefix}_loss": total / count if count else math.nan},
            num_samples=rows,
        )


def summed_loss(model: Any, inputs: dict[str, Any], *, cut_head: bool) -> tuple[torch.Tensor, int]:
    """Negative log-likelihood summed over the labelled tokens, in nats, and how many there are.

    Args:
        model: A causal language model.
        inputs: `input_ids`, `attention_mask` and `labels`, each rows by positions.
        cut_head: Project only positions where some row has a label; the model must support it.
    """
    labels = inputs["labels"][:, 1:]
    positions = (labels != IGNORED).any(dim=0).nonzero().squeeze(1)
    cut = {"logits_to_keep": positions} if cut_head else {}
    logits = model(
        input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"], use_cache=False, **cut
    ).logits
    logits = logits if cut_head else logits[:, positions]
    kept = labels[:, positions]
    mask = kept != IGNORED
    loss = torch.nn.functional.cross_entropy(logits[mask].float(), kept[mask], reduction="sum")
    return loss, int(mask.sum())
