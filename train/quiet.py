"""Silence for the libraries below us: their bars, notes and warnings are not ours to print."""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Iterator

LIBRARIES = ("transformers", "trl", "peft", "accelerate", "datasets", "huggingface_hub", "httpx", "torch")


@contextlib.contextmanager
def hushed() -> Iterator[None]:
    """Libraries print errors only while the block runs; afterwards they are as they were."""
    loggers = [logging.getLogger(name) for name in LIBRARIES]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings(), contextlib.ExitStack() as stack:
        warnings.simplefilter("ignore")
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        _hide_bars(stack)
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)


def _hide_bars(stack: contextlib.ExitStack) -> None:
    with contextlib.suppress(ImportError):
        from transformers.utils import logging as bars

        if bars.is_progress_bar_enabled():
            bars.disable_progress_bar()
            stack.callback(bars.enable_progress_bar)
    with contextlib.suppress(ImportError):
        import datasets

        if not datasets.are_progress_bars_disabled():
            datasets.disable_progress_bars()
            stack.callback(datasets.enable_progress_bars)
