"""Any sentence-transformers model as an encoder: safetensors alone, no foreign code, batched by length."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...schemas.errors import MissingExtraError, ModelError
from .tokens import Tokenizer, Tokens

if TYPE_CHECKING:
    import torch

WINDOW = 8_192  # texts that are tokenized and sorted by length together
TOKENS = {"cpu": 4_096, "cuda": 262_144}  # in a batch, padding included
_FILES = ["*.json", "*.txt", "*.model", "*.safetensors"]


class TransformerEncoder:
    """Unit vectors from a sentence-transformers model, in bfloat16 where the processor or GPU computes in it.

    Texts longer than the model's limit are cut there, as its makers do. Rounding depends on the batch: the
    vectors of one text in two batches have a cosine of 0.999 or more, and are not equal to the byte.

    Args:
        model: A folder, or a name on the hub.
        device: `cuda` or `cpu`; None takes a GPU where there is one.

    Raises:
        MissingExtraError: sentence-transformers is not installed.
        ModelError: The model cannot be found or loaded.
    """

    languages: frozenset[str] | None = None

    def __init__(self, model: str, *, device: str | None = None) -> None:
        if importlib.util.find_spec("sentence_transformers") is None:
            raise MissingExtraError.of("embed", "sentence_transformers", where=f"encoder {model!r}")
        import torch

        self.name = model
        self.folder = _folder_of(model)
        self.device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        precision = _precision(self.device)
        self.identity = _identity(self.folder, str(precision).removeprefix("torch."))
        self._model: Any = _load(model, self.folder, self.device, precision)
        self._prompt: str = self._model.prompts.get(self._model.default_prompt_name or "") or ""
        self._tokenizer = Tokenizer(self._model.tokenizer, int(self._model.max_seq_length or 512))
        self.dim = int(self._launch(self._tokens(["a"]))[1].shape[1])

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (TransformerEncoder, (self.name,))

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """One unit row a text, shape (n_texts, dim), float32.

        A window is tokenized while the model works on the one before; its vectors are fetched once the model
        has the next, so that a GPU does not wait.
        """
        result = np.zeros((len(texts), self.dim), np.float32)
        starts = range(0, len(texts), WINDOW)
        launched: tuple[np.ndarray, torch.Tensor] | None = None
        with ThreadPoolExecutor(1) as ahead:
            waiting = [ahead.submit(self._tokens, texts[i : i + WINDOW]) for i in starts[:1]]
            for i in starts:
                tokens = waiting.pop().result()
                waiting = [ahead.submit(self._tokens, texts[i + WINDOW : i + 2 * WINDOW])]
                order, vectors = self._launch(tokens)
                _fetch(launched, result)
                launched = (order + i, vectors)
        _fetch(launched, result)
        return result

    def _tokens(self, texts: Sequence[str]) -> Tokens:
        return self._tokenizer.of([self._prompt + text for text in texts] if self._prompt else texts)

    def _launch(self, tokens: Tokens) -> tuple[np.ndarray, torch.Tensor]:
        """Texts, the longest first, and their vectors, which a GPU may still be computing."""
        import torch

        order = np.argsort(-tokens.lengths, kind="stable")
        lengths = tokens.lengths[order]
        with torch.inference_mode():
            numbers, begins, sizes = (
                torch.from_numpy(part).to(self.device)
                for part in (tokens.numbers, tokens.starts[order], lengths)
            )
            parts = []
            first = 0
            while first < len(order):
                longest = max(int(lengths[first]), 1)
                last = first + max(1, TOKENS[self.device.partition(":")[0]] // longest)
                parts.append(self._forward(numbers, begins[first:last], sizes[first:last], longest))
                first = last
            return order, torch.cat(parts)

    def _forward(
        self, numbers: torch.Tensor, begins: torch.Tensor, sizes: torch.Tensor, longest: int
    ) -> torch.Tensor:
        import torch

        place = torch.arange(longest, device=self.device)
        real = place < sizes[:, None]
        filler = self._model.tokenizer.pad_token_id or 0
        ids = numbers[torch.where(real, begins[:, None] + place, 0)].long().masked_fill(~real, filler)
        vectors = self._model({"input_ids": ids, "attention_mask": real.long()})["sentence_embedding"]
        return torch.nn.functional.normalize(vectors.float(), dim=1)


def _fetch(launched: tuple[np.ndarray, torch.Tensor] | None, result: np.ndarray) -> None:
    if launched is not None:
        result[launched[0]] = launched[1].cpu().numpy()


def _folder_of(model: str) -> Path:
    """The folder of a model; one named on the hub is fetched once, without weights that are pickles."""
    if Path(model).is_dir():
        return Path(model)
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    other_forms = ["onnx/*", "openvino/*"]
    try:
        return Path(snapshot_download(model, allow_patterns=_FILES, ignore_patterns=other_forms))
    except (HFValidationError, HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise ModelError(
            f"the encoder {model!r} was not found on this machine, nor could it be fetched",
            where=f"encoder {model!r}: {type(error).__name__}",
            fix="name a folder with a sentence-transformers model, or 'static', which ships with the package",
        ) from error


def _load(model: str, folder: Path, device: str, precision: torch.dtype) -> Any:
    from sentence_transformers import SentenceTransformer

    try:
        return SentenceTransformer(
            str(folder),
            device=device,
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"use_safetensors": True, "dtype": precision},
        ).eval()
    except (OSError, ValueError, KeyError, ImportError, RuntimeError) as error:
        raise ModelError(
            f"the encoder {model!r} cannot be loaded: {str(error).splitlines()[0][:200]}",
            where=str(folder),
            fix="name a sentence-transformers model with weights in safetensors and no code of its own",
        ) from error


def _precision(device: str) -> torch.dtype:
    """bfloat16 where there is hardware for it, otherwise float32."""
    import torch

    if device != "cpu":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    able = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return torch.bfloat16 if able is not None and able() else torch.float32


def _identity(folder: Path, precision: str) -> str:
    """A hash of every file that shapes the vectors."""
    digest = hashlib.sha256(precision.encode())
    for path in sorted(p for pattern in _FILES for p in folder.rglob(pattern)):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
        with open(path, "rb") as f:
            digest.update(hashlib.file_digest(f, "sha256").digest())
    return f"transformer-1-{digest.hexdigest()[:16]}"
