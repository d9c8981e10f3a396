"""Tokenizers that are on this machine already; nothing here asks the network."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...schemas.files import cache_root

Encode = Callable[[Sequence[str]], list[int]]
"""How many tokens each text has, without tokens that begin or end a text."""
TemplateEncode = Callable[[Mapping[str, Any]], int | None]
"""How many tokens a row has by a model's chat template; None where the template cannot take it."""


@dataclass(frozen=True)
class AtHand:
    """A tokenizer on this machine.

    Args:
        encode: Counts texts.
        template: Counts whole rows by the model's chat template; None where that is not at hand.
    """

    encode: Encode
    template: TemplateEncode | None = None


_TIKTOKEN_URL = "https://openaipublic.blob.core.windows.net/encodings/{}.tiktoken"
_TIKTOKEN_SHA256 = {
    "o200k_base": "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
    "cl100k_base": "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
}
"""Of the files that tiktoken 0.14.0 takes: tiktoken_ext/openai_public.py."""


def tiktoken(name: str) -> AtHand | str:
    """One of OpenAI's encodings, from tiktoken's own cache; or why it is not at hand.

    The file's hash is looked at first: tiktoken would fetch a file that it does not know.
    """
    try:
        import tiktoken as library
    except ImportError:
        return f"{name} is not at hand: pip install tiktoken"
    file = _tiktoken_file(name)
    if file is None or hashlib.sha256(file.read_bytes()).hexdigest() != _TIKTOKEN_SHA256[name]:
        return f"{name} is not at hand: tiktoken has not fetched it (tiktoken.get_encoding({name!r}) does)"
    encoding = library.get_encoding(name)

    def encode(texts: Sequence[str]) -> list[int]:
        return [len(tokens) for tokens in encoding.encode_ordinary_batch(list(texts), num_threads=1)]

    return AtHand(encode)


def _tiktoken_file(name: str) -> Path | None:
    """Where tiktoken keeps an encoding; source: tiktoken 0.14.0, load.py, read_file_cached."""
    folder = os.environ.get("TIKTOKEN_CACHE_DIR", os.environ.get("DATA_GYM_CACHE_DIR"))
    if folder is None:
        folder = os.path.join(tempfile.gettempdir(), "data-gym-cache")
    key = hashlib.sha1(_TIKTOKEN_URL.format(name).encode(), usedforsecurity=False).hexdigest()
    file = Path(folder) / key
    return file if folder and file.is_file() else None


def mistral(version: str) -> AtHand | str:
    """One of the tokenizers that come with mistral-common; or why it is not at hand."""
    try:
        from mistral_common.tokens.tokenizers.mistral import (  # pyright: ignore[reportMissingImports]
            MistralTokenizer,
        )
    except (ImportError, RuntimeError):  # parts of it are missing
        return "Mistral's tokenizer is not at hand: pip install mistral-common"
    whole = MistralTokenizer.v3(is_tekken=version == "tekken")
    inner = whole.instruct_tokenizer.tokenizer

    def encode(texts: Sequence[str]) -> list[int]:
        return [len(inner.encode(text, bos=False, eos=False)) for text in texts]

    return AtHand(encode, lambda row: _mistral_row(row, encode))


def _mistral_row(row: Mapping[str, Any], encode: Encode) -> int | None:
    """BOS, [INST] text [/INST] for a user, text EOS for the assistant; system prompts join the last user.

    Rows with tools or lists of parts are not counted here. Source: mistral-common 1.13.1, the instruct
    tokenizers of version 3.
    """
    turns = row.get("messages")
    if not isinstance(turns, list) or row.get("tools"):
        return None
    told = [(turn.get("role"), turn.get("content")) for turn in turns]
    if not all(role in ("system", "user", "assistant") and isinstance(text, str) for role, text in told):
        return None
    system = "".join(f"{text}\n\n" for role, text in told if role == "system")
    said = [(role, text) for role, text in told if role != "system"]
    last = max((i for i, (role, _) in enumerate(said) if role == "user"), default=-1)
    texts = [system + text if i == last else text for i, (_, text) in enumerate(said)]
    return 1 + sum(encode(texts)) + sum(2 if role == "user" else 1 for role, _ in said)


def hugging_face(name: str) -> AtHand | None:
    """The tokenizer of a model on this machine; None where there is none.

    Args:
        name: A tokenizer.json, a folder that holds one, a model that `tuneset models` has fetched, or a
            hub id in the Hugging Face cache.
    """
    file = _tokenizer_file(name)
    if file is None:
        return None
    try:
        from tokenizers import Tokenizer
    except ImportError:
        return None
    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_padding()
    tokenizer.no_truncation()

    def encode(texts: Sequence[str]) -> list[int]:
        return [len(e.ids) for e in tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]

    return AtHand(encode, _template(file.parent))


def _tokenizer_file(name: str) -> Path | None:
    path = Path(name)
    if path.is_file():
        return path
    flat = name.replace("/", "--")
    hub = Path(os.environ.get("HF_HOME", Path.home() / ".cache" / "huggingface")) / "hub"
    folders = [path, cache_root() / "models" / flat]
    if ".." not in name:
        folders += sorted((hub / f"models--{flat}" / "snapshots").glob("*"))
    return next((f for folder in folders if (f := folder / "tokenizer.json").is_file()), None)


def _template(folder: Path) -> TemplateEncode | None:
    """The chat template beside a tokenizer.json; None where there is none, or nothing that runs it."""
    if not (folder / "tokenizer_config.json").is_file():
        return None
    try:
        from transformers import AutoTokenizer
    except ImportError:
        return None
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except (ValueError, OSError):
        return None
    if not tokenizer.chat_template:
        return None

    def encode(row: Mapping[str, Any]) -> int | None:
        messages = row.get("messages")
        if not isinstance(messages, list):
            return None
        try:
            text = tokenizer.apply_chat_template(messages, tools=row.get("tools"), tokenize=False)
        except Exception:  # noqa: BLE001  a template may refuse a row in any way it likes
            return None
        return len(tokenizer(text, add_special_tokens=False)["input_ids"])

    return encode
