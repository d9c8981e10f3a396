"""JSON files are read value by value, whatever the size of the pieces."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tuneset.review_app.exchange import json_values as module
from tuneset.review_app.exchange.json_values import is_array, json_values
from tuneset.schemas.errors import InputError

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(values, max_size=6), st.sampled_from([None, 2]), st.integers(1, 40), st.booleans())
def test_an_array_gives_its_elements(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, array, indent, chunk: int, escaped: bool
) -> None:
    """Against the standard library reading the whole file."""
    monkeypatch.setattr(module, "CHUNK", chunk)
    file = tmp_path / "x.json"
    text = json.dumps(array, indent=indent, ensure_ascii=escaped)
    try:
        file.write_bytes(b"\xef\xbb\xbf" + text.encode())
    except UnicodeEncodeError:
        return
    found = list(json_values(file))
    assert [v.value for v in found] == json.loads(text)
    assert [v.number for v in found] == list(range(1, len(array) + 1))


@pytest.mark.parametrize("chunk", [1, 5, 1 << 20])
def test_lines_keep_their_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setattr(module, "CHUNK", chunk)
    file = tmp_path / "x.jsonl"
    file.write_bytes('\r\n{"a": "é\\n"}\r\n\nnot json\n  {"b": 1}'.encode())
    found = [(v.number, v.value, v.wrong is None) for v in json_values(file)]
    assert found == [(2, {"a": "é\n"}, True), (4, None, False), (5, {"b": 1}, True)]
    assert not is_array(file)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[1,]", "record 2"),
        ("[1 2]", "a comma"),
        ("[1", "not closed"),
        ("[true", "the end of the array"),
        ('[{"a": 1}', "the end of the array"),
        ("[", "record 1"),
        ("[1] x", "more text"),
        ('[{"a": 1}, {"a": ', "record 2"),
        ("[NaN]", "NaN"),
        ("[" * 100_000, "record 1"),
    ],
)
def test_a_broken_array_is_refused(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "x.json"
    file.write_text(text)
    with pytest.raises(InputError, match=says):
        list(json_values(file))


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """30 MB of records are read in less than 8 MB, which is a few windows of 1 MiB."""
    file = tmp_path / "x.json"
    record = json.dumps({"text": "x" * 3_000})
    file.write_text("[" + ",".join([record] * 10_000) + "]")
    tracemalloc.start()
    count = sum(1 for _ in json_values(file))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 10_000
    assert peak < 8 << 20
