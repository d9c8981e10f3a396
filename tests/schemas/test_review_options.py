"""The recipe's `review` section: what it takes, what it refuses, and that it survives a round trip."""

import pytest
import yaml
from tuneset.curate.recipe import dump_recipe, load_recipe, parse_recipe
from tuneset.curate.recipe_text import commented_recipe
from tuneset.review_app.facts import Fact
from tuneset.review_app.questions import check_answers, suggestions
from tuneset.schemas.errors import RecipeError, ReviewError
from tuneset.schemas.review import Answers
from tuneset.schemas.review_options import REASONS, Question, ReviewOptions

INTENT = {"name": "intent", "labels": ["refund", "delivery"], "suggest": "kind"}
TAGS = {"name": "tags", "labels": ["a", "b", "c"], "many": True}
STARS = {"name": "stars", "kind": "rating", "from": 0, "to": 4}
WHY = {"name": "why", "kind": "text"}


def parsed(review):
    return parse_recipe({"review": review}, "r.yaml").review


def test_the_default_reasons_have_the_keys_1_to_9():
    codes = "wrong_answer unsafe duplicate poor_style off_topic personal_data truncated wrong_format other"
    assert [r.code for r in REASONS] == codes.split()


def test_a_section_survives_the_round_trip_through_yaml(tmp_path):
    review = {
        "queue": {"order": "rare_topic", "overlap_ratio": 0.25},
        "questions": [INTENT, TAGS, STARS, WHY],
        "reasons": [{"code": "bad", "words": "Not good: at all"}],
        "database": "postgresql://ana@db.example/review",
        "guidelines": "guide.md",
    }
    path = tmp_path / "tuneset.yaml"
    path.write_text(dump_recipe(parse_recipe({"review": review}, "r")), encoding="utf-8")
    again = load_recipe(path).review
    assert again == parsed(review)
    assert [(q.name, q.kind, q.low, q.high) for q in again.questions] == [
        ("intent", "labels", 1, 5), ("tags", "labels", 1, 5), ("stars", "rating", 0, 4), ("why", "text", 1, 5),
    ]  # fmt: skip


def test_the_commented_recipe_has_the_defaults():
    assert parse_recipe(yaml.safe_load(commented_recipe()), "r").review == ReviewOptions()


@pytest.mark.parametrize(
    ("review", "message"),
    [
        ({"quue": {}}, "unknown key 'quue'.*\n.*review\n.*did you mean 'queue'"),
        ({"queue": {"oder": "fifo"}}, "unknown key 'oder'.*\n.*review, queue\n.*did you mean 'order'"),
        ({"queue": {"order": "best"}}, "queue.order='best'"),
        ({"queue": {"overlap_ratio": 1.5}}, "overlap_ratio=1.5"),
        ({"questions": [{"name": "x", "labels": ["a"]}]}, "two labels or more"),
        ({"questions": [{"name": "x", "labels": ["a", "a"]}]}, "distinct"),
        ({"questions": [{"name": "x", "labels": ["a", " "]}]}, "not empty"),
        ({"questions": [{"name": "1x", "kind": "text"}]}, "pattern"),
        ({"questions": [WHY, WHY]}, "two questions are called 'why'"),
        ({"questions": [{"name": "x", "kind": "rating", "labels": ["a", "b"]}]}, "has no 'labels'"),
        ({"questions": [{"name": "x", "kind": "text", "to": 9}]}, "has no 'to'"),
        ({"questions": [{"name": "x", "kind": "rating", "from": 5, "to": 5}]}, "a scale goes up"),
        ({"questions": [{"name": "x", "kind": "rating", "from": 0, "to": 11}]}, "at most 10 steps"),
        ({"reasons": []}, "at least 1"),
        ({"reasons": [{"code": f"c{i}", "words": "w"} for i in range(10)]}, "at most 9"),
        ({"reasons": [{"code": "a", "words": "w"}] * 2}, "the same code"),
        ({"reasons": [{"code": "not_kept", "words": "w"}]}, "'not_kept' is what comparing records"),
        ({"database": "mysql://x/y"}, "write postgresql://"),
        ({"guidelines": "guide.pdf"}, ".md or .txt"),
    ],
)
def test_what_is_wrong_is_told(review, message):
    with pytest.raises(RecipeError, match=f"(?s){message}"):
        parsed(review)


@pytest.mark.parametrize("url", ["postgresql://ana:hush@h/d", "postgres://h/d?user=ana&password=hush"])
def test_a_password_in_the_recipe_is_refused_and_not_repeated(url):
    with pytest.raises(RecipeError, match="holds no password") as caught:
        parsed({"database": url})
    assert "hush" not in str(caught.value)


def questions():
    return [Question(**q) for q in (INTENT, TAGS, STARS, WHY)]


def test_a_step_proposes_a_label_of_the_set_and_nothing_else():
    def fact(value):
        return [
            Fact("kind", "assign", None, None, value, None),
            Fact("other", "assign", None, None, "refund", None),
        ]

    assert suggestions(questions(), fact("refund")) == {"intent": ["refund"]}
    assert suggestions(questions(), fact("complaint")) == suggestions(questions(), []) == {}


def test_answers_that_fit_pass():
    check_answers(questions(), Answers())
    check_answers(
        questions(),
        Answers(labels={"intent": ["refund"], "tags": ["a", "c"]}, ratings={"stars": 0}, texts={"why": "x"}),
    )


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        (
            {"labels": {"intent": ["refunds"]}},
            "'refunds' is no label of 'intent'(?s:.*)did you mean 'refund'",
        ),
        ({"labels": {"intent": ["refund", "delivery"]}}, "too many labels"),
        ({"labels": {"tags": ["a", "a"]}}, "too many labels"),
        ({"labels": {"stars": ["a"]}}, "'stars' is no question"),
        ({"ratings": {"stars": 5}}, "5 is off the scale of 'stars'(?s:.*)choose 0 to 4"),
        ({"ratings": {"star": 1}}, "'star' is no question(?s:.*)did you mean 'stars'"),
        ({"texts": {"why": "x" * 10_001}}, "10,001 characters"),
    ],
)
def test_answers_that_do_not_fit_are_refused(answers, message):
    with pytest.raises(ReviewError, match=message):
        check_answers(questions(), Answers(**answers))
