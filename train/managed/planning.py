"""The plan of a launch: what is sent, with which settings, and the key that makes it one job."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ...schemas.errors import RecipeError, WorkspaceError, did_you_mean
from ...schemas.example import canonical_json
from ...schemas.names import check_name
from ..settings import read_options
from .journal import Journal, Line
from .prepare import Prepared, prepare
from .service import Plan, Service


@dataclass(frozen=True)
class Request:
    """What the caller asked for; None is not stated.

    Args:
        out: The workspace.
        to: The service.
        version: The frozen version.
        name: The run's name.
        model: The provider's base model.
        target: The export target.
        changes: Changes that the export may make.
        settings: Hyperparameters in the provider's words, over those of the recipe.
    """

    out: Path
    to: str
    version: str | None = None
    name: str | None = None
    model: str | None = None
    target: str | None = None
    changes: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)


def parse_settings(texts: Sequence[str]) -> dict[str, Any]:
    """`NAME=VALUE` texts as values: numbers, true, false, null; anything else is a text.

    Raises:
        RecipeError: A text has no `=`.
    """
    settings: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise RecipeError(f"{text!r} is no setting", where="--set", fix="write --set NAME=VALUE")
        try:
            settings[name] = json.loads(value, parse_constant=str)
        except ValueError:
            settings[name] = value
    return settings


def all_settings(service: Service, request: Request) -> dict[str, Any]:
    """The recipe's settings in the provider's words, with those of the call over them.

    Raises:
        RecipeError: A name or value that the provider does not take.
    """
    for name in request.settings:
        if name not in service.takes:
            raise RecipeError(
                f"{service.name} has no setting {name!r}",
                where="--set",
                fix=did_you_mean(name, service.takes),
            )
    options, seed, given = read_options(request.out)
    return {**service.settings(options, given, seed), **request.settings}


def choose_target(service: Service, name: str | None) -> str:
    """The export target of a launch.

    Raises:
        RecipeError: The service takes no such files.
    """
    if name is not None and name not in service.targets:
        raise RecipeError(
            f"{service.name} takes no files of {name!r}",
            where="--target",
            fix=did_you_mean(name, service.targets),
        )
    return name or service.targets[0]


def make_plan(
    service: Service, request: Request, name: str, prepared: Prepared, settings: dict[str, Any]
) -> Plan:
    """The plan with its key.

    Raises:
        RecipeError: No base model is named.
    """
    if not request.model:
        raise RecipeError(
            f"no base model of {service.name} is named",
            where="tuneset launch --model",
            fix=f"name one: {service.models}",
        )
    facts = {
        "to": service.name,
        "name": name,
        "target": prepared.target.name,
        "model": request.model,
        "files": {split: told["sha256"] for split, told in prepared.told.items()},
        "settings": settings,
    }
    key = hashlib.sha256(canonical_json(facts).encode()).hexdigest()[:16]
    return Plan(service.name, name, prepared.target.name, request.model, prepared.files, key, settings)


def run_name(to: str, name: str | None, version: str) -> str:
    """The run's name: as given, else SERVICE-VERSION."""
    return check_name(name if name is not None else f"{to}-{version}", "run")


def plan_line(plan: Plan, prepared: Prepared, destination: str, changes: Sequence[str]) -> Line:
    """What the journal keeps of a plan; no key of an account is in it."""
    return {
        **{k: v for k, v in asdict(plan).items() if k != "files"},
        "version": prepared.version.name,
        "version_sha256": prepared.version.manifest_sha256(),
        "changes": list(changes),
        "destination": destination,
        "files": {
            split: {
                "name": plan.files[split].relative_to(prepared.folder).as_posix(),
                "sent_as": plan.file_name(split),
                **told,
            }
            for split, told in prepared.told.items()
        },
    }


def resumed_plan(request: Request, journal: Journal) -> Plan | None:
    """The plan that was agreed on earlier; None in a new launch, and in one that cannot have a job yet.

    While files are still to be sent they are exported again, and must be the same bytes.

    Raises:
        WorkspaceError: There may be a job, and the call, the version or the files are not those of it.
    """
    line = journal.first("plan")
    if line is None:
        return None
    try:
        return _resumed(request, journal, line)
    except WorkspaceError:
        if journal.may_have_started:
            raise
        return None


def _resumed(request: Request, journal: Journal, line: Line) -> Plan:
    given = {"to": request.to, "version": request.version, "model": request.model, "target": request.target}
    for what, value in given.items():
        if value is not None and value != line[what]:
            raise _other(journal, what, line[what], value)
    for what, value in request.settings.items():
        if line["settings"].get(what) != value:
            raise _other(journal, what, line["settings"].get(what), value)
    folder = request.out.absolute() / "exports" / f"{line['target']}-{line['version']}"
    files = {split: folder / file["name"] for split, file in line["files"].items()}
    if journal.first("result", call="start") is None:
        prepared = prepare(request.out, line["target"], line["version"], line["changes"])
        for split in {*files, *prepared.told}:
            before, now = line["files"].get(split), prepared.told.get(split)
            if before is None or now is None or before["sha256"] != now["sha256"]:
                raise _other(journal, f"{split} file", _short(before), _short(now))
    return Plan(line["to"], line["name"], line["target"], line["model"], files, line["key"], line["settings"])


def _short(file: Mapping[str, Any] | None) -> str:
    return "none" if file is None else str(file["sha256"])[:12]


def _other(journal: Journal, what: str, before: Any, now: Any) -> WorkspaceError:
    return WorkspaceError(
        f"the {what} of this launch is {before!r}, and {now!r} is asked for now",
        where=str(journal.path),
        fix="repeat the command as it was, or start another job with another --name",
    )
