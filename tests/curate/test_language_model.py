"""Scores by a language model agree with a plain loop, whatever is read together."""

import math
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

from tuneset.curate.language_model import LanguageModel, TurnScore, score_turns
from tuneset.curate.language_model.cache import ScoreCache
from tuneset.schemas.errors import ModelError

TEMPLATE = (
    "{% for message in messages %}"
    "{% if message['role'] == 'narrator' %}{{ raise_exception('no narrator') }}{% endif %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
FORGETFUL = TEMPLATE.replace(
    "message['content']", "(message['content'] if loop.last or message['role'] != 'assistant' else 'cut')"
)
WORDS = "system user assistant Be kind hello there good day yes no ok then what is your name one two three"
LIMIT = 256


@pytest.fixture(scope="module")
def tokenizer():
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=330,
        special_tokens=["<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    core.train_from_iterator([WORDS] * 20, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=core, bos_token="<|im_start|>", eos_token="<|im_end|>", chat_template=TEMPLATE
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory, tokenizer):
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=LIMIT,
        initializer_range=0.3,
    )
    path = tmp_path_factory.mktemp("tiny")
    LlamaForCausalLM(config).save_pretrained(path)
    tokenizer.save_pretrained(path)
    return path


@pytest.fixture(scope="module")
def model(folder):
    return LanguageModel(str(folder), device="cpu")


@pytest.fixture
def passes_read(monkeypatch):
    """The passes of every call that goes through the model."""
    from tuneset.curate.language_model import score

    calls = []
    real = score.mean_losses

    def recording(model, passes, **options):
        calls.append(list(passes))
        return real(model, passes, **options)

    monkeypatch.setattr(score, "mean_losses", recording)
    return calls


def talk(*texts, system=None):
    turns = [{"role": ("user", "assistant")[i % 2], "content": text} for i, text in enumerate(texts)]
    return [{"role": "system", "content": system}, *turns] if system else turns


TALKS = [
    talk("hello there", "good day"),
    talk("what is your name", "one two three", "ok then", "yes", "no", "Be kind hello there ok"),
    talk("x", "a rather longer answer, with commas; and more: 17 + 4 = 21.", system="Be kind"),
    talk("مرحبا 👋🏽", "你好，世界。", "é", "naïve café"),
    talk("one", "two" * 30),
    talk("hello there", "no"),
]


def plain_loss(model, ids, first):
    """Mean loss of the tokens from `first` on, by the model's own loss, one row at a time."""
    import torch

    labels = torch.tensor([[-100] * first + ids[first:]])
    with torch.inference_mode():
        return float(model._model(input_ids=torch.tensor([ids]), labels=labels).loss)


def by_hand(model, turns):
    """Loss given the prompt and loss alone of each assistant turn, with the ChatML of TEMPLATE written out."""
    encode = lambda text: model.tokenizer(text, add_special_tokens=False)["input_ids"]  # noqa: E731
    found = []
    for i, turn in enumerate(turns):
        if turn["role"] == "assistant":
            before = "".join(f"<|im_start|>{t['role']}\n{t['content']}<|im_end|>\n" for t in turns[:i])
            prompt, answer = encode(before + "<|im_start|>assistant\n"), encode(turn["content"])
            alone = encode("<|im_start|>assistant\n")
            found.append(tuple(plain_loss(model, given + answer, len(given)) for given in (prompt, alone)))
    return found


def test_scores_are_those_of_a_plain_loop(model):
    for turns, scores in zip(TALKS, score_turns(TALKS, model), strict=True):
        expected = by_hand(model, turns)
        assert [(s.nll, s.nll_alone) for s in scores] == [pytest.approx(pair, abs=1e-4) for pair in expected]
        assert [s.turn for s in scores] == [i for i, t in enumerate(turns) if t["role"] == "assistant"]
        for score, (nll, alone) in zip(scores, expected, strict=True):
            assert score.perplexity == pytest.approx(math.exp(nll), rel=1e-3)
            assert score.ifd == pytest.approx(math.exp(nll) / math.exp(alone), rel=1e-3)
            assert (score.cut, score.problem) == (0, None)


def test_perplexity_and_difficulty_of_known_losses():
    score = TurnScore(1, tokens=4, nll=math.log(6), nll_alone=math.log(8))
    assert score.perplexity == pytest.approx(6)
    assert score.ifd == pytest.approx(0.75)


@pytest.mark.parametrize("batch_tokens", [1, 40, 100_000])
def test_batches_change_nothing(model, batch_tokens):
    whole = score_turns(TALKS, model)
    assert flat(score_turns(TALKS, model, batch_tokens=batch_tokens)) == pytest.approx(flat(whole), abs=1e-4)


