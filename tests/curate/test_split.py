"""Groups never straddle, earlier splits win, shares hold up to chance, and order does not matter."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tuneset.curate import curate
from tuneset.curate.ledger import Ledger
from tuneset.curate.old_splits import OldSplits
from tuneset.curate.readers.shapes import Draft
from tuneset.curate.readers.table import name_draft, rows_batch
from tuneset.curate.step import Opinion, verdicts
from tuneset.curate.steps.split import Split
from tuneset.review_app.approve import approve
from tuneset.review_app.freeze import freeze
from tuneset.schemas.arrow import ROWS
from tuneset.schemas.errors import RecipeError, VersionError
from tuneset.schemas.step_options import SplitOptions
from tuneset.schemas.workspace import Workspace

HALVES = {"train": 0.5, "validation": 0.2, "test": 0.3}


def table(rows):
    """Rows of the ROWS schema from (prompt, meta) pairs; the row_id tells the prompt and meta alone."""
    drafts = []
    for at, (prompt, meta) in enumerate(rows, start=1):
        turns = [{"role": "user", "content": prompt}, {"role": "assistant", "content": "Yes."}]
        drafts.append(name_draft(Draft(turns, None, None, None, meta), f"f:{at}", "f", at))
    return pa.Table.from_batches([rows_batch(drafts)], ROWS)


def say(rows, *, step=None, alive=None, **columns):
    step = step or Split(SplitOptions(**HALVES))
    measures = step.measure(table(rows))
    measures = measures.append_column("alive", pa.array(alive or [True] * len(rows), pa.bool_()))
    for name, values in columns.items():
        measures = measures.append_column(name.replace("__", "."), pa.array(values, pa.string()))
    return step.decide(measures).to_pylist()


def kept_from(path: Path, tmp_path: Path, **options) -> Split:
    step = Split(SplitOptions(keep_from=str(path), **{**HALVES, **options}))
    assert step.prepare(tmp_path, Workspace.at(tmp_path / "none")) is not None
    return step


def old_file(tmp_path: Path, rows) -> Path:
    path = tmp_path / "old.jsonl"
    lines = (json.dumps({"prompt": p, "completion": "Yes.", "split": s}) for p, s in rows)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def components(rows, links):
    """Groups by slow flooding: same prompt, same conversation, or linked."""
    groups = [{i} for i in range(len(rows))]
    keys = [
        {("p", p), *(("c", v) for v in m.values()), ("l", link)}
        for (p, m), link in zip(rows, links, strict=True)
    ]
    keys = [{k for k in mine if k[1] is not None} for mine in keys]
    changed = True
    while changed:
        changed = False
        for i in range(len(rows)):
            for j in range(len(rows)):
                if groups[i] is not groups[j] and keys[i] & keys[j]:
                    groups[i] |= groups[j]
                    keys[i] |= keys[j]
                    for k in list(groups[j]):
                        groups[k] = groups[i]
                        keys[k] = keys[i]
                    changed = True
    return groups


ROW = st.tuples(
    st.integers(0, 12).map(lambda n: f"What is thing {n}?"),
    st.one_of(st.just({}), st.integers(0, 6).map(lambda n: {"conversation_id": n})),
)
TABLE = st.lists(st.tuples(ROW, st.one_of(st.none(), st.integers(0, 4).map(lambda n: f"f:{n}"))), max_size=24)


@settings(max_examples=60, deadline=None)
@given(TABLE)
def test_groups_never_straddle(data):
    rows, links = [r for r, _ in data], [link for _, link in data]
    found = say(rows, near_duplicate=links)
    for group in components(rows, links):
        assert len({found[i]["value"] for i in group}) == 1
    for i, group in enumerate(components(rows, links)):
        detail = json.loads(found[i]["detail"] or "{}")
        assert detail.get("group_rows", 1) == len(group)


@settings(max_examples=40, deadline=None)
@given(TABLE, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(data, rng):
    order = list(range(len(data)))
    rng.shuffle(order)
    before = say([r for r, _ in data], near_duplicate=[link for _, link in data])
    after = say([data[i][0] for i in order], near_duplicate=[data[i][1] for i in order])
    assert [before[i]["value"] for i in order] == [v["value"] for v in after]


@settings(max_examples=30, deadline=None)
@given(st.sets(st.integers(0, 10_000), min_size=1, max_size=60), st.sets(st.integers(10_001, 20_000)))
def test_rows_keep_their_split_when_others_are_added(old, new):
    rows = [(f"Question {n}", {}) for n in sorted(old)]
    more = [(f"Question {n}", {}) for n in sorted(new)]
    before = say(rows)
    after = say([*more, *rows])[len(more) :]
    assert [v["value"] for v in before] == [v["value"] for v in after]


@settings(max_examples=40, deadline=None)
@given(TABLE, TABLE)
def test_the_old_split_wins_whatever_is_added(tmp_path_factory, data, more):
    """Old rows keep their split, new rows of a group follow it, and those between two are set aside."""
    tmp_path = tmp_path_factory.mktemp("old")
    rng = random.Random(len(data))
    prompts = sorted({r[0] for r, _ in data})
    if not prompts:
        return
    old = {p: rng.choice(("train", "validation", "test")) for p in prompts}
    step = kept_from(old_file(tmp_path, old.items()), tmp_path)
    both = [*more, *data]
    rows, links = [r for r, _ in both], [link for _, link in both]
    found = say(rows, step=step, near_duplicate=links)
    for group in components(rows, links):
        told = {old[rows[i][0]] for i in group if rows[i][0] in old}
        for i in group:
            if rows[i][0] in old:
                assert found[i]["value"] == old[rows[i][0]]
            elif len(told) == 1:
                assert found[i]["value"] in told
            elif told:
                assert (found[i]["action"], found[i]["value"]) == ("review", "validation")


@pytest.mark.parametrize("label", ["de", "fr", None])
def test_shares_hold_up_to_chance_in_every_stratum(label):
    n = 3000
    rows = [(f"Question {i} of many", {} if label is None else {"topic": label}) for i in range(n)]
    step = Split(SplitOptions(**HALVES, stratify=("topic",)))
    found = say(rows, step=step)
    for name, share in HALVES.items():
        bound = 4 * math.sqrt(share * (1 - share) / n)  # four standard deviations of a binomial share
        assert sum(v["value"] == name for v in found) / n == pytest.approx(share, abs=bound)
    told = {v["detail"] for v in found}
    assert told == ({None} if label is None else {json.dumps({"stratum": label})})


def test_a_large_group_is_as_likely_in_test_as_a_small_one():
    """The head is chosen by one hash and placed by another: a smallest value would favour test."""
    rows = [(f"Question {i}", {"conversation_id": i // 10}) for i in range(20_000)]
    found = say(rows)
    bound = 4 * math.sqrt(0.3 * 0.7 / 2000)
    assert sum(v["value"] == "test" for v in found) / 20_000 == pytest.approx(0.3, abs=bound)


def test_strata_come_from_steps_and_from_meta():
    step = Split(SplitOptions(stratify=("language", "kind")))
    found = say(
        [("One?", {"kind": "faq"}), ("Two?", {}), ("Three?", {})], step=step, language=["en", "fr", None]
    )
    assert [v["detail"] for v in found] == [
        '{"stratum": "en / faq"}',
        '{"stratum": "fr / none"}',
        None,
    ]


@pytest.mark.parametrize(
    ("value", "grouped"),
    [(7, True), ("ana", True), (7.0, True), ("", False), (None, False), ("Unknown", False), (True, False)],
)
def test_what_counts_as_an_id(value, grouped):
    found = say([(f"Question {i}", {"user_id": value}) for i in range(40)])
    assert (len({v["value"] for v in found}) == 1) == grouped


def test_an_id_that_most_rows_share_is_none():
    rows = [(f"Question {i}", {"user_id": 1 if i < 120 else i}) for i in range(200)]
    assert len({v["value"] for v in say(rows)[:120]}) == 3
    few = [(f"Question {i}", {"user_id": 1}) for i in range(50)]
    assert len({v["value"] for v in say(few)}) == 1


def test_all_ids_of_a_row_count():
    metas = [{"conversation_id": 1}, {"conversation_id": 1, "user_id": 5}, {"user_id": 5}, {"user_id": 6}]
    found = say([(f"Question {i}", m) for i, m in enumerate(metas)])
    assert [json.loads(v["detail"] or "{}").get("group_rows") for v in found] == [3, 3, 3, None]


def test_dropped_rows_join_nothing():
    rows = [
        ("One?", {"user_id": 1}),
        ("Two?", {"user_id": 1, "conversation_id": 2}),
        ("Three?", {"conversation_id": 2}),
    ]
    found = say(rows, alive=[True, False, True])
    assert [v["detail"] for v in found] == [None, None, None]


def test_a_row_that_stands_for_an_old_one_takes_its_split(tmp_path):
    step = kept_from(
        old_file(tmp_path, [("Where is the station?", "test")]), tmp_path, train=1, validation=0, test=0
    )
    rows = [("Where is the station?", {}), ("Where is the  railway station?", {}), ("Other?", {})]
    linked = {"near_duplicate__related_id": ["f:2", None, None]}
    found = say(rows, step=step, alive=[False, True, True], **linked)
    assert [v["value"] for v in found[1:]] == ["test", "train"]
    assert [v["reason"] for v in found[1:]] == ["kept_split", "split"]


def test_a_row_between_two_old_splits_goes_to_a_person(tmp_path):
    step = kept_from(old_file(tmp_path, [("One?", "train"), ("Two?", "test")]), tmp_path)
    rows = [
        ("One?", {"user_id": 1}),
        ("Two?", {"conversation_id": 2}),
        ("New?", {"user_id": 1, "conversation_id": 2}),
    ]
    found = say(rows, step=step)
    assert [v["value"] for v in found] == ["train", "test", "validation"]
    assert (found[2]["action"], found[2]["reason"]) == ("review", "between_splits")
    assert json.loads(found[2]["detail"])["earlier_splits"] == ["test", "train"]


RECIPE = {"steps": ["structure", "language", {"use": "split", **HALVES}]}


def chat(n):
    return {"prompt": f"Tell me about place number {n} please", "completion": f"It is place {n}."}


def splits(out: Path) -> dict[str, str]:
    """Split by content_id, so that other files do not matter."""
    ledger = Ledger.open(out)
    ids = dict(zip(*(ledger.content_ids()[c].to_pylist() for c in ("row_id", "content_id")), strict=True))
    told = ledger.step_verdicts("split", ["row_id", "value"]).to_pylist()
    return {ids[v["row_id"]]: v["value"] for v in told}


def test_the_newest_frozen_version_is_kept_by_default(tmp_path):
    out = tmp_path / "out"
    curate([chat(n) for n in range(60)], out=out, recipe=RECIPE)
    approve(out, where="true", actor="ana")
    freeze(out)
    before, card = splits(out), Ledger.open(out).card
    assert card.besides == {}
    files = {
        name: (out / name).read_bytes() for name in ("rows.parquet", "verdicts.parquet", "edits.parquet")
    }
    again = curate([chat(n) for n in range(60)], out=out, recipe=RECIPE).card
    assert {name: (out / name).read_bytes() for name in files} == files  # the same rows: not a byte differs
    assert again.besides["split"]["keep_from"] == "versions/v1"
    other = {
        "steps": ["structure", "language", {"use": "split", "train": 0.1, "validation": 0.1, "test": 0.8}]
    }
    grown = curate([chat(n) for n in range(-40, 60)], out=out, recipe=other).card
    after = splits(out)
    assert {k: after[k] for k in before} == before
    assert grown.steps[-1].reasons["assign"]["kept_split"] > 0
    curate(
        [chat(n) for n in range(60)],
        out=out,
        recipe={"steps": [{"use": "split", "train": 1, "validation": 0, "test": 0, "keep_from": None}]},
    )
    assert set(splits(out).values()) == {"train"}


@pytest.mark.parametrize("where", ["out", "out/versions/v1"])
def test_another_workspace_keeps_the_splits_too(tmp_path, where):
    curate([chat(n) for n in range(40)], out=tmp_path / "out", recipe=RECIPE)
    approve(tmp_path / "out", where="true", actor="ana")
    freeze(tmp_path / "out")
    step = {"use": "split", "train": 1, "validation": 0, "test": 0, "keep_from": str(tmp_path / where)}
    rows = [chat(n) for n in range(60)][::-1]
    card = curate(rows, out=tmp_path / "new", recipe={"steps": ["structure", step]}).card
    before, after = splits(tmp_path / "out"), splits(tmp_path / "new")
    assert {k: after[k] for k in before} == before
    assert set(after[k] for k in set(after) - set(before)) == {"train"}
    assert len(card.besides["split"]["sha256"]) == 64


def test_an_edited_row_is_known_by_its_content_as_frozen(tmp_path):
    """The version holds the repaired text, and the input still the damaged one."""
    rows = [{"prompt": f"Say {n}", "completion": f"{n}</s>"} for n in range(40)]
    curate(rows, out=tmp_path / "out", recipe=RECIPE)
    approve(tmp_path / "out", where="true or edited", actor="ana")
    assert freeze(tmp_path / "out").rows == 40
    step = {"use": "split", "train": 1, "validation": 0, "test": 0, "keep_from": str(tmp_path / "out")}
    curate(rows[::-1], out=tmp_path / "new", recipe={"steps": ["structure", step]})
    assert splits(tmp_path / "new") == splits(tmp_path / "out")


def test_what_cannot_be_kept_from_is_refused(tmp_path):
    space = Workspace.at(tmp_path / "none")
    with pytest.raises(RecipeError, match="no frozen version, no workspace"):
        Split(SplitOptions(keep_from="nowhere")).prepare(tmp_path, space)
    (tmp_path / "rows.jsonl").write_text('{"prompt": "p", "completion": "c"}\n')
    step = Split(SplitOptions(keep_from="rows.jsonl"))
    step.prepare(tmp_path, space)
    with pytest.raises(RecipeError, match="names a split"):
        say([("p", {})], step=step)


def test_a_changed_version_is_not_kept_from(story: Path):
    approve(story, where="true", actor="ana")
    freeze(story)
    path = story / "versions" / "v1" / "train.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace("Open", "Shut"), encoding="utf-8")
    with pytest.raises(VersionError, match="changed after freezing"):
        Split().prepare(story, Workspace.at(story))


class Links:
    """In the place of `near_duplicate`: the first row is dropped for the second, and even rows are linked."""

    name = "near_duplicate"
    reasons = {"near_duplicate": "Repeats another."}

    def measure(self, batch):
        return batch.select(["row_id"])

    def decide(self, measures):
        ids = measures["row_id"].to_pylist()
        opinions = [Opinion("keep", value=ids[0] if i % 2 == 0 else None) for i in range(len(ids))]
        opinions[0] = Opinion("drop", "near_duplicate", score=0.9, related_id=ids[1])
        return verdicts(measures["row_id"], self.name, opinions)


def test_a_run_hands_links_and_partners_to_the_split(tmp_path):
    rows = [chat(n) for n in range(40)]
    old = tmp_path / "old.jsonl"
    old.write_text(json.dumps({**rows[0], "split": "test"}) + "\n", encoding="utf-8")
    step = Split(SplitOptions(train=1, validation=0, test=0, keep_from=str(old)))
    card = curate(rows, out=tmp_path / "out", steps=[Links(), step]).card
    told = Ledger.open(tmp_path / "out").step_verdicts("split", ["value", "detail"]).to_pylist()
    assert [v["value"] for v in told] == ["test"] + ["train"] * 38  # the second row stands for the first
    assert [json.loads(v["detail"] or "{}").get("group_rows") for v in told] == [None, 19] * 19 + [None]
    assert card.besides["split"]["keep_from"] == str(old)


def test_a_row_is_known_by_its_name_and_else_by_its_content():
    old = OldSplits()
    turns = [{"role": "user", "content": "One?"}, {"role": "assistant", "content": "Yes."}]
    for row_id, split in (("a:1", "train"), ("a:2", "test"), ("a:3", "validation")):
        old.add(split, {"row_id": row_id, "content_id": "same", "messages": turns})
    assert [old.of("same", f"a:{n}") for n in (1, 2, 3)] == ["train", "test", "validation"]
    assert old.of("edited since", "a:3") == "validation"
    assert old.of("same", "other:1") == "test"  # of several, the one furthest from training
    assert old.of("new", "other:1") is None
