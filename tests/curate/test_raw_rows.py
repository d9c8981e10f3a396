"""Files to row values: what parses, what does not, and what is kept of it."""

import gzip
import io
import json
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tuneset.curate.readers import raw, raw_csv
from tuneset.curate.readers.inputs import find_inputs
from tuneset.curate.readers.read import raw_rows
from tuneset.schemas.errors import InputError

ROW = {"prompt": "Say hi.", "completion": "Hi."}
LINE = json.dumps(ROW).encode()


def rows_of(path: Path) -> list[raw.RawRow]:
    with ExitStack() as stack:
        (source,) = find_inputs([path], path.parent / "stdin")
        return list(raw_rows(source, stack))


def jsonl(data: bytes) -> list[raw.RawRow]:
    return list(raw.read_jsonl(io.BytesIO(data), "x.jsonl"))


def array(data: bytes) -> list[raw.RawRow]:
    return list(raw.read_json(io.BytesIO(data), "x.json"))


def test_jsonl_counts_rows_from_one_and_skips_blank_lines():
    found = jsonl(LINE + b"\n\n" + LINE + b"\r\n")
    assert [(r.row, r.line, r.value) for r in found] == [(1, 1, ROW), (2, 3, ROW)]


def test_jsonl_with_byte_order_mark():
    assert jsonl(b"\xef\xbb\xbf" + LINE)[0].value == ROW


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b'{"prompt": "a", "comp', "not JSON"),
        (b'{"a": 1, "a": 2}', "the key 'a' is there twice"),
        (b'{"a": {"b": 1, "b": 2}}', "the key 'b' is there twice"),
        (b'{"a" : 1, "a": 2}', "the key 'a' is there twice"),
        (b'{"a": NaN}', "not JSON"),
        (b'{"a": Infinity}', "not JSON"),
        (b'{"a": "\xff"}', "not UTF-8 at byte 8"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_bad_line_keeps_bytes_and_reason(line, problem):
    good, bad, after = jsonl(LINE + b"\n" + line + b"\n" + LINE)
    assert good.problem is None
    assert after.value == ROW
    assert problem in bad.problem
    assert bad.raw == line


def test_escaped_quotes_before_colons_are_not_repeated_keys():
    value = {"prompt": 'say "a": then \\', "completion": 'x":"y'}
    assert jsonl(json.dumps(value).encode())[0].value == value


def test_json_array_is_streamed_in_small_blocks():
    values = [{"prompt": f"p{i} ä👋", "completion": "c" * i} for i in range(50)]
    data = json.dumps(values, ensure_ascii=False, indent=1).encode()
    buffer = raw._TextBuffer(io.BytesIO(data), "x.json", block=7)
    assert buffer.peek() == "["
    assert [r.value for r in raw._array_rows(buffer)] == values


def test_json_array_with_a_repeated_key_loses_only_that_row():
    first, bad, last = array(b'[{"a": 1}, {"a": 1, "a": 2}, {"a": 3}]')
    assert (first.value, last.value) == ({"a": 1}, {"a": 3})
    assert bad.raw == b'{"a": 1, "a": 2}'
    assert "twice" in bad.problem


@pytest.mark.parametrize("cut", [b'[{"a": 1}, {"a": ', b'[{"a": 1}, ', b'[{"a": 1}', b"["])
def test_cut_json_array_names_the_row(cut):
    with pytest.raises(InputError) as caught:
        array(cut)
    assert "row" in caught.value.what
    assert "x.json" in caught.value.where


def test_json_object_with_one_list_of_rows():
    assert [r.value for r in array(json.dumps({"data": [ROW, ROW], "v": 1}).encode())] == [ROW, ROW]


def test_hub_viewer_rows_are_unwrapped():
    data = json.dumps({"rows": [{"row_idx": 0, "row": ROW}]}).encode()
    assert array(data)[0].value == ROW


def test_json_lines_under_a_json_name():
    assert [r.value for r in array(LINE + b"\n" + LINE)] == [ROW, ROW]


def test_csv_with_commas_quotes_and_newlines():
    data = b'prompt,completion\n"a, ""b""","line 1\nline 2"\nc,d\n'
    found = list(raw_csv.read_csv(io.BytesIO(data), "x.csv"))
    assert [r.value for r in found] == [
        {"prompt": 'a, "b"', "completion": "line 1\nline 2"},
        {"prompt": "c", "completion": "d"},
    ]
    assert [r.line for r in found] == [2, 4]


def test_csv_row_with_too_few_cells_is_kept_aside():
    data = b"prompt,completion\na,b\nonly one\nc,d\n"
    found = list(raw_csv.read_csv(io.BytesIO(data), "x.csv"))
    assert [r.problem for r in found] == [None, "1 cells where the header has 2", None]
    assert found[1].raw == b"only one"


def test_csv_with_a_column_twice_is_refused():
    with pytest.raises(InputError, match="'a' is there twice"):
        list(raw_csv.read_csv(io.BytesIO(b"a,b,a\n1,2,3\n"), "x.csv"))


def test_csv_that_is_not_utf8_names_the_line():
    with pytest.raises(InputError, match="line 2"):
        list(raw_csv.read_csv(io.BytesIO("a,b\nä,b\n".encode("latin1")), "x.csv"))


@pytest.mark.parametrize(
    "ending", [".jsonl", ".jsonl.gz", ".jsonl.zst", ".json", ".json.gz", ".csv", ".tsv", ".parquet"]
)
def test_every_ending_gives_the_same_rows(tmp_path, ending):
    rows = [{"prompt": f"question {i}", "completion": f"answer {i}"} for i in range(5)]
    path = tmp_path / f"rows{ending}"
    lines = "".join(json.dumps(r) + "\n" for r in rows).encode()
    sep = "\t" if ending == ".tsv" else ","
    table = "\n".join([sep.join(rows[0]), *(sep.join(r.values()) for r in rows)]).encode()
    if ending.endswith(".parquet"):
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif ending == ".jsonl.zst":
        with pa.output_stream(str(path), compression="zstd") as out:
            out.write(lines)
    else:
        data = {".jsonl": lines, ".json": json.dumps(rows).encode()}.get(ending.removesuffix(".gz"), table)
        path.write_bytes(gzip.compress(data) if ending.endswith(".gz") else data)
    assert [r.value for r in rows_of(path)] == rows


@pytest.mark.parametrize("ending", [".jsonl.gz", ".jsonl.zst"])
def test_cut_compressed_file_is_refused(tmp_path, ending):
    path = tmp_path / f"rows{ending}"
    lines = "".join(
        json.dumps({"prompt": f"q{i * 7919}", "completion": f"{i}"}) + "\n" for i in range(5000)
    ).encode()
    with pa.output_stream(str(path), compression="gzip" if ending.endswith("gz") else "zstd") as out:
        out.write(lines)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(InputError, match="damaged or cut off"):
        rows_of(path)


def test_damaged_parquet_is_refused(tmp_path):
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.Table.from_pylist([ROW] * 100), path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match="not a whole parquet file"):
        rows_of(path)


