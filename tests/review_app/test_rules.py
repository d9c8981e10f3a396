"""The rule language against Python itself, and against a second evaluator that knows missing values."""

from __future__ import annotations

import operator
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tuneset.review_app.rule_mask import Column, mask
from tuneset.review_app.rule_tree import Always, Both, Compare, Either, Field, In, Not, Truth
from tuneset.review_app.rules import parse
from tuneset.schemas.errors import RecipeError

TYPES = {"n": pa.float64(), "i": pa.int64(), "t": pa.string(), "b": pa.bool_()}
OPERATORS = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "n": st.sampled_from([0.0, 0.5, 0.8, 1.0, -2.5, 3.0]),
    "i": st.integers(-3, 3),
    "t": st.sampled_from(["", "en", "fr", "it's", 'a "b"', "back\\slash", "né", "x\ny"]),
    "b": st.booleans(),
}


def _take(text: str, rows: list[dict[str, Any]]) -> list[bool]:
    columns = {name: Column.of(pa.array([r[name] for r in rows], kind)) for name, kind in TYPES.items()}
    return mask(parse(text), columns, len(rows)).to_pylist()


def _table(*, missing: bool) -> st.SearchStrategy[list[dict[str, Any]]]:
    cells = {n: st.one_of(st.none(), v) if missing else v for n, v in VALUES.items()}
    return st.lists(st.fixed_dictionaries(cells), min_size=1, max_size=6)


@st.composite
def _comparison(draw: st.DrawFn) -> tuple[str, Any]:
    """A comparison as text, and the same as a function of a row; a missing value makes it false."""
    name = draw(st.sampled_from(sorted(VALUES)))
    shape = draw(st.sampled_from(["compare", "flipped", "in", "not in", "null", "chain"]))
    if shape == "null":
        sign = draw(st.sampled_from(["==", "!="]))
        return f"{name} {sign} null", lambda r: (r[name] is None) == (sign == "==")
    if shape in ("in", "not in"):
        some = draw(st.lists(VALUES[name], max_size=3))
        inside = shape == "in"
        text = f"{name} {shape} [{', '.join(map(_literal, some))}]"
        return text, lambda r: (r[name] is not None or not (inside or some)) and (r[name] in some) == inside
    signs = ["==", "!="] if name == "b" else list(OPERATORS)
    sign, value = draw(st.sampled_from(signs)), draw(VALUES[name])
    if shape == "flipped":
        return (
            f"{_literal(value)} {sign} {name}",
            lambda r: r[name] is not None and OPERATORS[sign](value, r[name]),
        )
    if shape == "chain" and name != "b":
        low, other = draw(VALUES[name]), draw(st.sampled_from(signs))
        text = f"{_literal(low)} {sign} {name} {other} {_literal(value)}"
        return (
            text,
            lambda r: (
                r[name] is not None and OPERATORS[sign](low, r[name]) and OPERATORS[other](r[name], value)
            ),
        )
    return (
        f"{name} {sign} {_literal(value)}",
        lambda r: r[name] is not None and OPERATORS[sign](r[name], value),
    )


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return repr(value)
    escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"'{escaped}'"


def _tree() -> st.SearchStrategy[tuple[str, Any]]:
    leaves = st.one_of(
        _comparison(),
        st.just(("true", lambda _: True)),
        st.just(("false", lambda _: False)),
        st.just(("b", lambda r: bool(r["b"]))),
    )

    def grow(inner: st.SearchStrategy[tuple[str, Any]]) -> st.SearchStrategy[tuple[str, Any]]:
        return st.one_of(
            inner.map(lambda a: (f"not ({a[0]})", lambda r: not a[1](r))),
            st.tuples(inner, inner).map(
                lambda p: (f"({p[0][0]}) and ({p[1][0]})", lambda r: p[0][1](r) and p[1][1](r))
            ),
            st.tuples(inner, inner).map(
                lambda p: (f"({p[0][0]})  OR\n({p[1][0]})", lambda r: p[0][1](r) or p[1][1](r))
            ),
        )

    return st.recursive(leaves, grow, max_leaves=6)


@settings(max_examples=400, deadline=None)
@given(_tree(), _table(missing=True))
def test_a_rule_takes_what_a_second_evaluator_takes(
    tree: tuple[str, Any], rows: list[dict[str, Any]]
) -> None:
    text, expected = tree
    assert _take(text, rows) == [bool(expected(row)) for row in rows]


