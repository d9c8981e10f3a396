"""Launches at Bedrock and SageMaker against a loopback AWS: one object a file, one job, whatever is lost."""

from __future__ import annotations

import json
import multiprocessing
import os
import runpy
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tuneset.schemas.errors import RecipeError, ServiceError
from tuneset.schemas.recipe import TrainOptions
from tuneset.train.managed import launch
from tuneset.train.managed.journal import Journal
from tuneset.train.managed.jumpstart import training_request
from tuneset.train.managed.sending import Patience
from tuneset.train.managed.services import find_service

NOVA = "amazon.nova-micro-v1:0:128k"
JUMPSTART = "meta-textgeneration-llama-3-1-8b-instruct"
MODEL = {"bedrock": NOVA, "sagemaker": JUMPSTART}
SETTINGS: dict[str, dict[str, Any]] = {"bedrock": {}, "sagemaker": {"accept_eula": True}}
CREATES = {"bedrock": "CreateModelCustomizationJob", "sagemaker": "CreateTrainingJob"}
DOCUMENT: dict[str, Any] = {
    "TrainingSupported": True,
    "GatedBucket": True,
    "TrainingEcrUri": "763104351884.dkr.ecr.us-east-1.amazonaws.com/training:2.0",
    "TrainingArtifactUri": "s3://jumpstart-private/train.tar.gz",
    "TrainingScriptUri": "s3://jumpstart/sourcedir.tar.gz",
    "DefaultTrainingInstanceType": "ml.g5.12xlarge",
    "TrainingVolumeSize": 256,
    "TrainingEnableNetworkIsolation": True,
    "TrainingMetrics": [{"Name": "eval-loss", "Regex": "loss=([0-9.]+)"}],
    "Hyperparameters": [
        {"Name": "epoch", "Type": "int", "Default": "5", "Scope": "algorithm"},
        {"Name": "instruction_tuned", "Type": "text", "Default": "False", "Scope": "algorithm"},
        {"Name": "chat_dataset", "Type": "text", "Default": "True", "Scope": "algorithm"},
        {"Name": "sagemaker_program", "Type": "text", "Default": "t.py", "Scope": "container"},
        {"Name": "sagemaker_container_log_level", "Type": "text", "Default": "20", "Scope": "container"},
    ],
}


