"""What AWS's own tools say of Bedrock exports: botocore's shapes, the SDK running the script, AWS's checkers."""

from __future__ import annotations

import importlib.util
import inspect
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from tuneset.curate.export.bedrock_script import JOB_SCRIPT, RFT_SCRIPT
from tuneset.curate.export.sagemaker_script import ESTIMATOR
from tuneset.curate.export.sidecars import Exported
from tuneset.schemas.providers.bedrock_jobs import JOBS
from tuneset.schemas.recipe import TrainOptions

TESTS = Path(__file__).parent.parent


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"tuneset_test_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


oracle = _load(TESTS / "curate/oracles/bedrock.py")
rows = _load(TESTS / "schemas/providers/test_bedrock.py")
loopback = _load(TESTS / "aws_loopback.py")
TARGET_OF = {
    rows.NovaRow: "bedrock-nova",
    rows.Nova2Row: "bedrock-nova-2",
    rows.NovaPreferenceRow: "bedrock-nova-dpo",
    rows.ClaudeRow: "bedrock-claude",
    rows.LlamaRow: "bedrock-llama",
    rows.PairRow: "bedrock-llama-3-1",
    rows.DistillationRow: "bedrock-distillation",
    rows.RftRow: "bedrock-rft",
}


def told(target: str, folder: Path, train: TrainOptions, **more: Any) -> Exported:
    given = frozenset(train.model_fields_set)
    files = {"train": "train.jsonl", "validation": "validation.jsonl"}
    return Exported(target, "v1", folder, {"train": 100, "validation": 9}, files, train, given, **more)


def plain_json(value: Any) -> Any:
    """A copy as JSON has it."""
    return json.loads(json.dumps(value))


@pytest.mark.parametrize("target", sorted(oracle.CONVERSE))
def test_botocore_takes_the_shape_of_every_valid_row(target: str) -> None:
    pytest.importorskip("botocore")
    valid = [row for model, row in rows.VALID if TARGET_OF[model] == target]
    assert valid
    assert oracle.accepts(target, plain_json(valid)) == [None] * len(valid)


@pytest.mark.parametrize("target", sorted(TARGET_OF.values()))
def test_awss_checkers_take_every_valid_row(target: str) -> None:
    if not os.environ.get(oracle.SAMPLES):
        pytest.skip(f"{oracle.SAMPLES} names no checkouts of aws-samples")
    valid = [row for model, row in rows.VALID if TARGET_OF[model] == target]
    assert oracle.accepts(target, valid) == [None] * len(valid)


@pytest.mark.parametrize("target", sorted(JOBS))
def test_the_script_uploads_and_starts_one_job_however_often_it_runs(target: str, tmp_path: Path) -> None:
    pytest.importorskip("boto3")
    train = TrainOptions(epochs=4, learning_rate=1e-5, batch_size=32)
    (tmp_path / "job.py").write_text(JOB_SCRIPT.write(told(target, tmp_path, train)), encoding="utf-8")
    (tmp_path / "train.jsonl").write_text('{"a":1}\n', encoding="utf-8")
    (tmp_path / "validation.jsonl").write_text('{"a":2}\n', encoding="utf-8")
    with loopback.serving() as aws:
        role = "arn:aws:iam::123456789012:role/tuner"
        more = {**aws.environment(), "BEDROCK_BUCKET": "my-bucket", "BEDROCK_ROLE_ARN": role}
        for _ in range(2):
            done = subprocess.run(
                [sys.executable, str(tmp_path / "job.py")],
                env={**os.environ, **more},
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("arn:aws:bedrock:")
        (job,) = aws.jobs.values()
        stored = {name.rsplit("/", 1)[1]: data for name, data in aws.objects.items()}
    kind = JOBS[target]
    assert stored == {"train.jsonl": b'{"a":1}\n'} | (
        {"validation.jsonl": b'{"a":2}\n'} if kind.validation else {}
    )
    assert job["roleArn"] == role
    assert job["customizationType"] == kind.customization
    assert job["trainingDataConfig"]["s3Uri"].startswith("s3://my-bucket/tuneset/")
    assert ("validationDataConfig" in job) == kind.validation
    assert ("customizationConfig" in job) == (kind.customization == "DISTILLATION")
    expected = {"epochs": "4", "learning_rate": "0.00001", "batch_size": "32"}
    assert job["hyperParameters"] == {
        h.name: expected[setting] for setting, h in kind.settings.items() if setting in expected
    }


def test_a_setting_outside_the_services_range_is_left_out_with_a_comment(tmp_path: Path) -> None:
    script = JOB_SCRIPT.write(told("bedrock-nova", tmp_path, TrainOptions(epochs=7.5, learning_rate=2e-4)))
    assert "HYPERPARAMETERS = {}" in script
    assert "# the recipe's epochs 7.5 is left out: epochCount is a whole number from 1 to 5 there" in script
    assert "learningRate is a number from 0.000001 to 0.0001 there" in script


def test_only_stated_settings_are_sent(tmp_path: Path) -> None:
    assert "HYPERPARAMETERS = {}" in JOB_SCRIPT.write(told("bedrock-nova", tmp_path, TrainOptions()))


def test_the_rft_script_calls_the_sdk_as_it_is(tmp_path: Path) -> None:
    """Every keyword of the script's calls is a parameter of the OpenAI SDK's methods."""
    openai = pytest.importorskip("openai")
    script = RFT_SCRIPT.write(told("bedrock-rft", tmp_path, TrainOptions(epochs=2)))
    assert "HYPERPARAMETERS = {'n_epochs': 2}" in script
    client = openai.OpenAI(api_key="k", base_url="http://127.0.0.1:9")
    inspect.signature(client.files.create).bind(file=b"", purpose="fine-tune")
    inspect.signature(client.fine_tuning.jobs.create).bind(model="m", training_file="f", extra_body={})


ESTIMATOR_PARAMETERS = {"model_id", "role", "sagemaker_session", "environment", "instance_type", "region"}
"""Some parameters of JumpStartEstimator in sagemaker 2.257.7."""


@pytest.mark.parametrize(
    ("target", "flags"), [("sagemaker", ("True", "False")), ("sagemaker-chat", ("False", "True"))]
)
def test_the_estimator_script_has_string_hyperparameters_and_known_parameters(
    target: str, flags: tuple[str, str], tmp_path: Path
) -> None:
    import ast

    train = TrainOptions(epochs=2, learning_rate=2e-4, rank=8, batch_size=8)
    exported = told(target, tmp_path, train, seed=7)
    files = {"train": "training/train.jsonl", "validation": "validation/validation.jsonl"}
    tree = ast.parse(ESTIMATOR.write(Exported(**{**vars(exported), "files": files})))
    constants = {
        node.targets[0].id: ast.literal_eval(node.value)  # pyright: ignore[reportAttributeAccessIssue]
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict)
    }
    assert constants["CHANNELS"] == {"training": "training", "validation": "validation"}
    assert constants["HYPERPARAMETERS"] == {
        "instruction_tuned": flags[0],
        "chat_dataset": flags[1],
        "epoch": "2",
        "learning_rate": "0.0002",
        "lora_r": "8",
        "seed": "7",
    }
    calls = {
        ast.unparse(node.func): {k.arg for k in node.keywords}
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    }
    assert calls["JumpStartEstimator"] <= ESTIMATOR_PARAMETERS
    assert calls["session.upload_data"] <= {"path", "bucket", "key_prefix", "callback", "extra_args"}
