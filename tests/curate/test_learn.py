"""Learning from decisions, on a small workspace whose good and bad rows are plain to see."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tuneset.cli.main import main
from tuneset.curate import Ledger, curate, learn
from tuneset.curate.learn import learn_if_due
from tuneset.curate.quality.queue import audited
from tuneset.review_app import Draft, Store
from tuneset.schemas.errors import WorkspaceError
from tuneset.schemas.quality import QUEUE, LearnedQuality

PLACES = "Paris Lisbon Oslo Rome Berlin Madrid Dublin Vienna Prague Athens Warsaw Riga Turin Lyon Ghent Porto".split()
ASKS = [
    "What is {} known for?",
    "Which food should I try in {}?",
    "How do I reach {} by train?",
    "Is {} cold?",
    "Who founded {}?",
]
GOOD = (
    "{} is an old city with a fine river, many museums and a lively market in its centre. Go there in spring."
)
BAD = "{} whatever, no idea lol"
RECIPE = {"steps": [{"use": "structure"}, {"use": "quality"}]}
MADE = [
    (ask.format(p), (GOOD if (i + j) % 3 else BAD).format(p))
    for i, p in enumerate(PLACES)
    for j, ask in enumerate(ASKS)
]
ROWS = [{"prompt": prompt, "completion": answer} for prompt, answer in MADE]


@pytest.fixture
def space(tmp_path):
    curate(ROWS, out=tmp_path / "out", recipe=RECIPE)
    return tmp_path / "out"


def decide(space, rows, *, rule=None, content=None):
    contents = Ledger.open(space).content_ids().to_pylist()
    drafts = [
        Draft(
            "approve" if "old city" in ROWS[i]["completion"] else "reject",
            contents[i]["row_id"],
            content or contents[i]["content_id"],
            rule=rule,
        )
        for i in rows
    ]
    with Store.open(Path(space) / "review.db") as store:
        store.append_many(drafts, actor="ana", at="2026-01-01T00:00:00Z")


def decisions(space):
    with Store.reading(Path(space) / "review.db") as store:
        return store.current()


def test_too_few_decisions_are_refused_with_their_number(space):
    decide(space, range(49))
    with pytest.raises(WorkspaceError, match="49 decisions are too few") as caught:
        learn(space, decisions=decisions(space))
    assert "1 rows more" in caught.value.fix


def test_decisions_by_rule_and_on_other_content_teach_nothing(space):
    decide(space, range(40), rule="true")
    decide(space, range(40, 60), content="another")
    with pytest.raises(WorkspaceError, match="40 by a rule and 20 on other content"):
        learn(space, decisions=decisions(space))


def test_one_kind_of_decision_alone_is_refused(space):
    decide(space, [i for i, row in enumerate(ROWS) if "old city" in row["completion"]][:50])
    with pytest.raises(WorkspaceError, match="only 0 of 50 decisions are rejected"):
        learn(space, decisions=decisions(space))


def test_a_run_without_the_step_is_refused(tmp_path):
    curate(ROWS, out=tmp_path / "out", recipe={"steps": [{"use": "structure"}]})
    decide(tmp_path / "out", range(60))
    with pytest.raises(WorkspaceError, match="no step 'quality'"):
        learn(tmp_path / "out", decisions=decisions(tmp_path / "out"))


def test_the_model_ranks_the_open_rows_and_the_queue_holds_them(space):
    decide(space, range(60))
    told = learn(space, decisions=decisions(space))
    queue = pq.read_table(space / "quality" / "queue.parquet")
    assert queue.schema.equals(QUEUE)
    ids = Ledger.open(space).row_ids.to_pylist()
    assert sorted(queue["row_id"].to_pylist()) == sorted(ids[60:])
    assert queue["rank"].to_pylist() == list(range(1, 21))
    uncertainty, scores = queue["uncertainty"].to_numpy(), queue["score"].to_numpy()
    assert (np.diff(uncertainty) <= 0).all()
    assert uncertainty == pytest.approx(1 - np.abs(2 * scores - 1), abs=1e-3)
    good = np.array(["old city" in ROWS[ids.index(row)]["completion"] for row in queue["row_id"].to_pylist()])
    assert scores[good].min() > scores[~good].max()
    assert told.queue == 20
    assert told.card["decisions"] == 60
    assert told.card["figures"]["auc"]["low"] <= told.card["figures"]["auc"]["value"]


def test_the_same_decisions_give_the_same_files(space):
    decide(space, range(60))
    files = [space / "quality" / name for name in ("model.json", "queue.parquet")]
    learn(space, decisions=decisions(space))
    first = [f.read_bytes() for f in files]
    learn(space, decisions=decisions(space))
    assert [f.read_bytes() for f in files] == first


def test_the_next_run_scores_with_the_learned_model_and_measures_nothing_again(space):
    before = Ledger.open(space).label("quality").to_pylist()
    decide(space, range(60))
    learn(space, decisions=decisions(space))
    card = curate(ROWS, out=space, recipe=RECIPE).card
    after = Ledger.open(space).label("quality").to_pylist()
    assert after != before
    assert card.steps[1].measured_batches == 0
    assert card.besides["quality"]["model"] == "quality/model.json"
    queue = {r["row_id"]: r["score"] for r in pq.read_table(space / "quality" / "queue.parquet").to_pylist()}
    ids = Ledger.open(space).row_ids.to_pylist()
    assert [queue[row] for row in ids[60:]] == pytest.approx(after[60:], abs=1e-3)
    detail = json.loads(Ledger.open(space).verdicts_of(ids[0])[1]["detail"])
    assert detail["model"].startswith("learned ")


def test_a_model_of_other_signals_is_refused_by_the_run_and_replaced_by_learning(space):
    decide(space, range(60))
    learn(space, decisions=decisions(space))
    path = space / "quality" / "model.json"
    told = json.loads(path.read_text())
    path.write_text(json.dumps({**told, "dense": ["other"]}))
    with pytest.raises(WorkspaceError, match="another version of the signals"):
        curate(ROWS, out=space, recipe=RECIPE)
    learn(space, decisions=decisions(space))
    assert LearnedQuality.model_validate_json(path.read_text()).dense == told["dense"]


def test_fifty_new_decisions_are_due(space):
    assert learn_if_due(space, decisions=decisions(space)) is None
    decide(space, range(25))
    assert learn_if_due(space, decisions=decisions(space)) is None
    decide(space, range(25, 55))
    assert learn_if_due(space, decisions=decisions(space)) is not None
    decide(space, range(55, 80))
    assert learn_if_due(space, decisions=decisions(space)) is None  # 25 are new


def test_an_audit_sample_is_drawn_kept_and_reported(space):
    decide(space, range(60))
    told = learn(space, decisions=decisions(space)).card
    audit = told["audit"]
    assert audit["threshold"] == told["proposed"]["threshold"]
    queue = pq.read_table(space / "quality" / "queue.parquet").to_pylist()
    above = {r["row_id"] for r in queue if r["score"] >= audit["threshold"]}
    assert set(audit["rows"]) == above  # fewer than 50 rows are open: all of those above
    assert {r["row_id"] for r in queue if r["audit"]} == above
    ids = Ledger.open(space).row_ids.to_pylist()
    first, rest = ids.index(audit["rows"][0]), [ids.index(r) for r in audit["rows"][1:]]
    decide(space, [first])
    told = learn(space, decisions=decisions(space)).card["audit"]
    assert (told["rows"], told["decided"], told["precision"]) == (audit["rows"], 1, 1.0)
    decide(space, rest)
    told = learn(space, decisions=decisions(space)).card["audit"]
    assert told["decided"] == len(audit["rows"])


def test_audited_precision_by_hand():
    table = pa.table(
        {
            "row_id": ["a", "b", "c", "d"],
            "action": ["approve", "reject", "approve", "approve"],
            "rule": pa.array([None, None, None, "true"], pa.string()),
        }
    )
    told = audited({"threshold": 0.7, "rows": ["a", "b", "c", "d"]}, table)
    assert told is not None
    assert (told["decided"], told["precision"], told["open"]) == (3, 0.6667, ["d"])
    assert audited(None, table) is None


def test_the_verb_and_the_run_that_learns_by_itself(tmp_path, capsys):
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text("steps:\n  - use: structure\n  - use: quality\n")
    out = tmp_path / "run"
    argv = ["curate", str(path), "-o", str(out), "--recipe", str(recipe), "-q"]
    assert main(argv) == 0
    decide(out, range(60))
    assert main(["learn", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (told["decisions"], told["queue"]) == (60, 20)
    (out / "quality" / "model.json").unlink()
    assert main(argv) == 0
    assert "learned from 60 decisions" in capsys.readouterr().out
    assert (out / "quality" / "model.json").is_file()


def edit(space, row, answer):
    """Approve a row with another answer, as a reviewer does at the desk."""
    found = Ledger.open(space).row(Ledger.open(space).row_ids[row].as_py())
    messages = [found["messages"][0], {"role": "assistant", "content": answer}]
    shown = found["content_id"]
    with Store.open(Path(space) / "review.db") as store:
        new = store.put_edition({"messages": messages}, row_id=found["row_id"], parent_id=shown, actor="ana")
        drafts = [
            Draft("edit", found["row_id"], new, shown_id=shown),
            Draft("approve", found["row_id"], new, shown_id=shown),
        ]
        store.append_many(drafts, actor="ana", at="2026-01-01T00:00:00Z")


def test_an_edited_row_was_not_good_before_and_after_the_edit_is_applied(space):
    decide(space, range(60))
    edit(space, 1, "Bread.")
    with Store.reading(space / "review.db") as store:
        told = {"decisions": store.current(), "editions": store.editions()}
    card = learn(space, **told).card
    good = sum("old city" in row["completion"] for row in ROWS[:60])
    assert "old city" in ROWS[1]["completion"]
    assert (card["decisions"], card["approved"], card["edited"], card["changed"]) == (60, good - 1, 1, 0)
    model = (space / "quality" / "model.json").read_bytes()
    steps = {"steps": [*RECIPE["steps"], {"use": "human"}]}
    curate(ROWS, out=space, recipe=steps, **told)
    assert (
        Ledger.open(space).row(Ledger.open(space).row_ids[1].as_py(), edited=True)["messages"][1]["content"]
        == "Bread."
    )
    learn(space, **told)
    assert (space / "quality" / "model.json").read_bytes() == model


def test_disputes_and_rejected_duplicates_teach_nothing(space):
    decide(space, range(60))
    ids = Ledger.open(space).content_ids().to_pylist()
    with Store.open(space / "review.db") as store:
        (row, content), (other, its) = ((ids[i]["row_id"], ids[i]["content_id"]) for i in (1, 4))
        store.append_many([Draft("reject", row, content)], actor="ben")
        store.append_many([Draft("reject", other, its, reason="not_kept")], actor="ana")
    card = learn(space, decisions=decisions(space)).card
    assert (card["decisions"], card["unsaid"], card["changed"]) == (58, 2, 0)