ATOMS = st.sampled_from(
    ["n >= 0.5", "i == 2", "t == 'en'", "b", "-1 <= i < 2", "t in ['en', 'fr']", "i not in [1]", "n != 0.8"]
)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["", "not ", "not not ", "("]), ATOMS), min_size=1, max_size=6),
    st.lists(st.sampled_from([" and ", " or ", ") and ", ") or "]), min_size=6, max_size=6),
    _table(missing=False),
)
def test_precedence_is_pythons(
    atoms: list[tuple[str, str]], joins: list[str], rows: list[dict[str, Any]]
) -> None:
    text, open_ = "", 0
    for (before, atom), join in zip(atoms, joins, strict=False):
        open_ += before == "("
        text += before + atom
        if join.startswith(")") and not open_:
            join = join[1:]
        open_ -= join.startswith(")")
        text += join
    text = text.rsplit("and" if text.rstrip().endswith("and") else "or", 1)[0].rstrip() + ")" * open_
    assert _take(text, rows) == [bool(eval(text, {}, dict(row))) for row in rows]


def test_the_tree_is_the_expected_one() -> None:
    rule = parse("quality >= 0.8 and (language in ['en', 'fr'] or not meta.ok) or 3 < source.row")
    assert rule.node == Either(
        (
            Both(
                (
                    Compare(Field("quality", 0), ">=", 0.8),
                    Either(
                        (In(Field("language", 20), ("en", "fr"), False), Not(Truth(Field("meta.ok", 52))))
                    ),
                )
            ),
            Compare(Field("source.row", 68), ">", 3),
        )
    )
    assert [f.name for f in rule.fields()] == ["quality", "language", "meta.ok", "source.row"]
    assert parse(" TRUE ").node == Always(True)


@pytest.mark.parametrize(
    ("text", "at", "says"),
    [
        ("", 1, "ends too early"),
        ("n = 1", 3, "write: =="),
        ("n >= 1 && b", 8, "write: and"),
        ("n >= 1 | b", 8, "write: or"),
        ("! b", 1, "write: not"),
        ("n <> 1", 3, "write: !="),
        ("n >= ", 6, "ends too early"),
        ("n >= 1 and", 11, "ends too early"),
        ("(n >= 1", 8, "closing parenthesis"),
        ("n >= 1)", 7, "not expected"),
        ("n >= 1 b", 8, "not expected"),
        ("t == 'en", 6, "not closed"),
        ("t in 'en'", 6, "needs a list"),
        ("t in ['en' 'fr']", 12, "not closed"),
        ("t in ['en',]", 12, "not expected"),
        ("t not ['en']", 7, "needs 'in'"),
        ("n == i", 3, "two fields"),
        ("1 == 1", 3, "two values"),
        ("'en'", 1, "says nothing"),
        ("3", 1, "says nothing"),
        ("null", 1, "says nothing"),
        ("n == 0.8x", 6, "not expected"),
        (r"t == 'a\q'", 8, "unknown escape"),
        (r"t == '\ud800'", 7, "unknown escape"),
        ("t == '\udcff'", 7, "not valid Unicode"),
        ("n == 1; drop", 7, "not expected"),
        ("__import__('os')", 11, "not expected"),
        ("t.x", 1, ""),
    ],
)
def test_a_wrong_rule_says_what_and_where(text: str, at: int, says: str) -> None:
    if not says:
        assert parse(text).node == Truth(Field(text, 0))
        return
    with pytest.raises(RecipeError) as error:
        parse(text)
    assert f"character {at}\n" in error.value.where
    assert says in f"{error.value.what} {error.value.fix}"
    str(error.value).encode()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("t == 3", "'t' is text, and never a number such as 3"),
        ("n == 'x'", "'n' is a number, and never text such as 'x'"),
        ("b == 1", "'b' is true or false"),
        ("n", "'n' is a number, and never true or false"),
        ("t in ['en', 3]", "never a number"),
        ("b > true", "no order"),
        ("n > null", "null has no order"),
    ],
)
def test_values_of_another_kind_are_refused(text: str, says: str) -> None:
    row = {"n": 1.0, "i": 1, "t": "x", "b": True}
    with pytest.raises(RecipeError) as error:
        _take(text, [row])
    assert says in error.value.what
    assert "^" in error.value.where


def test_depth_and_length_have_no_cliff() -> None:
    assert parse("(" * 90 + "true" + ")" * 90).node == Always(True)
    with pytest.raises(RecipeError, match="nested"):
        parse("(" * 5000 + "true" + ")" * 5000)
    assert parse("not " * 5001 + "true").node == Not(Always(True))
    rows = [{"n": None, "i": i, "t": None, "b": None} for i in range(3)]
    assert _take("i in [" + ", ".join(str(n) for n in range(1, 20000)) + "]", rows) == [False, True, True]
    assert _take(" or ".join(["i == 0"] * 2000), rows) == [True, False, False]


def test_numbers_of_any_size_compare() -> None:
    rows = [{"n": 0.5, "i": 2**62, "t": None, "b": None}]
    assert _take(f"i == {2**62}", rows) == [True]
    assert _take(f"i < 1{'0' * 400}", rows) == [True]
    assert _take("n < 1e400 and n > -1e400", rows) == [True]
    assert _take("i > 0.5", rows) == [True]
