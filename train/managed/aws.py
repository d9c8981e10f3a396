"""What the services of AWS have in common: the client's settings, objects in S3, errors in the frame's words.

Keys and region come from AWS's own chain: variables, then the profile. Source: boto3 and botocore 1.44,
read 2026-11.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ...schemas.errors import ServiceError
from .sdk import BUSY, CONNECT_SECONDS, READ_SECONDS, host_of, load_sdk, scrubbed
from .service import NoAnswer, Plan

CHAIN = (
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_REGION",
    "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL",
)  # fmt: skip
"""What AWS's chain reads from the environment; the first three are keys."""
SECRETS = CHAIN[:3]
EXTRA = "launch-aws"
THROTTLED = frozenset(
    {"ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded", "SlowDown"}
)
TAKEN = frozenset({"ConflictException", "ResourceInUse", "OperationAborted"})
"""A name that is in use: perhaps by our own call whose answer was lost, so that is looked at first."""
KEYS = frozenset(
    {
        "UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId", "SignatureDoesNotMatch",
        "ExpiredToken", "ExpiredTokenException", "InvalidSignatureException", "AuthFailure",
    }
)  # fmt: skip
WHOLE_PUT_BYTES = 8 * 1024**2
"""Up to here the SDK sends an object in one call (boto3 TransferConfig, multipart_threshold)."""


def region() -> str | None:
    """The region of the environment or the profile; None where neither names one."""
    named = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if named:
        return named
    try:
        from boto3.session import Session
    except ImportError:
        return None
    try:
        return Session().region_name
    except Exception:  # noqa: BLE001  a broken profile is told by the first call, with AWS's own words
        return None


def stated(variable: str) -> str:
    """A variable's value for people; its name in brackets where it is not set."""
    return os.environ.get(variable) or f"({variable})"


def place(service: str) -> str:
    """Where a service's calls go: its region, and the address where one is set."""
    address = os.environ.get(f"AWS_ENDPOINT_URL_{service}") or os.environ.get("AWS_ENDPOINT_URL")
    where = f"in {region() or 'the region of the AWS profile'}"
    profile = os.environ.get("AWS_PROFILE")
    return (
        where + (f" at {host_of(address)}" if address else "") + (f", profile {profile}" if profile else "")
    )


def client(service: str, attempts: int = 1) -> Any:
    """A client of one service.

    Args:
        service: As boto3 names it.
        attempts: Tries of one call; 1 is no retry.
    """
    load_sdk("boto3", EXTRA, f"tuneset launch to {service}")
    named = (*CHAIN, f"AWS_ENDPOINT_URL_{service.upper()}")
    with told(service):
        return _client(service, attempts, os.getpid(), *(os.environ.get(name) for name in named))


@lru_cache(maxsize=8)
def _client(service: str, attempts: int, *_: object) -> Any:
    """A client for one process and one environment, which the other arguments tell apart."""
    import botocore.session
    from boto3.session import Session
    from botocore.config import Config

    retries: Any = {"total_max_attempts": attempts, "mode": "standard"}
    config = Config(retries=retries, connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS)
    core = botocore.session.get_session()
    core.register_component("data_loader", _loader())
    return Session(botocore_session=core, region_name=region()).client(service, config=config)


@lru_cache(maxsize=1)
def _loader() -> Any:
    """The service models, read once a process."""
    import botocore.loaders

    return botocore.loaders.create_loader()


@contextmanager
def told(what: str) -> Iterator[None]:
    """A call whose errors are told as ours.

    Args:
        what: The call, for messages.

    Raises:
        NoAnswer: Lost, busy or broken.
        ServiceError: Refused.
    """
    from botocore import exceptions as e
    from botocore.parsers import ResponseParserError

    try:
        yield
    except e.ClientError as error:
        raise _refusal(error, what) from error
    except (e.HTTPClientError, ResponseParserError) as error:
        raise NoAnswer("the connection was lost", at_work=True) from error
    except e.BotoCoreError as error:
        raise ServiceError(
            f"AWS cannot be asked: {scrubbed(str(error), SECRETS)}",
            where=what,
            fix="put right what it names (keys: `aws sts get-caller-identity` should answer), and repeat",
        ) from error


def look(what: str, ask: Callable[[], Any], missing: Callable[[Any], bool]) -> Any:
    """What AWS knows of a thing; None where there is none.

    Args:
        what: The call, for messages.
        ask: Makes it.
        missing: Whether a refusal says that there is no such thing.

    Raises:
        NoAnswer: Lost, busy or broken.
        ServiceError: Refused otherwise.
    """
    from botocore.exceptions import ClientError

    with told(what):
        try:
            return ask()
        except ClientError as error:
            if missing(error):
                return None
            raise


def error_code(error: Any) -> str:
    """AWS's word for an error."""
    return str(error.response.get("Error", {}).get("Code", ""))


def error_message(error: Any) -> str:
    """What AWS says with an error."""
    return str(error.response.get("Error", {}).get("Message", ""))


def _status(error: Any) -> int:
    return int(error.response["ResponseMetadata"].get("HTTPStatusCode", 0))


def _refusal(error: Any, what: str) -> NoAnswer | ServiceError:
    code, status = error_code(error), _status(error)
    if status in BUSY or status >= 500 or code in THROTTLED | TAKEN:
        return NoAnswer(f"{code or 'an error'} (HTTP {status})")
    message = scrubbed(error_message(error), SECRETS)
    if code in KEYS:
        return ServiceError(
            f"AWS refuses the keys ({code})",
            where=what,
            fix="set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, to valid ones, and repeat",
        )
    return ServiceError(
        f"AWS refuses: {code}: {message}",
        where=what,
        fix="put right what it names, and run the same command again; nothing is sent twice",
    )


def require_region() -> None:
    """Refuse where no region is set.

    Raises:
        ServiceError: Neither the environment nor the profile names one.
    """
    if region() is None:
        raise ServiceError(
            "no region is set", where="the environment", fix="export AWS_REGION=us-east-1, or another"
        )


def object_key(plan: Plan, split: str, folder: str = "") -> str:
    """Where a split's file stands in the bucket."""
    return f"tuneset/{plan.key}/{folder}{plan.file_name(split)}"


def find_object(bucket: str, key: str, size: int) -> str | None:
    """The address of an object, if it is there with this size.

    Without the right to list the bucket a missing object is answered by 403; then it is written, once more
    perhaps, under the same name with the same bytes.
    """
    head = look(
        f"s3.head_object {bucket}/{key}",
        lambda: client("s3").head_object(Bucket=bucket, Key=key),
        lambda error: _status(error) in (403, 404),
    )
    return f"s3://{bucket}/{key}" if head is not None and head["ContentLength"] == size else None


def put_object(path: Path, bucket: str, key: str) -> str:
    """Write a file to the bucket; its address. An object is there once it is whole.

    Raises:
        NoAnswer: It may or may not have been written.
        ServiceError: AWS refuses it.
    """
    s3 = client("s3", attempts=1 if path.stat().st_size < WHOLE_PUT_BYTES else 5)
    from boto3.exceptions import S3UploadFailedError

    with told(f"s3.upload_file {bucket}/{key}"):
        try:
            s3.upload_file(str(path), bucket, key)
        except S3UploadFailedError as error:
            raise (error.__context__ or error) from error
    return f"s3://{bucket}/{key}"


def folder_of(address: str) -> str:
    """The folder of an object's address, with its closing slash."""
    parts = urlsplit(address)
    return f"s3://{parts.netloc}{parts.path.rpartition('/')[0]}/"
