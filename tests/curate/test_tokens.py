from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tuneset.cli.main import main
from tuneset.curate.export import TARGETS, check
from tuneset.curate.export.epochs import epochs_of, openai_epochs
from tuneset.curate.export.prices import Price, load_prices, prices_of
from tuneset.curate.export.row_parts import row_parts
from tuneset.curate.export.spend import Meter
from tuneset.curate.export.tokens import TOKENIZERS, Estimate, find_counter
from tuneset.schemas.errors import RecipeError

WORDS = "Where is bay four? North dock, the pier; über Brücken — Привет мир 你好 🚢".split()


def rows(count: int) -> list[dict[str, Any]]:
    draw = random.Random(7)

    def text() -> str:
        return " ".join(draw.choices(WORDS, k=draw.randint(1, 40)))

    return [
        {
            "messages": [
                {"role": "user", "content": text(), **({"name": "ana"} if n % 5 == 0 else {})},
                {"role": "assistant", "content": text()},
            ]
        }
        for n in range(count)
    ]


@pytest.fixture(scope="module")
def tokenizer_file(tmp_path_factory) -> Path:
    """A byte-level BPE tokenizer, trained here."""
    tokenizers = pytest.importorskip("tokenizers")
    from tokenizers import decoders, models, pre_tokenizers, trainers

    made = tokenizers.Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=400, initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    made.train_from_iterator([t["content"] for row in rows(50) for t in row["messages"]], trainer)
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    made.save(str(path))
    return path


def _cookbook(encode: Any, row: dict[str, Any]) -> int:
    """openai-cookbook's count of a row, written anew: 3 a message, every value, 1 a name, 3 at the end."""
    tokens = 3
    for message in row["messages"]:
        tokens += 3
        for key, value in message.items():
            tokens += len(encode(value)) + (key == "name")
    return tokens


def test_counts_are_the_tokenizers_own_on_a_thousand_rows(tokenizer_file: Path) -> None:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(tokenizer_file))
    sample = rows(1000)
    counter = find_counter(wanted=str(tokenizer_file))
    expected = [_cookbook(lambda text: tokenizer.encode(text).ids, row) for row in sample]
    counts = counter.count(sample)
    assert counter.exact
    assert [c.likely for c in counts] == expected
    assert [c.most for c in counts] == expected


def test_the_estimate_is_never_exceeded(tokenizer_file: Path) -> None:
    sample = rows(1000)
    exact = find_counter(wanted=str(tokenizer_file)).count(sample)
    for own, estimate in zip(exact, Estimate("here").count(sample), strict=True):
        assert own.most <= estimate.most
        assert estimate.likely <= estimate.most


@given(st.lists(st.text(max_size=20), min_size=1, max_size=4))
def test_the_upper_bound_is_one_token_a_byte_and_the_overhead(texts: list[str]) -> None:
    row = {"messages": [{"role": "user", "content": text} for text in texts]}
    (count,) = Estimate("here").count([row])
    size = sum(len(t.encode("utf-8", "surrogatepass")) for t in texts) + 4 * len(texts)
    assert count.most == size + 3 * len(texts) + 3


def test_a_models_own_template_counts_its_chats(tmp_path: Path, tokenizer_file: Path) -> None:
    transformers = pytest.importorskip("transformers")
    folder = tmp_path / "model"
    own = transformers.PreTrainedTokenizerFast(tokenizer_file=str(tokenizer_file))
    own.chat_template = "{% for m in messages %}<{{ m.role }}>{{ m.content }}\n{% endfor %}"
    own.save_pretrained(folder)
    sample = rows(50)
    counter = find_counter(wanted=str(folder))
    assert "chat template" in counter.says
    expected = [
        len(own("".join(f"<{m['role']}>{m['content']}\n" for m in row["messages"]))["input_ids"])
        for row in sample
    ]
    assert [c.likely for c in counter.count(sample)] == expected


@pytest.mark.parametrize("version", ["v3", "tekken"])
def test_mistrals_own_request_has_as_many_tokens(version: str) -> None:
    mistral = pytest.importorskip("mistral_common.tokens.tokenizers.mistral")
    from mistral_common.protocol.instruct.request import ChatCompletionRequest

    own = mistral.MistralTokenizer.v3(is_tekken=version == "tekken")
    counter = find_counter(wanted=f"mistral-{version}")
    for row in rows(200):
        turns = [{**turn, "name": None} for turn in row["messages"]]
        asked = [{"role": "system", "content": "Be brief."}] * (len(turns[0]["content"]) % 2)
        told = {"messages": [*asked, *turns, {"role": "user", "content": "And five?"}]}
        request = ChatCompletionRequest(
            messages=[{k: v for k, v in turn.items() if v is not None} for turn in told["messages"]]
        )
        assert counter.count([told])[0].likely == len(own.encode_chat_completion(request).tokens)


