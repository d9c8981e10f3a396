from __future__ import annotations

import json
from pathlib import Path

import pytest
from tuneset.schemas.errors import RecipeError, VersionError, WorkspaceError
from tuneset.schemas.example import content_id
from tuneset.train import load_version


def rewrite(path: Path, number: int, change) -> None:
    lines = path.read_text().splitlines()
    row = json.loads(lines[number - 1])
    change(row)
    lines[number - 1] = json.dumps(row)
    path.write_text("\n".join(lines) + "\n")


def train_file(out: Path) -> Path:
    return out / "versions" / "v1" / "train.jsonl"


def test_reads_every_split(small_out):
    version = load_version(small_out)
    assert {split: len(rows) for split, rows in version.rows.items()} == {
        "train": 24,
        "validation": 4,
        "test": 12,
    }
    first = version.rows["train"][0]
    assert (first.row_id, first.split) == ("aaaaaaaaaaaa:0", "train")
    assert first.messages[1] == {"role": "assistant", "content": "ok then"}


def test_changed_text_names_file_line_and_row(small_out):
    rewrite(train_file(small_out), 3, lambda row: row["messages"][1].update(content="changed"))
    with pytest.raises(VersionError) as error:
        load_version(small_out)
    assert "aaaaaaaaaaaa:2" in error.value.what
    assert error.value.where.endswith("train.jsonl, line 3")


def test_changed_text_with_a_matching_content_id_is_refused(small_out):
    def forge(row):
        row["messages"][1]["content"] = "changed"
        row["content_id"] = content_id(row["messages"])

    rewrite(train_file(small_out), 1, forge)
    with pytest.raises(VersionError, match="changed after it was approved"):
        load_version(small_out)


@pytest.mark.parametrize("member", ["label", "rejected", "tools"])
def test_added_member_is_refused(small_out, member):
    values = {
        "label": False,
        "rejected": [{"role": "assistant", "content": "x"}],
        "tools": [{"type": "function"}],
    }
    rewrite(train_file(small_out), 1, lambda row: row.update({member: values[member]}))
    with pytest.raises(VersionError, match="changed after it was approved"):
        load_version(small_out)


def test_row_that_nobody_approved_is_refused(small_out, frozen):
    extra = frozen.rows(1, 999)[0]
    extra["content_id"] = content_id(extra["messages"])
    with open(train_file(small_out), "a") as f:
        f.write(json.dumps(extra) + "\n")
    with pytest.raises(VersionError, match=r"aaaaaaaaaaaa:999.* never approved") as error:
        load_version(small_out)
    assert error.value.where.endswith("line 25")


def test_missing_row_is_refused(small_out):
    path = train_file(small_out)
    path.write_text("\n".join(path.read_text().splitlines()[1:]) + "\n")
    with pytest.raises(VersionError):
        load_version(small_out)


def test_row_given_twice_is_refused(small_out):
    path = train_file(small_out)
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines, lines[0]]) + "\n")
    with pytest.raises(VersionError, match="twice"):
        load_version(small_out)


def test_test_row_moved_into_train_is_refused(small_out):
    test = small_out / "versions" / "v1" / "test.jsonl"
    with open(train_file(small_out), "a") as f:
        f.write(test.read_text().splitlines()[0] + "\n")
    with pytest.raises(VersionError, match="approved for test"):
        load_version(small_out)


def test_bytes_outside_of_content_count_too(small_out):
    rewrite(train_file(small_out), 1, lambda row: row.update(note="added later"))
    with pytest.raises(VersionError, match="SHA-256"):
        load_version(small_out)


@pytest.mark.parametrize(
    "line", ["not json", "[]", '{"row_id": 1}', '{"row_id":"a","content_id":"b","messages":3}']
)
def test_broken_line_names_its_number(small_out, line):
    path = train_file(small_out)
    path.write_text(line + "\n" + path.read_text())
    with pytest.raises(VersionError) as error:
        load_version(small_out)
    assert error.value.where.endswith("train.jsonl, line 1")


def test_missing_file_is_refused(small_out):
    train_file(small_out).unlink()
    with pytest.raises(VersionError, match=r"'train.jsonl' is missing"):
        load_version(small_out)


def test_file_outside_of_the_manifest_is_refused(tmp_path, frozen):
    folder = frozen.freeze(tmp_path, {"train": frozen.rows(2, 0)})
    (folder / "test.jsonl").write_text("")
    with pytest.raises(VersionError, match="not in the manifest"):
        load_version(tmp_path)


def test_newest_version_is_the_default(tmp_path, frozen):
    frozen.freeze(tmp_path, {"train": frozen.rows(2, 0)}, name="b", created_at="2026-01-01T00:00:00Z")
    frozen.freeze(tmp_path, {"train": frozen.rows(2, 0)}, name="a", created_at="2026-02-01T00:00:00Z")
    assert load_version(tmp_path).name == "a"
    assert load_version(tmp_path, "b").name == "b"


def test_no_version_says_how_to_make_one(tmp_path):
    with pytest.raises(WorkspaceError) as error:
        load_version(tmp_path)
    assert "tuneset freeze" in error.value.fix


def test_unknown_version_names_a_near_one(small_out):
    with pytest.raises(WorkspaceError) as error:
        load_version(small_out, "v2")
    assert "v1" in error.value.fix


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".hidden", "a" * 65, "x."])
def test_names_cannot_leave_the_folder(small_out, name):
    with pytest.raises(RecipeError):
        load_version(small_out, name)


def test_damaged_manifest_is_refused(small_out):
    path = small_out / "versions" / "v1" / "manifest.json"
    path.write_text(path.read_text().replace('"actor"', '"author"', 1))
    with pytest.raises(VersionError, match="manifest"):
        load_version(small_out)
