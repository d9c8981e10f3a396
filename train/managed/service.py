"""What a provider of managed fine-tuning offers, and what the frame around it relies on.

To add a service, write `services/NAME.py` with a class that has the members of `Service` and one instance,
`SERVICE`, and list it in `services/__init__.py`. What the frame (`launch.py`) does for it:

1. It exports the version, makes the `Plan`, shows it, asks, and takes a lock.
2. For each split, and then for the job: `find_*`; where nothing is found, an intent in the journal, the
   creating call, the result in the journal.
3. A creating call that raises `NoAnswer` may or may not have happened. The frame waits, asks `find_*` again,
   and repeats the call only when nothing is found. So a service never retries a creating call by itself, and
   turns its SDK's own retries off for it. Reads (`find_*`, `job`) may be retried by the SDK; when they still
   fail they raise `NoAnswer` too, and the frame repeats them.
4. Anything that repeating cannot cure (a wrong key, a refused file, an unknown model) is a `ServiceError`.

Neither error, nor `destination`, nor `calls` may hold a key. SDKs are imported inside methods. A service
keeps no state but a client made lazily from the environment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

from ...schemas.recipe import TrainOptions

Status = Literal["queued", "running", "succeeded", "failed", "cancelled"]
ENDED: frozenset[Status] = frozenset({"succeeded", "failed", "cancelled"})


@dataclass(frozen=True)
class Plan:
    """One job before it is started; equal plans have equal keys.

    Args:
        to: The service.
        name: The run's name: `models/NAME` in the workspace.
        target: The export target whose files are sent.
        model: The provider's base model.
        files: `train` and, where there are such rows, `validation`, to the exported file.
        key: 16 hex digits of a hash over everything else here (of files, their bytes): the idempotence key,
            written into file names, job names or metadata at the provider.
        settings: Hyperparameters in the provider's words, as `Service.settings` gave them.
    """

    to: str
    name: str
    target: str
    model: str
    files: Mapping[str, Path]
    key: str
    settings: Mapping[str, Any] = field(default_factory=dict)

    def file_name(self, split: str) -> str:
        """The name of a split's file at the provider: `tuneset-KEY-train.jsonl`."""
        return f"tuneset-{self.key}-{split}{self.files[split].suffix}"

    @property
    def label(self) -> str:
        """A name for the job at the provider: `tuneset-KEY`."""
        return f"tuneset-{self.key}"


@dataclass(frozen=True)
class JobState:
    """A job as the provider tells of it.

    Args:
        status: Where it stands.
        model: The tuned model, or the endpoint that answers for it, once there is one.
        message: What the provider says, one line; why it failed.
        progress: Share that is done, a ratio in [0, 1]; None where it is not told.
        details: Facts worth keeping in the manifest: trained tokens, result files, the provider's seed.
    """

    status: Status
    model: str | None = None
    message: str = ""
    progress: float | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        status: Status,
        *,
        model: str | None,
        said: str | None,
        progress: float | None = None,
        details: Mapping[str, Any],
    ) -> JobState:
        """A state from a provider's answer.

        Args:
            status: Where the job stands.
            model: The tuned model.
            said: What the provider says, in lines or not at all.
            progress: Share that is done.
            details: Facts; those that are None are not told and left out.
        """
        known = {name: value for name, value in details.items() if value is not None}
        return cls(status, model, " ".join((said or "").split()), progress, known)


class NoAnswer(Exception):
    """A call whose answer did not come, or came as "busy" or "broken": it may or may not have happened.

    Lost connections, timeouts, cut or unreadable answers, HTTP 408, 409, 425, 429 and 5xx.

    Args:
        what: What was heard, one line, without keys.
        retry_after: Seconds after which the provider wants to be asked again.
        at_work: Whether the provider may still be at work on it, as after a timeout or a lost connection;
            then the frame asks `find_*` for longer before it repeats the call.
    """

    def __init__(self, what: str, retry_after: float | None = None, *, at_work: bool = False) -> None:
        super().__init__(what)
        self.what = what
        self.retry_after = retry_after
        self.at_work = at_work


