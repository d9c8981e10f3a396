"""The pane as a Streamlit element (Components v2): files served by the app itself, no inline script.

The assets are registered as a folder, so the browser loads them as modules from the app's own address:
a content security policy with `script-src 'self'` holds, and a message to the browser carries the view
alone, never the script.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from pathlib import Path

import streamlit as st
from streamlit.components.v2 import component
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

from .contract import PaneView
from .events import PaneEvent, Refusal
from .reading import read_event

HERE = Path(__file__).resolve().parent
ASSETS = HERE / "assets"
SENT = "sent"


def show_pane(view: PaneView, on_event: Callable[[PaneEvent | Refusal], None], *, key: str = "pane") -> None:
    """Draw the view; call `on_event` before the next run of the script when the person did something.

    Args:
        view: What to show. The pane keeps its place, drafts and focus from view to view.
        on_event: Gets the event, checked against this view, or the refusal. It runs as a Streamlit
            callback: decide in it, and let the run after it show the next view.
        key: The element's name; one pane a page.
    """

    def received() -> None:
        raw = st.session_state[key].get(SENT)
        if raw is not None:
            on_event(read_event(raw, view))

    _register()(key=key, data=view.as_data(), **{f"on_{SENT}_change": received})


def _register() -> Callable[..., object]:
    manager = get_bidi_component_manager()
    name = f"tuneset-{asset_digest()}"
    if manager.get_component_asset_root(f"{name}.pane") is None:
        manifest = ComponentManifest(
            name=name, version="1", components=[ComponentConfig(name="pane", asset_dir=ASSETS.name)]
        )
        manager.register_from_manifest(manifest, HERE)
    return _component(f"{name}.pane", id(manager))


@functools.lru_cache(maxsize=8)
def _component(name: str, _manager: int) -> Callable[..., object]:
    return component(name, js="pane.js", css="pane.css")


@functools.cache
def asset_digest() -> str:
    """Eight hex digits over the assets: part of their address, so old and new files are never mixed."""
    digest = hashlib.sha256()
    for path in sorted(ASSETS.iterdir()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:8]
