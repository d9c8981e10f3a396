from __future__ import annotations

import random
from pathlib import Path

import pytest
from tuneset.review_app.approve import approve
from tuneset.review_app.sample import seeded_order
from tuneset.review_app.store import Draft, Store
from tuneset.schemas.errors import RecipeError, WorkspaceError
from tuneset.schemas.example import content_id


@pytest.fixture
def ids(workspaces) -> dict[int, str]:
    return {n: workspaces.row(n, [])["row_id"] for n in range(1, 9)}


def _approved(out: Path, ids: dict[int, str]) -> list[int]:
    number = {v: k for k, v in ids.items()}
    with Store.reading(out / "review.db") as store:
        return sorted(number[r["row_id"]] for r in store.current().to_pylist() if r["action"] == "approve")


@pytest.mark.parametrize(
    ("where", "rows"),
    [
        ("true", [1, 4, 5, 7, 8]),
        ("false", []),
        ("true or review", [1, 4, 5, 6, 7, 8]),
        ("review == true", [6]),
        ("review == false", [1, 4, 5, 7, 8]),
        ("quality >= 0.8 and language == 'en'", [1, 4, 7]),
        ("quality < 0.6", [8]),
        ("quality < 0.6 and review in [true, false]", [6, 8]),
        ("language in ['fr', 'de']", [5]),
        ("split == 'train'", [1, 4, 8]),
        ("source.file == 'faq.jsonl' and source.row >= 5", [5, 7, 8]),
        ("label == false", [8]),
        ("label == null", [1, 4, 5, 7]),
        ("edited", [4]),
        ("pii.reason == 'email'", [4]),
        ("pii.action == 'edit' or quality.score == 0.95", [4, 7]),
        ("language.score > 0.98 and language.value != 'en'", [5]),
        ("meta.task == 'faq'", [1]),
        ("meta.task != 'faq'", [4, 5]),
        ("meta.n == 3", [1]),
        ("meta.n == '3'", [4]),
        ("meta.n", [5]),
        ("meta.n in [3, '3']", [1, 4]),
        ("meta.n not in [3]", []),
        ("meta.n == null", [7, 8]),
    ],
)
def test_a_rule_takes_the_rows_it_says(story: Path, ids, where: str, rows: list[int]) -> None:
    result = approve(story, where=where, actor="ana")
    assert _approved(story, ids) == rows
    assert result.approved == len(rows)


def test_every_event_carries_rule_actor_batch_and_content(story: Path, workspaces, ids) -> None:
    result = approve(story, where="edited or meta.task == 'faq'", actor="ana")
    with Store.reading(story / "review.db") as store:
        first, second = store.events()
    assert {e.batch_id for e in (first, second)} == {result.batch_id}
    assert (first.row_id, first.actor, first.rule) == (ids[1], "ana", "edited or meta.task == 'faq'")
    edited = workspaces.turns("Who do I ask?", "Write to <EMAIL> today.")
    assert (second.row_id, second.content_id) == (ids[4], content_id(edited))


def test_the_same_rule_again_adds_nothing(story: Path) -> None:
    first = approve(story, where="true", actor="ana")
    again = approve(story, where="true", actor="ben")
    assert (first.approved, first.already, first.left_for_review) == (5, 0, 1)
    assert (again.approved, again.already, again.left_for_review, again.batch_id) == (0, 5, 1, None)
    with Store.reading(story / "review.db") as store:
        assert store.verify().events == 5


def test_a_rule_never_overrides_a_person(story: Path, ids) -> None:
    with Store.open(story / "review.db") as store:
        store.append_many([Draft("reject", ids[1], "c", reason="tone")], actor="ana")
    result = approve(story, where="true or review", actor="ben")
    assert (result.matched, result.approved, result.left_rejected) == (6, 5, 1)
    assert _approved(story, ids) == [4, 5, 6, 7, 8]


