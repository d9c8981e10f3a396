"""A loopback server with the file, fine-tuning and chat calls of OpenAI's published API description.

Request bodies are checked against the types of the official SDK, which are generated from that description;
pages are short, so that a client must turn them. Faults and a hook for each exchange are planted by tests.
"""

from __future__ import annotations

import contextlib
import http.server
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pydantic
from openai.types.fine_tuning import job_create_params
from tuneset_test_provider import Provider, parts_of

PAGE = 2
JOB_BODY = pydantic.TypeAdapter(job_create_params.JobCreateParams)


@dataclass
class StandIn(Provider):
    """An OpenAI, or an Azure.

    Attributes:
        problems: What the SDK's types say against the bodies of jobs.
        answers: What a model says: from model and messages to text.
        keep_names: Whether files keep the names that they were sent under.
        checking: Looks at a file until it is checked, as at Azure.
    """

    problems: list[str] = field(default_factory=list)
    answers: Callable[[str, list[dict[str, Any]]], str] = lambda _model, _messages: "yes"
    keep_names: bool = True
    checking: int = 0

    def answer(self, method: str, path: str, query: dict[str, list[str]], headers: Any, body: bytes) -> Any:
        """The status and JSON of a call."""
        if method == "POST" and path == "/v1/files":
            return self._upload(headers, body)
        if method == "GET" and path == "/v1/files":
            wanted = [f for f in self.files if f["purpose"] == query.get("purpose", [f["purpose"]])[0]]
            return self._page(wanted[::-1], query)
        if method == "GET" and path.startswith("/v1/files/"):
            return self._check(path.split("/")[3])
        if method == "POST" and path == "/v1/fine_tuning/jobs":
            return self._start(json.loads(body))
        if method == "GET" and path == "/v1/fine_tuning/jobs":
            return self._page(self.jobs[::-1], query)
        if method == "GET" and path.endswith("/events"):
            event = {"id": "ftevent-1", "object": "fine_tuning.job.event", "created_at": 1, "level": "info"}
            return 200, {
                "object": "list",
                "data": [{**event, "message": "Step 3/10: training loss=1.5"}],
                "has_more": False,
            }
        if method == "GET" and path.startswith("/v1/fine_tuning/jobs/"):
            return self._look(path.split("/")[4])
        if method == "POST" and path == "/v1/chat/completions":
            return self._chat(json.loads(body))
        return 404, {"error": {"message": f"no {method} {path}", "type": "invalid_request_error"}}

    def _upload(self, headers: Any, body: bytes) -> Any:
        parts = parts_of(headers["Content-Type"], body)
        name, content = parts["file"]
        made = {
            "id": f"file-{len(self.files) + 1}",
            "object": "file",
            "bytes": len(content) if self.keep_names else len(body),
            "created_at": 1_760_000_000 + len(self.files),
            "filename": name if self.keep_names else "upload.jsonl",
            "purpose": parts["purpose"][1].decode(),
            "status": "pending" if self.checking else "processed",
        }
        self.files.append(made)
        self.contents[made["id"]] = content
        return 200, made

    def _check(self, file_id: str) -> Any:
        status, file = self._one(self.files, file_id)
        self.looks[file_id] = self.looks.get(file_id, 0) + 1
        if status == 200 and self.looks[file_id] > self.checking and file["status"] == "pending":
            file["status"] = "processed"
        return status, file

    def _start(self, body: dict[str, Any]) -> Any:
        try:
            JOB_BODY.validate_python(body, extra="forbid")
        except pydantic.ValidationError as error:
            self.problems.append(str(error))
        if body["training_file"] not in self.contents:
            return 400, {"error": {"message": f"no file {body['training_file']}", "code": "invalid_file"}}
        made = {
            "id": f"ftjob-{len(self.jobs) + 1}",
            "object": "fine_tuning.job",
            "created_at": 1_760_000_000 + len(self.jobs),
            "error": None,
            "fine_tuned_model": None,
            "finished_at": None,
            "hyperparameters": {"n_epochs": "auto"},
            "organization_id": "org-1",
            "result_files": [],
            "status": "validating_files",
            "trained_tokens": None,
            "seed": 0,
            "validation_file": None,
            "metadata": None,
            **{
                k: body[k]
                for k in ("model", "training_file", "validation_file", "seed", "metadata", "method")
                if k in body
            },
        }
        self.jobs.append(made)
        return 200, made

    def _look(self, job_id: str) -> Any:
        status, job = self._one(self.jobs, job_id)
        if status != 200:
            return status, job
        self.looks[job_id] = self.looks.get(job_id, 0) + 1
        if self.looks[job_id] > self.polls:
            model = f"ft:{job['model']}:org::1" if self.ending == "succeeded" else None
            error = {"code": "bad", "message": "the file is too dull", "param": None}
            job.update(status=self.ending, fine_tuned_model=model, trained_tokens=1234 if model else None)
            job["error"] = error if self.ending == "failed" else None
        elif self.looks[job_id] > 1:
            job["status"] = "running"
        return 200, job

    def _chat(self, body: dict[str, Any]) -> Any:
        self.asked.append(body)
        said = self.answers(body["model"], body["messages"])
        choice = {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": said, "refusal": None},
        }
        usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
        return 200, {
            "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": body["model"], "choices": [choice], "usage": usage,
        }  # fmt: skip

    @staticmethod
    def _one(things: list[dict[str, Any]], wanted: str) -> Any:
        found = [thing for thing in things if thing["id"] == wanted]
        return (200, found[0]) if found else (404, {"error": {"message": f"no {wanted}"}})

    @staticmethod
    def _page(things: list[dict[str, Any]], query: dict[str, list[str]]) -> Any:
        after = query.get("after", [None])[0]
        ids = [thing["id"] for thing in things]
        start = ids.index(after) + 1 if after else 0
        size = min(PAGE, int(query.get("limit", [PAGE])[0]))
        page = things[start : start + size]
        return 200, {"object": "list", "data": page, "has_more": start + size < len(things)}