@pytest.mark.parametrize(
    ("name", "data", "what"),
    [
        ("empty.jsonl", b"", "is empty"),
        ("notes.docx", b"hello", "no known ending"),
        ("x.json", b"hello", "starts with"),
    ],
)
def test_unusable_file_is_refused_in_three_parts(tmp_path, name, data, what):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(InputError, match=what) as caught:
        rows_of(path)
    assert caught.value.where
    assert caught.value.fix


def test_missing_file_and_empty_folder_are_refused(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        find_inputs([tmp_path / "none.jsonl"], tmp_path)
    with pytest.raises(InputError, match="holds no data file"):
        find_inputs([tmp_path], tmp_path)


def test_folder_is_read_in_name_order(tmp_path):
    (tmp_path / "b.jsonl").write_bytes(LINE)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.jsonl").write_bytes(LINE)
    (tmp_path / "a.csv").write_bytes(b"prompt,completion\na,b\n")
    (tmp_path / "README.md").write_text("no data")
    (tmp_path / ".hidden.jsonl").write_bytes(LINE)
    assert [i.name for i in find_inputs([tmp_path], tmp_path)] == ["a.csv", "b.jsonl", "sub/a.jsonl"]


def test_hub_id_is_told_from_a_path(tmp_path):
    (source,) = find_inputs(["someone/some-chats"], tmp_path)
    assert (source.hub, source.path) == ("someone/some-chats", None)


@pytest.mark.parametrize("between", [b"", b" ", b"\t", b"   ", b"\r"])
def test_a_key_twice_is_found_however_it_is_spaced(between: bytes) -> None:
    line = b'{"a"' + between + b': 1, "b": 2, "a"' + between + b": 3}\n"
    [row] = jsonl(line)
    assert row.problem == "the key 'a' is there twice"
