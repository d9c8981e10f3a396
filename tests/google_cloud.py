"""A small Google Cloud on this machine: a token, Cloud Storage objects and Vertex AI tuning jobs.

It follows the published REST descriptions (storage/v1 objects insert, get and list; aiplatform v1beta1
projects.locations.tuningJobs create, get and list; read 2026-11): members that a request may not have are
refused, and `ifGenerationMatch=0` refuses an object that is there.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "token-of-the-test"
STATES = ("JOB_STATE_PENDING", "JOB_STATE_RUNNING", "JOB_STATE_SUCCEEDED")
SPEC = {"trainingDatasetUri", "validationDatasetUri", "hyperParameters", "exportLastCheckpointOnly"}
KNOWN = {
    "": {
        "baseModel", "supervisedTuningSpec", "preferenceOptimizationSpec", "tunedModelDisplayName",
        "description", "labels", "serviceAccount", "encryptionSpec",
    },
    "supervisedTuningSpec": SPEC,
    "preferenceOptimizationSpec": SPEC,
}  # fmt: skip
HYPERPARAMETERS = {
    "supervisedTuningSpec": {"epochCount", "learningRateMultiplier", "adapterSize"},
    "preferenceOptimizationSpec": {"epochCount", "learningRateMultiplier", "adapterSize", "beta"},
}
LABEL = re.compile(r"[a-z0-9_-]{0,63}")
Answer = tuple[int, dict[str, Any]]


class GoogleCloud:
    """The server; use it as a context.

    Attributes:
        objects: Name to bytes, of all buckets.
        jobs: Name to job.
        requests: Method and path of every request.
        uploads: Bodies of created objects, repeated ones too.
        fault: Called with method, path and `before` or `after` the work; True cuts the connection there, and a
            status is answered instead.
        page: Jobs on a page of a list.
        asked: Model and body of each request for an answer.
        answers: Model to what it says.
    """

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.jobs: dict[str, dict[str, Any]] = {}
        self.requests: list[tuple[str, str]] = []
        self.uploads: list[str] = []
        self.fault: Callable[[str, str, str], bool | int] = lambda *_: False
        self.page = 2
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.answers: Callable[[str], dict[str, Any]] = lambda _: {}
        self._looks: dict[str, int] = {}
        self.lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"cloud": self}))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> GoogleCloud:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def environment(self, folder: Path) -> dict[str, str]:
        """Variables that send Google's own libraries here, with an account of the test's own."""
        path = folder / "account.json"
        path.write_text(json.dumps(self._account()), encoding="utf-8")
        return {
            "GOOGLE_APPLICATION_CREDENTIALS": str(path),
            "GOOGLE_CLOUD_PROJECT": "my-project",
            "GOOGLE_CLOUD_LOCATION": "us-central1",
            "GOOGLE_CLOUD_BUCKET": "my-bucket",
            "GOOGLE_VERTEX_BASE_URL": self.url,
            "STORAGE_EMULATOR_HOST": self.url,
            "NO_GCE_CHECK": "true",
        }

    def _account(self) -> dict[str, str]:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import rsa

        key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return {
            "type": "service_account",
            "project_id": "my-project",
            "private_key_id": "1",
            "private_key": key.decode(),
            "client_email": "test@my-project.iam.gserviceaccount.com",
            "client_id": "1",
            "token_uri": f"{self.url}/token",
        }

    def exchange(self, method: str, target: str, authorization: str | None, body: bytes) -> Answer | None:
        """The answer to a request; None where the connection is cut."""
        path = urlsplit(target).path
        self.requests.append((method, path))
        fault = self.fault(method, path, "before")
        if fault is not False:
            return None if fault is True else _error(fault, "planted")
        if path != "/token" and authorization != f"Bearer {TOKEN}":
            return _error(401, "Request had invalid authentication credentials.")
        answer = self._answer(method, target, body)
        return None if self.fault(method, path, "after") else answer

    def _answer(self, method: str, target: str, body: bytes) -> Answer:
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/token":
            return 200, {"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer"}
        if found := re.fullmatch(r"/upload/storage/v1/b/([^/]+)/o", parts.path):
            return self._insert(found[1], query, body)
        if found := re.fullmatch(r"/storage/v1/b/([^/]+)/o/(.+)", parts.path):
            name = f"{found[1]}/{unquote(found[2])}"
            return (
                (200, self._object(name)) if name in self.objects else _error(404, f"No such object: {name}")
            )
        if found := re.fullmatch(
            r"/v1(?:beta1)?/(projects/[^/]+/locations/[^/]+)/tuningJobs(/\d+)?", parts.path
        ):
            name = f"{found[1]}/tuningJobs{found[2] or ''}"
            if method == "POST":
                return self._create(name, json.loads(body))
            return self._look(name) if found[2] else self._list(query)
        if found := re.fullmatch(r"/v1(?:beta1)?/(projects/.+):generateContent", parts.path):
            self.asked.append((found[1], json.loads(body)))
            return 200, self.answers(found[1])
        return _error(404, f"no such path: {parts.path}")

    def _insert(self, bucket: str, query: dict[str, str], body: bytes) -> Answer:
        name = f"{bucket}/{query['name']}"
        if query.get("ifGenerationMatch") == "0" and name in self.objects:
            return _error(412, "At least one of the pre-conditions you specified did not hold.")
        self.objects[name] = body
        self.uploads.append(name)
        return 200, self._object(name)

    def _object(self, name: str) -> dict[str, Any]:
        data = self.objects[name]
        bucket, _, path = name.partition("/")
        digest = base64.b64encode(hashlib.md5(data).digest()).decode()
        return {
            "kind": "storage#object",
            "bucket": bucket,
            "name": path,
            "size": str(len(data)),
            "md5Hash": digest,
        }

    def _create(self, parent: str, told: dict[str, Any]) -> Answer:
        problem = self._problem(told)
        if problem:
            return _error(400, problem)
        name = f"{parent}/{1000 + len(self.jobs)}"
        self.jobs[name] = {"name": name, "createTime": "2026-11-25T10:00:00Z", "state": STATES[0], **told}
        return 200, self.jobs[name]

    def _problem(self, told: dict[str, Any]) -> str:
        specs = [name for name in HYPERPARAMETERS if name in told]
        if not told.get("baseModel") or len(specs) != 1:
            return "baseModel and one tuning spec are required"
        spec = told[specs[0]]
        unknown = [
            *(set(told) - KNOWN[""]),
            *(set(spec) - KNOWN[specs[0]]),
            *(set(spec.get("hyperParameters", {})) - HYPERPARAMETERS[specs[0]]),
        ]
        if unknown:
            return f'Invalid JSON payload received. Unknown name "{unknown[0]}"'
        for name in ("trainingDatasetUri", "validationDatasetUri"):
            uri = spec.get(name, "")
            if (uri or name[0] == "t") and (
                uri.removeprefix("gs://") not in self.objects or not uri.endswith(".jsonl")
            ):
                return f"{name} should be a GCS object of type JSONL"
        if not all(LABEL.fullmatch(k) and LABEL.fullmatch(v) for k, v in told.get("labels", {}).items()):
            return "labels are lower-case letters, digits, _ and -"
        return ""

    def _list(self, query: dict[str, str]) -> Answer:
        start = int(query.get("pageToken") or 0)
        jobs = list(self.jobs.values())[::-1]
        told: dict[str, Any] = {"tuningJobs": jobs[start : start + self.page]}
        if start + self.page < len(jobs):
            told["nextPageToken"] = str(start + self.page)
        return 200, told

    def _look(self, name: str) -> Answer:
        if name not in self.jobs:
            return _error(404, f"TuningJob {name} is not found")
        job = self.jobs[name]
        if job["state"] in STATES[:-1]:
            self._looks[name] = self._looks.get(name, 0) + 1
            job["state"] = STATES[min(self._looks[name], len(STATES) - 1)]
        if job["state"] == STATES[-1]:
            place = name.partition("/tuningJobs")[0]
            job["tunedModel"] = {"model": f"{place}/models/7@1", "endpoint": f"{place}/endpoints/8"}
        return 200, job


class _Handler(BaseHTTPRequestHandler):
    cloud: GoogleCloud
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._go("GET")

    def do_POST(self) -> None:
        self._go("POST")

    def _go(self, method: str) -> None:
        body = self._body()
        with self.cloud.lock:
            answer = self.cloud.exchange(method, self.path, self.headers.get("Authorization"), body)
        if answer is None:
            return self._cut()
        data = json.dumps(answer[1]).encode()
        self.send_response(answer[0])
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        return None

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.close()

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts: list[bytes] = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)


def _error(status: int, message: str) -> Answer:
    names = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 404: "NOT_FOUND", 412: "FAILED_PRECONDITION"}
    return status, {"error": {"code": status, "message": message, "status": names.get(status, "UNKNOWN")}}
