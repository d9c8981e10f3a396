"""Supervised fine-tuning of an adapter on a frozen version."""

from __future__ import annotations

import hashlib
import shutil
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..schemas.errors import WorkspaceError
from ..schemas.files import sha256_file, write_json, write_text
from ..schemas.names import check_name
from ..schemas.version_info import VERSION, code_sha256
from ..schemas.workspace import Workspace
from .claim import building
from .hardware import describe, prepare_threads
from .loading import LoadedModel, require_train_extra
from .manifest import BaseRecord, DataRecord, ModelManifest, Outcome, library_versions
from .methods import METHODS
from .model_card import model_card
from .models import resolve
from .plan import Plan, make_plan
from .progress import Progress, silent
from .quiet import hushed
from .settings import read_options
from .version import load_version

if TYPE_CHECKING:
    from .trainer import ChatTrainer
    from .watch import Watch


@dataclass(frozen=True)
class TrainResult:
    """A finished training run.

    Args:
        run: Its name.
        folder: `models/RUN`, complete.
        manifest: What is in `manifest.json`.
    """

    run: str
    folder: Path
    manifest: ModelManifest


def train(
    out: str | Path,
    *,
    version: str | None = None,
    base: str | None = None,
    method: str | None = None,
    epochs: float | None = None,
    name: str = "run1",
    progress: Progress | None = None,
) -> TrainResult:
    """Train an adapter on a frozen version and store it as `models/NAME`.

    Settings that are not arguments come from the section `train` of the workspace's `tuneset.yaml`;
    what is set nowhere is derived from model and data. Nothing appears under the final name before
    everything is there.

    Args:
        out: The workspace folder.
        version: A frozen version; None takes the one frozen last.
        base: A known base model, a hub id or a folder.
        method: A training method; `lora`.
        epochs: Passes over the training rows.
        name: Name of the model.
        progress: Receives one line of text now and then.

    Raises:
        WorkspaceError: There is no such version, or the name is taken.
        VersionError: The version was changed or holds rows that nobody approved, or no usable row.
        RecipeError: A setting is wrong, or rows are too long.
        ModelError: The base model cannot be used, or training diverged.
        MissingExtraError: The training libraries are not installed.
    """
    say = progress or silent
    folder = Workspace.at(out).model(check_name(name, "model"))
    if folder.exists():
        raise WorkspaceError(
            f"the name {name!r} is taken",
            where=str(folder),
            fix="choose another --name, or delete that folder",
        )
    options, seed, given = read_options(out, base=base, method=method, epochs=epochs)
    frozen = load_version(out, version)
    require_train_extra("tuneset train")
    prepare_threads()
    plan = make_plan(frozen, resolve(options.base, progress=say), options, seed, given, say)
    with building(folder, replace=False) as temporary:
        manifest = _run(plan, temporary, name, say)
    return TrainResult(name, folder, manifest)


def _run(plan: Plan, folder: Path, name: str, say: Progress) -> ModelManifest:
    from .watch import Watch

    started_at = datetime.now(UTC).isoformat(timespec="seconds")
    started = time.monotonic()
    watch = Watch(folder / "metrics.jsonl", say)
    with hushed():
        trainer = _trainer(plan, folder / "checkpoints", watch)
        trainer.train()
        watch.require_sane(plan.settings["learning_rate"])
        model: Any = trainer.model
        model.save_pretrained(folder / "adapter", safe_serialization=True)
        (folder / "adapter" / "README.md").unlink(missing_ok=True)  # a form that nobody filled in
        plan.loaded.chat.tokenizer.save_pretrained(folder / "adapter")
    shutil.rmtree(folder / "checkpoints", ignore_errors=True)
    outcome = _outcome(trainer, watch, round(time.monotonic() - started, 2))
    manifest = ModelManifest(
        run=name,
        tuneset_version=VERSION,
        code_sha256=code_sha256(),
        started_at=started_at,
        base=_base_record(plan.loaded),
        data=_data_record(plan),
        settings=plan.settings.as_records(),
        outcome=outcome,
        hardware=describe(plan.device),
        libraries=library_versions(),
        files={},
    )
    write_text(folder / "MODEL_CARD.md", model_card(manifest))
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    hashes = {p.relative_to(folder).as_posix(): sha256_file(p) for p in files}
    manifest = manifest.model_copy(update={"files": hashes})
    write_json(folder / "manifest.json", manifest.model_dump())
    return manifest