class Service(Protocol):
    """A provider of managed fine-tuning."""

    @property
    def name(self) -> str:
        """What `launch --to` takes."""
        ...

    @property
    def targets(self) -> tuple[str, ...]:
        """The export targets whose files it takes; the first is the default."""
        ...

    @property
    def environment(self) -> tuple[str, ...]:
        """Names of the variables that hold keys and addresses; keys come from nowhere else."""
        ...

    @property
    def extra(self) -> str:
        """The extra of tuneset that brings the SDK."""
        ...

    @property
    def takes(self) -> tuple[str, ...]:
        """Names of settings that `launch --set NAME=VALUE` may give, in the provider's words."""
        ...

    @property
    def models(self) -> str:
        """How the names of its base models look, for a user who gave none: "for example gpt-4.1-mini-…"."""
        ...

    def settings(self, train: TrainOptions, given: frozenset[str], seed: int) -> dict[str, Any]:
        """The recipe's training settings in the provider's words; JSON values.

        Args:
            train: The recipe's section.
            given: Names of those settings that the user stated; only these are sent, the provider chooses
                the others.
            seed: The recipe's seed.

        Raises:
            RecipeError: A stated value that the provider does not take.
        """
        ...

    def destination(self, plan: Plan) -> str:
        """Who gets the data, one line: host, account, region, bucket. Needs neither key nor network."""
        ...

    def calls(self, plan: Plan) -> list[str]:
        """The exact SDK calls as Python text. Needs neither key nor network nor SDK."""
        ...

    def ready(self, plan: Plan) -> None:
        """Refuse before anything is sent where the SDK or a variable is missing; no network.

        Raises:
            MissingExtraError: The SDK is not installed.
            ServiceError: A variable is not set, or a value in the plan cannot be right.
        """
        ...

    def find_file(self, plan: Plan, split: str) -> str | None:
        """The id of a file that was uploaded earlier under this plan's key."""
        ...

    def upload(self, plan: Plan, split: str) -> str:
        """Upload a split's file under `plan.file_name(split)`; its id.

        Raises:
            NoAnswer: It may or may not have been uploaded.
            ServiceError: The provider refuses it.
        """
        ...

    def find_job(self, plan: Plan, files: Mapping[str, str]) -> str | None:
        """The id of a job that was started earlier under this plan's key; all pages are looked through.

        Args:
            plan: The plan.
            files: Split to the id of its file.
        """
        ...

    def start(self, plan: Plan, files: Mapping[str, str]) -> str:
        """Start the job; its id.

        Raises:
            NoAnswer: It may or may not have been started.
            ServiceError: The provider refuses it.
        """
        ...

    def job(self, job_id: str) -> JobState:
        """Where the job stands now.

        Raises:
            NoAnswer: The provider cannot tell at the moment.
            ServiceError: There is no such job, or it may not be seen.
        """
        ...


@runtime_checkable
class KeepsNoNames(Protocol):
    """A service behind whose address may stand a gateway that forgets the names of files.

    Then `find_file` finds nothing after a lost answer, and the frame looks for the one new file that could
    be ours: it compares `lookalikes` before the first upload with `lookalikes` now.
    """

    def lookalikes(self, plan: Plan, split: str) -> frozenset[str]:
        """Ids of files at the provider that have the split's size and a name that tells nothing."""
        ...


@dataclass(frozen=True)
class Reply:
    """What a hosted model answered.

    Args:
        text: The answer; of tool calls, their canonical JSON.
        stopped: Whether the model ended its turn itself, rather than hitting the limit.
        prompt_tokens: As the provider counted; None where it does not say.
        completion_tokens: As the provider counted.
    """

    text: str
    stopped: bool
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


@runtime_checkable
class Asks(Protocol):
    """A service whose tuned and base models can be asked, so that `tuneset eval` can compare them."""

    def ask(
        self,
        model: str,
        messages: Sequence[Mapping[str, Any]],
        tools: Sequence[Mapping[str, Any]] | None,
        max_tokens: int,
    ) -> Reply:
        """One answer at temperature 0; called from several threads at once.

        Args:
            model: The base model, or the tuned one as `JobState.model` named it.
            messages: The prompt in the OpenAI chat shape.
            tools: Tool definitions.
            max_tokens: Where the answer is cut.

        Raises:
            NoAnswer: Busy or lost; the caller asks again later.
            ServiceError: The provider refuses.
        """
        ...
