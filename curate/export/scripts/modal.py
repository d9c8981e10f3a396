"""`modal_train.py`: runs `train.py` on a GPU of Modal and keeps the adapter in a volume."""

from __future__ import annotations

from string import Template

from ....schemas.training_rules import Setting
from ..settings import parameters_of, training_settings
from ..sidecars import Exported, Sidecar
from .constants import constants, literal, title
from .trl import PINS

GPUS = ((3e9, "L4"), (14e9, "L40S"), (30e9, "H100"), (float("inf"), "H200"))
"""Most parameters of a model to the smallest GPU that trains an adapter on it in bfloat16, with room.

Memory in GB: L4 24, L40S 48, H100 80, H200 141 (modal.com/docs/guide/gpu, read 2026-11); weights take two
bytes a parameter, so a model of 3 billion takes 6 of 24.
"""
UNKNOWN_GPU = "L40S"
MOST_SECONDS = 86_400

SCRIPT = '''"""Train on a GPU of Modal with the train.py of this folder; the adapter goes to a volume.

    pip install modal
    modal setup
    modal run modal_train.py
    modal volume get $volume $name

Version $version for $target. `modal run` uploads this folder to your Modal workspace and bills the GPU for as
long as train.py runs. For a base model that the hub gates, make a secret with HF_TOKEN and name it below.
"""

import subprocess
import sys
from pathlib import Path

import modal

$constants

HERE = Path(__file__).resolve().parent
FOLDER = "/rows"
ADAPTERS = "/adapters"
CACHE = "/root/.cache/huggingface"

app = modal.App("tuneset-train")
image = (
    modal.Image.debian_slim(python_version="3.11")
    .uv_pip_install($pins)
    .add_local_dir(HERE, FOLDER, ignore=["refused.jsonl", "report.json"])
)
adapters = modal.Volume.from_name(VOLUME, create_if_missing=True)
cache = modal.Volume.from_name("huggingface-cache", create_if_missing=True)
secrets = []  # [modal.Secret.from_name("huggingface-secret")]


@app.function(
    image=image,
    gpu=GPU,
    timeout=TIMEOUT,
    volumes={ADAPTERS: adapters, CACHE: cache},
    secrets=secrets,
)
def train(max_steps: int = -1):
    output = f"{ADAPTERS}/{NAME}"
    command = [sys.executable, f"{FOLDER}/train.py", "--output", output, "--max-steps", str(max_steps)]
    subprocess.run(command, check=True)


@app.local_entrypoint()
def main(max_steps: int = -1):
    train.remote(max_steps)
    print(f"the adapter is in the volume: modal volume get {VOLUME} {NAME}")
'''


def modal_script() -> Sidecar:
    """The script; `train.py` beside it does the training."""
    return Sidecar("modal_train.py", script, "runs train.py on a GPU of Modal: modal run modal_train.py")


def script(told: Exported) -> str:
    """The text of `modal_train.py`."""
    settings = training_settings(told)
    count = parameters_of(settings["base"])
    if count is None:
        gpu = Setting(UNKNOWN_GPU, "default", "the size of the base model is not known here")
    else:
        fits = next(name for most, name in GPUS if count <= most)
        gpu = Setting(fits, "derived", f"an adapter on {count / 1e9:.2g} billion parameters in bfloat16")
    volume, name = "tuneset-adapters", told.folder.name + "-adapter"
    more = {
        "GPU": gpu,
        "TIMEOUT": Setting(MOST_SECONDS, "default", "seconds; the most that Modal allows"),
        "VOLUME": Setting(volume, "default"),
        "NAME": Setting(name, "derived", "the folder's name"),
    }
    return Template(SCRIPT).substitute(
        constants=constants(settings, {}, more),
        pins=", ".join(literal(pin) for pin in PINS),
        volume=volume,
        name=title(name),
        version=title(told.version),
        target=told.target,
    )
