"""What every page gets, and how pages say things: texts of data are never read as markup."""

from __future__ import annotations

import re
from dataclasses import dataclass

import streamlit as st

from ...schemas.errors import TunesetError
from ..people import Person
from .opened import Opened
from .words import sentence

MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+\-!|~$:.&])")


@dataclass(frozen=True)
class Frame:
    """The open workspace, and who looks at it.

    Args:
        run: The workspace.
        who: The signed-in person, with the role of this moment.
    """

    run: Opened
    who: Person


def literal(text: str) -> str:
    """A text that Streamlit's markdown shows as it is."""
    return MARKUP.sub(r"\\\1", text)


def tell(error: TunesetError) -> None:
    """An error in its three parts."""
    st.error(
        f"**{literal(sentence(error.what))}**\n\n"
        f"Where: {literal(error.where)}\n\nWhat to do: {literal(sentence(error.fix))}",
        icon=":material/error:",
    )


def done(text: str) -> None:
    """Say after the next run of the page that something was done."""
    st.session_state["done"] = text


def tell_done() -> None:
    """Say what was done before this run of the page."""
    text = st.session_state.pop("done", None)
    if text:
        st.success(literal(text), icon=":material/check_circle:")