def _plain(path: str) -> str:
    """The path as OpenAI has it; Azure puts `/openai` before it, and an older one has no `/v1`."""
    bare = path.removeprefix("/openai")
    return bare if bare.startswith("/v1/") else f"/v1{bare}"


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves a `StandIn`; a subclass holds it."""

    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # an answer leaves in one piece, else each waits 40 ms for an acknowledgement
    state: Any = None

    def log_message(self, *_: Any) -> None:
        return

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        with self.state.lock:
            number = len(self.state.calls)
            self.state.calls.append((self.command, parts.path))
            self.state.bearers.add(self.headers.get("Authorization", ""))
            fault = self.state.fault(self.command, parts.path)
        if fault == "drop_before":
            return self._drop()
        body = self._body()
        if self.state.exchange is not None:
            self.state.exchange(number, "before")
        if isinstance(fault, int):
            busy = {"Retry-After": "0"} if fault == 429 else {}
            told = {"message": self.state.says or f"planted {fault}", "code": self.state.code}
            return self._send(fault, {"error": told}, busy)
        with self.state.lock:
            status, value, *more = self.state.answer(
                self.command, _plain(parts.path), parse_qs(parts.query), self.headers, body
            )
        if self.state.exchange is not None:
            self.state.exchange(number, "after")
        if fault == "drop_after":
            return self._drop()
        if fault == "badjson":
            value = b"<html>gateway</html>"
        if fault == "no_id":
            value = {"object": "something"}
        return self._send(status, value, more[0] if more else {}, cut=fault == "cut")

    do_GET = do_POST = do_PUT = _serve

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _send(self, status: int, value: Any, more: dict[str, str], *, cut: bool = False) -> None:
        data = value if isinstance(value, bytes) else json.dumps(value).encode()
        with contextlib.suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            for name, text in more.items():
                self.send_header(name, text)
            self.end_headers()
            self.wfile.write(data[: len(data) // 2] if cut else data)
            self.wfile.flush()
        if cut:
            self._drop()

    def _drop(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def served(state: Any) -> Iterator[Any]:
    """The state, served at `state.url` while the block runs."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"state": state}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def quick(seconds: float) -> None:
    """Wait next to nothing."""
    time.sleep(min(seconds, 0.002))
