"""The verbs `review verify` and `users`, and how their words are read."""

import json
import sqlite3

import pytest
from tuneset.cli.main import VERBS, main
from tuneset.review_app.store import Draft, Store


def run(capsys, *arguments):
    code = main([str(a) for a in arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


def told(capsys, *arguments):
    code, out, _ = run(capsys, *arguments, "--json")
    return code, json.loads(out)


@pytest.fixture
def decided(story):
    with Store.open(story / "review.db") as store:
        store.append_many([Draft("approve", f"row:{n}", f"content{n}") for n in range(5)], actor="ana")
    return story


def test_a_record_that_holds(decided, capsys):
    code, found = told(capsys, "review", "verify", decided)
    assert code == 0
    assert (found["ok"], found["events"], found["decided"]) == (True, 5, 5)
    code, out, _ = run(capsys, "review", "verify", decided)
    assert out.startswith("the record holds: 5 events, 5 rows decided\n")
    assert found["head"] in out


def test_a_changed_event_is_named(decided, capsys):
    with sqlite3.connect(decided / "review.db") as db:
        sql = [s for (s,) in db.execute("SELECT sql FROM sqlite_master WHERE name = 'event_is_final'")]
        db.execute("DROP TRIGGER event_is_final")
        db.execute("UPDATE event SET actor = 'eve' WHERE seq = 3")
        db.execute(sql[0])
    code, found = told(capsys, "review", "verify", decided)
    assert code == 1
    assert found["what"] == "the record of decisions does not hold: event 3 was changed"
    code, out, _ = run(capsys, "review", "verify", decided)
    assert (code, out.splitlines()[0]) == (1, found["what"])


def test_a_changed_state_is_named(decided, capsys):
    with sqlite3.connect(decided / "review.db") as db:
        db.execute("UPDATE standing SET action = 'reject' WHERE row_id = 'row:2'")
    code, found = told(capsys, "review", "verify", decided)
    assert code == 1
    assert "'row:2'" in found["what"]
    assert "--repair" in found["fix"]
    assert told(capsys, "review", "verify", decided, "--repair")[0] == 0
    assert told(capsys, "review", "verify", decided)[0] == 0


def test_no_record_is_bad_input(story, capsys):
    code, found = told(capsys, "review", "verify", story)
    assert code == 2
    assert "holds no record" in found["what"]
    assert not (story / "review.db").exists()


def test_a_folder_called_verify_is_opened_by_its_path(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "verify").mkdir()
    code, found = told(capsys, "review", "./verify")
    assert (code, found["what"]) == (2, "'verify' holds no finished run (no run.json)")
    code, found = told(capsys, "review", "verify")
    assert (code, found["what"]) == (2, "the following arguments are required: OUT")


@pytest.mark.parametrize(
    "words",
    [
        ["users", "add", "{out}", "ana", "--role", "adjudicator"],
        ["users", "add", "--role", "adjudicator", "{out}", "ana"],
        ["users", "--json", "add", "{out}", "--role", "adjudicator", "ana"],
        ["users", "-q", "add", "{out}", "ana", "--role=adjudicator"],
    ],
)
def test_options_may_stand_anywhere(story, capsys, words):
    code, found = told(capsys, *[w.replace("{out}", str(story)) for w in words])
    assert code == 0
    assert (found["name"], found["role"]) == ("ana", "adjudicator")


def test_the_life_of_a_user(story, capsys):
    assert told(capsys, "users", "list", story) == (0, {"users": []})
    _, ana = told(capsys, "users", "add", story, "ana")
    assert ana["role"] == "reviewer"
    assert told(capsys, "users", "add", story, "ana")[0] == 2
    assert told(capsys, "users", "role", story, "ana", "admin") == (0, {"name": "ana", "role": "admin"})
    _, again = told(capsys, "users", "token", story, "ana")
    assert again["token"] != ana["token"]
    code, gone = told(capsys, "users", "disable", story, "ana")
    assert gone["disabled_at"]
    code, out, _ = run(capsys, "users", "list", story)
    assert "ana   admin" in out
    assert "disabled" in out
    assert ana["token"] not in out
    assert again["token"] not in out
    code, problem = told(capsys, "users", "disable", story, "anna")
    assert (code, problem["fix"]) == (2, "did you mean 'ana'?")
    assert ana["token"].encode() not in (story / "review.db").read_bytes()
    assert told(capsys, "review", "verify", story)[0] == 0


def test_a_role_that_is_none_is_refused(story, capsys):
    code, found = told(capsys, "users", "add", story, "ana", "--role", "king")
    assert code == 2
    assert "king" in found["what"]


def test_users_needs_an_action(capsys):
    code, found = told(capsys, "users")
    assert code == 2
    code, found = told(capsys, "users", "remove", "out")
    assert "remove" in found["what"]


def test_a_password_is_refused_and_never_printed(story, capsys):
    code, out, err = run(
        capsys, "users", "list", story, "--database", "postgresql://ana:hunter2@127.0.0.1:1/x", "--json"
    )
    assert code == 2
    assert "holds a password" in json.loads(out)["what"]
    assert "hunter2" not in out + err
    (story / "tuneset.yaml").write_text("review: {database: 'mysql://ana:hunter2@h/x'}\n")
    code, out, err = run(capsys, "users", "list", story, "--json")
    assert code == 2
    assert "hunter2" not in out + err


def test_a_database_that_is_away_is_told_without_its_password(story, capsys, monkeypatch):
    pytest.importorskip("tuneset.review_app.store_engines.postgresql")
    monkeypatch.setenv("TUNESET_DATABASE", "postgresql://ana:hunter2@127.0.0.1:1/x")
    code, out, err = run(capsys, "users", "list", story, "--json")
    assert code == 2
    assert "hunter2" not in out + err


def test_every_verb_of_two_words_has_one_of_one():
    assert all(verb.split()[0] in VERBS for verb in VERBS)
