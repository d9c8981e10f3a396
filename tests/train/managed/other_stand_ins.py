"""Together and Fireworks on the loopback, as their SDKs (3.1 and 1.2) call them.

Answers are checked against the SDKs' own response types by the SDKs; what is asked is kept for the tests.
"""

from __future__ import annotations

import json
from typing import Any

from tuneset_test_provider import Provider, parts_of

WHEN = "2026-11-25T09:00:00Z"


MISSING = (404, {"error": {"message": "nothing there"}})
LIMITS = {
    "default_gradient_accumulation_steps": 1, "max_learning_rate": 1.0, "max_num_checkpoints": 10,
    "max_num_epochs": 20, "max_num_evals": 100, "max_seq_length_dpo": 8192, "max_seq_length_sft": 8192,
    "merge_output_lora": True, "min_learning_rate": 0.0, "min_max_seq_length": 16, "model_name": "m",
    "supports_full_training": False, "supports_reasoning": False, "supports_tools": True,
    "supports_vision": False,
    "lora_training": {"default_rank": 64, "max_batch_size": 128, "max_batch_size_dpo": 64, "max_rank": 64,
                      "min_batch_size": 8, "target_modules": ["q"]},
}  # fmt: skip


class Together(Provider):
    """Files come by a redirect to storage, and are known by their checksum."""

    def answer(self, method: str, path: str, query: dict[str, list[str]], headers: Any, body: bytes) -> Any:
        del query
        end = path.rsplit("/", 1)[1]
        known = {
            ("GET", "/v1/files"): lambda: (200, {"data": [self._shown(f) for f in self.files]}),
            ("POST", "/v1/files"): lambda: self._redirect(headers, body),
            ("GET", "/v1/fine-tunes/models/limits"): lambda: (200, LIMITS),
            ("POST", "/v1/fine-tunes/estimate-price"): lambda: (200, {"estimation_available": False, "unavailable_reason": "train_file_not_validated"}),
            ("GET", "/v1/fine-tunes"): lambda: (200, {"data": self.jobs}),
            ("POST", "/v1/fine-tunes"): lambda: self._start(json.loads(body)),
            ("POST", "/v1/chat/completions"): lambda: self.chat(json.loads(body)),
        }  # fmt: skip
        if (method, path) in known:
            return known[method, path]()
        if path.startswith("/v1/storage/"):
            self.contents[end] = body
            return 200, {}
        if path.endswith("/preprocess"):
            return 200, self._shown(self._file(path.split("/")[3]))
        if path.startswith("/v1/files/"):
            return 200, self._shown(self._file(end))
        return self._look(end) if path.startswith("/v1/fine-tunes/") else MISSING

    def _file(self, file_id: str) -> dict[str, Any]:
        return next(f for f in self.files if f["id"] == file_id)

    def _redirect(self, headers: Any, body: bytes) -> Any:
        told = {
            name: content.decode() for name, (_, content) in parts_of(headers["Content-Type"], body).items()
        }
        same = [f for f in self.files if f["checksum"] == told["checksum"] and f["id"] in self.contents]
        if same:
            return 409, {"error": {"message": "it is there"}, "file_id": same[0]["id"]}
        file_id = f"file-{len(self.files) + 1}"
        self.files.append({"id": file_id, "filename": told["file_name"], "checksum": told["checksum"]})
        place = {"Location": f"{self.url}/v1/storage/{file_id}", "X-Together-File-Id": file_id}
        return 302, {}, place

    def _shown(self, file: dict[str, Any]) -> dict[str, Any]:
        content = self.contents.get(file["id"])
        status = "PENDING"
        if content is not None:
            status = "COMPLETED" if self.looked(file["id"]) > self.checking else "RUNNING"
        return {
            "id": file["id"], "object": "file", "bytes": len(content or b""), "created_at": 1,
            "filename": file["filename"], "FileType": "jsonl", "purpose": "fine-tune", "processing_status": status,
        }  # fmt: skip

    def _start(self, body: dict[str, Any]) -> Any:
        job_id = f"ft-{len(self.jobs) + 1}"
        self.jobs.append({
            **body, "id": job_id, "status": "pending", "created_at": WHEN, "updated_at": WHEN, "user_id": "u",
            "model_output_name": f"acct/{body['model'].split('/')[-1]}-{body['suffix']}-1",
        })  # fmt: skip
        return 200, self.jobs[-1]

    def _look(self, job_id: str) -> Any:
        found = [job for job in self.jobs if job["id"] == job_id]
        if not found:
            return MISSING
        ended = {"succeeded": "completed", "failed": "error", "cancelled": "cancelled"}[self.ending]
        looks = self.looked(job_id)
        found[0]["status"] = ended if looks > self.polls else ("running" if looks > 1 else "queued")
        found[0] |= {"epochs_completed": min(looks, 2), "n_epochs": 4, "token_count": 99}
        return 200, found[0]


class Fireworks(Provider):
    """Data sets and jobs have ids that the caller chooses; a second one of the same id is a conflict."""

    def answer(self, method: str, path: str, query: dict[str, list[str]], headers: Any, body: bytes) -> Any:
        where = path.removeprefix("/v1/accounts/acct/")
        if method == "POST" and where == "datasets":
            return self._new(json.loads(body))
        if method == "POST" and where.endswith(":upload"):
            name = where.removeprefix("datasets/").removesuffix(":upload")
            self.contents[name] = parts_of(headers["Content-Type"], body)["file"][1]
            return 200, {}
        if method == "GET" and where.startswith("datasets/"):
            return self._dataset(where.removeprefix("datasets/"))
        for kind, chosen in (
            ("supervisedFineTuningJobs", "supervisedFineTuningJobId"),
            ("dpoJobs", "dpoJobId"),
        ):
            if where == kind:
                return self._start(kind, query[chosen][0] if chosen in query else None, json.loads(body))
            if where.startswith(f"{kind}/"):
                return self._look(where.split("/")[1])
        return self.chat(json.loads(body)) if path.endswith("/chat/completions") else MISSING

    def _new(self, body: dict[str, Any]) -> Any:
        if any(f["datasetId"] == body["datasetId"] for f in self.files):
            return 409, {"error": {"message": "it is there"}}
        self.files.append(body)
        return self._dataset(body["datasetId"])

    def _dataset(self, name: str) -> Any:
        if not any(f["datasetId"] == name for f in self.files):
            return MISSING
        ready = name in self.contents and self.looked(name) > self.checking
        return 200, {"name": f"accounts/acct/datasets/{name}", "state": "READY" if ready else "UPLOADING"}

    def _start(self, kind: str, chosen: str | None, body: dict[str, Any]) -> Any:
        if any(job["id"] == chosen for job in self.jobs):
            return 409, {"error": {"message": "it is there"}}
        self.jobs.append({**body, "id": chosen, "kind": kind, "name": f"accounts/acct/{kind}/{chosen}"})
        return 200, {**self.jobs[-1], "state": "JOB_STATE_CREATING"}

    def _look(self, job_id: str) -> Any:
        found = [job for job in self.jobs if job["id"] == job_id]
        if not found:
            return MISSING
        ended = {"succeeded": "COMPLETED", "failed": "FAILED", "cancelled": "CANCELLED"}[self.ending]
        state = ended if self.looked(job_id) > self.polls else "RUNNING"
        told = {"state": f"JOB_STATE_{state}", "jobProgress": {"percent": 40}}
        return 200, {**found[0], **told, "status": {"code": "OK", "message": "well"}}
