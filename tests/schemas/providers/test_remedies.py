"""Codes and remedies over all targets: one code has one meaning, and no remedy is without a rule."""

from __future__ import annotations

import pytest
from tuneset.curate.export.check.file_rules import FILE_RULES
from tuneset.curate.export.shape import UNCARRIED
from tuneset.curate.export.targets import TARGETS
from tuneset.schemas.providers.conversation import RULES as ORDER
from tuneset.schemas.providers.problems import GENERAL
from tuneset.schemas.providers.remedies import REMEDIES


@pytest.mark.parametrize("name", TARGETS)
def test_no_rule_of_a_row_is_called_like_one_of_a_file(name: str) -> None:
    assert set(FILE_RULES) & {*GENERAL, *UNCARRIED, *ORDER, *TARGETS[name].rules} == set()


def test_every_remedy_has_a_rule_that_needs_it() -> None:
    shared = [GENERAL, UNCARRIED, FILE_RULES, ORDER]
    rules = [*shared, *(target.rules for target in TARGETS.values())]
    assert set(REMEDIES) == {code for family in rules for code, rule in family.items() if not rule.fix}
