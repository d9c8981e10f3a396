"""A small AWS on the loopback address: S3 objects, Bedrock customisation jobs, SageMaker training jobs.

It follows the service models in botocore: paths, members, names of errors. What the services themselves hold
is held: a client token starts one job, a name belongs to one job, an object is there once it is whole.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

ACCOUNT = "123456789012"
JOBS = "/model-customization-jobs"
Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Aws:
    """What is there, and what was asked.

    Args:
        address: Of the server.
        objects: `bucket/key` to bytes.
        jobs: Name to the request that started it; `status` and `failureMessage` may be set.
        calls: Operations in order.
        lost: Operations whose next answer is lost after they happened.
        busy: Operations that are refused once with 503, without happening.
        hub: Name of a JumpStart model to its document.
        denied: Operations that are refused for want of a right, or for a wrong value.
        deployed: Customised models that answer.
        asked: Requests for answers, each with its model.
    """

    address: str
    objects: dict[str, bytes] = field(default_factory=dict)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    busy: list[str] = field(default_factory=list)
    hub: dict[str, dict[str, Any]] = field(default_factory=dict)
    denied: set[str] = field(default_factory=set)
    deployed: set[str] = field(default_factory=set)
    asked: list[dict[str, Any]] = field(default_factory=list)

    def count(self, operation: str) -> int:
        """How often an operation was asked for."""
        return self.calls.count(operation)

    def environment(self) -> dict[str, str]:
        """The variables that send an SDK here and nowhere else."""
        return {
            "AWS_ENDPOINT_URL": self.address,
            "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "not-a-secret",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_CONFIG_FILE": "/nonexistent",
            "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
            "AWS_EC2_METADATA_DISABLED": "true",
        }


@contextmanager
def serving() -> Iterator[Aws]:
    """A server that runs until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.aws = Aws(f"http://127.0.0.1:{server.server_address[1]}")  # pyright: ignore[reportAttributeAccessIssue]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.aws  # pyright: ignore[reportAttributeAccessIssue]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def _answer(self) -> None:
        aws: Aws = self.server.aws  # pyright: ignore[reportAttributeAccessIssue]
        body = self._body()
        operation, answer = self._operation(aws, body)
        aws.calls.append(operation)
        if operation in aws.busy:
            aws.busy.remove(operation)
            return self._send(*_error(503, "ServiceUnavailableException", "slow down"))
        status, headers, data = answer()
        if operation in aws.lost:
            aws.lost.remove(operation)
            self.close_connection = True
            return None
        return self._send(status, headers, data)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _answer

    def _body(self) -> bytes:
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return _unchunked(data) if "aws-chunked" in self.headers.get("Content-Encoding", "") else data

    def _send(self, status: int, headers: dict[str, str], data: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if "Content-Length" not in headers:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def _operation(self, aws: Aws, body: bytes) -> tuple[str, Any]:
        path = unquote(urlsplit(self.path).path)
        target = self.headers.get("X-Amz-Target", "")
        if target.startswith("SageMaker."):
            name = target.removeprefix("SageMaker.")
            return name, lambda: _SAGEMAKER[name](aws, json.loads(body))
        if path == JOBS and self.command == "POST":
            return "CreateModelCustomizationJob", lambda: _create_job(aws, json.loads(body))
        if path.endswith("/converse"):
            model = path.removeprefix("/model/").removesuffix("/converse")
            return "Converse", lambda: _converse(aws, model, json.loads(body))
        if path == "/model-customization/custom-model-deployments":
            model = parse_qs(urlsplit(self.path).query)["modelArnEquals"][0]
            return "ListCustomModelDeployments", lambda: _json(
                {"modelDeploymentSummaries": [_deployment(model)] if model in aws.deployed else []}
            )
        if path == "/provisioned-model-throughputs":
            return "ListProvisionedModelThroughputs", lambda: _json({"provisionedModelSummaries": []})
        if path.startswith(f"{JOBS}/"):
            return "GetModelCustomizationJob", lambda: _get_job(aws, path.removeprefix(f"{JOBS}/"))
        return _object(aws, self.command, path.lstrip("/"), parse_qs(urlsplit(self.path).query), body)


def _unchunked(data: bytes) -> bytes:
    whole = b""
    while data:
        head, _, data = data.partition(b"\r\n")
        size = int(head.split(b";")[0] or b"0", 16)
        if not size:
            break
        whole, data = whole + data[:size], data[size + 2 :]
    return whole


def _object(aws: Aws, method: str, key: str, query: dict[str, Any], body: bytes) -> tuple[str, Any]:
    def put() -> Answer:
        aws.objects[key] = body
        return 200, {"ETag": '"1"'}, b""

    def head() -> Answer:
        if "HeadObject" in aws.denied:
            return 403, {}, b""
        if key not in aws.objects:
            return 404, {}, b""
        return 200, {"Content-Length": str(len(aws.objects[key])), "ETag": '"1"'}, b""

    def get() -> Answer:
        if key not in aws.objects:
            return 404, {}, b""
        return 200, {"ETag": '"1"'}, aws.objects[key]

    if method == "PUT" and not query:
        return "PutObject", put
    if method == "GET" and not query:
        return "GetObject", get
    if method == "HEAD":
        return "HeadObject", head
    return f"{method} {key}", lambda: _error(501, "NotImplemented", key)


def _error(status: int, code: str, message: str) -> Answer:
    body = json.dumps({"__type": code, "message": message}).encode()
    return status, {"x-amzn-ErrorType": code, "Content-Type": "application/json"}, body


def _json(value: Any, status: int = 200) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(value).encode()


def _job_arn(request: dict[str, Any]) -> str:
    model = request["baseModelIdentifier"].split(":")[0]
    return f"arn:aws:bedrock:us-east-1:{ACCOUNT}:model-customization-job/{model}/{request['jobName'][-12:]}"


def _create_job(aws: Aws, request: dict[str, Any]) -> Answer:
    if "CreateModelCustomizationJob" in aws.denied:
        return _error(400, "ValidationException", "The provided model identifier is invalid.")
    for job in aws.jobs.values():
        if job.get("clientRequestToken") == request.get("clientRequestToken"):
            return _json({"jobArn": _job_arn(job)}, 201)
    if request["jobName"] in aws.jobs:
        return _error(409, "ConflictException", "The job name is in use.")
    aws.jobs[request["jobName"]] = {**request, "status": "InProgress"}
    return _json({"jobArn": _job_arn(request)}, 201)


def _get_job(aws: Aws, name: str) -> Answer:
    job = next((j for n, j in aws.jobs.items() if name in (n, _job_arn(j))), None)
    if job is None:
        return _error(404, "ResourceNotFoundException", "no such job")
    told = {
        "jobArn": _job_arn(job),
        "jobName": job["jobName"],
        "outputModelName": job["customModelName"],
        "roleArn": job["roleArn"],
        "status": job["status"],
        "baseModelArn": f"arn:aws:bedrock:us-east-1::foundation-model/{job['baseModelIdentifier']}",
        "creationTime": "2026-11-25T10:00:00Z",
        "trainingDataConfig": job["trainingDataConfig"],
        "outputDataConfig": job["outputDataConfig"],
    }
    if job["status"] == "Completed":
        told["outputModelArn"] = f"arn:aws:bedrock:us-east-1:{ACCOUNT}:custom-model/m/1"
        told["trainingMetrics"] = {"trainingLoss": 0.5}
    if "failureMessage" in job:
        told["failureMessage"] = job["failureMessage"]
    return _json(told)


def _deployment(model: str) -> dict[str, Any]:
    return {
        "customModelDeploymentArn": f"arn:aws:bedrock:us-east-1:{ACCOUNT}:custom-model-deployment/abcdefghijkl",
        "customModelDeploymentName": "tuneset",
        "modelArn": model,
        "createdAt": "2026-11-25T10:00:00Z",
        "status": "Active",
    }


def _converse(aws: Aws, model: str, request: dict[str, Any]) -> Answer:
    aws.asked.append({"model": model, **request})
    content: list[dict[str, Any]] = [{"text": "North."}]
    if "toolConfig" in request:
        content.append({"toolUse": {"toolUseId": "t1", "name": "find_bay", "input": {"bay": 4}}})
    return _json(
        {
            "output": {"message": {"role": "assistant", "content": content}},
            "stopReason": "max_tokens" if request["inferenceConfig"]["maxTokens"] == 1 else "end_turn",
            "usage": {"inputTokens": 12, "outputTokens": 3, "totalTokens": 15},
            "metrics": {"latencyMs": 1},
        }
    )


def _training_arn(name: str) -> str:
    return f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:training-job/{name}"


def _create_training(aws: Aws, request: dict[str, Any]) -> Answer:
    name = request["TrainingJobName"]
    if name in aws.jobs:
        return _error(400, "ResourceInUse", "Job name must be unique within an AWS account and region.")
    aws.jobs[name] = {**request, "status": "InProgress"}
    return _json({"TrainingJobArn": _training_arn(name)})


def _describe_training(aws: Aws, request: dict[str, Any]) -> Answer:
    job = aws.jobs.get(request["TrainingJobName"])
    if job is None:
        return _error(400, "ValidationException", "Requested resource not found.")
    told = {
        "TrainingJobName": job["TrainingJobName"],
        "TrainingJobArn": _training_arn(job["TrainingJobName"]),
        "TrainingJobStatus": job["status"],
        "SecondaryStatus": job.get("secondary", "Training"),
        "ModelArtifacts": {"S3ModelArtifacts": "s3://bucket/model.tar.gz"},
        "CreationTime": 1764000000,
    }
    if "failureMessage" in job:
        told["FailureReason"] = job["failureMessage"]
    return _json(told)


def _hub_content(aws: Aws, request: dict[str, Any]) -> Answer:
    name = request["HubContentName"]
    if name not in aws.hub:
        return _error(400, "ResourceNotFound", f"HubContent {name} does not exist.")
    return _json(
        {
            "HubContentName": name,
            "HubContentArn": f"arn:aws:sagemaker:us-east-1:aws:hub-content/SageMakerPublicHub/Model/{name}/2.0.0",
            "HubContentVersion": "2.0.0",
            "HubContentType": "Model",
            "DocumentSchemaVersion": "2.3.0",
            "HubName": "SageMakerPublicHub",
            "HubArn": "arn:aws:sagemaker:us-east-1:aws:hub/SageMakerPublicHub",
            "HubContentDocument": json.dumps(aws.hub[name]),
            "HubContentStatus": "Available",
            "CreationTime": 1764000000,
        }
    )


_SAGEMAKER = {
    "CreateTrainingJob": _create_training,
    "DescribeTrainingJob": _describe_training,
    "DescribeHubContent": _hub_content,
}
