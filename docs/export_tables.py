"""Tables of the export formats, for the documentation."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import asdict

from step_reasons import code, table
from tuneset.curate.export import FAMILIES, TARGETS, TRANSFORMS
from tuneset.curate.export.check.file_rules import FILE_RULES
from tuneset.curate.export.prices import ours
from tuneset.curate.export.repair import REPAIRS
from tuneset.curate.export.shape import Limits, Target
from tuneset.curate.export.tokens import TOKENIZERS
from tuneset.schemas.providers.conversation import RULES, TOLERATED
from tuneset.schemas.providers.problems import Rule
from tuneset.train.managed import SERVICES
from tuneset.train.managed.services import find_service


def targets(_: str) -> str:
    """Target by capability, limits, state and source."""
    head = ["target", "what it is", "rows", "carries", "limits", "state", "source"]
    return table(head, [_target(t) for t in TARGETS.values()])


def _target(target: Target) -> list[str]:
    carries = (
        ", ".join(name for name, has in asdict(target.carries).items() if has) or "one question, one answer"
    )
    state = f"{target.state.word}: {target.state.note}" if target.state.note else target.state.word
    sources = dict.fromkeys([target.state.source, target.limits.source])
    return [
        code(target.name),
        target.summary,
        ", ".join(sorted(target.kinds)),
        carries,
        _limits(target.limits),
        state,
        "; ".join(source for source in sources if source),
    ]


def _limits(limits: Limits) -> str:
    told = {
        "at least {:,} training rows": limits.min_train_rows,
        "at most {:,} training rows": limits.max_train_rows,
        "at most {:,} validation rows": limits.max_validation_rows,
        "{:,} bytes a file": limits.max_file_bytes,
        f"{{:,}} tokens a row (longer: {limits.over_length})": limits.max_row_tokens,
    }
    return ", ".join(text.format(value) for text, value in told.items() if value is not None) or "none known"


def changes(_: str) -> str:
    """What `--with` takes."""
    rows = [[code(n), t.sentence, ", ".join(map(code, t.lifts))] for n, t in TRANSFORMS.items()]
    return table(["change", "what it does", "lifts"], rows)


def rules(family: str) -> str:
    """The rules of a family of formats."""
    return _rules({code: rule for target in FAMILIES[family] for code, rule in target.rules.items()})


def _rules(found: Mapping[str, Rule]) -> str:
    head = ["rule", "a row that breaks it", "source"]
    return table(head, [[code(c), r.sentence, r.source] for c, r in found.items()])


def _general() -> str:
    """The rules on turns that hold for every target."""
    told = ", ".join(code(name) for name in TOLERATED)
    prose = (
        "`export` holds each row against these, and `check` each line that has `messages` in the OpenAI "
        f"shape, though some services take them. {told} is a warning alone, and refuses no row."
    )
    return f"### every target\n\n{textwrap.fill(prose, 113, break_on_hyphens=False)}\n\n{_rules(RULES)}"


def families(_: str) -> str:
    """The rules of every target, and then of every family, each under a heading."""
    parts = [_general()]
    for family, members in FAMILIES.items():
        names = ", ".join(code(target.name) for target in members)
        of = textwrap.fill(f"Of {names}.", 113, break_on_hyphens=False)
        parts.append(f"### {family}\n\n{of}\n\n{rules(family)}")
    return "\n\n".join(parts)


def filerules(_: str) -> str:
    """The rules of files and lines, whatever the target."""
    rows = [[code(c), r.sentence, r.fix, r.source] for c, r in FILE_RULES.items()]
    return table(["code", "what is wrong", "what to do", "source"], rows)


def repairs(_: str) -> str:
    """What `tuneset check --fix` does."""
    return table(["repair", "what it does"], [[code(name), says] for name, says in REPAIRS.items()])


def prices(_: str) -> str:
    """The prices that ship with the package."""
    head = ["target", "model", "US dollars", "per", "read", "source"]
    return table(head, [[code(p.target), p.model, f"{p.usd:g}", p.per, p.read, p.source] for p in ours()])


def tokenizers(_: str) -> str:
    """The tokenizers that have names."""
    return table(["name", "whose"], [[code(name), t.says] for name, t in TOKENIZERS.items()])


def services(_: str) -> str:
    """Service of `tuneset launch` by extra, formats, variables and settings."""
    head = ["`--to`", "install", "formats (`--target`)", "variables", "settings (`--set`)", "base model"]
    return table(head, [_service(name) for name in SERVICES])


def _service(name: str) -> list[str]:
    service = find_service(name)
    lists = [", ".join(map(code, names)) for names in (service.targets, service.environment, service.takes)]
    model = service.models.removeprefix("for example --model ")
    return [code(name), code(f"tuneset[{service.extra}]"), *lists, code(model)]