def test_every_shape_has_its_texts() -> None:
    gemini = {
        "systemInstruction": {"role": "system", "parts": [{"text": "s"}]},
        "contents": [{"role": "user", "parts": [{"text": "q"}]}, {"role": "model", "parts": [{"text": "a"}]}],
    }
    assert sorted(row_parts(gemini).texts) == ["a", "model", "q", "s", "system", "user"]
    assert row_parts(gemini).messages == 3
    assert row_parts({"prompt": "p", "completion": "c"}) == (["p", "c"], 0, 0, False)
    pair = {
        "input": {"messages": [{"role": "user", "content": "q"}]},
        "preferred_output": [{"role": "assistant", "content": "good"}],
        "non_preferred_output": [{"role": "assistant", "content": "bad"}],
    }
    assert {"q", "good", "bad"} <= set(row_parts(pair).texts)


def test_tools_and_images_are_said_to_be_counted_otherwise() -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    tools = row_parts({"messages": [{"role": "assistant", "tool_calls": [call]}]})
    assert tools.unpublished
    assert json.loads(tools.texts[-1]) == [call]
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 9999}}
    shown = row_parts({"messages": [{"role": "user", "content": [{"type": "text", "text": "q"}, picture]}]})
    assert shown.unpublished
    assert sorted(shown.texts) == ["q", "user"]


def test_what_is_not_at_hand_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.setenv("TUNESET_CACHE", str(tmp_path))
    counter = find_counter("o200k_base")
    assert not counter.exact
    assert "o200k_base is not at hand" in counter.says
    assert "org/model is not at hand" in find_counter(model="org/model").says
    with pytest.raises(RecipeError, match="not at hand"):
        find_counter(wanted="o200k_base")
    with pytest.raises(RecipeError, match="no tokenizer"):
        find_counter(wanted="org/model")


def test_a_file_that_tiktoken_would_fetch_anew_is_not_opened(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """tiktoken removes a cached file with another hash and asks the network: it is never called then."""
    import hashlib

    url = "https://openaipublic.blob.core.windows.net/encodings/o200k_base.tiktoken"
    stale = tmp_path / hashlib.sha1(url.encode()).hexdigest()
    stale.write_bytes(b"stale")
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    assert isinstance(TOKENIZERS["o200k_base"].load(), str)
    assert stale.read_bytes() == b"stale"


def test_cached_models_are_found_by_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tokenizer_file: Path
) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("TUNESET_CACHE", str(tmp_path / "ours"))
    for folder in ("hf/hub/models--org--one/snapshots/abc", "ours/models/org--two"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "tokenizer.json").write_bytes(tokenizer_file.read_bytes())
    assert find_counter(model="org/one").exact
    assert find_counter(model="org/two").exact


EPOCHS = {
    10: 10,
    4: 25,
    3: 25,
    33: 3,
    34: 3,
    100: 3,
    8333: 3,
    8334: 2,
    12_500: 2,
    12_501: 1,
    25_000: 1,
    90_000: 1,
}
"""By hand from the cookbook's rule: 3; 100 // n, at most 25, where 3 n < 100; 25000 // n, at least 1, above."""


@pytest.mark.parametrize("count", EPOCHS)
def test_openais_default_epochs(count: int) -> None:
    assert openai_epochs(count) == EPOCHS[count]


def test_epochs_are_given_or_known_or_said_to_be_unknown() -> None:
    assert epochs_of("openai", 10, 2).number == 2
    assert epochs_of("openai", 10, None).number == 10
    assert epochs_of("trl", 10, None).number is None
    assert "--epochs" in epochs_of("trl", 10, None).says


def test_what_is_billed_is_cut_at_the_limit(tokenizer_file: Path) -> None:
    """Two rows of 6 + 3 + role and text tokens; the long one counts up to the limit; three epochs."""
    from dataclasses import replace

    limits = replace(TARGETS["openai"].limits, max_row_tokens=100)
    target = replace(TARGETS["openai"], limits=limits)
    meter = Meter(target, tokenizer=str(tokenizer_file), epochs=3, model="gpt-4o-2024-08-06")
    short, long = rows(2)
    long["messages"][0]["content"] = "dock " * 500
    for number, row in enumerate((short, long), start=1):
        meter.add("train", row, number)
    counts = [c.likely for c in find_counter(wanted=str(tokenizer_file)).count([short, long])]
    assert counts[1] > 100 > counts[0]
    spend = meter.spend()
    assert spend.billed["likely"] == 3 * (counts[0] + 100)
    assert meter.over("train") == ([(2, counts[1])], [])
    told = spend.as_dict()
    assert told["tokens"]["splits"]["train"]["over_limit"] == 1
    (price,) = told["cost"]["prices"]
    assert price["cost"] == round(spend.billed["likely"] * 25 / 1e6, 4)
    assert price["read"] == "2026-11"


