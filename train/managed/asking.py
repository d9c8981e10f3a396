"""Questions to hosted models, several at a time; each answer is paid for once and kept."""

from __future__ import annotations

import hashlib
import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ...schemas.errors import ServiceError
from ...schemas.example import canonical_json
from ..progress import Progress
from .line_file import append_line, open_lines
from .sending import Patience
from .service import Asks, NoAnswer, Reply

THREADS = 4
TELL_EVERY = 50
LAST_SECONDS = 60.0
"""Most seconds that answers under way are waited for after an error."""
FIX = "remove the file: its answers are then asked for again"


@dataclass(frozen=True)
class Ask:
    """One question to one model.

    Args:
        model: As it is served.
        messages: The prompt.
        tools: Tool definitions.
        max_tokens: Where the answer is cut.
    """

    model: str
    messages: Sequence[Mapping[str, Any]]
    tools: Sequence[Mapping[str, Any]] | None
    max_tokens: int

    def key(self, destination: str) -> str:
        """What makes it the same question: everything above, and where it is asked."""
        text = canonical_json({"at": destination, "temperature": 0, **asdict(self)})
        return hashlib.sha256(text.encode()).hexdigest()[:32]


_Waiting = queue.SimpleQueue[tuple[str, Ask]]
_Come = queue.SimpleQueue[tuple[str, Reply | Exception]]


class Answers:
    """The answers of one evaluation, in an append-only file.

    Args:
        service: The provider.
        destination: Where it is, for people and for keys.
        path: The file, one answer a line; what it holds is not asked again.
        patience: How long is waited.
        threads: Questions at a time.

    Raises:
        WorkspaceError: The file is damaged.
    """

    def __init__(
        self,
        service: Asks,
        destination: str,
        path: Path,
        *,
        patience: Patience | None = None,
        threads: int = THREADS,
    ) -> None:
        self._service, self._destination, self._path = service, destination, path
        self._patience, self._threads = patience or Patience(), threads
        self._known = {line["key"]: line for line in open_lines(path, FIX)}

    def of(self, asks: Sequence[Ask], who: str, say: Progress) -> list[Reply]:
        """The answers, in order; those that are not known are asked for.

        Raises:
            ServiceError: The provider refuses one, or does not answer for long.
        """
        keys = [ask.key(self._destination) for ask in asks]
        missing = {key: ask for key, ask in zip(keys, asks, strict=True) if key not in self._known}
        if len(missing) < len(set(keys)):
            say(f"{who}: {len(set(keys)) - len(missing):,} answers are known from before")
        for done, (key, reply) in enumerate(self._asked(missing), start=1):
            line = {"key": key, "model": missing[key].model, **asdict(reply)}
            append_line(self._path, line)
            self._known[key] = line
            if done % TELL_EVERY == 0 or done == len(missing):
                say(f"{who}: {done:,} of {len(missing):,} answers")
        return [_reply(self._known[key]) for key in keys]

    def _asked(self, missing: Mapping[str, Ask]) -> Iterator[tuple[str, Reply]]:
        """Key and reply of each, as they come.

        After an error no more are asked, and those under way are still taken. The threads die with the
        process.
        """
        waiting: queue.SimpleQueue[tuple[str, Ask]] = queue.SimpleQueue()
        come: queue.SimpleQueue[tuple[str, Reply | Exception]] = queue.SimpleQueue()
        stop = threading.Event()
        for item in missing.items():
            waiting.put(item)
        threads = [
            threading.Thread(target=self._work, args=(waiting, come, stop), daemon=True)
            for _ in range(min(self._threads, len(missing)))
        ]
        for thread in threads:
            thread.start()
        try:
            for _ in missing:
                key, reply = come.get()
                if isinstance(reply, Exception):
                    stop.set()
                    yield from _under_way(threads, come)
                    raise reply
                yield key, reply
        finally:
            stop.set()

    def _work(self, waiting: _Waiting, come: _Come, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                key, ask = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                come.put((key, self._ask(ask, stop)))
            except Exception as error:  # noqa: BLE001  raised again by the thread that waits
                come.put((key, error))
                return

    def _ask(self, ask: Ask, stop: threading.Event) -> Reply:
        last = "another question was refused"
        for tried in range(self._patience.attempts):
            if stop.is_set():
                break
            try:
                return self._service.ask(ask.model, ask.messages, ask.tools, ask.max_tokens)
            except NoAnswer as lost:
                last = lost.what
                self._patience.pause(self._patience.wait(tried, lost.retry_after))
        raise ServiceError(
            f"{ask.model!r} did not answer: {last}",
            where=self._destination,
            fix="run the same command again later; answers that came are kept",
        )


def _under_way(threads: Sequence[threading.Thread], come: _Come) -> Iterator[tuple[str, Reply]]:
    """The replies to what was asked when an error came."""
    for thread in threads:
        thread.join(LAST_SECONDS)
    while not come.empty():
        key, reply = come.get()
        if isinstance(reply, Reply):
            yield key, reply


def _reply(line: Mapping[str, Any]) -> Reply:
    return Reply(line["text"], line["stopped"], line["prompt_tokens"], line["completion_tokens"])
