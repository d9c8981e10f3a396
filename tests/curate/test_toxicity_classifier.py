"""A tiny random transformers classifier as a judge: windows, batches, labels and errors."""

import json

import pytest
from tuneset.curate.steps.toxicity import Toxicity
from tuneset.curate.testing import check_step, sample_batch
from tuneset.curate.toxicity import judges
from tuneset.curate.toxicity.classifier import Classifier, toxic_labels
from tuneset.schemas.errors import ModelError
from tuneset.schemas.step_options import ToxicityOptions

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
WORDS = "a b c d e f good bad the weather is fine people".split()
WINDOW = 12


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    """A function that writes a random two-layer BERT with the given labels and returns its folder."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    def make(labels, *, problem=None):
        folder = tmp_path_factory.mktemp("classifier")
        vocabulary = {w: i for i, w in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS])}
        core = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
        core.pre_tokenizer = pre_tokenizers.Whitespace()
        core.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
        )
        transformers.PreTrainedTokenizerFast(
            tokenizer_object=core,
            pad_token="[PAD]",
            unk_token="[UNK]",
            cls_token="[CLS]",
            sep_token="[SEP]",
            model_max_length=WINDOW,
        ).save_pretrained(folder)
        torch.manual_seed(3)
        config = transformers.BertConfig(
            vocab_size=len(vocabulary),
            hidden_size=16,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=32,
            max_position_embeddings=32,
            initializer_range=0.5,
            id2label=dict(enumerate(labels)),
            label2id={label: i for i, label in enumerate(labels)},
            problem_type=problem,
        )
        transformers.BertForSequenceClassification(config).save_pretrained(folder)
        return str(folder)

    return make


@pytest.fixture(scope="module")
def binary(build):
    return build(["neutral", "toxic"])


def slow_chances(folder, text, *, many=False):
    """The chances of each label for one short text, by the library's own call."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder).eval()
    with torch.no_grad():
        logits = model(**tokenizer(text, return_tensors="pt")).logits[0]
    return (logits.sigmoid() if many else logits.softmax(0)).tolist()


def test_scores_are_the_chance_of_the_toxic_label(binary):
    texts = ["a b c", "bad", "the weather is fine", "good people is bad"]
    found = judges(texts, model=binary)
    for text, judgement in zip(texts, found, strict=True):
        assert judgement.score == pytest.approx(slow_chances(binary, text)[1], abs=1e-3)
        assert judgement.category == "toxic"
    assert len({j.score for j in found}) == len(texts)


def test_labels_that_exclude_each_other_are_added(build):
    folder = build(["hate", "normal", "offensive"])
    (found,) = judges(["good bad a"], model=folder)
    hate, _, offensive = slow_chances(folder, "good bad a")
    assert found.score == pytest.approx(hate + offensive, abs=1e-3)
    assert found.category == ("hate" if hate > offensive else "offensive")


def test_of_many_labels_the_highest_counts(build):
    folder = build(["toxicity", "insult", "male"], problem="multi_label_classification")
    (found,) = judges(["good bad a"], model=folder)
    toxic, insult, _ = slow_chances(folder, "good bad a", many=True)
    assert found.score == pytest.approx(max(toxic, insult), abs=1e-3)


def test_of_a_long_text_the_worst_window_counts(binary):
    room = WINDOW - 2
    words = [WORDS[(7 * i + i * i) % len(WORDS)] for i in range(38)]
    step = room - room // 2
    windows = [words[i : i + room] for i in range(0, len(words) - room + step, step)]
    worst = max(slow_chances(binary, " ".join(window))[1] for window in windows)
    (found,) = judges([" ".join(words)], model=binary)
    assert found.score == pytest.approx(worst, abs=1e-3)


def test_scores_do_not_depend_on_the_other_texts(binary):
    texts = ["a", "", "b c d e f good bad", "the weather is fine people", "a b " * 30]
    alone = [judges([text], model=binary)[0].score for text in texts]
    assert [j.score for j in judges(texts, model=binary)] == pytest.approx(alone, abs=2e-3)
    assert alone[1] == 0.0
    assert judges([], model=binary) == []


@pytest.mark.parametrize(
    ("names", "toxic"),
    [
        (["non-toxic", "toxic"], [1]),
        (["toxic", "not toxic"], [0]),
        (["HATE", "NOT-HATE"], [0]),
        (["nothate", "hate"], [1]),
        (["Normal", "Hate Speech", "Offensive Language"], [1, 2]),
        (
            ["toxicity", "severe_toxicity", "obscene", "identity_attack", "insult", "threat", "male"],
            [0, 1, 2, 3, 4, 5],
        ),
        (["non_offensive", "offensive"], [1]),
        (["safe", "unsafe"], [1]),
        (["neither", "hateful"], [1]),
        (["inoffensive", "offensive"], [1]),
        (["acceptable", "inappropriate", "offensive", "violent"], [1, 2, 3]),
    ],
)
def test_which_labels_mean_toxic(names, toxic):
    assert sorted(toxic_labels(dict(enumerate(names)), model="m")) == toxic


def test_labels_without_a_meaning_are_refused(build):
    folder = build(["LABEL_0", "LABEL_1"])
    with pytest.raises(ModelError) as error:
        judges(["a"], model=folder)
    assert "LABEL_0, LABEL_1" in error.value.what
    assert "config.json" in error.value.where
    assert "toxic" in error.value.fix


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(ModelError, match="cannot be loaded"):
        Classifier(str(tmp_path))


def test_the_step_runs_on_a_classifier(binary):
    step = Toxicity(ToxicityOptions(model=binary))
    assert step.measure_params == {"model": binary}
    check_step(step)


def test_a_verdict_names_the_label(build):
    folder = build(["toxic", "clean"])
    rows = sample_batch([("a", "bad people"), ("bad", "good")])
    step = Toxicity(ToxicityOptions(model=folder))
    measures = step.measure(rows)
    scores = [slow_chances(folder, text)[0] for text in ("bad people", "good")]
    assert measures.column("score").to_pylist() == pytest.approx(scores, abs=1e-3)
    for verdict, score in zip(step.decide(measures).to_pylist(), scores, strict=True):
        assert (verdict["reason"] == "toxic") == (score >= 0.5)
        if score >= 0.5:
            assert json.loads(verdict["detail"])["category"] == "toxic"
