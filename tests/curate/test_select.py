"""`select`: budgets by hand, facility location against slow greedy and every choice, likeness, notes."""

import itertools
import json
import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from tuneset.curate import curate
from tuneset.curate.readers.shapes import Draft
from tuneset.curate.readers.table import name_draft, rows_batch
from tuneset.curate.selection import facility
from tuneset.curate.selection.budget import by_length, strata_of, token_estimate, walked
from tuneset.curate.selection.examples import by_examples
from tuneset.curate.selection.facility import facility_location, graph_of
from tuneset.curate.selection.likeness import SAME, nearest_chosen, products, whole_vectors
from tuneset.curate.steps.select import Select
from tuneset.curate.testing import check_step
from tuneset.schemas.arrow import ROWS
from tuneset.schemas.errors import InputError
from tuneset.schemas.step_options import SelectOptions


def vectors(n, dim=6, seed=0):
    made = np.random.default_rng(seed).normal(size=(n, dim))
    return np.rint(127 * made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.int8)


def cosines(v):
    """Products as the method counts them: itself 1, at most 1, negative ones nothing."""
    table = np.minimum(v.astype(int) @ v.astype(int).T, SAME)
    np.fill_diagonal(table, SAME)
    return np.maximum(table, 0)


def worth(table, chosen):
    return int(table[list(chosen)].max(axis=0).sum()) if len(chosen) else 0


