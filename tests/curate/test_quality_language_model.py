"""A language model has a say in the rows in doubt, and in no other."""

import json
import math

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

from tuneset.curate import curate
from tuneset.curate.language_model import LanguageModel, TurnScore, score, score_turns
from tuneset.curate.measure import step_key
from tuneset.curate.quality import language_model
from tuneset.curate.quality.default_model import sigmoid
from tuneset.curate.rows import rows_of
from tuneset.curate.steps.quality import Quality
from tuneset.curate.testing import SAMPLE, check_step, sample_batch
from tuneset.schemas.errors import MissingExtraError, ModelError
from tuneset.schemas.step_options import QualityOptions
from tuneset.schemas.workspace import Workspace

TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
PAIRS = [pair for pair in SAMPLE if len(pair[1]) < 200]
EMPTY = next(i for i, (_, answer) in enumerate(PAIRS) if not answer)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    marks = ["<|im_start|>", "<|im_end|>"]
    letters = pre_tokenizers.ByteLevel.alphabet()
    core.train_from_iterator(
        ["user assistant"] * 9,
        trainers.BpeTrainer(vocab_size=300, special_tokens=marks, initial_alphabet=letters),
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core, bos_token=marks[0], eos_token=marks[1], chat_template=TEMPLATE
    )
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=512,
        initializer_range=0.3,
    )
    path = tmp_path_factory.mktemp("models") / "tiny"
    LlamaForCausalLM(config).save_pretrained(path)
    tokenizer.save_pretrained(path)
    return path


