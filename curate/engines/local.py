"""One machine: this process alone, or worker processes beside it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from ...schemas.errors import WorkspaceError

T = TypeVar("T")
R = TypeVar("R")

WORKER_VARIABLES = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    "LOKY_MAX_MEMORY_LEAK_SIZE": "2e9",
}
"""One thread for matrix products: with a process a core, more of them wait for one another. And bytes that a
worker may grow by before it counts as leaking: tables that steps load at their first batch are no leak."""


class LocalEngine:
    """Worker processes from loky; with one worker everything runs in this process."""

    name = "local"

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._executor: Any = None

    def map(self, function: Callable[[T], R], tasks: Sequence[T]) -> Iterator[R]:
        """Results in task order; workers that die are replaced once.

        Raises:
            WorkspaceError: Workers died twice, as they do when memory runs out.
        """
        if self.workers == 1 or len(tasks) < 2:
            yield from map(function, tasks)
            return
        from loky.process_executor import TerminatedWorkerError

        done = 0
        for attempt in (1, 2):
            try:
                for result in self._spread(function, tasks[done:]):
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

    def _spread(self, function: Callable[[T], R], tasks: Sequence[T]) -> Iterator[R]:
        from loky import get_reusable_executor

        with _interrupts_ignored():
            self._executor = get_reusable_executor(max_workers=self.workers, env=WORKER_VARIABLES)
            futures = [self._executor.submit(function, task) for task in tasks]
        for future in futures:
            yield future.result()

    def close(self) -> None:
        """End the worker processes."""
        if self._executor is not None:
            self._executor.shutdown(wait=True, kill_workers=True)
            self._executor = None


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Processes started meanwhile never see Ctrl-C: this process stops them, without their tracebacks.

    Ignoring is inherited by a new program; a signal mask would be too, but `multiprocessing` lifts it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
