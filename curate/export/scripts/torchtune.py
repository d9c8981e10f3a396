"""`lora.yaml` for torchtune's recipe lora_finetune_single_device."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from string import Template

from ....schemas.training_rules import Settings
from ..settings import training_settings
from ..sidecars import Exported, Sidecar
from .constants import title
from .yaml_text import scalar

_QWEN = """\
  _component_: torchtune.models.qwen2_5.qwen2_5_tokenizer
  path: $folder/vocab.json
  merges_file: $folder/merges.txt"""
_LLAMA = """\
  _component_: torchtune.models.llama3.llama3_tokenizer
  path: $folder/original/tokenizer.model"""
_PHI = """\
  _component_: torchtune.models.phi4.phi4_tokenizer
  vocab_path: $folder/vocab.json
  merges_path: $folder/merges.txt"""


@dataclass(frozen=True)
class Builder:
    """What torchtune calls a model.

    Args:
        component: The function that builds it with LoRA.
        tokenizer: The section of its tokenizer.
        model_type: The checkpointer's name of its family.
        files: Safetensors files of its weights on the hub.
    """

    component: str
    tokenizer: str
    model_type: str
    files: int


BUILDERS: dict[str, Builder] = {
    "Qwen/Qwen2.5-0.5B-Instruct": Builder("qwen2_5.lora_qwen2_5_0_5b", _QWEN, "QWEN2", 1),
    "Qwen/Qwen2.5-1.5B-Instruct": Builder("qwen2_5.lora_qwen2_5_1_5b_instruct", _QWEN, "QWEN2", 1),
    "Qwen/Qwen2.5-3B-Instruct": Builder("qwen2_5.lora_qwen2_5_3b", _QWEN, "QWEN2", 2),
    "Qwen/Qwen2.5-7B-Instruct": Builder("qwen2_5.lora_qwen2_5_7b_instruct", _QWEN, "QWEN2", 4),
    "Qwen/Qwen2.5-14B-Instruct": Builder("qwen2_5.lora_qwen2_5_14b_instruct", _QWEN, "QWEN2", 8),
    "meta-llama/Llama-3.2-1B-Instruct": Builder("llama3_2.lora_llama3_2_1b", _LLAMA, "LLAMA3_2", 1),
    "meta-llama/Llama-3.2-3B-Instruct": Builder("llama3_2.lora_llama3_2_3b", _LLAMA, "LLAMA3_2", 2),
    "meta-llama/Llama-3.1-8B-Instruct": Builder("llama3_1.lora_llama3_1_8b", _LLAMA, "LLAMA3", 4),
    "microsoft/phi-4": Builder("phi4.lora_phi4_14b", _PHI, "PHI4", 6),
}
"""Hub id to builder: the configs that torchtune 0.6.1 ships (recipes/configs), read 2026-11."""
FALLBACK = "Qwen/Qwen2.5-0.5B-Instruct"

YAML = """\
# LoRA with torchtune on the rows of this folder; every assistant turn is learnt.
#
#   pip install torchtune==0.6.1 torchao==0.10.0
#   cd THIS_FOLDER
#   tune download $base --output-dir $folder
#   tune run lora_finetune_single_device --config lora.yaml
#
# Version $version for torchtune: $counts rows. The recipe has no validation; validation rows are for you.
# torchtune is no longer developed (github.com/meta-pytorch/torchtune/issues/2883). The settings are those of
# the recipe that the version was exported with; each says where its value comes from.
$warning
output_dir: ../$name-adapter

model:
  _component_: torchtune.models.$component
  lora_attn_modules: [q_proj, k_proj, v_proj, output_proj]
  apply_lora_to_mlp: true
  apply_lora_to_output: false
  lora_rank: $rank
  lora_alpha: $alpha
  lora_dropout: 0.0

tokenizer:
$tokenizer
  max_seq_len: $max_length

checkpointer:
  _component_: torchtune.training.FullModelHFCheckpointer
  checkpoint_dir: $folder
  checkpoint_files: $files
  recipe_checkpoint: null
  output_dir: $${output_dir}
  model_type: $model_type
resume_from_checkpoint: false
save_adapter_weights_only: true

dataset:
  _component_: torchtune.datasets.chat_dataset
  source: json
  data_files: train.jsonl
  split: train
  conversation_column: messages
  conversation_style: openai
  train_on_input: false
  packed: false
seed: $seed
shuffle: true

epochs: $epochs
max_steps_per_epoch: null
batch_size: $micro_batch
gradient_accumulation_steps: $accumulation
optimizer:
  _component_: torch.optim.AdamW
  fused: true
  weight_decay: 0.0
  lr: $learning_rate
lr_scheduler:
  _component_: torchtune.training.lr_schedulers.get_cosine_schedule_with_warmup
  num_warmup_steps: $warmup_steps
loss:
  _component_: torchtune.modules.loss.CEWithChunkedOutputLoss
clip_grad_norm: 1.0

device: cuda
dtype: bf16
compile: false
enable_activation_checkpointing: true
enable_activation_offloading: false

metric_logger:
  _component_: torchtune.training.metric_logging.DiskLogger
  log_dir: $${output_dir}/logs
log_every_n_steps: 1
log_peak_memory_stats: true
profiler:
  _component_: torchtune.training.setup_torch_profiler
  enabled: false
"""


def write(told: Exported) -> str:
    """The text of `lora.yaml`."""
    settings = training_settings(told)
    base = settings["base"] if settings["base"] in BUILDERS else FALLBACK
    builder = BUILDERS[base]
    folder = "models/" + base.rsplit("/", 1)[-1]
    values = {
        name: f"{scalar(settings[name])}  # {settings.origins[name].note}"
        for name in ("rank", "alpha", "seed", "micro_batch", "accumulation", "learning_rate", "warmup_steps")
    }
    return Template(YAML).substitute(
        values,
        base=base,
        folder=folder,
        warning=_warning(settings, base),
        version=title(told.version),
        counts=" and ".join(f"{n:,} {split}" for split, n in told.rows.items()),
        name=title(told.folder.name),
        component=builder.component,
        tokenizer=Template(builder.tokenizer).substitute(folder=folder),
        files=_files(builder.files),
        model_type=builder.model_type,
        max_length=_max_length(told),
        epochs=_epochs(settings),
    )


CONFIG = Sidecar("lora.yaml", write, "a config of torchtune's recipe lora_finetune_single_device")


def _warning(settings: Settings, base: str) -> str:
    if settings["base"] == base:
        return ""
    stated = json.dumps(settings["base"], ensure_ascii=False)
    return (
        f"#\n# ATTENTION: torchtune ships no config for the recipe's base model, {stated}.\n"
        f"# This file trains {base} in its place: change model, tokenizer and checkpointer for another.\n"
    )


def _files(count: int) -> str:
    if count == 1:
        return "[model.safetensors]"
    return f'{{filename_format: "model-{{}}-of-{{}}.safetensors", max_filename: "{count:05d}"}}'


def _max_length(told: Exported) -> str:
    if told.train.max_length is None:
        return "null  # derived: no row is cut"
    return f"{told.train.max_length}  # given; torchtune cuts the end of longer rows"


def _epochs(settings: Settings) -> str:
    """Epochs as a whole number, which is what torchtune counts."""
    epochs, note = settings["epochs"], settings.origins["epochs"].note
    whole = math.ceil(epochs)
    return f"{whole}  # {note}" if whole == epochs else f"{whole}  # {note}, {epochs:g}; whole epochs only"
