"""The recipe for people and editors: a commented YAML file and a JSON schema, both from the model."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ..schemas.recipe import Recipe, TrainOptions
from ..schemas.review_options import ReviewOptions
from ..schemas.step_options import BUILTIN_OPTIONS

_HEAD = """\
# A Tuneset recipe. Everything here is optional: what is left out has the value shown.
# Check it:  tuneset recipe check tuneset.yaml      Use it:  tuneset curate DATA -o OUT --recipe tuneset.yaml
"""
SCALARS = ("seed", "max_drop_ratio")
SECTIONS: dict[str, type[BaseModel]] = {"review": ReviewOptions, "train": TrainOptions}


def recipe_schema() -> dict[str, Any]:
    """The JSON schema of the recipe."""
    return Recipe.model_json_schema(by_alias=True)


def commented_recipe() -> str:
    """Every step and knob with its meaning, range and default, as a recipe that runs."""
    columns = Recipe.model_fields["columns"]
    lines = [_HEAD]
    for name in SCALARS:
        knob = Recipe.model_fields[name]
        lines += [*_comment(knob.description, ""), f"{name}: {_yaml(knob.default)}", ""]
    lines += [*_comment(columns.description, ""), "# columns: {prompt: question, response: answer}", ""]
    lines += [*_comment(Recipe.model_fields["steps"].description, ""), "steps:"]
    defaults = {step.use for step in Recipe().steps}
    for name, options in BUILTIN_OPTIONS.items():
        told = [f"  - use: {name}", *_comment((options.__doc__ or "").split("\n", 1)[0], "    ")]
        told += _knobs(options, "    ", skip=("use",))
        lines += told if name in defaults else [f"  # {line[2:]}" for line in told]
    lines += [
        "  # - use: my_filters.py:no_refusal   # a step of your own; runs only with --allow my_filters.py"
    ]
    for section, model in SECTIONS.items():
        lines += ["", *_comment(Recipe.model_fields[section].description, ""), f"{section}:"]
        lines += _knobs(model, "  ", skip=())
    return "\n".join(lines) + "\n"


def _comment(text: str | None, indent: str) -> list[str]:
    return [f"{indent}# {line}" for line in textwrap.wrap(text or "", 100)]


def _knobs(model: type[BaseModel], indent: str, skip: tuple[str, ...]) -> list[str]:
    fields: Mapping[str, FieldInfo] = model.model_fields
    lines: list[str] = []
    for name, field in fields.items():
        if name not in skip:
            lines += [*_comment(field.description, indent), *_value(name, field.default, indent)]
    return lines


def _value(name: str, value: Any, indent: str) -> list[str]:
    """A knob with its value; a set of knobs, or a list of sets, below its name."""
    if isinstance(value, BaseModel):
        return [f"{indent}{name}:", *_knobs(type(value), indent + "  ", skip=())]
    if isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
        return [f"{indent}{name}:", *(f"{indent}  - {_yaml(item)}" for item in value)]
    return [f"{indent}{name}: {_yaml(value)}"]


def _yaml(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, BaseModel):
        return "{" + ", ".join(f"{k}: {_yaml(v)}" for k, v in value.model_dump(by_alias=True).items()) + "}"
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_yaml, value)) + "]"
    return str(value)
