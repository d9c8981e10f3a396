"""What torchtune says of exported rows: its own transform and check of conversations.

torchtune 0.6.1 needs torchao 0.10 and disturbs newer libraries: put both into a folder of their own, named in
PYTHONPATH.
"""

from __future__ import annotations

from typing import Any

Row = dict[str, Any]


def accepts(target_name: str, rows: list[Row]) -> list[str | None]:
    """For each row None, or why torchtune does not take it.

    Raises:
        ImportError: torchtune is not installed.
    """
    del target_name
    from torchtune.data import OpenAIToMessages, validate_messages

    read = OpenAIToMessages(train_on_input=False)

    def check(row: Row) -> str | None:
        try:
            messages = read(row)["messages"]
            validate_messages(messages)
        except Exception as error:  # noqa: BLE001  whatever it raises is a refusal
            return f"{type(error).__name__}: {error}"
        for turn, told in zip(row["messages"], messages, strict=True):
            if told.text_content != turn["content"] or told.masked != (turn["role"] != "assistant"):
                return f"a turn of {turn['role']} is read as something else"
        return None

    return [check(row) for row in rows]
