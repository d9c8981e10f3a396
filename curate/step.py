"""The step protocol, verdict tables, and `@row_filter` for a user's own steps.

A step measures batches (row-local, pure: n rows in, n rows out, in order) and then decides over the
measures of all rows (one verdict a row, in order). No step deletes a row: the pipeline does, once.
"""

from __future__ import annotations

import ast
import functools
import importlib
import importlib.util
import inspect
import json
import textwrap
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

import pyarrow as pa

from ..schemas.arrow import ACTIONS, VERDICTS
from ..schemas.errors import StepError
from .rows import Rows, Turn, rows_of


@runtime_checkable
class Step(Protocol):
    """One step of a curation.

    A step may also have:

    - `version: int`: raise it when `measure` changes, so that cached measures are not reused.
    - `measure_params: Mapping`: the parameters that affect `measure`; default none. Parameters that
      only `decide` reads stay out, so that another threshold costs seconds.
    - `edits: bool`: `measure` gives a `messages` column with proposed messages (null for none), which
      replaces a row's messages where `decide` says `edit`. Where it gives the columns `tools`, `rejected` and
      `label` as well, they replace the row's too, nulls included. `decide` sees none of these columns.
    - `needs: tuple[str, ...]`: names of earlier steps whose verdicts `decide` wants, as columns named like
      the steps: the `value` of a step that gave values, else its `score`; `STEP.related_id` gives the rows
      that they name as partners.
    - `settles: frozenset[str]`: values that say a person has decided: such a row waits for nobody any more.
    - `sees_dropped: bool`: `decide` gets dropped rows as well, told apart by a column `alive`.
    - `prepare(folder: Path, space: Workspace) -> Mapping | None`: called once before a run, with the
      recipe's folder; gives what the step will read besides the inputs, for the run card.
    """

    @property
    def name(self) -> str: ...

    @property
    def reasons(self) -> Mapping[str, str]: ...

    def measure(self, batch: pa.Table) -> pa.Table: ...

    def decide(self, measures: pa.Table) -> pa.Table: ...


class Opinion(NamedTuple):
    """What a step says of one row."""

    action: str
    reason: str | None = None
    score: float | None = None
    value: str | None = None
    related_id: str | None = None
    detail: str | None = None


KEEP = Opinion("keep")


def keep(*, score: float | None = None, detail: str | None = None) -> Opinion:
    """The row is fine as far as this step can tell."""
    return KEEP if score is None and detail is None else Opinion("keep", score=score, detail=detail)


def drop(reason: str, *, score: float | None = None, detail: str | None = None) -> Opinion:
    """The row must not be trained on, for a declared reason."""
    return Opinion("drop", reason, score, detail=detail)


def review(reason: str, *, score: float | None = None, detail: str | None = None) -> Opinion:
    """The row is kept, and a person should look at it."""
    return Opinion("review", reason, score, detail=detail)


def assign(value: str, *, reason: str | None = None, score: float | None = None) -> Opinion:
    """The row is kept and gets a label."""
    return Opinion("assign", reason, score, value)


NOTES = b"notes"
"""Metadata key of a verdict table: sentences for the person who reads the run's end and its report."""


def verdicts(
    row_ids: pa.Array | pa.ChunkedArray, step: str, opinions: Sequence[Opinion], *, notes: Sequence[str] = ()
) -> pa.Table:
    """A verdict table from one opinion a row, in order.

    Args:
        row_ids: The rows.
        step: The step's name.
        opinions: One a row.
        notes: What the person who runs the step should know, as sentences.

    Raises:
        StepError: The numbers differ.
    """
    if len(row_ids) != len(opinions):
        raise StepError(
            f"{len(opinions)} opinions for {len(row_ids)} rows", where=f"step {step!r}", fix="give one a row"
        )
    ids = row_ids.combine_chunks() if isinstance(row_ids, pa.ChunkedArray) else row_ids
    columns = {
        "row_id": ids,
        "step": pa.repeat(pa.scalar(step), len(ids)),
        "action": pa.array([o.action for o in opinions], pa.string()),
        "reason": pa.array([o.reason for o in opinions], pa.string()),
        "score": pa.array([o.score for o in opinions], pa.float64()),
        "value": pa.array([o.value for o in opinions], pa.string()),
        "related_id": pa.array([o.related_id for o in opinions], pa.string()),
        "detail": pa.array([o.detail for o in opinions], pa.string()),
    }
    schema = VERDICTS.with_metadata({NOTES: json.dumps(list(notes)).encode()}) if notes else VERDICTS
    return pa.Table.from_arrays(list(columns.values()), schema=schema)


