"""The app's source has no way to show data as HTML, and its JavaScript none to run it."""

import ast
import re
from pathlib import Path

import pytest

APP = Path(__file__).resolve().parents[2] / "review_app"
PYTHON = sorted(APP.rglob("*.py"))
JAVASCRIPT = sorted(APP.rglob("*.js"))
CALLS = {"html", "iframe", "declare_component"}
MODULES = re.compile(r"^streamlit\.(components\.v1|elements|proto|delta_generator)")
WORDS = ("unsafe_allow_html", "components.v1", "allow_dangerous")
SINKS = re.compile(
    r"\b(innerHTML|outerHTML|insertAdjacentHTML|srcdoc|createContextualFragment|setHTMLUnsafe|DOMParser|eval)\b"
    r"|document\.write|new Function|javascript:|\bimport\s*\(|https?://(?!www\.w3\.org/)"
)


def faults(source):
    """What a Python source does that it must not."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            found += _call(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found += [f"the word {word}" for word in WORDS if word in node.value and " " not in node.value]
        elif isinstance(node, ast.Import):
            found += [a.name for a in node.names if MODULES.match(a.name)]
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            found += [f"{module}.{a.name}" for a in node.names if MODULES.match(f"{module}.{a.name}")]
            found += [a.name for a in node.names if module == "streamlit" and a.name in CALLS]
        elif isinstance(node, ast.Attribute) and node.attr == "v1":
            found.append("components.v1")
    return found


def _call(node):
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    found = [f".{name}()"] if name in CALLS else []
    for keyword in node.keywords:
        if keyword.arg == "unsafe_allow_html":
            found.append("unsafe_allow_html")
        if keyword.arg == "html" and name == "component" and not _is_own_text(keyword.value):
            found.append("component(html=) that is no constant")
    return found


def _is_own_text(node):
    """A text that stands in the source, or a constant that is spelled as one."""
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id.isupper())


@pytest.mark.parametrize("path", PYTHON, ids=lambda p: str(p.relative_to(APP)))
def test_no_python_shows_data_as_html(path):
    assert faults(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", JAVASCRIPT, ids=lambda p: str(p.relative_to(APP)))
def test_no_javascript_makes_markup_or_code_of_data(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [f"{n}: {line.strip()}" for n, line in enumerate(lines, 1) if SINKS.search(line)] == []


@pytest.mark.parametrize(
    "source",
    [
        "st.markdown(x, unsafe_allow_html=True)",
        "st.markdown(x, unsafe_allow_html=flag)",
        "st.markdown(x, **{'unsafe_allow_html': True})",
        "st.html(x)",
        "column.html(x)",
        "from streamlit import html",
        "st.iframe(x)",
        "import streamlit.components.v1 as components",
        "from streamlit.components import v1",
        "from streamlit.components.v1 import html",
        "st.components.v1.html(x)",
        "getattr(st, 'components.v1')",
        "st.components.v2.component('x', html=f'<b>{x}</b>')",
        "st.components.v2.component('x', html=text)",
    ],
)
def test_the_check_notices(source):
    assert faults(source)


@pytest.mark.parametrize(
    "source",
    ["st.text(x)", "st.markdown(x)", "from html import escape", "component('x', html='<div></div>', js=JS)"],
)
def test_the_check_lets_pass(source):
    assert faults(source) == []


@pytest.mark.parametrize(
    "line", ["e.innerHTML = x", "eval(x)", "a.href = 'javascript:x'", "fetch('https://a.b/')"]
)
def test_the_check_of_javascript_notices(line):
    assert SINKS.search(line)
