"""What AWS's own tools say of Bedrock rows: botocore's Converse operation, and AWS's checkers where they are.

botocore (Apache-2.0) carries the shapes of the API. The checkers are scripts of aws-samples (MIT-0), which no
package brings: name a folder with checkouts of amazon-nova-samples and amazon-bedrock-samples in
TUNESET_AWS_SAMPLES. amzn-nova-forge (Apache-2.0, Python 3.12) has the checker of supervised Nova rows once more.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

Row = dict[str, Any]
Check = Callable[[Row], str | None]

SAMPLES = "TUNESET_AWS_SAMPLES"
CONVERSE = {"bedrock-nova", "bedrock-nova-2", "bedrock-nova-dpo", "bedrock-llama", "bedrock-distillation"}


def accepts(target_name: str, rows: list[Row]) -> list[str | None]:
    """For each row None, or why some tool refuses it.

    Raises:
        ImportError: No tool for the target is there.
    """
    checks = checks_of(target_name)
    if not checks:
        raise ImportError(f"no tool is there that checks rows of {target_name}")
    return [next((why for check in checks for why in [check(row)] if why), None) for row in rows]


def checks_of(target_name: str) -> list[Check]:
    """The checks that can run here."""
    makers = [_botocore] if target_name in CONVERSE else []
    makers += [maker for names, maker in _MAKERS if target_name in names]
    found: list[Check] = []
    for maker in makers:
        try:
            found.append(maker(target_name))
        except ImportError:
            continue
    return found


def _botocore(_: str) -> Check:
    validator, shape, pattern = _converse()

    def check(row: Row) -> str | None:
        told = {name: row[name] for name in ("messages", "system", "toolConfig") if name in row}
        told["messages"] = [turn for message in row["messages"] for turn in _plain(message)]
        report = validator.validate({"modelId": "amazon.nova-micro-v1:0", **told}, shape)
        return report.generate_report() if report.has_errors() else next(pattern(told), None)

    return check


def _plain(message: Row) -> list[Row]:
    """A message as the API has it; candidates are answers of their own, and `type` is the distiller's."""
    if "candidates" in message:
        return [{"role": message["role"], "content": c["content"]} for c in message["candidates"]]
    blocks = [{k: v for k, v in block.items() if k != "type"} for block in message["content"]]
    return [{**message, "content": blocks}]


@cache
def _converse() -> tuple[Any, Any, Callable[[Row], Iterator[str]]]:
    import re

    import botocore.session
    from botocore.validate import ParamValidator

    service = botocore.session.get_session().get_service_model("bedrock-runtime")
    shape = service.operation_model("Converse").input_shape
    name = re.compile(service.shape_for("ToolName").metadata["pattern"])
    call = re.compile(service.shape_for("ToolUseBlock").members["toolUseId"].metadata["pattern"])

    def patterns(told: Row) -> Iterator[str]:
        """Patterns and lengths, which ParamValidator leaves to the service."""
        for tool in told.get("toolConfig", {}).get("tools", []):
            spec = tool["toolSpec"]["name"]
            if not name.fullmatch(spec) or len(spec) > 64:
                yield f"tool name {spec!r}"
        for turn in told["messages"]:
            for block in turn["content"]:
                for kind in ("toolUse", "toolResult"):
                    given = block.get(kind, {}).get("toolUseId", "a")
                    if not call.fullmatch(given) or len(given) > 64:
                        yield f"toolUseId {given!r}"

    return ParamValidator(), shape, patterns


@cache
def script(name: str, having: str = "") -> Any:
    """A script of AWS's samples as a module.

    Args:
        name: The end of its path.
        having: A text that tells the right one from older copies.

    Raises:
        ImportError: TUNESET_AWS_SAMPLES is not set, or the script is not in that folder.
    """
    folder = os.environ.get(SAMPLES)
    if not folder:
        raise ImportError(f"{SAMPLES} is not set")
    for path in sorted(Path(folder).rglob(Path(name).name)):
        if path.as_posix().endswith(name) and having in path.read_text(encoding="utf-8"):
            spec = importlib.util.spec_from_file_location(f"aws_{path.stem}", path)
            assert spec is not None
            assert spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            return module
    raise ImportError(f"{name} is not in {folder}")


