from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tuneset.curate.terminal_text import changed_part, columns_of, shorten, side_by_side, visible, wrap


def test_nothing_acts_on_the_terminal() -> None:
    assert visible("a\x1b[2J\x07b\rc\u202ed\x9be\x00") == r"a\x1b[2J\x07b\rc\u202ed\x9be\x00"
    assert visible("tab\there\nnext") == "tab    here\nnext"
    assert visible("👩‍🚀 né שלום 中文") == "👩‍🚀 né שלום 中文"
    assert visible("lone \udcff \ufeff") == r"lone \udcff \ufeff"


@given(st.text())
def test_visible_text_can_be_printed(text: str) -> None:
    shown = visible(text)
    shown.encode()
    assert not any(c in shown for c in "\x1b\x07\r\x9b\u202e\u2028")


def test_shortening_says_how_long_the_text_is() -> None:
    assert shorten("short", 10) == "short"
    assert shorten("x" * 1204, 600) == "x" * 600 + " … (1,204 characters, 600 shown)"


def test_wide_characters_take_two_columns() -> None:
    assert columns_of("中文") == 4
    assert columns_of("ne\u0301") == 2
    assert wrap("中文中文中", 4) == ["中文", "中文", "中"]
    assert side_by_side("中文", "b", width=13) == ["中文  | b"]


@given(st.text(alphabet=st.sampled_from("ab c\n中é"), max_size=60), st.integers(2, 12))
def test_wrapping_keeps_every_character_and_the_width(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert all(columns_of(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "").replace("\n", "")


def test_side_by_side_fills_the_shorter_side() -> None:
    assert side_by_side("one two three", "x", width=13) == ["one   | x", "two   |", "three |"]


def test_only_the_changed_part_is_shown() -> None:
    before = "a" * 100 + "OLD" + "b" * 100
    after = "a" * 100 + "NEWER" + "b" * 100
    assert changed_part(before, after, around=3) == ("… aaaOLDbbb …", "… aaaNEWERbbb …")
    assert changed_part("same", "same!", around=2) == ("… me", "… me!")
    assert changed_part("aa", "aaa", around=5) == ("aa", "aaa")


@given(st.text(alphabet="ab", max_size=12), st.text(alphabet="ab", max_size=12), st.integers(0, 3))
def test_the_changed_parts_are_parts(before: str, after: str, around: int) -> None:
    for whole, part in zip((before, after), changed_part(before, after, around=around), strict=True):
        assert part.replace("… ", "").replace(" …", "") in whole
