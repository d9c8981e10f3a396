"""Write the generated parts of the documentation from the code.

    python docs/generate.py           write them
    python docs/generate.py --check   exit with 1 when one is stale

A generated part stands between `<!-- generated: NAME ARGUMENT -->` and `<!-- end -->` in any page.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from export_tables import changes, families, filerules, prices, repairs, services, targets, tokenizers
from step_reasons import code, reasons, table
from tuneset.cli.main import VERBS, add_common, module_of
from tuneset.curate.readers.inputs import FORMATS
from tuneset.curate.readers.shapes import SHAPES
from tuneset.curate.readers.shapes.messages import SYNONYMS
from tuneset.curate.recipe_text import SCALARS, commented_recipe
from tuneset.schemas import errors
from tuneset.schemas.known_models import KNOWN_MODELS
from tuneset.schemas.recipe import Columns, Recipe, TrainOptions
from tuneset.schemas.review_options import QueueOptions, ReviewOptions
from tuneset.schemas.step_options import BUILTIN_OPTIONS

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
DEFAULT_RECIPE = ROOT / "recipes" / "default.yaml"
PART = re.compile(r"(<!-- generated: ([a-z]+) ?([^\n]*?) -->\n).*?(<!-- end -->)", re.DOTALL)


def verbs(_: str) -> str:
    """Every verb with its arguments, as its parser has them."""
    return "\n\n".join(_verb(name, summary) for name, summary in VERBS.items())


def _verb(name: str, summary: str) -> str:
    parser = argparse.ArgumentParser(prog=f"tuneset {name}", add_help=False)
    importlib.import_module(f"tuneset.cli.verbs.{module_of(name)}").add_arguments(parser)
    own = list(parser._actions)
    rows = [[code(_spelled(action)), action.help or ""] for action in own]
    usage = " ".join([f"tuneset {name}", *map(_usage, own)])
    add_common(parser)
    lines = [f"## {name}", "", f"{summary[0].upper()}{summary[1:]}.", "", "```text", usage, "```"]
    return "\n".join([*lines, "", table(["argument", "meaning"], rows)] if rows else lines)


def _spelled(action: argparse.Action) -> str:
    name = _value(action)
    return ", ".join(action.option_strings) + (f" {name}" if name else "") if action.option_strings else name


def _value(action: argparse.Action) -> str:
    if action.nargs == 0:
        return ""
    if action.choices is not None:
        return "{" + ",".join(map(str, action.choices)) + "}"
    fallback = action.dest.upper() if action.option_strings else action.dest
    return str(action.metavar or fallback)


def _usage(action: argparse.Action) -> str:
    if not action.option_strings:
        name = _value(action)
        return {"+": f"{name} [{name} ...]", "?": f"[{name}]", "*": f"[{name} ...]"}.get(
            str(action.nargs), name
        )
    text = " ".join(part for part in (action.option_strings[0], _value(action)) if part)
    return text if action.required else f"[{text}]"


def knobs(_: str) -> str:
    """Every knob of the recipe: where it stands, its default, its range, its meaning."""
    sections: dict[str, Any] = {"columns": Columns, **BUILTIN_OPTIONS, "review": ReviewOptions}
    sections |= {"review.queue": QueueOptions, "train": TrainOptions}
    fields = {name: Recipe.model_fields[name] for name in SCALARS}
    for section, model in sections.items():
        fields |= {f"{section}.{name}": f for name, f in model.model_fields.items() if name != "use"}
    rows = [
        [code(path), code(_yaml(f.default)), _range(f), f.description]
        for path, f in fields.items()
        if path not in sections
    ]
    return table(["knob", "default", "range", "meaning"], rows)


def _range(field: Any) -> str:
    words = {"ge": "from", "gt": "above", "le": "to", "lt": "below"}
    limits = {n: getattr(limit, n) for limit in field.metadata for n in words if hasattr(limit, n)}
    return " ".join(f"{words[name]} {limit}" for name, limit in limits.items())


def _yaml(value: Any) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(str(getattr(item, "code", item)) for item in value) + "]"
    return "null" if value is None else str(value)


def shapes(_: str) -> str:
    """The row shapes in the order in which they are tried."""
    return table(["shape", "seen by"], [[code(s.name), s.describe] for s in SHAPES])


def formats(_: str) -> str:
    """File endings and what they are read as."""
    return table(["ending", "read as"], [[code(ending), kind] for ending, kind in FORMATS.items()])


def roles(_: str) -> str:
    """Other names of roles."""
    groups: dict[str, list[str]] = {}
    for spelled, role in SYNONYMS.items():
        groups.setdefault("assistant, with a tool call" if role == "function_call" else role, []).append(
            spelled
        )
    return table(["role", "also written"], [[r, ", ".join(map(code, names))] for r, names in groups.items()])


def tree(_: str) -> str:
    """The tree of errors."""
    return "```text\n" + (errors.__doc__ or "").split("\n\n", 1)[1].strip() + "\n```"


def models(_: str) -> str:
    """The base models with short names."""
    rows = [[code(m.name), m.hub, m.parameters, m.license] for m in KNOWN_MODELS.values()]
    return table(["name", "hub id", "parameters", "licence"], rows)


def api(package: str) -> str:
    """The public names of a package, with signatures and first lines of docstrings."""
    module = importlib.import_module(package)
    rows = [
        [code(_signature(n, getattr(module, n))), _first_line(getattr(module, n))] for n in module.__all__
    ]
    return table(["name", "what it is"], rows)


def _first_line(thing: Any) -> str:
    return (inspect.getdoc(thing) or "").split("\n\n", 1)[0].replace("\n", " ")


def _signature(name: str, thing: Any) -> str:
    if inspect.isclass(thing):
        return name
    parts: list[str] = []
    for parameter in inspect.signature(thing).parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in parts:
            parts.append("*")
        default = parameter.default
        shown = getattr(default, "__name__", None) or repr(default)
        parts.append(parameter.name + ("" if default is parameter.empty else f"={shown}"))
    return f"{name}({', '.join(parts)})"


def file(path: str) -> str:
    """A file of the repository, as it is."""
    kind = {"py": "python", "yaml": "yaml", "jsonl": "json"}[path.rsplit(".", 1)[1]]
    return f"<!-- file: {path} -->\n```{kind}\n{(ROOT / path).read_text(encoding='utf-8').rstrip()}\n```"


MAKERS: dict[str, Callable[[str], str]] = {
    maker.__name__: maker
    for maker in (
        verbs,
        knobs,
        shapes,
        formats,
        roles,
        reasons,
        tree,
        services,
        targets,
        changes,
        families,
        filerules,
        repairs,
        prices,
        tokenizers,
        models,
        api,
        file,
    )
}


def generated(text: str) -> str:
    """A page with its generated parts as the code has them now."""
    return PART.sub(lambda part: f"{part[1]}{MAKERS[part[2]](part[3])}\n{part[4]}", text)


def main() -> int:
    """Write or check every page."""
    parser = argparse.ArgumentParser(description="Write the generated parts of the documentation.")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit with 1 when a page is stale"
    )
    check = parser.parse_args().check
    stale = []
    for page in (*PAGES, DEFAULT_RECIPE):
        old = page.read_text(encoding="utf-8") if page.exists() else ""
        new = commented_recipe() if page == DEFAULT_RECIPE else generated(old)
        if new != old:
            stale.append(page.relative_to(ROOT).as_posix())
            if not check:
                page.write_text(new, encoding="utf-8", newline="\n")
    for name in stale:
        sys.stdout.write(f"{name}: {'stale; run: python docs/generate.py' if check else 'written'}\n")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
