"""What stands beside the rows of a SageMaker export: the template and a script that starts a job."""

from __future__ import annotations

import json

from ...schemas.providers.sagemaker_jobs import KINDS, MODEL, hyperparameters
from .sidecars import Exported, Sidecar

TEMPLATE = {"prompt": "{prompt}", "completion": "{completion}"}
"""Prompt and completion as they are; text may be put around the places, and braces doubled."""

_SCRIPT = '''"""Tune a SageMaker JumpStart model with the files of this folder.

    pip install "sagemaker>=2.200,<3"
    SAGEMAKER_ROLE=arn:aws:iam::123456789012:role/my-role AWS_DEFAULT_REGION=us-east-1 python estimator.py

Keys come from the AWS environment; the files go to the session's default bucket. A model with a
licence of its own asks you to accept it: set ACCEPT_EULA=true once you have read it.
"""

import os
from pathlib import Path

from sagemaker.jumpstart.estimator import JumpStartEstimator
from sagemaker.session import Session

HERE = Path(__file__).resolve().parent
MODEL_ID = os.environ.get("SAGEMAKER_MODEL_ID", {model!r})
CHANNELS = {channels!r}
HYPERPARAMETERS = {hyperparameters!r}  # texts, as the training script wants them
{notes}

def main():
    """Upload the files and train."""
    session = Session()
    inputs = {{
        channel: session.upload_data(str(HERE / folder), key_prefix=f"tuneset/{version}/{{channel}}")
        for channel, folder in CHANNELS.items()
    }}
    estimator = JumpStartEstimator(
        model_id=MODEL_ID,
        role=os.environ["SAGEMAKER_ROLE"],
        sagemaker_session=session,
        environment={{"accept_eula": os.environ.get("ACCEPT_EULA", "false")}},
    )
    estimator.set_hyperparameters(**HYPERPARAMETERS)
    estimator.fit(inputs)
    print(estimator.latest_training_job.name)


if __name__ == "__main__":
    main()
'''


def _write_script(told: Exported) -> str:
    stated = {"epochs", "rank"} | told.given
    given = {name: getattr(told.train, name) for name in stated}
    taken, refused = hyperparameters(given)
    notes = [
        f"# the recipe's {name} {given[name]!r} is left out: {h.name} is {h.says} there"
        for name, h in refused.items()
    ]
    if "batch_size" in told.given:
        notes.append(
            f"# the recipe's batch_size {told.train.batch_size} is rows an update: set "
            "per_device_train_batch_size to it divided by the instance's devices"
        )
    channels = {"train": "training", "validation": "validation"}
    return _SCRIPT.format(
        model=MODEL,
        channels={channels[split]: file.split("/")[0] for split, file in told.files.items()},
        hyperparameters={**KINDS[told.target], **taken, "seed": str(told.seed)},
        notes="\n".join([*notes, ""]) if notes else "",
        version=f"{told.target}-{told.version}",
    )


def _write_template(_: Exported) -> str:
    return json.dumps(TEMPLATE, indent=2) + "\n"


TEMPLATE_FILE = Sidecar(
    "training/template.json", _write_template, "how a row becomes a prompt and a completion"
)
ESTIMATOR = Sidecar("estimator.py", _write_script, "uploads the folders and trains, with the SageMaker SDK")
