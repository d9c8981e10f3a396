"""What a base model's folder must hold, what it must not, and its hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..schemas.errors import ModelError
from ..schemas.files import sha256_file

MANIFEST = "tuneset-model.json"
REFUSED_KEYS = ("auto_map", "trust_remote_code")
REFUSED_PREFIX = "_attn_implementation"
JSON_FILES = ("config.json", "tokenizer_config.json", "generation_config.json")
MODEL_FILES = ("*.safetensors", "*.json", "*.jinja", "*.model", "*.txt")


@dataclass(frozen=True)
class BaseModel:
    """A base model on this machine.

    Args:
        name: The name it was asked for by.
        folder: Where its files are.
        source: `hub:ID@REVISION`, `wheel:NAME==VERSION` or `folder`.
        files: File name to SHA-256.
    """

    name: str
    folder: Path
    source: str
    files: dict[str, str]

    @property
    def sha256(self) -> str:
        """One hash over all file names and hashes."""
        lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(self.files.items()))
        return hashlib.sha256(lines.encode()).hexdigest()


def check_model_folder(folder: Path) -> None:
    """Refuse a folder that cannot be loaded, or that asks to run code.

    Raises:
        ModelError: No weights in safetensors, no configuration or tokenizer, or a refused key.
    """
    if (folder / "adapter_config.json").is_file() and not (folder / "config.json").is_file():
        _refuse("is an adapter, not a base model", folder, "name the base model that it was trained on")
    if not (folder / "config.json").is_file():
        _refuse("has no config.json", folder, "name a known model, a hub id or a model folder")
    if not any(folder.glob("*.safetensors")):
        pickled = sorted(p.name for p in folder.glob("*.bin"))
        what = f"has its weights as pickle only ({pickled[0]})" if pickled else "has no *.safetensors file"
        _refuse(what, folder, "use a model whose weights are safetensors; a pickle can run any code")
    if not any((folder / name).is_file() for name in ("tokenizer.json", "tokenizer.model", "vocab.json")):
        _refuse("has no tokenizer", folder, "put the model's tokenizer files beside its weights")
    for name in JSON_FILES:
        path = folder / name
        if path.is_file():
            for key in _keys(_read_object(path)):
                if key in REFUSED_KEYS or key.startswith(REFUSED_PREFIX):
                    _refuse(
                        f"asks for code or kernels from elsewhere ({key!r} in {name})",
                        path,
                        "remove the key if you trust the weights without it, or use another model",
                    )


def hash_model_folder(folder: Path) -> dict[str, str]:
    """SHA-256 of every file that loading may read, by name."""
    names = sorted({p.name for pattern in MODEL_FILES for p in folder.glob(pattern) if p.is_file()})
    return {name: sha256_file(folder / name) for name in names if name != MANIFEST}


def _refuse(what: str, where: Path, fix: str) -> None:
    folder = where if where.is_dir() else where.parent
    raise ModelError(f"{str(folder)!r} {what}", where=str(where), fix=fix)


def _read_object(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ModelError(
            f"{path.name!r} is not JSON ({error})", where=str(path), fix="fetch the model again"
        ) from error
    return value if isinstance(value, dict) else {}


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _keys(inner)
