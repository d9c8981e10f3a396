"""One machine: this process alone, or worker processes beside it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar, cast

from ...schemas.errors import WorkspaceError

T = TypeVar("T")
R = TypeVar("R")


class LocalEngine:
    """Worker processes from joblib; with one worker everything runs in this process."""

    name = "local"

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._started = False

    def map(self, function: Callable[[T], R], tasks: Sequence[T]) -> Iterator[R]:
        """Results in task order; a worker that dies is replaced once.

        Raises:
            WorkspaceError: Workers died twice, as they do when memory runs out.
        """
        if self.workers == 1 or len(tasks) < 2:
            yield from map(function, tasks)
            return
        from joblib.externals.loky.process_executor import TerminatedWorkerError

        done = 0
        for attempt in (1, 2):
            try:
                for result in self._parallel(function, tasks[done:]):
                    yield result
                    done += 1
                return
            except TerminatedWorkerError as error:
                if attempt == 2:
                    raise WorkspaceError(
                        "a worker process was killed twice",
                        where=f"task {done + 1} of {len(tasks)}",
                        fix="free some memory or run with --workers 1; finished work is kept",
                    ) from error

    def _parallel(self, function: Callable[[T], R], tasks: Sequence[T]) -> Iterator[R]:
        from joblib import Parallel, delayed

        self._started = True
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="A worker stopped while some jobs were given")
            parallel = Parallel(n_jobs=self.workers, backend="loky", return_as="generator")
            yield from cast(Iterator[R], parallel(delayed(function)(task) for task in tasks))

    def close(self) -> None:
        """End the worker processes."""
        if self._started:
            from joblib.externals.loky import get_reusable_executor

            get_reusable_executor().shutdown(wait=True, kill_workers=True)
            self._started = False
