"""The files beside Mistral fine-tuning files: a script for the API, a config for mistral-finetune."""

from __future__ import annotations

import json
import math

from ..sidecars import Exported, Sidecar

BASE_MODEL = "open-mistral-nemo"

_SCRIPT = '''"""Upload the rows beside this file and start a fine-tuning job of the Mistral API.

    pip install "mistralai==2.5.0"
    export MISTRAL_API_KEY=...
    python job.py

Later versions of the SDK have no fine_tuning. The job is made first, without starting; it starts once the
service has found the files good.
"""

import os
import time
from pathlib import Path

from mistralai.client import Mistral

BASE_MODEL = {base!r}
TRAIN = {train!r}
VALIDATION = {validation!r}
HYPERPARAMETERS = {hyperparameters!r}
SUFFIX = {suffix!r}

HERE = Path(__file__).resolve().parent
SERVER = os.environ.get("MISTRAL_SERVER_URL", "https://api.mistral.ai")


def upload(client: Mistral, name: str) -> str:
    with open(HERE / name, "rb") as file:
        return client.files.upload(file={{"file_name": name, "content": file}}, purpose="fine-tune").id


def main() -> None:
    with Mistral(api_key=os.environ["MISTRAL_API_KEY"], server_url=SERVER) as client:
        train = upload(client, TRAIN)
        validation = [upload(client, VALIDATION)] if VALIDATION else None
        jobs = client.fine_tuning.jobs
        job = jobs.create(
            model=BASE_MODEL,
            training_files=[{{"file_id": train, "weight": 1}}],
            validation_files=validation,
            hyperparameters=HYPERPARAMETERS,
            suffix=SUFFIX,
            auto_start=False,
        )
        print(job.id)
        while (status := jobs.get(job_id=job.id).status) in ("QUEUED", "VALIDATING"):
            time.sleep(5)
        if status != "VALIDATED":
            raise SystemExit(f"the service does not take the files: {{status}}")
        print(jobs.start(job_id=job.id).status)


if __name__ == "__main__":
    main()
'''


def _job(told: Exported) -> str:
    train = told.train
    hyperparameters: dict[str, float] = {"epochs": train.epochs}
    if train.learning_rate is not None:
        hyperparameters["learning_rate"] = train.learning_rate
    return _SCRIPT.format(
        base=_base(told),
        train=told.files["train"],
        validation=told.files.get("validation"),
        hyperparameters=hyperparameters,
        suffix=told.version[:18],
    )


def _base(told: Exported) -> str:
    stated = told.train.base
    return stated if "base" in told.given and "tral" in stated.lower() else BASE_MODEL


def _yaml(told: Exported) -> str:
    """The config of mistral-finetune (finetune/args.py of 2026-06-12)."""
    train = told.train
    steps = math.ceil(told.rows.get("train", 0) * train.epochs / train.batch_size)
    held = "validation" in told.files
    return f"""# mistral-finetune: https://github.com/mistralai/mistral-finetune
#   torchrun --nproc-per-node 1 -m train {told.folder}/finetune.yaml
# Name the folder of the downloaded model under model_id_or_path. max_steps is rows x epochs / batch_size;
# rows are packed to seq_len tokens, so short rows need fewer: python -m utils.validate_data tells how many.
data:
  instruct_data: {_text(told, told.files["train"])}
  data: ""
  eval_instruct_data: {_text(told, told.files["validation"]) if held else '""'}
model_id_or_path: "mistral-model"
lora:
  rank: {train.rank}
seq_len: {train.max_length or 8192}
batch_size: 1
num_microbatches: {train.batch_size}
max_steps: {max(1, steps)}
optim:
  lr: {train.learning_rate or 6e-5:.1e}
  weight_decay: 0.1
  pct_start: 0.05
seed: {told.seed}
log_freq: 1
eval_freq: {max(1, steps // 3)}
no_eval: {"False" if held else "True"}
ckpt_freq: {max(1, steps // 3)}
save_adapters: True
run_dir: {_text(told, "run")}
"""


def _text(told: Exported, name: str) -> str:
    """A path in the folder as a YAML text."""
    return json.dumps(str(told.folder / name), ensure_ascii=False)


JOB = Sidecar("job.py", _job, "uploads the files and starts a job of the Mistral API: python job.py")
YAML = Sidecar("finetune.yaml", _yaml, "the config of mistral-finetune, for training on one's own machine")
