"""The dataset folder, read by `datasets`, checked by huggingface_hub, and read back by tuneset."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml
from tuneset.curate import curate
from tuneset.curate.export import export
from tuneset.curate.export.layout_parquet import ParquetFolder, Table
from tuneset.curate.export.targets.hf import TABLES
from tuneset.review_app import approve, freeze
from tuneset.schemas.providers.hf import DatasetRow
from tuneset.schemas.providers.problems import problems

TOOL = {
    "type": "function",
    "function": {
        "name": "find_bay",
        "parameters": {"type": "object", "properties": {"bay": {"enum": [None, 1]}}},
    },
}
CALL = {"id": "c1", "type": "function", "function": {"name": "find_bay", "arguments": '{"bay": 4.0}'}}
LOST = [{"role": "assistant", "content": "No idea."}]


@pytest.fixture
def rows(workspaces) -> list[dict[str, Any]]:
    """Each kind of row, and everything that a turn can have."""
    turns, row = workspaces.turns, workspaces.row
    user = {"role": "user", "content": "Bay 4? \u2028 🚢", "name": "ana"}
    tools = [
        {"role": "developer", "content": "Be brief."},
        user,
        {"role": "assistant", "reasoning_content": "look", "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "c1", "name": "find_bay", "content": ""},
        {"role": "assistant", "content": "North.", "weight": 0.5},
    ]
    return [
        row(1, turns("Open?", "Yes.")),
        row(2, tools, tools=[TOOL]),
        row(3, turns("Bay 5?", "South.", "And 6?", "East.")),
        row(4, turns("Which dock?", "North dock."), rejected=LOST),
        row(5, turns("Who?", "Ana."), label=True),
        row(6, turns("When?", "Never."), label=False, tools=[TOOL]),
        row(7, turns("Now?", "No.")),
        row(8, turns("Here?", "There."), rejected=LOST),
        row(9, turns("Held out?", "Yes.")),
    ]


@pytest.fixture
def frozen(workspaces, tmp_path: Path, rows):
    splits = {7: "validation", 8: "validation", 9: "test"}
    told = [
        workspaces.verdict(r["row_id"], "split", "assign", value=splits.get(n, "train"))
        for n, r in enumerate(rows, start=1)
    ]
    told += [
        workspaces.verdict(r["row_id"], "language", "assign", value="no" if n == 1 else "en", score=0.9)
        for n, r in enumerate(rows, start=1)
    ]
    out = workspaces.build(tmp_path / "w", rows, told)
    approve(out, where="true", actor="ana")
    freeze(out)
    return out


@pytest.fixture
def folder(frozen: Path) -> Path:
    return Path(export(frozen, to="hf").folder)


def _load(folder: Path, tmp_path: Path, name: str) -> Any:
    datasets = pytest.importorskip("datasets")
    return datasets.load_dataset(str(folder), name, cache_dir=str(tmp_path / "cache"))


def test_datasets_loads_every_configuration_with_its_features(folder: Path, tmp_path: Path, rows) -> None:
    datasets = pytest.importorskip("datasets")
    from datasets import Json, List, Value

    loaded = _load(folder, tmp_path, "default")
    assert {name: split.num_rows for name, split in loaded.items()} == {"train": 3, "validation": 1}
    ids = {"row_id": Value("string"), "content_id": Value("string")}
    assert loaded["train"].features == {**ids, "messages": List(Json()), "tools": List(Json())}
    assert loaded["train"][1] == {
        "row_id": rows[1]["row_id"],
        "content_id": rows[1]["content_id"],
        "messages": rows[1]["messages"],
        "tools": [TOOL],
    }
    assert loaded["train"][0]["tools"] is None
    pairs = _load(folder, tmp_path, "preferences")
    assert {name: split.num_rows for name, split in pairs.items()} == {"train": 1, "validation": 1}
    assert pairs["train"][0]["prompt"] == [{"role": "user", "content": "Which dock?"}]
    assert pairs["train"][0]["chosen"] == [{"role": "assistant", "content": "North dock."}]
    assert pairs["train"][0]["rejected"] == LOST
    labels = _load(folder, tmp_path, "labels")["train"]
    assert [(r["prompt"][0]["content"], r["completion"][0]["content"], r["label"]) for r in labels] == [
        ("Who?", "Ana.", True),
        ("When?", "Never.", False),
    ]
    assert sorted(datasets.get_dataset_config_names(str(folder))) == ["default", "labels", "preferences"]


def test_the_hub_reads_the_card(folder: Path) -> None:
    hub = pytest.importorskip("huggingface_hub")
    card = hub.DatasetCard.load(folder / "README.md")
    assert isinstance(card.data, hub.DatasetCardData)
    told = card.data.to_dict()
    assert told["license"] == "unknown"
    assert told["language"] == ["en", "no"]
    assert told["task_categories"] == ["text-generation"]
    assert told["size_categories"] == ["n<1K"]
    assert told["tags"] == ["tuneset", "conversational", "dpo", "kto"]
    infos = {info["config_name"]: info for info in told["dataset_info"]}
    splits = infos["default"]["splits"]
    assert [(s["name"], s["num_examples"]) for s in splits] == [("train", 3), ("validation", 1)]
    tables = [pq.read_table(path).nbytes for path in sorted((folder / "data").iterdir())]
    assert [s["num_bytes"] for s in splits] == tables
    assert infos["default"]["dataset_size"] == sum(tables)
    sizes = sum(path.stat().st_size for path in (folder / "data").iterdir())
    assert infos["default"]["download_size"] == sizes
    assert {"name": "label", "dtype": "bool"} in infos["labels"]["features"]
    assert hub.DatasetCardData(**told).to_yaml() == card.data.to_yaml()
    for part in ("hf upload", "push_to_hub", "## Approval", "## Licence", "1 test rows"):
        assert part in card.text


def test_datasets_takes_the_whole_card(folder: Path, caplog) -> None:
    """Without a warning, and with the splits and sizes that stand in it."""
    datasets = pytest.importorskip("datasets")

    builder = datasets.load_dataset_builder(str(folder), "default")
    assert {name: split.num_examples for name, split in builder.info.splits.items()} == {
        "train": 3,
        "validation": 1,
    }
    assert not [record for record in caplog.records if "Ignoring" in record.message]
    streamed = datasets.load_dataset(str(folder), "default", streaming=True)
    assert len(list(streamed["train"])) == 3


def test_a_split_with_other_rows_than_the_card_says_is_noticed(folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("datasets")
    readme = folder / "README.md"
    readme.write_text(readme.read_text("utf-8").replace("num_examples: 3", "num_examples: 4"), "utf-8")
    with pytest.raises(Exception, match="num_examples=4"):
        _load(folder, tmp_path, "default")


def test_one_configuration_alone_is_the_default(workspaces, tmp_path: Path) -> None:
    out = workspaces.build(
        tmp_path / "w",
        [workspaces.row(1, workspaces.turns("q", "a"), rejected=LOST)],
        [workspaces.verdict(workspaces.row(1, [])["row_id"], "split", "assign", value="train")],
    )
    approve(out, where="true", actor="ana")
    freeze(out)
    folder = Path(export(out, to="hf").folder)
    front = yaml.safe_load((folder / "README.md").read_text("utf-8").split("---\n")[1])
    assert [config["config_name"] for config in front["configs"]] == ["preferences"]
    assert _load(folder, tmp_path, "preferences")["train"].num_rows == 1


def test_the_content_comes_back(folder: Path, tmp_path: Path, rows) -> None:
    curate(folder, out=tmp_path / "back", recipe={"steps": ["structure"]})
    ids = (
        pq.read_table(tmp_path / "back" / "rows.parquet", columns=["content_id"])
        .column("content_id")
        .to_pylist()
    )
    assert sorted(ids) == sorted(r["content_id"] for r in rows[:8])


def test_large_splits_are_written_in_shards(tmp_path: Path) -> None:
    table = Table("default", "data", "n", {"n": "text"})
    layout = ParquetFolder([table], shard_bytes=20_000)
    writer = layout.open(tmp_path)
    texts = [hashlib.sha256(str(n).encode()).hexdigest() for n in range(9_000)]
    for text in texts:
        writer.write("train", {"n": text})
    files = writer.close()
    assert len(files) == 5
    assert list(files) == [f"data/train-0000{i}-of-00005.parquet" for i in range(5)]
    assert [told["rows"] for told in files.values()] == [2_000, 2_000, 2_000, 2_000, 1_000]
    assert [p.name for p in sorted((tmp_path / "data").iterdir())] == [Path(name).name for name in files]
    assert [t for name in files for t in pq.read_table(tmp_path / name).column("n").to_pylist()] == texts


def test_a_parquet_cell_that_is_no_json_is_told(tmp_path: Path) -> None:
    import pyarrow as pa
    from tuneset.curate.readers.raw_tables import read_parquet

    texts = pa.array(['{"a":1}', '{"a":1,"a":2}', "{"], pa.string())
    pq.write_table(pa.table({"m": pa.ExtensionArray.from_storage(pa.json_(), texts)}), tmp_path / "a.parquet")
    first, *others = read_parquet(tmp_path / "a.parquet", "a.parquet")
    assert first.value == {"m": {"a": 1}}
    assert [row.problem.split(":")[0] for row in others] == ["'m' is not JSON"] * 2


BASE = {"row_id": "a:1", "content_id": "0" * 32}
USER, ANSWER = [{"role": "user", "content": "q"}], [{"role": "assistant", "content": "a"}]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({**BASE, "messages": [*USER, *ANSWER]}, None),
        (
            {**BASE, "messages": [*USER, *ANSWER], "tools": [{"maximum": 2**64 - 1, "minimum": -(2**63)}]},
            None,
        ),
        ({**BASE, "prompt": USER, "chosen": ANSWER, "rejected": ANSWER}, None),
        ({**BASE, "prompt": USER, "completion": ANSWER, "label": False}, None),
        ({**BASE, "messages": [*USER, *ANSWER], "tools": [{"x": [{"maximum": 2**64}]}]}, "number_too_big"),
        ({**BASE, "messages": [*USER, *ANSWER], "label": True}, "no_known_columns"),
        ({**BASE, "prompt": USER, "chosen": ANSWER}, "no_known_columns"),
        ({**BASE, "prompt": USER, "completion": ANSWER, "label": None}, "no_known_columns"),
        (BASE, "no_known_columns"),
        ({**BASE, "messages": []}, "wrong_type"),
        ({**BASE, "content_id": "x", "messages": [*USER, *ANSWER]}, "wrong_type"),
        ({"row_id": "a:1", "messages": [*USER, *ANSWER]}, "missing_member"),
        ({**BASE, "messages": [*USER, *ANSWER], "meta": {}}, "unknown_member"),
        ({**BASE, "messages": [{"role": "bot", "content": "q"}]}, "wrong_type"),
    ],
)
def test_rows(row: dict[str, Any], code: str | None) -> None:
    assert [p.code for p in problems(DatasetRow, row)] == ([code] if code else [])


def test_the_limit_of_numbers_is_the_loaders() -> None:
    pandas = pytest.importorskip("pandas")
    load = pandas.io.json.ujson_loads
    assert load(str(2**64 - 1)) == 2**64 - 1
    assert load(str(-(2**63))) == -(2**63)
    for number in (2**64, -(2**63) - 1):
        with pytest.raises(ValueError, match="too"):
            load(str(number))


def test_a_preference_whose_prompt_is_unclear_is_refused(workspaces, tmp_path: Path) -> None:
    twice = [*workspaces.turns("q", "a"), {"role": "assistant", "content": "b"}]
    rows = [workspaces.row(1, twice, rejected=LOST), workspaces.row(2, workspaces.turns("r", "a"))]
    told = [workspaces.verdict(r["row_id"], "split", "assign", value="train") for r in rows]
    out = workspaces.build(tmp_path / "w", rows, told)
    approve(out, where="true", actor="ana")
    freeze(out)
    assert export(out, to="hf").refused == {"unclear_prompt": 1}


def test_every_table_is_known_by_its_own_member() -> None:
    assert [table.known_by for table in TABLES] == ["messages", "chosen", "label"]