def test_quantiles_are_the_ranks_of_the_counts() -> None:
    meter = Meter(TARGETS["openai"], tokenizer="estimate")
    sample = rows(301)
    for row in sample:
        meter.add("train", row)
    counts = sorted(c.likely for c in Estimate("x").count(sample))
    figures = meter.spend().splits["train"]
    assert figures["a_row"] == {
        name: int(np.quantile(counts, q, method="inverted_cdf"))
        for name, q in {"p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}.items()
    }
    assert figures["tokens"] == sum(counts)


PRICE = "prices:\n- {target: %s, model: %s, usd: %s, per: 1M training tokens, read: '2026-12', source: our bill}\n"


def test_the_users_prices_stand_over_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert [p.usd for p in prices_of(load_prices(), "openai", "gpt-4o")] == [25]
    (tmp_path / "tuneset").mkdir()
    (tmp_path / "tuneset/prices.yaml").write_text(PRICE % ("openai", "gpt-4o", 20))
    assert [p.usd for p in prices_of(load_prices(), "openai", "gpt-4o-2024-08-06")] == [20]
    other = tmp_path / "other.yaml"
    other.write_text(PRICE % ("azure", "gpt-4.1", 9))
    named = load_prices(other)
    assert [p.usd for p in prices_of(named, "azure", None)] == [9]
    assert [p.usd for p in prices_of(named, "openai", "gpt-4o")] == [25]
    assert prices_of(named, "openai", "gpt-4o-audio-preview") == []
    assert prices_of(named, "openai-dpo", None) == []


@pytest.mark.parametrize(
    "text", ["prices: 3", "- a", "prices: [{target: x}]", PRICE % ("a", "b", -1), "{", ""]
)
def test_a_table_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(text)
    with pytest.raises(RecipeError):
        load_prices(path)
    with pytest.raises(RecipeError):
        load_prices(tmp_path / "none.yaml")


def test_every_shipped_price_has_a_date_and_a_source(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    for price in load_prices():
        assert isinstance(price, Price)
        assert len(price.read) >= 7
        assert price.source
        assert price.target in TARGETS


def test_rows_over_the_limit_are_told_by_line(
    tmp_path: Path, tokenizer_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from tuneset.curate.export import targets

    sample = rows(12)
    sample[5]["messages"][0]["content"] = "dock " * 500
    path = tmp_path / "f.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in sample))
    for word, code, passed in (("cut", "over_row_tokens", True), ("refused", "over_row_tokens", False)):
        limits = replace(TARGETS["openai"].limits, max_row_tokens=400, over_length=word)
        monkeypatch.setitem(targets.TARGETS, "openai", replace(TARGETS["openai"], limits=limits))
        result = check(path, target="openai", tokenizer=str(tokenizer_file))
        (kind,) = [k for k in result.kinds if k.code == code]
        assert [f.line for f in kind.listed] == [6]
        assert result.passed is passed
    result = check(path, target="openai", tokenizer="estimate")
    (kind,) = [k for k in result.kinds if k.code == "may_be_over_row_tokens"]
    assert 6 in [f.line for f in kind.listed]
    assert result.passed


def test_the_verb_prints_tokens_and_cost(tmp_path: Path, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    path = tmp_path / "f.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows(12)))
    assert main(["check", str(path), "--for", "openai", "--tokenizer", "estimate", "--model", "gpt-4.1"]) == 0
    text = capsys.readouterr().out
    assert "tokens: as asked for; estimated" in text
    assert "cost: unknown, no price of gpt-4.1 at openai is known" in text
    assert main(["check", str(path), "--for", "openai", "--tokenizer", "estimate", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["cost"]["known"]
    assert {price["model"] for price in told["cost"]["prices"]} == {"gpt-4o", "gpt-4o-mini"}
    assert told["tokens"]["splits"]["train"]["rows"] == 12


@pytest.mark.parametrize("name", ["trl", "torchtune", "autotrain", "argilla", "hf"])
def test_a_tool_on_ones_own_machine_bills_nothing_whatever_its_state(name: str) -> None:
    meter = Meter(TARGETS[name], tokenizer="estimate")
    meter.add("train", {"messages": [{"role": "user", "content": "q"}]})
    told = meter.spend()
    assert told.as_dict()["cost"]["local"] is True
    assert not any("billed" in line or "cost" in line for line in told.lines())