serving = runpy.run_path(str(Path(__file__).parents[2] / "aws_loopback.py"))["serving"]


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An AWS on the loopback, and the environment that names it."""
    pytest.importorskip("boto3")
    with serving() as state:
        for name in ("AWS_SESSION_TOKEN", "AWS_PROFILE"):
            monkeypatch.delenv(name, raising=False)
        more = {
            "BEDROCK_BUCKET": "my-bucket",
            "BEDROCK_ROLE_ARN": "arn:aws:iam::123456789012:role/tuner",
            "SAGEMAKER_BUCKET": "my-bucket",
            "SAGEMAKER_ROLE": "arn:aws:iam::123456789012:role/tuner",
        }
        for name, value in {**state.environment(), **more}.items():
            monkeypatch.setenv(name, value)
        state.hub[JUMPSTART] = DOCUMENT
        yield state


def _no_wait(_: float) -> None:
    """Tests do not wait."""


def _go(out: Path, to: str, **more: Any) -> Any:
    told = {"model": MODEL[to], "settings": SETTINGS[to], "patience": Patience(_no_wait), "detach": True}
    return launch(out, to=to, **{**told, **more})


def _stored(aws: Any) -> list[str]:
    return sorted(name.split("/")[-1].replace(_key(name), "KEY") for name in aws.objects)


def _key(name: str) -> str:
    return name.split("/")[2]


STORED = {
    "bedrock": ["tuneset-KEY-train.jsonl", "tuneset-KEY-validation.jsonl"],
    "sagemaker": ["template.json", "tuneset-KEY-train.jsonl", "tuneset-KEY-validation.jsonl"],
}
BOTH = pytest.mark.parametrize("to", ["bedrock", "sagemaker"])


def test_bedrock_gets_the_files_and_one_job(frozen: Path, aws: Any) -> None:
    (frozen / "tuneset.yaml").write_text("train: {epochs: 2, learning_rate: 0.00001, batch_size: 8}\n")
    result = _go(frozen, "bedrock")
    folder = f"s3://my-bucket/tuneset/{result.key}"
    assert result.files == {s: f"{folder}/tuneset-{result.key}-{s}.jsonl" for s in ("train", "validation")}
    export = frozen / "exports/bedrock-nova-v1"
    for split, address in result.files.items():
        assert aws.objects[address.removeprefix("s3://")] == (export / f"{split}.jsonl").read_bytes()
    (job,) = aws.jobs.values()
    assert job == {
        "jobName": f"tuneset-{result.key}",
        "customModelName": f"tuneset-{result.key}",
        "clientRequestToken": result.key,
        "roleArn": "arn:aws:iam::123456789012:role/tuner",
        "baseModelIdentifier": NOVA,
        "customizationType": "FINE_TUNING",
        "trainingDataConfig": {"s3Uri": result.files["train"]},
        "validationDataConfig": {"validators": [{"s3Uri": result.files["validation"]}]},
        "outputDataConfig": {"s3Uri": f"{folder}/output"},
        "hyperParameters": {"epochCount": "2", "learningRate": "0.00001"},
        "status": "InProgress",
    }
    assert result.job_id.startswith("arn:aws:bedrock:us-east-1:123456789012:model-customization-job/")


def test_sagemaker_gets_its_folders_and_the_request_of_its_own_sdk(frozen: Path, aws: Any) -> None:
    (frozen / "tuneset.yaml").write_text("seed: 7\ntrain: {epochs: 2, rank: 8}\n")
    result = _go(frozen, "sagemaker")
    folder = f"s3://my-bucket/tuneset/{result.key}"
    assert _stored(aws) == STORED["sagemaker"]
    template = aws.objects[f"my-bucket/tuneset/{result.key}/training/template.json"]
    assert json.loads(template) == {"prompt": "{prompt}", "completion": "{completion}"}
    (job,) = aws.jobs.values()
    sources = {c["ChannelName"]: c["DataSource"]["S3DataSource"]["S3Uri"] for c in job["InputDataConfig"]}
    assert sources == {
        "training": f"{folder}/training/",
        "validation": f"{folder}/validation/",
        "model": "s3://jumpstart-private/train.tar.gz",
        "code": "s3://jumpstart/sourcedir.tar.gz",
    }
    assert job["HyperParameters"] == {
        "epoch": '"2"',
        "lora_r": '"8"',
        "seed": '"7"',
        "instruction_tuned": '"True"',
        "chat_dataset": '"False"',
        "sagemaker_program": '"t.py"',
        "sagemaker_container_log_level": "20",
        "sagemaker_job_name": f'"tuneset-{result.key}"',
        "sagemaker_region": '"us-east-1"',
    }
    assert job["ResourceConfig"] == {
        "InstanceType": "ml.g5.12xlarge", "InstanceCount": 1, "VolumeSizeInGB": 256,
    }  # fmt: skip
    assert result.job_id == job["TrainingJobName"] == f"tuneset-{result.key}"


def test_the_training_request_is_what_jumpstarts_sdk_sends() -> None:
    """Values that sagemaker 2.257.7 sent to a loopback for this document (JumpStartEstimator.fit)."""
    request = training_request(
        DOCUMENT,
        name="n",
        role="r",
        region="us-east-1",
        folders={"training": "s3://b/t/", "output": "s3://b/o"},
        hyperparameters={},
        machine={"instance_type": "ml.p4d.24xlarge", "instance_count": 2},
        accept_eula=True,
    )
    assert request["InputDataConfig"][1] == {
        "ChannelName": "model",
        "ContentType": "application/x-sagemaker-model",
        "InputMode": "File",
        "DataSource": {
            "S3DataSource": {
                "S3DataType": "S3Prefix",
                "S3Uri": "s3://jumpstart-private/train.tar.gz",
                "S3DataDistributionType": "FullyReplicated",
                "ModelAccessConfig": {"AcceptEula": True},
            }
        },
    }
    assert request["AlgorithmSpecification"] == {
        "TrainingInputMode": "File",
        "TrainingImage": DOCUMENT["TrainingEcrUri"],
        "MetricDefinitions": DOCUMENT["TrainingMetrics"],
    }
    assert request["ResourceConfig"]["InstanceType"] == "ml.p4d.24xlarge"
    assert request["ResourceConfig"]["InstanceCount"] == 2
    assert request["EnableNetworkIsolation"] is True
    assert request["StoppingCondition"] == {"MaxRuntimeInSeconds": 86400}


@pytest.mark.parametrize(
    ("instance", "image", "fsdp"),
    [
        ("ml.g5.12xlarge", "image:g5", '"False"'),
        ("ml.g5.48xlarge", "image:large", '"True"'),
        ("ml.p4d.24xlarge", DOCUMENT["TrainingEcrUri"], '"False"'),
    ],
)
def test_an_instances_own_values_go_before_its_familys(instance: str, image: str, fsdp: str) -> None:
    """As JumpStartInstanceTypeVariants of sagemaker 2.257.7 reads them."""
    fsdps = [{"Name": "enable_fsdp", "Type": "text", "Default": "False", "Scope": "algorithm"}]
    variants = {
        "Aliases": {"gpu_image": "image:g5"},
        "Variants": {
            "g5": {"Properties": {"ImageUri": "$gpu_image"}},
            "ml.g5.48xlarge": {
                "Properties": {
                    "ImageUri": "image:large",
                    "Hyperparameters": [{**fsdps[0], "Default": "True"}],
                }
            },
        },
    }
    request = training_request(
        {**DOCUMENT, "Hyperparameters": fsdps, "TrainingInstanceTypeVariants": variants},
        name="n",
        role="r",
        region="us-east-1",
        folders={"training": "s3://b/t/", "output": "s3://b/o"},
        hyperparameters={},
        machine={"instance_type": instance},
        accept_eula=True,
    )
    assert request["AlgorithmSpecification"]["TrainingImage"] == image
    assert request["HyperParameters"]["enable_fsdp"] == fsdp


@BOTH
def test_botocore_takes_the_requests(to: str, frozen: Path, aws: Any) -> None:
    """The SDK checks members and types before it sends; the patterns of names are checked here."""
    import re

    import botocore.session

    _go(frozen, to)
    service = botocore.session.get_session().get_service_model(to)
    shape = service.operation_model(CREATES[to]).input_shape
    (job,) = aws.jobs.values()
    for name, member in shape.members.items():
        pattern = member.metadata.get("pattern")
        if pattern and isinstance(job.get(name), str):
            assert re.fullmatch(pattern, job[name]), name
            assert len(job[name]) <= member.metadata.get("max", 10_000)


@BOTH
def test_a_finished_job_has_its_model(to: str, frozen: Path, aws: Any) -> None:
    _go(frozen, to)
    (job,) = aws.jobs.values()
    job["status"] = "Completed"
    result = _go(frozen, to, detach=False)
    assert result.status == "succeeded"
    models = {"bedrock": "arn:aws:bedrock:us-east-1:123456789012:custom-model/m/1"}
    assert result.model == models.get(to, "s3://bucket/model.tar.gz")


@BOTH
@pytest.mark.parametrize(("said", "status"), [("Failed", "failed"), ("Stopped", "cancelled")])
def test_a_job_that_ends_badly_says_why(to: str, said: str, status: str, frozen: Path, aws: Any) -> None:
    _go(frozen, to)
    (job,) = aws.jobs.values()
    job |= {"status": said, "failureMessage": "line 3 is no JSON"}
    result = _go(frozen, to, detach=False)
    assert (result.status, result.model, result.message) == (status, None, "line 3 is no JSON")


@BOTH
@pytest.mark.parametrize("how", ["lost", "busy"])
@pytest.mark.parametrize("which", ["PutObject", "job"])
def test_a_fault_in_a_creating_call_makes_no_double(
    to: str, how: str, which: str, frozen: Path, aws: Any
) -> None:
    operation = CREATES[to] if which == "job" else which
    getattr(aws, how).append(operation)
    result = _go(frozen, to)
    assert result.status == "started"
    assert len(aws.jobs) == 1
    assert _stored(aws) == STORED[to]
    puts = len(STORED[to])
    again = how == "busy" or (to == "sagemaker" and which == "PutObject")
    made = 2 if which == "job" and how == "busy" else 1
    assert aws.count(CREATES[to]) == made
    assert aws.count("PutObject") == puts + (again and which == "PutObject")


@BOTH
@pytest.mark.parametrize("how", ["lost", "busy"])
def test_a_fault_in_a_reading_call_is_waited_out(to: str, how: str, frozen: Path, aws: Any) -> None:
    reads = {
        "bedrock": ["GetModelCustomizationJob"],
        "sagemaker": ["DescribeTrainingJob", "DescribeHubContent"],
    }
    getattr(aws, how).extend(["HeadObject", *reads[to]])
    assert _go(frozen, to).status == "started"
    assert (len(aws.jobs), aws.count(CREATES[to])) == (1, 1)


@BOTH
def test_without_the_right_to_list_a_bucket_the_files_are_written(to: str, frozen: Path, aws: Any) -> None:
    aws.denied.add("HeadObject")
    assert _go(frozen, to).status == "started"
    assert _stored(aws) == STORED[to]


@BOTH
def test_a_lost_workspace_finds_its_files_and_job(to: str, frozen: Path, aws: Any) -> None:
    first = _go(frozen, to)
    calls = aws.count("PutObject")
    (frozen / "models" / f"{to}-v1" / "launch.jsonl").unlink()
    again = _go(frozen, to)
    assert (again.key, again.files, again.job_id) == (first.key, first.files, first.job_id)
    assert (aws.count("PutObject"), aws.count(CREATES[to])) == (calls, 1)


def _killed(out: Path, to: str, number: int) -> int | None:
    """The exit code of a launch that is killed before a line of its journal."""

    def work() -> None:
        write = Journal.write

        def dying(self: Journal, event: str, /, **facts: Any) -> None:
            if len(self.lines) == number:
                os.kill(os.getpid(), signal.SIGKILL)
            write(self, event, **facts)

        Journal.write = dying  # type: ignore[method-assign]
        _go(out, to)
        os._exit(0)

    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    process.join(60)
    return process.exitcode


@BOTH
def test_a_launch_killed_at_any_line_of_the_journal_makes_no_double(to: str, frozen: Path, aws: Any) -> None:
    import boto3  # noqa: F401  before the forks

    _go(frozen, to)
    journal = frozen / "models" / f"{to}-v1" / "launch.jsonl"
    lines, puts = len(journal.read_text().splitlines()), aws.count("PutObject")
    assert lines == 7
    for number in range(lines):
        journal.unlink()
        for things in (aws.objects, aws.jobs, aws.calls):
            things.clear()
        assert _killed(frozen, to, number) == -signal.SIGKILL
        assert _go(frozen, to).status == "started"
        assert (number, len(aws.jobs), _stored(aws)) == (number, 1, STORED[to])
        assert (number, aws.count(CREATES[to]), aws.count("PutObject")) == (number, 1, puts)


def test_a_service_without_a_validation_file_is_sent_none(freeze_rows: Any, aws: Any) -> None:
    result = _go(freeze_rows(100, 4, 0), "bedrock", target="bedrock-distillation")
    assert list(result.files) == ["train"]
    assert _stored(aws) == ["tuneset-KEY-train.jsonl"]
    (job,) = aws.jobs.values()
    assert "validationDataConfig" not in job


def test_a_version_that_is_too_small_is_refused_before_the_upload(frozen: Path, aws: Any) -> None:
    with pytest.raises(RecipeError, match="20 training rows are fewer"):
        _go(frozen, "bedrock", target="bedrock-nova-2", model="amazon.nova-2-lite-v1:0:256k")
    assert aws.calls == []


@pytest.mark.parametrize(
    ("recipe", "target", "settings", "said"),
    [
        (
            "train: {learning_rate: 0.001}\n",
            "bedrock-nova",
            {},
            "learningRate is 0.001, and for bedrock-nova",
        ),
        ("", "bedrock-llama", {"epochCount": 11}, "epochCount is 11, and for bedrock-llama"),
    ],
)
def test_values_outside_the_range_are_refused_before_anything_is_sent(
    recipe: str, target: str, settings: dict[str, Any], said: str, frozen: Path, aws: Any
) -> None:
    (frozen / "tuneset.yaml").write_text(recipe)
    with pytest.raises(ServiceError, match=said):
        _go(frozen, "bedrock", target=target, settings=settings)
    assert aws.calls == []


@BOTH
def test_the_recipes_epochs_are_counted_into_the_cost(to: str, frozen: Path) -> None:
    (frozen / "tuneset.yaml").write_text("train: {epochs: 4}\n")
    offer = launch(frozen, to=to, model=MODEL[to], dry_run=True).offer
    assert offer is not None
    told = offer.spend
    assert told["cost"]["epochs"] == 4
    assert told["cost"]["billed_tokens"] == 4 * told["tokens"]["splits"]["train"]["tokens"]


def test_part_epochs_are_refused(frozen: Path, aws: Any) -> None:
    (frozen / "tuneset.yaml").write_text("train: {epochs: 1.5}\n")
    for to, said in (("bedrock", r"train.epochs is 1.5"), ("sagemaker", r"train.epochs is 1.5")):
        with pytest.raises(RecipeError, match=said):
            _go(frozen, to)
    assert aws.calls == []


def test_a_licence_must_be_accepted(frozen: Path, aws: Any) -> None:
    with pytest.raises(ServiceError, match="licence of .* has not been accepted") as error:
        _go(frozen, "sagemaker", settings={})
    assert "--set accept_eula=true" in error.value.fix
    assert aws.jobs == {}


@BOTH
def test_a_refusal_is_told_without_keys(
    to: str, frozen: Path, aws: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if to == "bedrock":
        aws.denied.add("CreateModelCustomizationJob")
    else:
        monkeypatch.setitem(MODEL, "sagemaker", "no-such-model")
    with pytest.raises(ServiceError, match="AWS refuses") as error:
        _go(frozen, to)
    assert os.environ["AWS_SECRET_ACCESS_KEY"] not in f"{error.value}"
    assert aws.count(CREATES[to]) == (1 if to == "bedrock" else 0)


@BOTH
@pytest.mark.parametrize("missing", ["BUCKET", "ROLE"])
def test_a_missing_variable_is_named(
    to: str, missing: str, frozen: Path, aws: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = next(n for n in find_service(to).environment if n.startswith(f"{to.upper()}_{missing}"))
    monkeypatch.delenv(name)
    with pytest.raises(ServiceError, match=f"the variable {name} is not set"):
        _go(frozen, to)
    assert aws.calls == []


@BOTH
def test_a_dry_run_needs_neither_key_nor_network(
    to: str, frozen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (*find_service(to).environment, "AWS_CONFIG_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    calls = "\n".join(launch(frozen, to=to, model=MODEL[to], dry_run=True).calls)
    created = {"bedrock": "create_model_customization_job(", "sagemaker": "create_training_job("}
    assert created[to] in calls
    assert calls.count("upload_file(") == len(STORED[to])


def test_every_setting_of_the_recipe_is_in_amazons_words() -> None:
    train = TrainOptions(epochs=2, learning_rate=1e-5, rank=8, max_length=1024)
    given = frozenset(train.model_fields_set)
    assert find_service("bedrock").settings(train, given, 13) == {
        "epochCount": "2", "learningRate": "0.00001",
    }  # fmt: skip
    assert find_service("sagemaker").settings(train, given, 13) == {
        "epoch": "2", "learning_rate": "0.00001", "lora_r": "8", "max_input_length": "1024", "seed": "13",
    }  # fmt: skip


TUNED = "arn:aws:bedrock:us-east-1:123456789012:custom-model/amazon.nova-micro-v1:0.128k/abcdefghijkl"
TOOL = {
    "type": "function",
    "function": {"name": "find_bay", "description": "Finds a bay", "parameters": {"type": "object"}},
}


def test_a_base_model_answers_without_the_end_of_its_name(aws: Any) -> None:
    service: Any = find_service("bedrock")
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Bay 4?"}]
    reply = service.ask(NOVA, messages, [TOOL], 64)
    assert reply.text == 'North.\n{"arguments":{"bay":4},"name":"find_bay"}'
    assert (reply.stopped, reply.prompt_tokens, reply.completion_tokens) == (True, 12, 3)
    spec = {"name": "find_bay", "description": "Finds a bay", "inputSchema": {"json": {"type": "object"}}}
    assert aws.asked == [
        {
            "model": "amazon.nova-micro-v1:0",
            "system": [{"text": "Be brief."}],
            "messages": [{"role": "user", "content": [{"text": "Bay 4?"}]}],
            "toolConfig": {"tools": [{"toolSpec": spec}]},
            "inferenceConfig": {"maxTokens": 64, "temperature": 0.0},
        }
    ]
    assert service.ask(NOVA, messages, None, 1).stopped is False


def test_a_tuned_model_answers_once_it_is_deployed(aws: Any) -> None:
    service: Any = find_service("bedrock")
    asks = [{"role": "user", "content": "Bay 4?"}]
    with pytest.raises(ServiceError, match="is not deployed") as error:
        service.ask(TUNED, asks, None, 64)
    assert f"--model-arn {TUNED}" in error.value.fix
    aws.deployed.add(TUNED)
    assert service.ask(TUNED, asks, None, 64).text == "North."
    assert aws.asked[0]["model"].endswith("custom-model-deployment/abcdefghijkl")


def test_a_prompt_that_converse_cannot_tell_is_refused(aws: Any) -> None:
    service: Any = find_service("bedrock")
    with pytest.raises(ServiceError, match="two turns in a row have the same role"):
        service.ask(NOVA, [{"role": "user", "content": "a"}] * 2, None, 64)
    assert aws.asked == []