@pytest.fixture(autouse=True)
def cpu_and_a_cache_of_its_own(tmp_path, monkeypatch):
    import torch

    monkeypatch.setenv("TUNESET_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


@pytest.fixture
def passes_read(monkeypatch):
    """How many passes went through a model, a call each."""
    calls = []
    real = score.mean_losses

    def recording(model, passes, **options):
        calls.append(len(passes))
        return real(model, passes, **options)

    monkeypatch.setattr(score, "mean_losses", recording)
    return calls


@pytest.fixture
def short(monkeypatch):
    """A shortlist of three rows."""
    monkeypatch.setitem(language_model.SHORTLIST, "cpu", 3)


def judged(step, pairs=PAIRS):
    return step.decide(step.measure(sample_batch(pairs)))


def asked_of(verdicts):
    return [i for i, told in enumerate(verdicts.column("detail").to_pylist()) if "language_model" in told]


def test_the_shortlist_is_nearest_to_the_middle_and_earlier_of_equals():
    scores = np.array([0.9, 0.5, 0.1, 0.6, 0.4, 0.62])
    assert language_model.shortlist(scores, 0.5, 2).tolist() == [1, 3]
    assert language_model.shortlist(scores, 0.5, 3).tolist() == [1, 3, 4]
    assert language_model.shortlist(scores, 1.0, 1).tolist() == [0]
    assert language_model.shortlist(scores, 0.0, 9).tolist() == [0, 1, 2, 3, 4, 5]


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("limit", [None, 0.9, 0.05])
def test_rows_in_doubt_are_moved_and_the_others_stay_as_they_are(folder, limit):
    without = judged(Quality(QualityOptions(min_score=limit)))
    told = judged(Quality(QualityOptions(min_score=limit, language_model=str(folder))))
    distance = [abs(s - (0.5 if limit is None else limit)) for s in without.column("score").to_pylist()]
    nearest = sorted(sorted(range(len(PAIRS)), key=lambda i: distance[i])[:3])
    assert asked_of(told) == [i for i in nearest if i != EMPTY]
    others = [i for i in range(len(PAIRS)) if i not in asked_of(told)]
    assert told.take(others).equals(without.take(others))


def test_a_row_moves_by_what_its_detail_tells(folder):
    without, told = judged(Quality()).to_pylist(), judged(Quality(QualityOptions(language_model=str(folder))))
    turns = rows_of(sample_batch(PAIRS)).messages
    expected = score_turns(turns, str(folder))
    assert asked_of(told) == [i for i in range(len(PAIRS)) if i != EMPTY]
    for i in asked_of(told):
        row = told.slice(i, 1).to_pylist()[0]
        detail = json.loads(row["detail"])
        words, adds = detail.pop("language_model")
        assert detail == json.loads(without[i]["detail"])
        assert words == f"perplexity {expected[i][0].perplexity:.1f}, IFD {expected[i][0].ifd:.2f}"
        odds = math.log(without[i]["score"] / (1 - without[i]["score"]))
        assert row["score"] == pytest.approx(float(sigmoid(np.array(odds + adds))), abs=1e-3)


def test_features_by_hand():
    told = language_model.features_of_turn(TurnScore(1, tokens=9, nll=5.0, nll_alone=5.0 - math.log(1.5)))
    assert told == pytest.approx([5, 1, 0, 1.5, 0.5, 0], abs=2e-3)
    told = language_model.features_of_turn(TurnScore(1, tokens=9, nll=0.25, nll_alone=0.25 + math.log(5)))
    assert told == pytest.approx([0.25, 0, 0.75, 0.2, 0, 0.1], abs=2e-3)
    told = language_model.features_of_turn(TurnScore(1, tokens=9, nll=50.0, nll_alone=1.0))
    assert told == [8, 4, 0, 2, 1, 0]  # however far out: no further than this
    with pytest.raises(ValueError, match="answer_too_long"):
        language_model.features_of_turn(TurnScore(1, problem="answer_too_long"))


def test_rows_that_cannot_be_scored_keep_their_score(folder):
    pairs = [("Say nothing.", ""), ("Count.", "one two three " * 100), ("Hello there", "Good day.")]
    without = judged(Quality(), pairs)
    told = judged(Quality(QualityOptions(language_model=str(folder))), pairs)
    assert asked_of(told) == [2]
    assert told.slice(0, 2).equals(without.slice(0, 2).replace_schema_metadata(told.schema.metadata))


def test_a_model_that_computes_no_number_moves_nothing(folder, monkeypatch):
    monkeypatch.setattr(score, "mean_losses", lambda _model, passes, **_: [[math.nan] for _ in passes])
    step = Quality(QualityOptions(language_model=str(folder)))
    for _ in range(2):  # computed, then kept
        told = judged(step)
        assert asked_of(told) == []
        assert told.column("score").equals(judged(Quality()).column("score"))


def test_a_second_run_reads_nothing(folder, passes_read):
    step = Quality(QualityOptions(language_model=str(folder)))
    first = judged(step)
    assert sum(passes_read) == 2 * (
        len(PAIRS) - 2
    )  # no answer is read of the empty row, one row stands twice
    passes_read.clear()
    assert judged(step).equals(first)
    assert passes_read == []


def test_measures_and_their_cache_stay_as_they_are_without_a_model(folder):
    batch = sample_batch()
    plain, reading = Quality(), Quality(QualityOptions(language_model=str(folder)))
    assert plain.measure_params == {"encoder": reading.measure_params["encoder"]}
    assert step_key(plain) == step_key(Quality(QualityOptions(min_score=0.3))) != step_key(reading)
    more = reading.measure(batch)
    assert set(more.column_names) - set(plain.measure(batch).column_names) == {"conversation"}
    assert more.drop_columns(["conversation"]).equals(plain.measure(batch))
    told = json.loads(more.column("conversation")[0].as_py())
    assert told == {"messages": rows_of(batch).messages[0], "tools": None}


@pytest.mark.usefixtures("short")
def test_the_step_keeps_the_contract(folder):
    check_step(Quality(QualityOptions(language_model=str(folder), min_score=0.5)))


@pytest.mark.usefixtures("short")
def test_a_run_tells_how_many_rows_were_scored(folder, tmp_path):
    rows = [{"prompt": prompt, "completion": answer} for prompt, answer in PAIRS[1:4]] * 2
    rows += [{"prompt": f"Name the number after {i}.", "completion": f"It is {i + 1}."} for i in range(5)]
    recipe = {"steps": [{"use": "exact_duplicate"}, {"use": "quality", "language_model": str(folder)}]}
    card = curate(rows, out=tmp_path / "out", recipe=recipe).card
    assert card.steps[1].notes == [
        f"{folder} scored the answers of 3 rows, those with a score nearest to 0.5;"
        " 5 rows were left to the other signals"
    ]
    assert card.besides["quality"]["language_model"] == {
        "name": str(folder),
        "identity": LanguageModel(str(folder)).identity,
    }


def test_a_model_folder_beside_the_recipe_is_found(folder, tmp_path):
    step = Quality(QualityOptions(language_model="tiny"))
    assert step.prepare(folder.parent, Workspace.at(tmp_path)) is not None
    assert asked_of(judged(step)) != []


def test_scores_that_were_learned_are_not_moved(folder, monkeypatch, passes_read):
    from tuneset.curate.steps import quality

    step = Quality(QualityOptions(language_model=str(folder)))
    step.learned = object()
    monkeypatch.setattr(
        quality,
        "learned_scores",
        lambda measures, _model, _seed, told: quality.default_scores(measures, told),
    )
    told = judged(step)
    assert asked_of(told) == []
    assert passes_read == []
    assert "was not asked" in json.loads(told.schema.metadata[b"notes"])[0]


def test_an_unknown_model_stops_the_run_before_anything_is_measured(tmp_path):
    recipe = {"steps": [{"use": "quality", "language_model": "no-such-model"}]}
    with pytest.raises(ModelError, match="tuneset models pull no-such-model"):
        curate([{"prompt": "Hi", "completion": "Hello."}], out=tmp_path / "out", recipe=recipe)
    assert list((tmp_path / "out").glob("**/quality-*")) == []


def test_a_missing_extra_is_told_at_once(folder, tmp_path, monkeypatch):
    import importlib.util

    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "torch" else real(name, *rest)
    )
    with pytest.raises(MissingExtraError, match=r"tuneset\[train\]"):
        Quality(QualityOptions(language_model=str(folder))).prepare(tmp_path, Workspace.at(tmp_path))
