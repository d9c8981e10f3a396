"""The secret that signs session cookies: one a workspace, in a file that its owner alone can read.

It lies with the user, not in the workspace: a workspace is copied and shared, and whoever held its key could
sign in as anyone.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import sys
from pathlib import Path

from .sessions import KEY_BYTES

VARIABLE = "XDG_STATE_HOME"


def state_folder() -> Path:
    """Where programs keep what they remember of a user (https://specifications.freedesktop.org/basedir-spec/)."""
    if sys.platform == "win32" and os.environ.get("LOCALAPPDATA"):
        return Path(os.environ["LOCALAPPDATA"]) / "tuneset"
    root = os.environ.get(VARIABLE, "")
    return (Path(root) if os.path.isabs(root) else Path.home() / ".local" / "state") / "tuneset"


def server_key(workspace: Path) -> tuple[bytes, bool]:
    """The secret of a workspace's server, made at the first start.

    Returns:
        The secret, and whether it was kept; where no file can be written, everyone signs in anew after a
        restart.
    """
    name = hashlib.sha256(str(workspace.resolve()).encode()).hexdigest()[:16]
    path = state_folder() / f"review-{name}.key"
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return _kept(path), True
    except OSError:
        return secrets.token_bytes(KEY_BYTES), False


def _kept(path: Path) -> bytes:
    fresh = secrets.token_bytes(KEY_BYTES)
    partial = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(fresh)
    try:
        os.link(partial, path)  # whole or not at all; the first of two servers wins
    except FileExistsError:
        pass
    finally:
        partial.unlink()
    key = path.read_bytes()
    if len(key) != KEY_BYTES or (os.name != "nt" and path.stat().st_mode & 0o077):
        raise PermissionError(f"{path} is not a secret of ours")
    return key
