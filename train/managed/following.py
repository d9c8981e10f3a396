"""A job watched to its end."""

from __future__ import annotations

from ...schemas.errors import ServiceError
from ..progress import Progress
from .journal import Journal
from .sending import Patience
from .service import ENDED, JobState, NoAnswer, Plan, Service

WAITS = (0.0, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds before each look at the job; the last one repeats."""
SILENT_LOOKS = 40
"""Looks in a row without an answer before giving up: about twenty minutes."""


def follow(
    service: Service, plan: Plan, job_id: str, journal: Journal, say: Progress, patience: Patience
) -> JobState:
    """Look at a job until it ends; each change is told, each change of status is in the journal.

    Raises:
        ServiceError: There is no such job, or the provider does not answer for long.
    """
    looks = silent = 0
    shown = ""
    told = journal.last("state")
    status = told["status"] if told is not None else ""
    while True:
        patience.pause(WAITS[min(looks, len(WAITS) - 1)])
        looks += 1
        try:
            state = service.job(job_id)
        except NoAnswer as lost:
            silent += 1
            if silent >= SILENT_LOOKS:
                raise _gave_up(service, plan, job_id, lost) from lost
            say(f"job {job_id}: no answer ({lost.what}); looking again")
            patience.pause(lost.retry_after or 0.0)
            continue
        silent = 0
        line = describe(job_id, state)
        if line != shown:
            say(line)
            shown = line
        if state.status in ENDED:
            journal.write(
                "end",
                status=state.status,
                model=state.model,
                message=state.message,
                details=dict(state.details),
            )
            return state
        if state.status != status:
            journal.write("state", status=state.status)
            status = state.status


def describe(job_id: str, state: JobState) -> str:
    """One line on where a job stands."""
    share = "" if state.progress is None else f" {state.progress:.0%}"
    message = f": {state.message}" if state.message else ""
    model = f", the model is {state.model}" if state.model and state.status == "succeeded" else ""
    return f"job {job_id}: {state.status}{share}{model}{message}"


def _gave_up(service: Service, plan: Plan, job_id: str, lost: NoAnswer) -> ServiceError:
    return ServiceError(
        f"{service.name} has not told for long where the job {job_id} stands: {lost.what}",
        where=service.destination(plan),
        fix="the job goes on; run the same command again later to follow it",
    )