def slow_greedy(table, tokens, budget, shuffled):
    """Each time the row that adds most and fits its stratum's share; then any that fits."""
    tokens = tokens.tolist()
    strata = [int(math.log2(t)) for t in tokens]
    in_all = {s: sum(t for t in tokens if int(math.log2(t)) == s) for s in set(strata)}
    room = {s: budget * part // sum(tokens) for s, part in in_all.items()}
    place = {row: i for i, row in enumerate(shuffled.tolist())}
    chosen = []
    for shares in (True, False):
        while True:
            left = budget - sum(tokens[r] for r in chosen)
            fits = [
                r
                for r in range(len(tokens))
                if r not in chosen and tokens[r] <= (room[strata[r]] if shares else left)
            ]
            if not fits:
                break
            best = max(fits, key=lambda r: (worth(table, [*chosen, r]), -place[r]))
            room[strata[best]] -= tokens[best]
            chosen.append(best)
    return chosen


def test_tokens_are_a_quarter_of_the_bytes_rounded_up():
    assert token_estimate([]) == 1
    assert token_estimate(["abcd", "efgh"]) == 2
    assert token_estimate(["abcde"]) == 2
    assert token_estimate(["你好"]) == 2  # six bytes
    assert token_estimate(["\ud800"]) == 1  # a lone surrogate has three


def test_a_walk_passes_over_what_does_not_fit():
    tokens = np.array([5, 9, 3, 2, 1])
    assert walked([0, 1, 2, 3, 4], tokens, 10) == [0, 2, 3]
    assert walked([1, 0, 2, 3, 4], tokens, 10) == [1, 4]
    assert walked([1], tokens, 8) == []


def test_strata_double():
    assert strata_of(np.array([1, 2, 3, 4, 7, 8, 1000, 1024])).tolist() == [0, 1, 1, 2, 2, 3, 9, 10]


@given(st.lists(st.integers(1, 300), min_size=1, max_size=80), st.integers(0, 2**32 - 1))
def test_every_beginning_by_length_has_the_lengths_of_the_whole(sizes, seed):
    tokens = np.array(sizes)
    order = by_length(np.random.default_rng(seed).permutation(len(sizes)), tokens)
    assert sorted(order.tolist()) == list(range(len(sizes)))
    strata = strata_of(tokens)
    for end in range(len(order)):
        taken = {s: tokens[order[:end]][strata[order[:end]] == s].sum() for s in set(strata.tolist())}
        share = {s: t / tokens[strata == s].sum() for s, t in taken.items()}
        largest = {s: tokens[strata == s].max() / tokens[strata == s].sum() for s in share}
        for a, b in itertools.permutations(share, 2):  # apart by one row at most
            assert share[a] - share[b] <= largest[a] + largest[b] + 1e-9


@settings(max_examples=40)
@given(st.integers(2, 24), st.integers(0, 10_000), st.floats(0.1, 0.9), st.booleans())
def test_lazy_greedy_is_slow_greedy(n, seed, share, equal):
    dice = np.random.default_rng(seed)
    v = vectors(n, seed=seed)
    v[n // 2] = v[0]  # a copy: equal gains
    tokens = np.ones(n, np.int64) if equal else dice.integers(1, 40, n)
    shuffled = dice.permutation(n)
    budget = max(1, int(share * tokens.sum()))
    chosen = facility_location(graph_of(v, shuffled), tokens, budget, shuffled)
    assert chosen == slow_greedy(cosines(v), tokens, budget, shuffled)
    assert tokens[chosen].sum() <= budget


@pytest.mark.parametrize("seed", range(25))
def test_it_reaches_the_share_of_the_best_that_was_proved(seed):
    v, k = vectors(12, dim=4, seed=seed), 4
    table = cosines(v)
    best = max(worth(table, rows) for rows in itertools.combinations(range(12), k))
    chosen = facility_location(graph_of(v, np.arange(12)), np.ones(12, np.int64), k, np.arange(12))
    assert len(chosen) == k
    assert worth(table, chosen) >= (1 - 1 / math.e) * best


def test_blocks_and_floors_leave_the_greedy_choice_whole(monkeypatch):
    v, shuffled = vectors(300, dim=8, seed=3), np.random.default_rng(3).permutation(300)
    tokens = np.ones(300, np.int64)
    whole = facility_location(graph_of(v, shuffled), tokens, 30, shuffled)
    for name in ("BLOCK_VALUES", "MIN_BLOCK", "TILE"):
        monkeypatch.setattr(f"tuneset.curate.selection.likeness.{name}", 7)
    assert facility_location(graph_of(v, shuffled), tokens, 30, shuffled) == whole
    monkeypatch.setattr(facility, "NEIGHBOURS", 40)
    few = graph_of(v, shuffled)
    table = cosines(v)
    floors = np.sort(table, axis=1)[:, -40]
    edges = {(r, w) for r in range(300) for w in few.witnesses[few.starts[r] : few.starts[r + 1]].tolist()}
    assert edges == {(r, w) for w in range(300) for r in range(300) if table[w, r] > floors[w]}
    near = facility_location(few, tokens, 30, shuffled)
    drawn = [worth(table, np.random.default_rng(s).permutation(300)[:30]) for s in range(20)]
    assert worth(table, near) > max(drawn)


def test_of_many_rows_some_stand_for_all(monkeypatch):
    monkeypatch.setattr(facility, "MAX_WITNESSES", 50)
    v, shuffled = vectors(200, seed=5), np.random.default_rng(5).permutation(200)
    graph = graph_of(v, shuffled)
    assert graph.n_witnesses == 50
    table = cosines(v)[:, np.sort(shuffled[:50])]
    chosen = facility_location(graph, np.ones(200, np.int64), 5, shuffled)
    place = {row: i for i, row in enumerate(shuffled.tolist())}
    slow: list[int] = []
    for _ in range(5):
        rest = [r for r in range(200) if r not in slow]
        slow.append(max(rest, key=lambda r: (worth(table, [*slow, r]), -place[r])))
    assert chosen == slow


@pytest.mark.parametrize("dim", [2, 256, 1024])
def test_products_are_exact_whole_numbers(dim):
    v = vectors(40, dim=dim, seed=1)
    exact = np.clip(v.astype(np.int64) @ v.astype(np.int64).T, -SAME, SAME)
    ((first, block),) = products(v, v)
    assert (first, block.tolist()) == (0, exact.tolist())


def test_the_nearest_chosen_by_hand():
    v = np.array([[127, 0], [90, 90], [0, 127], [0, -127], [127, 0]], np.int8)
    found = nearest_chosen(v, np.array([2, 0]))
    assert found.row.tolist() == [0, 2, 2, 0, 0]  # row 1 is as near to both: the first chosen
    assert found.cosine == pytest.approx([1, 90 / 127, 1, 0, 1])
    assert nearest_chosen(v, np.array([], np.int64)).row.tolist() == [-1] * 5


def test_prompt_and_response_weigh_alike():
    e = np.eye(2)
    made = whole_vectors(e[[0, 0, 1]], np.array([[0, 1], [0, 0], [0, 1]]))
    assert made.tolist() == [[90, 90], [127, 0], [0, 127]]  # 127 / sqrt(2) is 89.8
    assert whole_vectors(np.zeros((1, 2)), np.zeros((1, 2))).tolist() == [[0, 0]]


def test_examples_take_their_nearest_rows_in_turn():
    v = np.array([[127, 0], [120, 40], [0, 127], [40, 120], [-127, 0]], np.int8)
    examples = np.array([[127, 0], [0, 127]], np.int8)
    order, told = by_examples(v, examples, np.arange(5))
    # the first example's list is 0, 1, 3, 2, 4; the second's is 2, 3, 1, 0, 4
    assert order.tolist() == [0, 2, 1, 3, 4]
    assert told == pytest.approx([1, 120 / 127, 1, 120 / 127, 0])


@given(st.integers(1, 30), st.integers(1, 6), st.integers(0, 10_000))
def test_best_places_against_sorting_each_list(n, q, seed):
    v, examples = vectors(n, dim=3, seed=seed), vectors(q, dim=3, seed=seed + 1)
    shuffled = np.random.default_rng(seed).permutation(n)
    place = {row: i for i, row in enumerate(shuffled.tolist())}
    exact = np.clip(examples.astype(int) @ v.astype(int).T, -SAME, SAME)
    lists = [sorted(range(n), key=lambda r, p=p: (-p[r], place[r])) for p in exact]
    expected = sorted(range(n), key=lambda r: min((li.index(r), i) for i, li in enumerate(lists)))
    order, told = by_examples(v, examples, shuffled)
    assert order.tolist() == expected
    assert told == pytest.approx(exact.max(axis=0) / SAME)


def batch(texts, file="f"):
    drafts = []
    for i, (prompt, response) in enumerate(texts, start=1):
        turns = [{"role": "user", "content": prompt}, {"role": "assistant", "content": response}]
        drafts.append(name_draft(Draft(turns, None, None, None, {}), f"{file}:{i}", file, i))
    return pa.Table.from_batches([rows_batch(drafts)], ROWS)


FOOD = [(f"How do I bake {x}?", f"Mix flour, butter and sugar, then bake the {x} in the oven.") for x in
        ("bread", "a cake", "cookies", "muffins", "a pie", "scones", "buns", "a tart")]  # fmt: skip
SPACE = [(f"How far away is {x}?", f"The distance from Earth to {x} is measured by astronomers.") for x in
         ("Mars", "Venus", "Jupiter", "Saturn", "Neptune", "the Moon", "Pluto", "Mercury")]  # fmt: skip


def decide(table, seed=13, folder=None, **options):
    step = Select(SelectOptions(**options), seed=seed, **({} if folder is None else {"folder": folder}))
    return step.decide(step.measure(table))


@pytest.mark.parametrize(
    "options", [{}, *({"tokens": 90, "method": m} for m in ("random", "length", "diverse"))]
)
def test_it_keeps_the_contract(options):
    check_step(Select(SelectOptions(**options)))


def test_similar_keeps_the_contract(tmp_path):
    (tmp_path / "like.jsonl").write_text(json.dumps({"prompt": "Capital of Spain?", "completion": "Madrid."}))
    check_step(Select(SelectOptions(tokens=90, method="similar", like="like.jsonl"), folder=tmp_path))


@pytest.mark.parametrize("method", ["random", "length", "diverse"])
def test_a_choice_keeps_its_budget_and_says_so(method):
    table = batch(FOOD + SPACE)
    verdicts = decide(table, tokens=100, method=method)
    rows = verdicts.to_pylist()
    kept = [json.loads(v["detail"]) for v in rows if v["action"] == "keep"]
    assert 0 < sum(d["tokens"] for d in kept) <= 100
    assert {v["reason"] for v in rows if v["action"] == "drop"} == {"not_selected"}
    assert {d["seed"] for d in kept} == {13}
    note = json.loads(verdicts.schema.metadata[b"notes"])[0]
    spent = sum(d["tokens"] for d in kept)
    assert note.startswith(f"{method}, seed 13: {len(kept)} of 16 rows with {spent} of ")


@pytest.mark.parametrize("method", ["random", "length", "diverse"])
def test_the_order_of_rows_changes_nothing(method):
    table = batch(FOOD + SPACE)
    turned = table.take(list(reversed(range(16))))
    first = {v["row_id"]: v["action"] for v in decide(table, tokens=100, method=method).to_pylist()}
    assert {v["row_id"]: v["action"] for v in decide(turned, tokens=100, method=method).to_pylist()} == first


def test_another_seed_draws_other_rows():
    table = batch(FOOD + SPACE)
    assert decide(table, tokens=100)["action"] != decide(table, tokens=100, seed=14)["action"]


def test_diverse_takes_both_topics_and_names_who_stands_for_a_dropped_row():
    rows = decide(batch(FOOD * 1 + SPACE[:2]), tokens=50, method="diverse").to_pylist()
    kept = {v["row_id"] for v in rows if v["action"] == "keep"}
    assert any(int(r[2:]) <= 8 for r in kept)
    assert any(int(r[2:]) > 8 for r in kept)
    for v in rows:
        if v["action"] == "drop":
            assert v["related_id"] in kept
            assert 0 < v["score"] <= 1


def test_similar_takes_what_is_like_the_examples(tmp_path):
    (tmp_path / "like.jsonl").write_text(
        json.dumps({"prompt": "How do I bake a loaf?", "completion": "Bake flour and butter in the oven."})
    )
    options = {"tokens": 150, "method": "similar", "like": "like.jsonl"}
    table = decide(batch(SPACE + FOOD), folder=tmp_path, **options)
    rows = table.to_pylist()
    assert {int(v["row_id"][2:]) > 8 for v in rows if v["action"] == "keep"} == {True}
    by_rank = sorted(rows, key=lambda v: json.loads(v["detail"])["rank"])
    scores = [v["score"] for v in by_rank]
    assert scores == sorted(scores, reverse=True)  # one example: the order is that of its cosines
    notes = json.loads(table.schema.metadata[b"notes"])
    assert notes[2].startswith("mean cosine to the nearest example: ")


def test_a_budget_that_holds_all_and_no_budget():
    table = batch(FOOD)
    for options, told in (({"tokens": 10_000}, "are within the budget of 10,000"), ({}, "no budget is set")):
        verdicts = decide(table, **options)
        assert set(verdicts["action"].to_pylist()) == {"keep"}
        assert told in json.loads(verdicts.schema.metadata[b"notes"])[0]


def test_only_what_needs_vectors_measures_them():
    table = batch(FOOD)
    assert "vector" not in Select(SelectOptions(method="length")).measure(table).column_names
    step = Select(SelectOptions(method="diverse"))
    assert step.measure(table).column("vector").type.list_size == 256
    assert step.measure_params != Select().measure_params


def test_rows_in_other_languages_are_told():
    table = batch(FOOD)
    step = Select(SelectOptions(tokens=50, method="diverse"))
    measures = step.measure(table).append_column("language", pa.array(["de"] * 3 + ["en"] * 5))
    notes = json.loads(step.decide(measures).schema.metadata[b"notes"])
    assert notes[-1].startswith("3 rows are in languages that the encoder 'static' does not know")


def test_options_are_checked(tmp_path):
    for wrong in ({"tokens": 0}, {"method": "similar"}, {"like": "x.jsonl"}, {"method": "best"}):
        with pytest.raises(ValidationError):
            SelectOptions(**wrong)
    with pytest.raises(InputError, match="does not exist"):
        Select(SelectOptions(method="similar", like="none.jsonl"), folder=tmp_path)


def test_in_a_run_with_a_reference_in_the_run_card(tmp_path):
    (tmp_path / "like.jsonl").write_text(json.dumps({"prompt": FOOD[0][0], "completion": FOOD[0][1]}))
    (tmp_path / "r.yaml").write_text("steps: [{use: select, tokens: 60, method: similar, like: like.jsonl}]")
    rows = [{"prompt": p, "completion": r} for p, r in FOOD + SPACE]
    card = curate(rows, out=tmp_path / "out", recipe=tmp_path / "r.yaml").card
    assert [r.file for r in card.references] == ["like.jsonl"]
    assert len(card.steps[0].notes) == 3
    again = curate(rows, out=tmp_path / "out", recipe=tmp_path / "r.yaml").card
    assert again.files == card.files
