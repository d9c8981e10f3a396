"""What the providers on the loopback have in common."""

from __future__ import annotations

import email.parser
import email.policy
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


def parts_of(content_type: str, body: bytes) -> dict[str, tuple[str, bytes]]:
    """The parts of a multipart body: name to file name and content."""
    text = b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(text)
    return {
        str(part.get_param("name", header="content-disposition")): (
            part.get_filename() or "",
            part.get_payload(decode=True),
        )
        for part in message.iter_parts()
    }


@dataclass
class Provider:
    """What a provider has, and how it misbehaves.

    Attributes:
        faults: (method, path ending) to the faults of the next such calls, in order: `drop_before`,
            `drop_after`, `cut`, `badjson`, `no_id`, or an HTTP status.
        exchange: Called with the number of the exchange and `before` or `after` the work, for killing the client.
        polls: Looks until a job ends.
        ending: How it ends.
        checking: Looks at a file until it is checked.
        says: The message of a planted HTTP status.
        code: Its code.
    """

    files: list[dict[str, Any]] = field(default_factory=list)
    contents: dict[str, bytes] = field(default_factory=dict)
    jobs: list[dict[str, Any]] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)
    bearers: set[str] = field(default_factory=set)
    faults: dict[tuple[str, str], list[str | int]] = field(default_factory=dict)
    exchange: Callable[[int, str], None] | None = None
    polls: int = 2
    checking: int = 1
    ending: str = "succeeded"
    looks: dict[str, int] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    lock: Any = field(default_factory=threading.RLock)
    url: str = ""
    says: str = ""
    code: str | None = None

    def fault(self, method: str, path: str) -> str | int | None:
        for (wanted, ending), planted in self.faults.items():
            if wanted == method and path.endswith(ending) and planted:
                return planted.pop(0)
        return None

    def looked(self, what: str) -> int:
        self.looks[what] = self.looks.get(what, 0) + 1
        return self.looks[what]

    def chat(self, body: dict[str, Any]) -> Any:
        self.asked.append(body)
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "yes"}}
        usage = {"prompt_tokens": 7, "completion_tokens": 1, "total_tokens": 8}
        told = {"id": "c", "object": "chat.completion", "created": 1, "model": body["model"]}
        return 200, {**told, "choices": [choice], "usage": usage}
