"""Arrow schemas of the tables in a workspace."""

from __future__ import annotations

import pyarrow as pa

FUNCTION = pa.struct([("name", pa.string()), ("arguments", pa.string())])
TOOL_CALL = pa.struct([("id", pa.string()), ("type", pa.string()), ("function", FUNCTION)])
MESSAGE = pa.struct(
    [
        ("role", pa.string()),
        ("content", pa.string()),
        ("name", pa.string()),
        ("reasoning_content", pa.string()),
        ("tool_calls", pa.list_(TOOL_CALL)),
        ("tool_call_id", pa.string()),
        ("weight", pa.float64()),
    ]
)
MESSAGES = pa.list_(MESSAGE)
SOURCE = pa.struct([("file", pa.string()), ("row", pa.int64())])

ROWS = pa.schema(
    [
        pa.field("row_id", pa.string(), nullable=False),
        pa.field("content_id", pa.string(), nullable=False),
        pa.field("messages", MESSAGES, nullable=False),
        pa.field("tools", pa.string()),  # JSON list of tool definitions
        pa.field("rejected", MESSAGES),  # preference rows: the turn that lost
        pa.field("label", pa.bool_()),  # unpaired feedback: was the answer good?
        pa.field("source", SOURCE, nullable=False),
        pa.field("meta", pa.string(), nullable=False),  # JSON object: what else the row had
    ]
)
"""One readable input row, canonical. `source.row` counts from 1."""

VERDICTS = pa.schema(
    [
        pa.field("row_id", pa.string(), nullable=False),
        pa.field("step", pa.string(), nullable=False),
        pa.field("action", pa.string(), nullable=False),
        pa.field("reason", pa.string()),
        pa.field("score", pa.float64()),
        pa.field("value", pa.string()),
        pa.field("related_id", pa.string()),
        pa.field("detail", pa.string()),
    ]
)
"""What one step said of one row. A dropped row has no verdict after the step that dropped it."""

EDITS = pa.schema(
    [
        pa.field("row_id", pa.string(), nullable=False),
        pa.field("step", pa.string(), nullable=False),
        pa.field("messages", MESSAGES, nullable=False),
        pa.field("whole", pa.bool_()),  # the edit gives the three members below as well
        pa.field("tools", pa.string()),
        pa.field("rejected", MESSAGES),
        pa.field("label", pa.bool_()),
    ]
)
"""A row after a step edited it, in step order. Most edits change the messages alone; a whole one replaces
tools, rejected and label too. Older files lack the last four columns."""

BESIDES = ("tools", "rejected", "label")
"""What belongs to a row's content besides its messages."""

ACTIONS = ("keep", "drop", "review", "edit", "assign")
