"""`MODEL_CARD.md`, rendered from the manifest alone."""

from __future__ import annotations

from .manifest import ModelManifest


def model_card(manifest: ModelManifest) -> str:
    """The card as Markdown: what the model is, what it learnt from, how, and what that gave."""
    data, outcome = manifest.data, manifest.outcome
    train = data.splits["train"]
    left_out = {reason: len(ids) for reason, ids in train["left_out"].items()}
    rows = [
        ("Base model", f"{manifest.base.name} ({manifest.base.source})"),
        ("Base SHA-256", manifest.base.sha256),
        ("Data", f"version {data.version}, {train['rows']} rows, {train['trained_tokens']} trained tokens"),
        ("Version manifest SHA-256", data.manifest_sha256),
        ("Rows not used", ", ".join(f"{n} {reason}" for reason, n in left_out.items()) or "none"),
        (
            "Updates",
            f"{outcome.steps}, {outcome.stopped.replace('_', ' ')}; weights of step {outcome.best_step}",
        ),
        ("Validation loss", _losses(manifest)),
        ("Tokens fed", f"{outcome.tokens:,}"),
        (
            "Time",
            f"{outcome.seconds:.0f} s on {manifest.hardware.get('gpu', manifest.hardware['processor'])}",
        ),
        ("Trainable parameters", f"{outcome.trainable_parameters:,}"),
    ]
    facts = "\n".join(f"| {name} | {value} |" for name, value in rows)
    settings = "\n".join(
        f"| {name} | {s['value']} | {s['origin']} | {s.get('why', '')} |"
        for name, s in manifest.settings.items()
    )
    libraries = ", ".join(f"{name} {version}" for name, version in manifest.libraries.items())
    return f"""# {manifest.run}

An adapter trained by Tuneset {manifest.tuneset_version} on rows that people approved, and on nothing else.

| | |
|---|---|
{facts}

## Settings

| setting | value | origin | why |
|---|---|---|---|
{settings}

## Use

```python
from peft import AutoPeftModelForCausalLM
from transformers import AutoTokenizer

model = AutoPeftModelForCausalLM.from_pretrained("adapter")
tokenizer = AutoTokenizer.from_pretrained("adapter")
```

`adapter/adapter_config.json` names the base model's folder. Prompts must go through the tokenizer's chat
template, as in training.

## Lineage

`manifest.json` lists every training row, the hash of every file, and the libraries: {libraries}.
"""


def _losses(manifest: ModelManifest) -> str:
    outcome = manifest.outcome
    if outcome.validation_loss is None or outcome.base_validation_loss is None:
        return "not measured: the version has no validation rows"
    return f"{outcome.validation_loss:.4f} nats a token; the base model {outcome.base_validation_loss:.4f}"