class Row(Mapping[str, Any]):
    """One row as a user's filter sees it.

    Members: row_id, content_id, messages (list of dictionaries), tools, rejected, label, source, meta,
    and the derived prompt, response and text (all turns).
    """

    _DERIVED = ("prompt", "response", "text")

    def __init__(self, rows: Rows, index: int) -> None:
        self._rows = rows
        self._index = index

    def __getitem__(self, key: str) -> Any:
        if key == "messages":
            return self._rows.messages[self._index]
        if key == "prompt":
            return self._rows.prompts[self._index]
        if key == "response":
            return self._rows.responses[self._index]
        if key == "text":
            return f"{self._rows.prompts[self._index]}\n{self._rows.responses[self._index]}".strip()
        if key in ("meta", "tools", "rejected"):
            return _cells(self._rows, key)[self._index]
        if key not in self._rows.batch.column_names:
            raise KeyError(key)
        return self._rows.batch.column(key)[self._index].as_py()

    def __iter__(self) -> Iterator[str]:
        yield from (*self._rows.batch.column_names, *self._DERIVED)

    def __len__(self) -> int:
        return len(self._rows.batch.column_names) + len(self._DERIVED)


def _cells(rows: Rows, key: str) -> list[Any]:
    cache: dict[str, list[Any]] = rows.__dict__.setdefault("_cells", {})
    if key not in cache:
        cache[key] = rows.metas() if key == "meta" else rows.tools() if key == "tools" else rows.rejected()
    return cache[key]


_OPINION = pa.struct([(n, pa.float64() if n == "score" else pa.string()) for n in Opinion._fields])


class RowStep:
    """A step made of one opinion a row: `measure` asks for it and `decide` repeats it."""

    name: str
    reasons: Mapping[str, str]
    version = 1

    def opinion(self, row: Row) -> Opinion:
        """What this step says of one row."""
        raise NotImplementedError

    def measure(self, batch: pa.Table) -> pa.Table:
        rows = rows_of(batch)
        opinions = [self._checked(Row(rows, i), i, rows) for i in range(len(rows))]
        cells = [{n: getattr(o, n) for n in Opinion._fields} for o in opinions]
        return pa.table({"row_id": batch.column("row_id"), "opinion": pa.array(cells, _OPINION)})

    def _checked(self, row: Row, index: int, rows: Rows) -> Opinion:
        try:
            opinion = self.opinion(row)
        except StepError:
            raise
        except Exception as error:
            raise StepError(
                f"the step raised {type(error).__name__}: {error}",
                where=f"step {self.name!r}, row {rows.row_ids()[index]}",
                fix="make the step return keep(), drop(...) or review(...) for this row",
            ) from error
        if not isinstance(opinion, Opinion) or opinion.action not in ACTIONS:
            raise StepError(
                f"the step returned {opinion!r}",
                where=f"step {self.name!r}, row {rows.row_ids()[index]}",
                fix="return keep(), drop(...), review(...) or assign(...)",
            )
        return opinion

    def decide(self, measures: pa.Table) -> pa.Table:
        opinions = measures.column("opinion").combine_chunks()
        columns = [opinions.field(n) for n in Opinion._fields]
        ids = measures.column("row_id").combine_chunks()
        step = pa.repeat(pa.scalar(self.name), len(ids))
        return pa.Table.from_arrays([ids, step, *columns], schema=VERDICTS)


