"""A small app around the pane: the items of `pane_items.py`, events to a file. Run by `pane_server`.

`?set=NAME&log=NAME` picks the items and the file of events, in the folder PANE_EVENTS. `slow=SECONDS` makes each
event slow; `deny=KIND` refuses events of a kind.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import streamlit as st
from tuneset.review_app.app.pane.contract import Answered, Last, Notice, PaneView
from tuneset.review_app.app.pane.edited import edited_payload
from tuneset.review_app.app.pane.events import PaneEvent, Refusal
from tuneset.review_app.app.pane.mount import show_pane


def _items() -> Any:
    name = "tuneset_test_pane_items"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name("pane_items.py"))
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


def record(**members: Any) -> None:
    path = Path(os.environ["PANE_EVENTS"]) / f"{st.query_params.get('log', 'log')}.jsonl"
    with path.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(members) + "\n")


def on_event(event: PaneEvent | Refusal) -> None:
    state = st.session_state
    time.sleep(float(st.query_params.get("slow", "0")))
    if isinstance(event, Refusal):
        record(refused=event.text, stale=event.stale)
        state.answered = Answered(nonce=event.nonce, ok=False) if event.nonce else None
        state.notice = Notice(text=event.text, fix=event.fix, kind="warn")
        return
    view: PaneView = state.view
    told = event.model_dump(mode="json")
    if event.edits and (row := view.row(event.row_id, event.content_id)):
        told["payload"] = edited_payload(row, event.edits)
    record(**told, at=state.at)
    state.answered, state.notice = Answered(nonce=event.nonce), None
    if st.query_params.get("deny") == event.kind:
        state.answered = Answered(nonce=event.nonce, ok=False)
        state.notice = Notice(
            text="This item is bob's now.", fix="Your edit is kept as a draft.", kind="warn"
        )
    elif event.kind in ("decide", "skip"):
        state.at += 1
        state.last = Last(text=f"{event.action or 'skip'} saved")
    elif event.kind in ("undo", "open"):
        state.at = max(0, state.at - 1)
    elif event.kind == "flag":
        state.flagged = {**state.get("flagged", {}), event.row_id: event.on}


def main() -> None:
    st.set_page_config(layout="wide", page_title="Pane")
    state = st.session_state
    state.setdefault("at", int(st.query_params.get("start", "0")))
    state.runs = state.get("runs", 0) + 1
    views = _items().SETS[st.query_params.get("set", "plain")]()
    state.view = _items().present(views, state.at, state)
    show_pane(state.view, on_event, key="pane")


main()
