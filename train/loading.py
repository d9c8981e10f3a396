"""Load a base model with its tokenizer, and an adapter on top."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..schemas.errors import MissingExtraError, ModelError
from .chat import ChatFormat
from .model_folder import BaseModel
from .quiet import hushed

if TYPE_CHECKING:
    import torch
    from peft import PeftModel
    from transformers import PreTrainedModel

NO_LIMIT = 1 << 30


@dataclass(frozen=True)
class LoadedModel:
    """A base model in memory with its chat format.

    Args:
        base: Where it came from.
        model: The weights, on their device, in evaluation mode.
        chat: Tokenizer, template and stop tokens.
        limit: Most tokens of a sequence.
    """

    base: BaseModel
    model: PreTrainedModel
    chat: ChatFormat
    limit: int

    @property
    def pad_id(self) -> int:
        """A token for padding; attention and loss never see it."""
        pad = self.chat.tokenizer.pad_token_id
        return pad if isinstance(pad, int) else self.chat.stop_ids[0]


def require_train_extra(where: str) -> None:
    """Raise unless torch, transformers, peft, trl and accelerate are installed.

    Raises:
        MissingExtraError: One of them is not.
    """
    from importlib.util import find_spec

    for module in ("torch", "transformers", "peft", "trl", "accelerate"):
        if find_spec(module) is None:
            raise MissingExtraError.of("train", module, where=where)


def load_base(base: BaseModel, device: torch.device, dtype: torch.dtype) -> LoadedModel:
    """Load weights and tokenizer from a checked folder.

    Args:
        base: The model, as `resolve` found it.
        device: Where to.
        dtype: Number format of the weights.

    Raises:
        ModelError: The folder cannot be loaded, or the model has no chat template.
    """
    from safetensors import SafetensorError
    from transformers import AutoModelForCausalLM, AutoTokenizer

    local: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    attention = "eager" if device.type == "cpu" else "sdpa"
    try:
        with hushed():
            tokenizer = AutoTokenizer.from_pretrained(base.folder, **local)
            model = AutoModelForCausalLM.from_pretrained(
                base.folder, dtype=dtype, attn_implementation=attention, use_safetensors=True, **local
            )
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise ModelError(
            f"the base model {base.name!r} cannot be loaded ({type(error).__name__}: {_first_line(error)})",
            where=str(base.folder),
            fix="check the folder, or use another base model",
        ) from error
    stops = stop_ids(tokenizer.eos_token_id, model.generation_config)
    if not stops:
        raise ModelError(
            f"the base model {base.name!r} names no end-of-sequence token",
            where=str(base.folder),
            fix="use an instruction-tuned base model",
        )
    limit = int(getattr(model.config.get_text_config(), "max_position_embeddings", None) or NO_LIMIT)
    model.to(device).eval()  # pyright: ignore[reportArgumentType]
    return LoadedModel(base, model, ChatFormat(tokenizer, stops), limit)


def stop_ids(eos_id: int | None, generation_config: Any) -> list[int]:
    """Tokens at which the model stops: the tokenizer's and those of its generation settings."""
    stops = getattr(generation_config, "eos_token_id", None)
    listed = stops if isinstance(stops, (list, tuple)) else [stops]
    return list(dict.fromkeys(int(i) for i in (eos_id, *listed) if i is not None))


def load_adapter(loaded: LoadedModel, folder: Path) -> PeftModel:
    """The base model with a trained adapter that can be switched off.

    Raises:
        ModelError: The adapter cannot be loaded.
    """
    from peft import PeftModel
    from safetensors import SafetensorError

    if not (folder / "adapter_model.safetensors").is_file():
        raise ModelError(
            "the adapter's weights are missing", where=str(folder), fix="train again under another --name"
        )
    try:
        with hushed():
            model = PeftModel.from_pretrained(loaded.model, folder, local_files_only=True)
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise ModelError(
            f"the adapter cannot be loaded ({type(error).__name__}: {_first_line(error)})",
            where=str(folder),
            fix="train again under another --name",
        ) from error
    return model.eval()


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [""])[0][:200]
