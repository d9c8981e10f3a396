"""A tiny random chat model and small frozen versions, built without any download."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tuneset.schemas.example import content_id
from tuneset.schemas.files import sha256_file, write_json
from tuneset.schemas.version import VersionFile, VersionManifest, VersionRow
from tuneset.train import hardware

TEMPLATE = (
    "{% for message in messages %}"
    "{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\nBe kind<|im_end|>\n' }}{% endif %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
WORDS = "system user assistant Be kind hello there good day yes no ok then what is your name one two three"


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Tiny tensors gain nothing from a second thread, and on a busy machine lose much."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hardware, "usable_cores", lambda: 1)
        yield


@pytest.fixture(scope="session")
def tiny_tokenizer() -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    special = ["<|im_start|>", "<|im_end|>"]
    trainer = trainers.BpeTrainer(
        vocab_size=330, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
    )
    core.train_from_iterator([WORDS] * 20, trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core,
        bos_token="<|im_start|>",
        eos_token="<|im_end|>",
        pad_token="<|im_end|>",
        chat_template=TEMPLATE,
    )
    return tokenizer


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory, tiny_tokenizer: Any) -> Path:
    """A random two-layer Llama with the tokenizer above."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    folder = tmp_path_factory.mktemp("tiny")
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tiny_tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=256,
        tie_word_embeddings=True,
        initializer_range=0.2,
        eos_token_id=tiny_tokenizer.eos_token_id,
        bos_token_id=tiny_tokenizer.bos_token_id,
        pad_token_id=tiny_tokenizer.pad_token_id,
    )
    model = LlamaForCausalLM(config)
    with torch.no_grad():  # the pad token, which also ends turns, starts as zeros and could never be said
        model.get_input_embeddings().weight.normal_(0, 0.5)
    model.save_pretrained(folder)
    tiny_tokenizer.save_pretrained(folder)
    return folder


def frozen_rows(count: int, start: int, answer: str = "ok then") -> list[dict[str, Any]]:
    """Rows with the same answer to different questions."""
    words = WORDS.split()
    return [
        {
            "row_id": f"aaaaaaaaaaaa:{start + i}",
            "messages": [
                {"role": "user", "content": f"{words[(start + i) % len(words)]} {start + i}"},
                {"role": "assistant", "content": answer},
            ],
        }
        for i in range(count)
    ]


def freeze(
    out: Path,
    splits: dict[str, list[dict[str, Any]]],
    *,
    name: str = "v1",
    created_at: str = "2026-01-01T00:00:00Z",
) -> Path:
    """Write a version folder as `tuneset freeze` does."""
    folder = out / "versions" / name
    folder.mkdir(parents=True)
    files, listed = {}, []
    for split, rows in splits.items():
        path = folder / f"{split}.jsonl"
        lines = []
        for row in rows:
            identity = content_id(
                row["messages"], tools=row.get("tools"), rejected=row.get("rejected"), label=row.get("label")
            )
            lines.append(json.dumps({"content_id": identity, **row}) + "\n")
            listed.append(
                VersionRow(
                    row_id=row["row_id"],
                    content_id=identity,
                    split=split,
                    decision=1,
                    actor="ana",
                    decided_at="2026-01-01T00:00:00Z",
                )
            )
        path.write_text("".join(lines), encoding="utf-8")
        files[path.name] = VersionFile(rows=len(rows), sha256=sha256_file(path))
    manifest = VersionManifest(
        name=name,
        created_at=created_at,
        tuneset_version="0",
        code_sha256="c" * 64,
        recipe={},
        recipe_sha256="d" * 64,
        run_files={},
        inputs=[],
        files=files,
        counts={split: len(rows) for split, rows in splits.items()},
        decisions={"ana": len(listed)},
        rows=listed,
    )
    write_json(folder / "manifest.json", manifest.model_dump())
    return folder


class Frozen:
    """The two builders, for tests that cannot import a conftest."""

    rows = staticmethod(frozen_rows)
    freeze = staticmethod(freeze)


@pytest.fixture(scope="session")
def frozen() -> type[Frozen]:
    return Frozen


@pytest.fixture
def small_out(tmp_path: Path) -> Path:
    """A workspace with one version: 24 training, 4 validation and 12 test rows."""
    splits = {"train": frozen_rows(24, 0), "validation": frozen_rows(4, 100), "test": frozen_rows(12, 200)}
    freeze(tmp_path / "out", splits)
    return tmp_path / "out"


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, tiny_folder: Path) -> Path:
    """A workspace with a model that learnt the one answer; read only."""
    from tuneset.train import train

    out = tmp_path_factory.mktemp("trained") / "out"
    splits = {"train": frozen_rows(24, 0), "validation": frozen_rows(4, 100), "test": frozen_rows(12, 200)}
    freeze(out, splits)
    (out / "tuneset.yaml").write_text("seed: 7\ntrain: {learning_rate: 0.01, batch_size: 8}\n")
    train(out, base=str(tiny_folder), epochs=10, name="run1")
    return out
