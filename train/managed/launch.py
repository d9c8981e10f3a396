"""Start a fine-tuning job at a provider, once, and follow it to its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...schemas.errors import WorkspaceError
from ...schemas.files import write_json
from ...schemas.workspace import Workspace
from ..progress import Progress, silent
from .following import follow
from .journal import JOURNAL, Journal, read_journal
from .offer import Offer, make_offer
from .place import alone, newest_version, refuse_taken
from .planning import (
    Request,
    all_settings,
    choose_target,
    make_plan,
    plan_line,
    resumed_plan,
    run_name,
)
from .prepare import prepare
from .record import ROWS, data_record, write_manifest
from .result import LaunchResult
from .sending import Patience, Sender
from .service import Plan, Service
from .services import find_service


def launch(  # noqa: PLR0913  one argument for each option of the verb
    out: str | Path,
    *,
    to: str,
    version: str | None = None,
    name: str | None = None,
    model: str | None = None,
    target: str | None = None,
    changes: Sequence[str] = (),
    settings: Mapping[str, Any] | None = None,
    prices: str | Path | None = None,
    detach: bool = False,
    dry_run: bool = False,
    agree: Callable[[Offer], bool] | None = None,
    progress: Progress | None = None,
    patience: Patience | None = None,
) -> LaunchResult:
    """Upload a frozen version, start one fine-tuning job on it, and follow the job to its end.

    It can be killed at any point and called again: what was done is in `models/NAME/launch.jsonl` or found
    at the provider, so each file is uploaded once and one job is started. Keys are read from the
    environment alone.

    Args:
        out: A workspace with a frozen version.
        to: The service, one of `services.SERVICES`.
        version: The version. Default: the one frozen last.
        name: The run's name. Default: SERVICE-VERSION. Another name is another job.
        model: The provider's base model; needed the first time.
        target: The export target. Default: the service's first.
        changes: Changes that the export may make, names of `curate.export.TRANSFORMS`.
        settings: Hyperparameters in the provider's words, over those of the recipe.
        prices: A file of prices in place of the user's own, for what is shown.
        detach: Return once the job is started.
        dry_run: Return the calls and make none; neither key, network nor SDK is needed.
        agree: Asked once, before anything is sent; False sends nothing. None agrees.
        progress: Receives one line of text now and then.
        patience: How long is waited between tries.

    Raises:
        RecipeError: An argument or setting is wrong, or the version does not fit the service's limits.
        WorkspaceError: No such version, the name is taken, another process launches it, or the launch was
            begun with other files or settings.
        VersionError: The version was changed, or no row fits the target.
        MissingExtraError: The SDK is not installed.
        ServiceError: A key is missing, or the provider refuses or does not answer.
    """
    service = find_service(to)
    chosen = dict(settings or {})
    request = Request(Path(out), to, version, name, model, target, tuple(changes), chosen, prices)
    if dry_run:
        return _dry(service, request)
    space = Workspace.at(out)
    run = run_name(to, name, version or newest_version(out))
    folder = space.model(run)
    with alone(folder):
        journal = Journal(folder / JOURNAL)
        refuse_taken(folder, journal)
        return _Launch(service, request, run, folder, journal, progress or silent, patience).go(agree, detach)


class _Launch:
    """One launch under its lock."""

    def __init__(
        self,
        service: Service,
        request: Request,
        run: str,
        folder: Path,
        journal: Journal,
        say: Progress,
        patience: Patience | None,
    ) -> None:
        self._service, self._request, self._run = service, request, run
        self._folder, self._journal, self._say = folder, journal, say
        self._patience = patience or Patience()

    def go(self, agree: Callable[[Offer], bool] | None, detach: bool) -> LaunchResult:
        """From wherever the launch stands to where it can go."""
        plan, ended = resumed_plan(self._request, self._journal), self._journal.last("end")
        if plan is not None and ended is not None:
            return self._end(plan, ended)
        if plan is None:
            plan, declined = self._agreed(agree)
            if declined is not None:
                return declined
        else:
            self._say(f"{self._run}: going on with what was begun {self._journal.current[0]['at'][:19]} UTC")
            self._service.ready(plan)
            self._same_destination(plan)
        files, job_id = self._send(plan)
        if detach:
            return self._result(plan, "started", files, job_id)
        state = follow(self._service, plan, job_id, self._journal, self._say, self._patience)
        ended = self._journal.last("end")
        assert ended is not None, state
        return self._end(plan, ended)

    def _agreed(self, agree: Callable[[Offer], bool] | None) -> tuple[Plan, LaunchResult | None]:
        """A new plan, in the journal once it was agreed on."""
        service, request = self._service, self._request
        prepared = prepare(
            request.out, choose_target(service, request.target), request.version, request.changes
        )
        plan = make_plan(service, request, self._run, prepared, all_settings(service, request))
        service.ready(plan)
        offer = make_offer(service, plan, prepared, request.prices)
        if agree is not None and not agree(offer):
            return plan, self._result(plan, "declined", {}, None, offer=offer)
        write_json(self._folder / ROWS, data_record(prepared).model_dump())
        self._journal.write("plan", **plan_line(plan, prepared, offer.destination, request.changes))
        return plan, None

    def _send(self, plan: Plan) -> tuple[dict[str, str], str]:
        sender = Sender(self._service, plan, self._journal, self._say, self._patience)
        started = self._journal.first("result", call="start")
        if started is not None:
            return self._sent_files(), started["id"]
        files = {split: sender.upload(split) for split in plan.files}
        return files, sender.start(files)

    def _sent_files(self) -> dict[str, str]:
        lines = self._journal.current
        return {
            line["split"]: line["id"]
            for line in lines
            if line["event"] == "result" and line["call"] == "upload"
        }

    def _end(self, plan: Plan, ended: Mapping[str, Any]) -> LaunchResult:
        started = self._journal.first("result", call="start")
        assert started is not None
        files = self._sent_files()
        if ended["status"] == "succeeded":
            write_manifest(self._folder, self._journal, files, started["id"], ended)
        return self._result(
            plan, ended["status"], files, started["id"], model=ended["model"], message=ended["message"]
        )

    def _same_destination(self, plan: Plan) -> None:
        line = self._journal.first("plan")
        now = self._service.destination(plan)
        if line is not None and line["destination"] != now:
            raise WorkspaceError(
                f"this launch goes to {line['destination']}, and the environment names {now} now",
                where=", ".join(self._service.environment),
                fix="set the variables as they were, or start another job with another --name",
            )

    def _result(
        self,
        plan: Plan,
        status: str,
        files: Mapping[str, str],
        job_id: str | None,
        *,
        model: str | None = None,
        message: str = "",
        offer: Offer | None = None,
    ) -> LaunchResult:
        return LaunchResult(
            run=self._run,
            service=plan.to,
            status=status,
            folder=self._folder,
            key=plan.key,
            files=dict(files),
            job_id=job_id,
            model=model,
            message=message,
            offer=offer,
        )


def _dry(service: Service, request: Request) -> LaunchResult:
    prepared = prepare(request.out, choose_target(service, request.target), request.version, request.changes)
    run = run_name(service.name, request.name, prepared.version.name)
    plan = make_plan(service, request, run, prepared, all_settings(service, request))
    return LaunchResult(
        run=run,
        service=service.name,
        status="planned",
        folder=Workspace.at(request.out).model(run),
        key=plan.key,
        offer=make_offer(service, plan, prepared, request.prices),
        calls=tuple(service.calls(plan)),
    )


def following_hint(out: str | Path, *, to: str, version: str | None = None, name: str | None = None) -> str:
    """What a user who stopped the command should know: whether a job goes on, and how to follow it."""
    run = run_name(to, name, version or newest_version(out))
    lines = read_journal(Workspace.at(out).model(run) / JOURNAL)
    started = [line for line in lines if line["event"] == "result" and line["call"] == "start"]
    if not lines:
        return "nothing was sent"
    if not started:
        return "no job is known to be started; run the same command again to go on where this one stopped"
    return f"the job {started[0]['id']} goes on; run the same command again to follow it"
