"""The documentation is complete: verbs, steps, reasons, knobs, shapes and files each have their place."""

import argparse
import importlib
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import BaseModel
from tuneset.cli.main import VERBS, add_common, module_of
from tuneset.curate import curate
from tuneset.curate.export import TARGETS
from tuneset.curate.readers.inputs import FORMATS
from tuneset.curate.readers.shapes import SHAPES
from tuneset.curate.recipe import load_recipe
from tuneset.curate.recipe_text import SCALARS, commented_recipe
from tuneset.curate.steps import BUILTIN_STEPS
from tuneset.schemas import errors
from tuneset.schemas.arrow import ACTIONS, EDITS, ROWS, VERDICTS
from tuneset.schemas.known_models import KNOWN_MODELS
from tuneset.schemas.recipe import Columns, Recipe, TrainOptions
from tuneset.schemas.review_options import REASONS, QueueOptions, ReviewOptions
from tuneset.schemas.run import RunCard
from tuneset.schemas.step_options import BUILTIN_OPTIONS
from tuneset.schemas.version import VersionManifest

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]
FENCED = re.compile(r"^```.*?^```$", re.M | re.S)


def text(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def page_id(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def test_generated_parts_are_fresh():
    done = subprocess.run(
        [sys.executable, str(DOCS / "generate.py"), "--check"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_and_a_section(verb):
    parser = argparse.ArgumentParser(add_help=False)
    importlib.import_module(f"tuneset.cli.verbs.{module_of(verb)}").add_arguments(parser)
    add_common(parser)
    section = re.search(rf"^## {verb}\n(.*?)(?=^## |\Z)", text("cli.md"), re.M | re.S)
    assert section, f"docs/cli.md has no section for {verb}"
    for action in parser._actions:
        name = action.option_strings[0] if action.option_strings else str(action.metavar or action.dest)
        assert action.help, f"{verb} {name} has no help"
        place = text("cli.md") if name in ("--json", "-q") else section[1]
        assert name in place or (action.choices and all(str(c) in place for c in action.choices)), (
            verb,
            name,
        )


@pytest.mark.parametrize("step", BUILTIN_STEPS)
def test_every_step_has_a_page_with_its_reasons(step):
    page = text(f"steps/{step}.md")
    built = BUILTIN_STEPS[step](BUILTIN_OPTIONS[step](), 13, Path())
    for code, sentence in built.reasons.items():
        assert f"| `{code}` |" in page, code
        assert sentence in page, code
        assert re.search(rf"^-> \w+ {code}\b", page, re.M), f"{code} has no example"
    for knob in set(BUILTIN_OPTIONS[step].model_fields) - {"use"}:
        assert f"`{knob}" in page, knob


def knobs() -> dict[str, object]:
    """Every knob with its default; a set of knobs inside a section is one."""
    sections = {"columns": Columns, **BUILTIN_OPTIONS, "review": ReviewOptions, "train": TrainOptions}
    found: dict[str, object] = {name: Recipe.model_fields[name].default for name in SCALARS}
    for section, model in sections.items():
        found |= {f"{section}.{n}": f.default for n, f in model.model_fields.items() if n != "use"}
    return found


def documented() -> dict[str, object]:
    """Every knob, those of sets one by one; of the reasons their codes."""
    found = {name: default for name, default in knobs().items() if not isinstance(default, BaseModel)}
    found |= {f"review.queue.{n}": f.default for n, f in QueueOptions.model_fields.items()}
    return {**found, "review.reasons": [reason.code for reason in REASONS]}


@pytest.mark.parametrize(("knob", "default"), documented().items())
def test_every_knob_is_in_the_recipe_page_with_its_default(knob, default):
    row = re.search(rf"^\| `{re.escape(knob)}` \| `(.*?)` \|", text("recipe.md"), re.M)
    assert row, f"docs/recipe.md lacks {knob}"
    shown = "null" if default is None else str(default)
    assert re.sub(r"[\s'()\[\],]", "", row[1]) == re.sub(r"[\s'()\[\],]", "", shown)


def test_there_are_at_most_sixty_knobs_and_eight_a_step():
    assert len(knobs()) <= 60
    assert all(len(m.model_fields) <= 9 for m in BUILTIN_OPTIONS.values())


def test_every_shape_and_ending_is_in_the_readers_page():
    page = text("readers.md")
    for name in (
        *(shape.name for shape in SHAPES),
        *FORMATS,
        *(f for f in Columns.model_fields if f == "label"),
    ):
        assert f"`{name}`" in page, name


def test_every_column_and_member_of_a_workspace_is_documented():
    page = text("workspace.md")
    names = {*ROWS.names, *VERDICTS.names, *EDITS.names, *ACTIONS, *RunCard.model_fields}
    assert [n for n in sorted(names) if f"`{n}`" not in page] == []
    assert [n for n in VersionManifest.model_fields if f"`{n}`" not in text("versions.md")] == []


def test_every_target_model_and_error_is_documented():
    assert [t for t in TARGETS if f"`{t}`" not in text("export.md")] == []
    assert [m for m in KNOWN_MODELS if f"`{m}`" not in text("train.md")] == []
    kinds = [n for n, v in vars(errors).items() if isinstance(v, type) and issubclass(v, errors.TunesetError)]
    assert [k for k in kinds if k not in text("errors.md")] == []


def slug(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_links_resolve(page):
    prose = FENCED.sub("", page.read_text(encoding="utf-8"))
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)#?([^)\s]*)\)", prose):
        path = (page.parent / target).resolve() if target else page
        assert path.exists(), f"{page_id(page)}: {target}"
        if anchor:
            headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.M)
            assert anchor in map(slug, headings), f"{page_id(page)}: #{anchor}"


@pytest.mark.parametrize("page", [p for p in PAGES if p.name not in ("LOG.md", "sample.md")], ids=page_id)
def test_prose_is_wrapped(page):
    prose = FENCED.sub("", page.read_text(encoding="utf-8"))
    long = [line for line in prose.splitlines() if len(line) > 118 and not line.startswith("|")]
    assert long == []


def test_every_page_is_reached_from_the_readme():
    links = set(re.findall(r"\]\((docs/[^)#\s]+)", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert [page_id(p) for p in PAGES[2:] if page_id(p) not in links and p.parent == DOCS] == []


def test_changelog_has_an_unreleased_section():
    assert "\n## Unreleased\n" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_default_recipe_is_the_default():
    path = ROOT / "recipes/default.yaml"
    assert path.read_text(encoding="utf-8") == commented_recipe()
    assert load_recipe(path) == Recipe()


RECIPES = [*sorted((ROOT / "recipes").glob("*.yaml")), ROOT / "examples/own_filters.yaml"]


@pytest.mark.parametrize("path", RECIPES, ids=page_id)
def test_every_recipe_says_what_it_is_for_and_runs(path, tmp_path):
    assert path.read_text(encoding="utf-8").startswith("# ")
    questions = ("My router is off.", "Where is my invoice?")
    names = ("Customer wrote", "Agent replied")
    if "columns:" not in re.sub(r"#.*", "", path.read_text(encoding="utf-8")):
        names = ("prompt", "completion")
    rows = [dict(zip(names, (question, "Please ring us up."), strict=True)) for question in questions]
    result = curate(rows, out=tmp_path / "out", recipe=path, allow=["my_filters.py"])
    assert result.card.kept == 2