def _pydantic(rows: Any, /, **context: Any) -> Check:
    def check(row: Row) -> str | None:
        try:
            rows.model_validate(row, context=context or None)
        except ValueError as error:
            return str(error)
        return None

    return check


def _nova_script(target_name: str) -> Check:
    module = script("nova_ft_dataset_validator.py", "CandidatesMessage")
    name = "ConverseDatasetSampleWithCandidates" if target_name.endswith("dpo") else "ConverseDatasetSample"
    return _pydantic(
        getattr(module, name), model_name="lite-2.0" if target_name.endswith("-2") else "lite-1.0"
    )


def _nova_forge(target_name: str) -> Check:
    from amzn_nova_forge.core.enums import Model  # pyright: ignore[reportMissingImports]
    from amzn_nova_forge.dataset.dataset_validator import sft_dataset_validator  # pyright: ignore

    model = Model.NOVA_LITE_2 if target_name.endswith("-2") else Model.NOVA_LITE
    return _pydantic(sft_dataset_validator.SFTConverseDatasetSample, model=model)


def _rft_forge(_: str) -> Check:
    from amzn_nova_forge.dataset.dataset_validator import rft_dataset_validator  # pyright: ignore

    return _pydantic(rft_dataset_validator.RFTDatasetSample)


def _rft_openai(_: str) -> Check:
    from openai.types.chat import ChatCompletionMessageParam
    from pydantic import TypeAdapter

    turns = TypeAdapter(list[ChatCompletionMessageParam])

    def check(row: Row) -> str | None:
        try:
            turns.validate_python(row["messages"])
        except ValueError as error:
            return str(error)
        return None

    return check


def _claude_script(_: str) -> Check:
    module = script("data_validation.py", "RESERVED_KEYWORDS")

    def check(row: Row) -> str | None:
        fine, errors = module.validate_data_entry(row)
        tokens = module.count_tokens(row.get("system", ""))
        tokens += sum(module.count_tokens(turn["content"]) for turn in row.get("messages", ()))
        if tokens > module.MAX_TOKENS:
            errors = [*errors, "exceeds the maximum token count"]
        return None if fine and not errors else "; ".join(errors)

    return check


def _schema(schema: Any) -> Check:
    from jsonschema import Draft202012Validator

    validator = Draft202012Validator(schema)

    def check(row: Row) -> str | None:
        return next((error.message for error in validator.iter_errors(row)), None)

    return check


def _llama_script(_: str) -> Check:
    return _schema(script("meta-llama/dataset_validation/utils/schema.py").Schema.Converse)


def _pair_script(_: str) -> Check:
    return _schema(script("meta-llama/dataset_validation/utils/schema.py").Schema.PROMPT_COMPLETION)


def _distillation_script(_: str) -> Check:
    of_schema = _schema(script("dataset-validation/schema.py").Schema.CONVERSE.value)

    def check(row: Row) -> str | None:
        roles = [turn.get("role") for turn in row.get("messages", ())]
        return of_schema(row) or (None if roles == ["user", "assistant"][: len(roles)] else "roles")

    return check


_MAKERS: tuple[tuple[tuple[str, ...], Callable[[str], Check]], ...] = (
    (("bedrock-nova", "bedrock-nova-2", "bedrock-nova-dpo"), _nova_script),
    (("bedrock-nova", "bedrock-nova-2"), _nova_forge),
    (("bedrock-claude",), _claude_script),
    (("bedrock-llama",), _llama_script),
    (("bedrock-llama-3-1", "bedrock-titan"), _pair_script),
    (("bedrock-distillation",), _distillation_script),
    (("bedrock-rft",), _rft_forge),
    (("bedrock-rft",), _rft_openai),
)