class RowFilter(RowStep):
    """A user's function as a step; made by `@row_filter`, and pickled by the function's import path."""

    def __init__(
        self, function: Callable[..., Opinion], reasons: Mapping[str, str], params: dict[str, Any]
    ) -> None:
        self.function = function
        self.name = function.__name__
        self.reasons = reasons
        self.params = params

    @property
    def measure_params(self) -> dict[str, Any]:
        """The keyword arguments and the source, so that an edited filter is measured again."""
        return {"params": self.params, "source": _source(self.function)}

    def opinion(self, row: Row) -> Opinion:
        return self.function(row, **self.params)

    def __call__(self, **params: Any) -> RowFilter:
        """The same filter with other keyword arguments.

        Raises:
            StepError: The function has no such argument.
        """
        known = [p for p in inspect.signature(self.function).parameters][1:]
        unknown = sorted(set(params) - set(known))
        if unknown:
            raise StepError(
                f"unknown argument {unknown[0]!r}",
                where=f"step {self.name!r}",
                fix=f"known: {', '.join(known)}",
            )
        return RowFilter(self.function, self.reasons, {**self.params, **params})

    def __reduce__(self) -> tuple[Any, ...]:
        module, name = self.function.__module__, self.function.__qualname__
        origin = getattr(self.function, "__tuneset_file__", None)
        if origin is not None:
            return (_from_file, (origin, name, self.params))
        if module == "__main__" or "<locals>" in name:
            return (RowFilter, (self.function, dict(self.reasons), self.params))
        return (_from_module, (module, name, self.params))


def _from_module(module: str, name: str, params: dict[str, Any]) -> RowFilter:
    return getattr(importlib.import_module(module), name)(**params)


def _from_file(path: str, name: str, params: dict[str, Any]) -> RowFilter:
    return load_user_step(path, name)(**params)


@functools.cache
def _user_module(path: str) -> Any:
    spec = importlib.util.spec_from_file_location(f"tuneset_user_{zlib.crc32(path.encode()):x}", path)
    if spec is None or spec.loader is None:
        raise StepError(f"{path!r} is not a Python file", where="the recipe", fix="name a .py file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def load_user_step(path: str, name: str) -> Any:
    """The step called `name` in a user's Python file, which is run.

    Raises:
        StepError: The file fails to run, or has no such step.
    """
    try:
        found = getattr(_user_module(path), name, None)
    except Exception as error:
        raise StepError(
            f"{path!r} failed to run ({type(error).__name__}: {error})", where=path, fix="repair the file"
        ) from error
    if found is None:
        raise StepError(f"no step {name!r}", where=path, fix="define it there with @row_filter")
    if isinstance(found, RowFilter):
        found.function.__tuneset_file__ = path  # pyright: ignore[reportFunctionMemberAccess]
    elif isinstance(found, type):
        found.__tuneset_source__ = Path(path).read_text(encoding="utf-8")  # pyright: ignore[reportAttributeAccessIssue]
    return found


def row_filter(
    function: Callable[..., Opinion] | None = None, *, reasons: Mapping[str, str] | None = None
) -> Any:
    """Make a step of a function from a row to an opinion.

    Args:
        function: Takes a Row and keyword arguments; returns keep(), drop(...), review(...) or assign(...).
        reasons: Reason code to sentence. Default: the codes found in the source, each with the
            function's docstring as its sentence.

    Example:
        >>> @row_filter
        ... def no_shouting(row, *, max_ratio: float = 0.5):
        ...     "The answer is mostly capital letters."
        ...     text = row["response"]
        ...     ratio = sum(c.isupper() for c in text) / max(len(text), 1)
        ...     return drop("shouting", score=ratio) if ratio > max_ratio else keep()
    """
    if function is None:
        return functools.partial(row_filter, reasons=reasons)
    sentence = (inspect.getdoc(function) or function.__name__).split("\n", 1)[0]
    declared = dict(reasons) if reasons is not None else dict.fromkeys(_reason_codes(function), sentence)
    return RowFilter(function, declared, {})


def _source(function: Callable[..., Any]) -> str:
    try:
        return textwrap.dedent(inspect.getsource(function))
    except OSError:
        return repr(function.__code__.co_code)


def _reason_codes(function: Callable[..., Any]) -> list[str]:
    """The literal reason codes in calls of drop, review and assign."""
    try:
        tree = ast.parse(_source(function))
    except SyntaxError:
        return []
    codes: dict[str, None] = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        wanted = node.args[:1] if node.func.id in ("drop", "review") else []
        wanted = [*wanted, *(k.value for k in node.keywords if k.arg == "reason")]
        codes |= {w.value: None for w in wanted if isinstance(w, ast.Constant) and isinstance(w.value, str)}
    return list(codes)


def edited(turns: list[Turn], index: int, **changes: Any) -> list[Turn]:
    """The turns with one of them changed; the input stays as it is."""
    return [{**t, **changes} if i == index else t for i, t in enumerate(turns)]
