"""Literal texts against a plain search."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tuneset.curate.literals import Literals

TEXTS = st.text(alphabet="abß ", min_size=1, max_size=4)


@given(
    st.dictionaries(st.sampled_from("wxyz"), st.lists(TEXTS, max_size=5)),
    st.text(alphabet="abß ", max_size=40),
)
def test_finds_the_groups_that_a_plain_search_finds(groups, text):
    expected = {name for name, texts in groups.items() if any(t in text for t in texts)}
    assert Literals(groups).found(text) == expected


def test_refuses_literals_that_could_never_be_found():
    with pytest.raises(ValueError, match="lower case"):
        Literals({"a": ["Sorry"]})
    with pytest.raises(ValueError, match="empty"):
        Literals({"a": [""]})