def _trainer(plan: Plan, folder: Path, watch: Watch) -> ChatTrainer:
    from transformers import EarlyStoppingCallback, PrinterCallback

    from .trainer import ChatTrainer, token_dataset

    tokenizer = plan.loaded.chat.tokenizer
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token_id = plan.loaded.pad_id
    validation = sorted(plan.validation.used, key=lambda r: len(r.tokens.input_ids))
    trainer = ChatTrainer(
        model=plan.loaded.model,
        args=_arguments(plan, folder),
        train_dataset=token_dataset(plan.train.used),
        eval_dataset=token_dataset(validation) if validation else None,
        processing_class=tokenizer,
        peft_config=METHODS[plan.settings["method"]](plan.settings),
        lengths=[len(r.tokens.input_ids) for r in plan.train.used],
        callbacks=[watch],
    )
    trainer.remove_callback(PrinterCallback)  # it prints on stdout
    if validation:
        trainer.add_callback(EarlyStoppingCallback(plan.settings["patience"]))
    return trainer


def _arguments(plan: Plan, folder: Path) -> Any:
    from trl.trainer.sft_config import SFTConfig

    settings = plan.settings
    every = settings["evaluate_every"]
    evaluation: dict[str, Any] = {"eval_strategy": "no", "save_strategy": "no"}
    if every is not None:
        evaluation = {
            "eval_strategy": "steps",
            "eval_steps": every,
            "eval_on_start": True,
            "save_strategy": "steps",
            "save_steps": every,
            "save_total_limit": 1,
            "load_best_model_at_end": True,
            "metric_for_best_model": "eval_loss",
            "greater_is_better": False,
        }
    return SFTConfig(
        output_dir=str(folder),
        per_device_train_batch_size=settings["micro_batch"],
        per_device_eval_batch_size=settings["micro_batch"],
        gradient_accumulation_steps=settings["batch_size"] // settings["micro_batch"],
        max_steps=settings["steps"],
        learning_rate=settings["learning_rate"],
        lr_scheduler_type=settings["schedule"],
        warmup_steps=settings["warmup_steps"],
        weight_decay=0.0,
        optim="adamw_torch_fused",
        use_cpu=plan.device.type == "cpu",
        bf16=True,
        gradient_checkpointing=settings["activation_checkpointing"],
        max_length=None,
        packing=False,
        dataset_kwargs={"skip_prepare_dataset": True},
        logging_steps=1,
        logging_nan_inf_filter=False,
        seed=settings["seed"],
        report_to=[],
        disable_tqdm=True,
        dataloader_pin_memory=plan.device.type != "cpu",
        **evaluation,
    )


def _outcome(trainer: ChatTrainer, watch: Watch, seconds: float) -> Outcome:
    best_step, best_loss, base_loss = watch.best()
    state, model = trainer.state, trainer.accelerator.unwrap_model(trainer.model)
    trained = [r["loss"] for r in watch.history if "loss" in r]
    return Outcome(
        steps=state.global_step,
        tokens=trainer.tokens_fed,
        seconds=seconds,
        stopped="finished" if state.global_step >= state.max_steps else "early_stopping",
        best_step=state.global_step if best_step is None else best_step,
        base_validation_loss=base_loss,
        validation_loss=best_loss,
        train_loss=trained[-1] if trained else None,
        trainable_parameters=sum(p.numel() for p in model.parameters() if p.requires_grad),
    )


def _base_record(loaded: LoadedModel) -> BaseRecord:
    template = str(loaded.chat.tokenizer.chat_template)
    return BaseRecord(
        name=loaded.base.name,
        source=loaded.base.source,
        sha256=loaded.base.sha256,
        files=loaded.base.files,
        chat_template_sha256=hashlib.sha256(template.encode()).hexdigest(),
    )


def _data_record(plan: Plan) -> DataRecord:
    lines = "".join(f"{row.row_id} {row.content_id}\n" for row in plan.train.used)
    return DataRecord(
        version=plan.version.name,
        manifest_sha256=plan.version.manifest_sha256,
        rows_sha256=hashlib.sha256(lines.encode()).hexdigest(),
        row_ids=[row.row_id for row in plan.train.used],
        content_ids=[row.content_id for row in plan.train.used],
        splits={"train": plan.train.counts(), "validation": plan.validation.counts()},
    )