def test_order_and_company_change_nothing(model):
    whole = score_turns(TALKS, model)
    assert flat(score_turns(TALKS[::-1], model)[::-1]) == pytest.approx(flat(whole), abs=1e-4)
    assert flat([score_turns([t], model)[0] for t in TALKS]) == pytest.approx(flat(whole), abs=1e-4)


def test_a_single_answer_is_foreseen_alike_with_no_prompt_and_alone(model):
    (scores,) = score_turns([[{"role": "assistant", "content": "good day"}]], model)
    assert scores[0].problem is None
    assert scores[0].ifd == pytest.approx(1, abs=1e-4)


def test_the_same_call_gives_the_same_bytes(model):
    assert score_turns(TALKS, model) == score_turns(TALKS, model)


def flat(scores):
    return [value for row in scores for s in row for value in (s.tokens, s.nll, s.nll_alone)]


def test_turns_of_one_conversation_are_those_of_its_beginnings(model):
    turns = TALKS[1]
    (whole,) = score_turns([turns], model)
    parts = score_turns([turns[:2], turns[:4], turns[:6]], model)
    assert flat([whole]) == pytest.approx(flat([[p[-1] for p in parts]]), abs=1e-4)


def test_a_conversation_goes_through_the_model_once_and_each_answer_alone(model, passes_read):
    score_turns([TALKS[1]], model)
    assert [len(p.spans) for p in passes_read[0]] == [3, 1, 1, 1]


def test_empty_answers_have_no_score(model):
    rows = [talk("hello", ""), talk("hello", "  \n", "ok", "yes"), talk("hello")]
    found = score_turns(rows, model)
    assert found[0] == [TurnScore(1, problem="empty_answer")]
    assert [(s.problem, s.nll is None) for s in found[1]] == [("empty_answer", True), (None, False)]
    assert found[2] == []
    assert found[0][0].perplexity is None
    assert found[0][0].ifd is None


def test_a_prompt_that_does_not_fit_loses_its_left(model):
    turns = talk("one " * 200, "good day", "two " * 20, "hello there")
    (scores,) = score_turns([turns], model, max_tokens=64)
    assert [s.cut > 0 for s in scores] == [True, True]
    encode = lambda text: model.tokenizer(text, add_special_tokens=False)["input_ids"]  # noqa: E731
    for score, i in zip(scores, (1, 3), strict=True):
        before = "".join(f"<|im_start|>{t['role']}\n{t['content']}<|im_end|>\n" for t in turns[:i])
        prompt, answer = encode(before + "<|im_start|>assistant\n"), encode(turns[i]["content"])
        kept = (prompt + answer)[-64:]
        assert score.cut == len(prompt) + len(answer) - 64
        assert score.tokens == len(answer)
        assert score.nll == pytest.approx(plain_loss(model, kept, 64 - len(answer)), abs=1e-4)


def test_only_the_turns_that_reach_over_the_limit_are_cut(model):
    turns = talk("one", "good day", "two " * 200, "hello there")
    (scores,) = score_turns([turns], model, max_tokens=64)
    assert [s.cut > 0 for s in scores] == [False, True]
    assert scores[0].nll == pytest.approx(by_hand(model, turns[:2])[0][0], abs=1e-4)


def test_an_answer_is_never_cut(model):
    (scores,) = score_turns([talk("one", "two " * 300, "ok", "yes")], model)
    assert scores[0].problem == "answer_too_long"
    assert scores[0].nll is None
    assert scores[0].tokens > LIMIT
    assert scores[1].problem is None


def test_what_the_template_refuses_has_no_score(model):
    turns = [{"role": "narrator", "content": "x"}, *talk("one", "two")]
    assert score_turns([turns], model)[0] == [TurnScore(2, problem="template_refuses")]


def test_a_template_that_changes_earlier_turns_is_followed(model, monkeypatch):
    turns = talk("what is your name", "one two three", "ok then", "yes")
    expected = (
        by_hand(model, turns[:2])[0],
        by_hand(model, [turns[0], {**turns[1], "content": "cut"}, *turns[2:]])[1],
    )
    monkeypatch.setattr(model.tokenizer, "chat_template", FORGETFUL)
    (scores,) = score_turns([turns], model)
    assert [(s.nll, s.nll_alone) for s in scores] == [pytest.approx(pair, abs=1e-4) for pair in expected]


