"""Versions as a Hugging Face dataset folder: parquet, and a card that `datasets` and the hub read."""

from __future__ import annotations

from ....schemas.providers.hf import RULES, DatasetRow
from ....schemas.providers.problems import RowProblem
from ..dataset_card import dataset_card
from ..layout_parquet import Column, ParquetFolder, Table
from ..shape import ALL_KINDS, EVERYTHING, Converted, Record, Target, uncarried
from ..sidecars import Exported, Sidecar

IDS: dict[str, Column] = {"row_id": "text", "content_id": "text"}
TABLES = (
    Table("default", "data", "messages", {**IDS, "messages": "json_list", "tools": "json_list"}),
    Table(
        "preferences",
        "preferences",
        "chosen",
        {
            **IDS,
            "prompt": "json_list",
            "chosen": "json_list",
            "rejected": "json_list",
            "tools": "json_list",
        },
    ),
    Table(
        "labels",
        "labels",
        "label",
        {**IDS, "prompt": "json_list", "completion": "json_list", "label": "truth", "tools": "json_list"},
    ),
)


def convert(record: Record) -> Converted | RowProblem:
    """A row of the configuration that fits it; nothing of it is told in another way."""
    messages = record["messages"]
    row: Record = {"row_id": record["row_id"], "content_id": record["content_id"]}
    rejected, label = record.get("rejected"), record.get("label")
    if rejected is None and label is None:
        row["messages"] = messages
    else:
        if not _ends_with_an_answer(messages, to_user=rejected is not None):
            return uncarried("unclear_prompt", "messages")
        row["prompt"] = messages[:-1]
        if rejected is not None:
            row |= {"chosen": messages[-1:], "rejected": rejected}
        else:
            row |= {"completion": messages[-1:], "label": label}
    if record.get("tools"):
        row["tools"] = record["tools"]
    return Converted(row)


def _ends_with_an_answer(messages: list[Record], *, to_user: bool) -> bool:
    if len(messages) < 2 or messages[-1]["role"] != "assistant":
        return False
    return messages[-2]["role"] == "user" or not to_user


def card(told: Exported) -> str:
    """The folder's README.md."""
    return dataset_card(told, TABLES)


CARD = Sidecar("README.md", card, "the dataset card: configurations, features and how to push it")

HF = Target(
    name="hf",
    family="hf",
    summary="Hugging Face dataset folder: parquet and a dataset card",
    model=DatasetRow,
    rules=RULES,
    convert=convert,
    kinds=ALL_KINDS,
    carries=EVERYTHING,
    layout=ParquetFolder(TABLES),
    sidecars=(CARD,),
)
TARGETS = (HF,)
