"""Read and resolve recipes: YAML to the pydantic model, errors to three parts, steps to objects."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ..schemas.errors import RecipeError, did_you_mean
from ..schemas.recipe import Columns, Recipe, TrainOptions
from ..schemas.review_options import QueueOptions, ReviewOptions
from ..schemas.step_options import BUILTIN_OPTIONS, DecontaminateOptions, HumanOptions, UserStepOptions
from .step import RowFilter, Step, load_user_step

MAX_BYTES = 1 << 20
KNOWN_KEYS: dict[str, tuple[str, ...]] = {
    "": tuple(Recipe.model_fields),
    "columns": tuple(Columns.model_fields),
    "review": tuple(ReviewOptions.model_fields),
    "train": tuple(TrainOptions.model_fields),
}


def load_recipe(recipe: str | os.PathLike[str] | Mapping[str, Any] | Recipe | None) -> Recipe:
    """A recipe from a YAML file, a mapping, or the defaults.

    Raises:
        RecipeError: The file is missing or not YAML, or a key or value is wrong.
    """
    if recipe is None:
        return Recipe()
    if isinstance(recipe, Recipe):
        return recipe
    if isinstance(recipe, Mapping):
        return parse_recipe(recipe, "the recipe")
    path = Path(recipe)
    try:
        text = path.read_bytes()[: MAX_BYTES + 1].decode("utf-8")
    except OSError as error:
        raise RecipeError(
            f"the recipe {str(path)!r} cannot be read ({error.strerror})",
            where=str(path),
            fix="check the path, or write one with: tuneset recipe init",
        ) from error
    except UnicodeDecodeError as error:
        raise RecipeError("the recipe is not UTF-8", where=str(path), fix="save it as UTF-8") from error
    return parse_recipe(read_yaml(text, str(path)), str(path))


def read_yaml(text: str, where: str) -> dict[str, Any]:
    """YAML data without tags, aliases or repeated keys, as a mapping.

    Raises:
        RecipeError: The text is something else.
    """
    import yaml

    class Loader(yaml.SafeLoader):
        """A safe loader that refuses what a recipe never needs."""

        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.AliasEvent):
                event = self.peek_event()
                raise yaml.constructor.ConstructorError(
                    None, None, "aliases are not allowed", event.start_mark
                )
            return super().compose_node(parent, index)

        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
            keys = [self.construct_object(key, deep=True) for key, _ in node.value]
            for key in keys:
                if keys.count(key) > 1:
                    mark = node.start_mark
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the key {key!r} is there twice", mark
                    )
            return super().construct_mapping(node, deep)

    try:
        value = yaml.load(text, Loader)  # noqa: S506  Loader is a SafeLoader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{where}, line {mark.line + 1}" if mark else where
        problem = getattr(error, "problem", None) or str(error).split("\n", 1)[0]
        raise RecipeError(
            f"the recipe is not valid YAML: {problem}", where=place, fix="repair that line"
        ) from error
    except (RecursionError, ValueError) as error:
        raise RecipeError(f"the recipe is not valid YAML: {error}", where=where, fix="repair it") from error
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise RecipeError(
            f"the recipe is a {type(value).__name__}, not a mapping",
            where=where,
            fix="start with: tuneset recipe init",
        )
    return value


def parse_recipe(data: Mapping[str, Any], where: str) -> Recipe:
    """A checked recipe.

    Raises:
        RecipeError: A key is unknown or a value is wrong; the message names both.
    """
    _check_keys(data, KNOWN_KEYS[""], where, "")
    for section in ("columns", "review", "train"):
        if isinstance(data.get(section), Mapping):
            _check_keys(data[section], KNOWN_KEYS[section], where, section)
    queue = data["review"].get("queue") if isinstance(data.get("review"), Mapping) else None
    if isinstance(queue, Mapping):
        _check_keys(queue, tuple(QueueOptions.model_fields), where, "review, queue")
    values = dict(data)
    if "steps" in values:
        values["steps"] = tuple(_parse_steps(values["steps"], where))
    try:
        return Recipe.model_validate(values)
    except ValidationError as error:
        raise _explained(error, where, "") from error


def _check_keys(data: Mapping[Any, Any], known: Sequence[str], where: str, section: str) -> None:
    for key in data:
        if key not in known:
            place = f"{where}, {section}" if section else where
            raise RecipeError(f"unknown key {key!r}", where=place, fix=did_you_mean(str(key), known))


def _parse_steps(steps: Any, where: str) -> list[Any]:
    if not isinstance(steps, list):
        raise RecipeError(
            f"steps is a {type(steps).__name__}, not a list",
            where=f"{where}, steps",
            fix="write: steps: [{use: structure}]",
        )
    return [_parse_step(step, f"{where}, step {i}") for i, step in enumerate(steps, start=1)]


def _parse_step(step: Any, where: str) -> Any:
    if isinstance(step, str):
        step = {"use": step}
    if not isinstance(step, Mapping) or not isinstance(step.get("use"), str):
        raise RecipeError(f"{step!r} names no step", where=where, fix="write: use: NAME")
    name = step["use"]
    if name not in BUILTIN_OPTIONS and ".py:" not in name:
        raise RecipeError(f"unknown step {name!r}", where=where, fix=did_you_mean(name, BUILTIN_OPTIONS))
    model = BUILTIN_OPTIONS.get(name, UserStepOptions)
    known = [f.alias or n for n, f in model.model_fields.items()]
    _check_keys(step, known, where, f"step {name!r}")
    try:
        return model.model_validate(dict(step))
    except ValidationError as error:
        raise _explained(error, where, name) from error


def _explained(error: ValidationError, where: str, step: str) -> RecipeError:
    """The first problem of a pydantic error in three parts."""
    problem = error.errors()[0]
    key = ".".join(str(p) for p in problem["loc"])
    message = problem["msg"].removeprefix("Value error, ")
    place = f"{where}, {step + ', ' if step else ''}{key}".rstrip(", ")
    value = problem.get("input")
    tells = key and not isinstance(value, Mapping) and "password" not in message
    shown = f"{key}={value!r}: {message}" if tells else message
    return RecipeError(shown, where=place, fix="see: tuneset recipe schema")


def make_steps(
    recipe: Recipe, folder: Path, allow: Sequence[str] = (), *, human: Step | None = None
) -> list[Step]:
    """The steps of a recipe as objects.

    `decontaminate` is left out where it has nothing to look for, and `human` where nothing was decided.

    Args:
        recipe: The recipe.
        folder: Where a user's files, and reference files, are looked for.
        allow: Files that may run, as the recipe names them.
        human: The step `human` with what was decided.

    Raises:
        RecipeError: A user's file is not allowed, two steps have the same name, or one edits after `human`.
        InputError: A file with protected rows cannot be read.
    """
    from .steps import BUILTIN_STEPS

    steps: list[Step] = []
    decided = False
    for options in recipe.steps:
        if isinstance(options, HumanOptions):
            decided = True
            steps += [human] if human is not None else []
            continue
        if isinstance(options, DecontaminateOptions) and not options.against:
            continue
        if isinstance(options, UserStepOptions):
            step = _user_step(options, folder, allow)
        else:
            step = BUILTIN_STEPS[options.use](options, recipe.seed, folder)
        if decided and getattr(step, "edits", False):
            raise _edits_too_late(step)
        steps.append(step)
    check_names(steps)
    return steps


def _edits_too_late(step: Step) -> RecipeError:
    return RecipeError(
        f"the step {step.name!r} edits rows after the step 'human'",
        where="steps",
        fix="move `human` after it: a decision holds for the content that was decided on",
    )


def check_names(steps: Sequence[Step]) -> None:
    """Refuse two steps of one name: verdicts are told apart by it."""
    names = [step.name for step in steps]
    for name in names:
        if names.count(name) > 1:
            raise RecipeError(f"the step {name!r} is there twice", where="steps", fix="remove or rename one")


def _user_step(options: UserStepOptions, folder: Path, allow: Sequence[str]) -> Step:
    file, name = options.use.rsplit(":", 1)
    path = (folder / file).resolve()
    allowed = {(Path(a)).resolve() for a in allow} | {(folder / a).resolve() for a in allow}
    if path not in allowed:
        raise RecipeError(
            f"the recipe wants to run code from {file!r}",
            where=f"step {options.use!r}",
            fix=f"read the file, then allow it: --allow {file}",
        )
    if not path.is_file():
        raise RecipeError(f"{file!r} does not exist", where=str(path.parent), fix="check the path in `use`")
    step = load_user_step(str(path), name)
    return step(**options.params) if isinstance(step, (RowFilter, type)) else step


def dump_recipe(recipe: Recipe) -> str:
    """The resolved recipe as YAML, every default written out."""
    import yaml

    data = recipe.model_dump(mode="json", by_alias=True)
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, default_flow_style=None, width=100)