def test_a_model_without_a_template_reads_plain_lines(model, monkeypatch):
    monkeypatch.setattr(model.tokenizer, "chat_template", None)
    (scores,) = score_turns([talk("hello there", "good day")], model)
    encode = lambda text: model.tokenizer(text, add_special_tokens=False)["input_ids"]  # noqa: E731
    prompt, answer = encode("<|im_start|>User:\nhello there\n\nAssistant:\n"), encode("good day")
    assert scores[0].nll == pytest.approx(plain_loss(model, prompt + answer, len(prompt)), abs=1e-4)
    alone = encode("<|im_start|>Assistant:\n")
    assert scores[0].nll_alone == pytest.approx(plain_loss(model, alone + answer, len(alone)), abs=1e-4)


def test_tool_calls_are_part_of_the_answer(model, monkeypatch):
    calling = TEMPLATE.replace(
        "message['content'] +", "message['content'] + (message.tool_calls | default([]) | tojson) +"
    )
    monkeypatch.setattr(model.tokenizer, "chat_template", calling)
    call = {"id": "c1", "type": "function", "function": {"name": "find", "arguments": '{"city": "Ulm"}'}}
    turns = [{"role": "user", "content": "q"}, {"role": "assistant", "content": None, "tool_calls": [call]}]
    (scores,) = score_turns([turns], model)
    assert scores[0].problem is None
    assert scores[0].tokens > 20


def test_kept_scores_are_not_computed_again(model, tmp_path, passes_read):
    first = score_turns([*TALKS, talk("hello", "")], model, cache=tmp_path)
    passes_read.clear()
    assert score_turns([talk("hello", ""), *TALKS[::-1]], model, cache=tmp_path) == [
        first[-1],
        *first[-2::-1],
    ]
    assert passes_read == []
    score_turns([*TALKS, talk("new", "row")], model, cache=tmp_path)
    assert [len(passes) for passes in passes_read] == [2]
    score_turns(TALKS[:1], model, cache=tmp_path, max_tokens=200)
    assert [len(passes) for passes in passes_read] == [2, 2]


def test_a_damaged_segment_is_as_if_it_were_not_there(model, tmp_path):
    expected = score_turns(TALKS, model, cache=tmp_path)
    (segment,) = Path(tmp_path).rglob("*.npz")
    segment.write_bytes(segment.read_bytes()[:-7])
    assert ScoreCache(tmp_path, model.identity)._known == {}
    assert score_turns(TALKS, model, cache=tmp_path) == expected


def test_the_same_row_twice_is_read_once(model, passes_read):
    found = score_turns([TALKS[0]] * 3, model)
    assert found[0] == found[1] == found[2]
    assert [len(passes) for passes in passes_read] == [2]


def test_the_identity_follows_the_files(folder, tmp_path, model):
    import shutil

    other = shutil.copytree(folder, tmp_path / "other")
    assert LanguageModel(str(other), device="cpu").identity == model.identity
    (other / "config.json").write_text((other / "config.json").read_text() + "\n")
    assert LanguageModel(str(other), device="cpu").identity != model.identity


def test_models_that_cannot_be_used_are_refused(tmp_path, folder, monkeypatch):
    monkeypatch.setenv("TUNESET_CACHE", str(tmp_path / "cache"))
    with pytest.raises(ModelError, match="tuneset models pull no-such-model"):
        LanguageModel("no-such-model")
    pickled = tmp_path / "pickled"
    pickled.mkdir()
    (pickled / "config.json").write_text((folder / "config.json").read_text())
    (pickled / "pytorch_model.bin").write_bytes(b"x")
    with pytest.raises(ModelError, match="no \\*.safetensors"):
        LanguageModel(str(pickled))
    (pickled / "model.safetensors").write_bytes(b"not weights")
    with pytest.raises(ModelError, match="cannot be loaded"):
        LanguageModel(str(pickled))


def test_a_fetched_model_is_found_by_its_name(tmp_path, folder, monkeypatch):
    import shutil

    shutil.copytree(folder, tmp_path / "models" / "org--tiny")
    monkeypatch.setenv("TUNESET_CACHE", str(tmp_path))
    assert LanguageModel("org/tiny", device="cpu").folder == tmp_path / "models" / "org--tiny"


@pytest.mark.gpu
def test_a_gpu_gives_the_same(folder):
    on_cpu = score_turns(TALKS, LanguageModel(str(folder), device="cpu"))
    on_gpu = score_turns(TALKS, LanguageModel(str(folder), device="cuda"))
    assert flat(on_gpu) == pytest.approx(flat(on_cpu), abs=1e-3)
