"""The README.md of a dataset folder: front matter that the hub reads, and what a reader wants to know.

Source: the hub's dataset cards (huggingface_hub 2.4.0, DatasetCardData; datasets 5.2.0, MetadataConfigs and
DatasetInfosDict), read in November 2026.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml

from .layout_parquet import Column, Table
from .sidecars import Exported

SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
)
FEATURES: dict[Column, dict[str, str]] = {
    "text": {"dtype": "string"},
    "truth": {"dtype": "bool"},
    "json_list": {"list": "json"},
}
ABOUT = {
    "default": "conversations: `messages` in the OpenAI chat shape, and `tools` where the row has them",
    "preferences": "a `prompt`, the `chosen` answer and the `rejected` one, as TRL's DPOTrainer reads them",
    "labels": "a `prompt`, its `completion`, and `label` (is the answer good?), as KTOTrainer reads them",
}
USE = """## Use

```python
from datasets import load_dataset

rows = load_dataset("path/to/this/folder"{name})
```

`messages`, `prompt`, `chosen`, `rejected`, `completion` and `tools` are lists of JSON values, which datasets
4.7 and later read as such; other readers of parquet see JSON text. The arguments of tool calls are JSON text
in both.
`row_id` names the row's place in its source, `content_id` is the hash of its content.

To push it to the hub, either of:

```bash
hf upload OWNER/NAME . . --repo-type dataset
```

```python
load_dataset("path/to/this/folder"{name}).push_to_hub("OWNER/NAME"{config})
```"""


def dataset_card(told: Exported, tables: Sequence[Table]) -> str:
    """The card as Markdown; equal input gives equal text."""
    files = _by_table(told.written, tables)
    present = [table for table in tables if table.name in files]
    total = sum(told.rows.values())
    front = _front_matter(told, present, files, total)
    dumped = yaml.safe_dump(front, sort_keys=False, allow_unicode=True, width=1_000)
    lines = ["---", dumped.rstrip("\n"), "---", "", f"# {told.version}", ""]
    lines += [f"{total:,} rows for fine-tuning, curated and approved with tuneset.", ""]
    lines += _tables(present, files)
    if told.held_out:
        lines += ["", f"{told.held_out:,} test rows of the version are not here: they are for measuring."]
    named = present[0].name if present[0].name != "default" else ""
    use = USE.format(name=f', "{named}"' if named else "", config=f', config_name="{named}"' if named else "")
    lines += ["", use]
    for heading, text in told.statistics.get("sections", {}).items():
        lines += ["", f"## {heading}", "", text]
    return "\n".join([*lines, ""])


Files = dict[str, dict[str, dict[str, Any]]]
"""Table, split, and then `rows`, `bytes`, `arrow_bytes` (in memory) and `path` of its files."""


def _by_table(written: Mapping[str, Mapping[str, Any]], tables: Sequence[Table]) -> Files:
    found: Files = {}
    for table in tables:
        for name, told in written.items():
            folder, _, file = name.rpartition("/")
            if folder != table.folder:
                continue
            split = file.split("-", 1)[0]
            place = found.setdefault(table.name, {}).setdefault(
                split, {"rows": 0, "bytes": 0, "arrow_bytes": 0}
            )
            for figure in ("rows", "bytes", "arrow_bytes"):
                place[figure] += told[figure]
            place["path"] = f"{folder}/{split}-*.parquet"
    return found


def _front_matter(told: Exported, tables: Sequence[Table], files: Files, total: int) -> dict[str, Any]:
    statistics = told.statistics
    front: dict[str, Any] = {"license": statistics.get("license", "unknown")}
    if statistics.get("languages"):
        front["language"] = list(statistics["languages"])
    front["pretty_name"] = told.version
    front["task_categories"] = ["text-generation"]
    front["size_categories"] = [next((name for limit, name in SIZES if total < limit), "n>10M")]
    front["tags"] = ["tuneset", "conversational", *_kinds(tables)]
    front["configs"] = [_config(table, files[table.name]) for table in tables]
    infos = [_info(table, files[table.name], named=len(tables) > 1) for table in tables]
    front["dataset_info"] = infos if len(tables) > 1 else infos[0]
    return front


def _kinds(tables: Iterable[Table]) -> list[str]:
    tags = {"preferences": "dpo", "labels": "kto"}
    return [tags[table.name] for table in tables if table.name in tags]


def _config(table: Table, splits: dict[str, dict[str, Any]]) -> dict[str, Any]:
    files = [{"split": split, "path": told["path"]} for split, told in splits.items()]
    return {"config_name": table.name, "data_files": files}


def _info(table: Table, splits: dict[str, dict[str, Any]], *, named: bool) -> dict[str, Any]:
    info: dict[str, Any] = {"config_name": table.name} if named or table.name != "default" else {}
    info["features"] = [{"name": name, **FEATURES[kind]} for name, kind in table.columns.items()]
    info["splits"] = [
        {"name": split, "num_bytes": told["arrow_bytes"], "num_examples": told["rows"]}
        for split, told in splits.items()
    ]
    info["download_size"] = sum(told["bytes"] for told in splits.values())
    info["dataset_size"] = sum(told["arrow_bytes"] for told in splits.values())
    return info


def _tables(tables: Sequence[Table], files: Files) -> list[str]:
    lines = ["| configuration | split | rows | what |", "| --- | --- | ---: | --- |"]
    for table in tables:
        for split, told in files[table.name].items():
            lines.append(f"| `{table.name}` | {split} | {told['rows']:,} | {ABOUT[table.name]} |")
    return lines