def test_an_approval_of_other_content_is_given_again(story: Path, ids) -> None:
    with Store.open(story / "review.db") as store:
        store.append_many([Draft("approve", ids[1], "f" * 32)], actor="ana")
    assert approve(story, where="true", actor="ben").approved == 5


def test_an_undone_approval_is_given_again(story: Path, ids) -> None:
    approve(story, where="meta.task == 'faq'", actor="ana")
    with Store.open(story / "review.db") as store:
        store.append_many([Draft("undo", ids[1], "c", supersedes=1)], actor="ana")
    assert approve(story, where="meta.task == 'faq'", actor="ana").approved == 1


def test_a_sample_is_drawn_once_and_stays(workspaces, tmp_path: Path) -> None:
    rows = [workspaces.row(n, workspaces.turns(f"q{n}", "a")) for n in range(1, 101)]
    told = [workspaces.verdict(r["row_id"], "s", score=n / 100) for n, r in enumerate(rows)]
    out = workspaces.build(tmp_path / "o", rows, told)
    first = approve(out, where="s >= 0.5", sample=10, actor="ana")
    assert (first.matched, first.approved, first.not_sampled) == (50, 10, 40)
    again = approve(out, where="s >= 0.5", sample=10, actor="ana")
    assert (again.approved, again.already, again.not_sampled) == (0, 10, 40)
    assert approve(out, where="s >= 0.5", sample=1000, actor="ana").approved == 40
    with pytest.raises(RecipeError, match="a sample of 0"):
        approve(out, where="true", sample=0)


def test_the_counts_share_out_the_matched_rows(story: Path, ids) -> None:
    with Store.open(story / "review.db") as store:
        store.append_many([Draft("reject", ids[5], "c")], actor="ana")
    approve(story, where="meta.task == 'faq'", actor="ana")
    r = approve(story, where="true", sample=2, actor="ana")
    assert r.approved + r.already + r.left_for_review + r.left_rejected + r.not_sampled == r.matched == 6


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ("qualty >= 0.8", "did you mean 'quality'?"),
        ("meta.tsk == 'faq'", "did you mean 'meta.task'?"),
        ("quality.scor > 1", "did you mean 'quality.score'?"),
        ("defects == 'x'", "defects.action"),
        ("Language == 'en'", "did you mean 'language'?"),
        ("messages == 'x'", "known:"),
    ],
)
def test_an_unknown_field_says_what_was_near(story: Path, where: str, says: str) -> None:
    with pytest.raises(RecipeError) as error:
        approve(story, where=where)
    assert says in error.value.fix
    assert "character 1\n" in error.value.where
    assert not (story / "review.db").exists()


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="no finished run"):
        approve(tmp_path, where="true")


def test_an_empty_run_has_nothing_to_approve(workspaces, tmp_path: Path) -> None:
    out = workspaces.build(tmp_path / "o", [], [])
    assert approve(out, where="true", sample=3).matched == 0


def test_the_seeded_order_is_fair_and_stable() -> None:
    ids = [f"abc:{n}" for n in range(1, 2001)]
    order = seeded_order(ids, 13)
    assert sorted(order.tolist()) == list(range(2000))
    shuffled = random.Random(1).sample(ids, 2000)
    again = [shuffled[i] for i in seeded_order(shuffled, 13)]
    assert again == [ids[i] for i in order]
    assert [ids[i] for i in seeded_order(ids, 14)] != again
    low = sum(int(i) < 1000 for i in order[:200])
    assert 70 <= low <= 130  # 100 expected, standard deviation 7


def test_the_verb_prints_what_was_left(story: Path, capsys) -> None:
    from tuneset.cli.main import main

    assert main(["approve", str(story), "--where", "true", "--actor", "ana"]) == 0
    out = capsys.readouterr().out
    assert "approved 5 of 6 kept rows (rule: true; by ana)" in out
    assert "1 left for a person" in out
    assert main(["approve", str(story), "--where", "quality >", "--json"]) == 2
    assert '"error": "RecipeError"' in capsys.readouterr().out
