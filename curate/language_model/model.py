"""A causal language model from a folder: safetensors alone, no foreign code, float32."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...schemas.errors import MissingExtraError, ModelError
from ...schemas.files import cache_root, sha256_file

if TYPE_CHECKING:
    import torch

FORMAT = 1
"""Raise it when the scores of a model change, so that kept ones are not used again."""

NO_LIMIT = 1 << 30
_FILES = ("*.json", "*.jinja", "*.model", "*.txt", "*.safetensors")
_PROBE = 8
_TOLERANCE = 1e-3


class LanguageModel:
    """A causal language model with its tokenizer, for reading and not for writing.

    Args:
        model: A folder, or the name of a base model that was fetched before (`tuneset models pull`).
        device: `cuda` or `cpu`; None takes a GPU where there is one.

    Raises:
        MissingExtraError: torch or transformers is not installed.
        ModelError: The model cannot be found or loaded, or its tokenizer does not tell where tokens stand.
    """

    def __init__(self, model: str, *, device: str | None = None) -> None:
        self.folder = usable_folder(model)
        import torch

        self.name = model
        self.device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        self.tokenizer, self._model = _load(model, self.folder, self.device)
        if not getattr(self.tokenizer, "is_fast", False):
            raise ModelError(
                f"the tokenizer of {model!r} does not tell where its tokens stand in a text",
                where=str(self.folder),
                fix="use a model with a tokenizer.json",
            )
        config = self._model.config.get_text_config()
        self.limit = int(getattr(config, "max_position_embeddings", None) or NO_LIMIT)
        self.start_id = _start_id(self.tokenizer)
        self._head: Any = self._split_head()

    @property
    def identity(self) -> str:
        """Changes with every file that shapes the scores: a key for caches."""
        return folder_identity(self.folder)

    def logits(self, ids: torch.Tensor, rows: torch.Tensor, places: torch.Tensor) -> _Logits:
        """What the model expects after some tokens, given lazily, since a vocabulary is wide.

        Args:
            ids: Tokens, shape (batch, length); rows that are shorter are filled up on the right, which no
                token before sees.
            rows: Row of each token that is asked for, shape (n,).
            places: Its place in the row, shape (n,).
        """
        if self._head is not None:
            hidden = self._model.base_model(input_ids=ids, use_cache=False).last_hidden_state
            return _Logits(hidden[rows, places], self._head)
        return _Logits(self._model(input_ids=ids, use_cache=False).logits[rows, places], None)

    def _split_head(self) -> Any:
        """The output layer, where applying it alone gives what the whole model gives; else None."""
        import torch

        head = self._model.get_output_embeddings()
        if head is None or self._model.base_model is self._model:
            return None
        ids = torch.arange(_PROBE, device=self.device)[None] % self._model.config.get_text_config().vocab_size
        with torch.inference_mode():
            hidden = self._model.base_model(input_ids=ids, use_cache=False).last_hidden_state
            whole = self._model(input_ids=ids, use_cache=False).logits
            same = torch.allclose(head(hidden), whole, atol=_TOLERANCE, rtol=_TOLERANCE)
        return head if same else None


class _Logits:
    """Rows of logits that are made a part at a time."""

    def __init__(self, values: torch.Tensor, head: Any) -> None:
        self._values = values
        self._head = head

    def part(self, first: int, last: int) -> torch.Tensor:
        """Logits of some of the tokens asked for, shape (last - first, vocabulary), float32."""
        values = self._values[first:last]
        return (values if self._head is None else self._head(values)).float()


def folder_identity(folder: Path) -> str:
    """What `LanguageModel.identity` is, from the files alone."""
    digest = hashlib.sha256()
    for path in sorted({p for pattern in _FILES for p in folder.glob(pattern) if p.is_file()}):
        digest.update(f"{path.name} {sha256_file(path)}\n".encode())
    return f"causal-{FORMAT}-{digest.hexdigest()[:16]}"


def usable_folder(model: str) -> Path:
    """Where a model's files are, once it is sure that what reads them is installed; nothing is loaded.

    Raises:
        MissingExtraError: torch or transformers is not installed.
        ModelError: The model is not there, or its weights are no safetensors.
    """
    for module in ("torch", "transformers"):
        if importlib.util.find_spec(module) is None:
            raise MissingExtraError.of("train", module, where=f"language model {model!r}")
    return model_folder(model)


def model_folder(model: str) -> Path:
    """Where a model's files are: the folder itself, or where fetched base models live.

    Raises:
        ModelError: Neither is there, or the weights are no safetensors.
    """
    kept = cache_root() / "models" / model.replace("/", "--")
    given = Path(model).expanduser()
    folder = given if (given / "config.json").is_file() else kept
    if not (folder / "config.json").is_file():
        raise ModelError(
            f"the language model {model!r} is not on this machine",
            where=f"{given} and {kept}",
            fix=f"run: tuneset models pull {model}, or name a model folder",
        )
    if not any(folder.glob("*.safetensors")):
        raise ModelError(
            f"the language model {model!r} has no *.safetensors file",
            where=str(folder),
            fix="use a model whose weights are safetensors; a pickle can run any code",
        )
    return folder


def _load(model: str, folder: Path, device: str) -> tuple[Any, Any]:
    import torch
    from safetensors import SafetensorError
    from transformers import AutoModelForCausalLM, AutoTokenizer

    local: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    try:
        with _no_bars():
            tokenizer = AutoTokenizer.from_pretrained(folder, **local)
            loaded: Any = AutoModelForCausalLM.from_pretrained(
                folder, dtype=torch.float32, use_safetensors=True, **local
            )
    except (OSError, ValueError, KeyError, ImportError, SafetensorError) as error:
        reason = (str(error).strip().splitlines() or [""])[0][:200]
        raise ModelError(
            f"the language model {model!r} cannot be loaded ({type(error).__name__}: {reason})",
            where=str(folder),
            fix="name a causal model with weights in safetensors and no code of its own",
        ) from error
    return tokenizer, loaded.to(device).eval()


@contextlib.contextmanager
def _no_bars() -> Iterator[None]:
    """No bar for reading weights: they are not ours to print."""
    from transformers.utils import logging as bars

    shown = bars.is_progress_bar_enabled()
    bars.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            bars.enable_progress_bar()


def _start_id(tokenizer: Any) -> int:
    """The token that begins a text: the beginning-of-sequence token, else the one that ends a text."""
    for token in (tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id):
        if isinstance(token, int):
            return token
    return 0
