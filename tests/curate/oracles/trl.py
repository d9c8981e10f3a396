"""What TRL and datasets say of exported rows: TRL's own functions, with the templates that TRL ships.

A row is accepted where TRL takes it for the form that the target means, the chat templates of several model
families render every part of it, and the prompt that is not learnt is followed by the answer that is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

Row = dict[str, Any]

TEMPLATES = ("qwen2_5", "qwen3_6", "gemma", "llama3_1")
"""ChatML with tools; one that wants its system turn first; one whose roles alternate; another with tools."""
TOOL_TEMPLATES = ("qwen2_5", "qwen3_6")
"""Templates that render calls of several tools in one turn."""
KEYS = {
    "trl": {"messages"},
    "trl-prompt": {"prompt", "completion"},
    "trl-dpo": {"prompt", "chosen", "rejected"},
    "trl-kto": {"prompt", "completion", "label"},
}
LEARNT = {
    "trl": (),
    "trl-prompt": ("completion",),
    "trl-dpo": ("chosen", "rejected"),
    "trl-kto": ("completion",),
}


def accepts(target_name: str, rows: list[Row]) -> list[str | None]:
    """For each row None, or why TRL does not take it.

    Raises:
        ImportError: TRL is not installed.
    """
    from trl import data_utils

    form = target_name.replace("modal", "trl").replace("unsloth", "trl")
    return [next(_objections(row, form, data_utils), None) for row in rows]


def _objections(row: Row, form: str, data_utils: Any) -> Iterator[str]:
    if any(row.get(name) == [] for name in KEYS[form]):
        yield "a list of turns is empty"  # TRL's is_conversational fails on it, or not, by the order of a set
        return
    if not data_utils.is_conversational(row):
        yield "not conversational"
        return
    if set(row) - {"tools"} != KEYS[form]:
        yield f"other columns: {sorted(row)}"
    tools = row.get("tools")
    example = {name: value for name, value in row.items() if name != "tools"}
    for name, tokenizer in tokenizers().items():
        turns = [t for value in row.values() if isinstance(value, list) for t in value if "role" in t]
        if not _is_for(name, turns):
            continue
        try:
            told = data_utils.apply_chat_template(example, tokenizer, tools=tools)
        except Exception as error:  # noqa: BLE001  a template may raise anything
            yield f"{name}: {type(error).__name__}: {str(error)[:200]}"
            continue
        yield from (f"{name}: {why}" for why in _lost(told, row, form, tools=name in TOOL_TEMPLATES))


def _is_for(template: str, turns: list[Row]) -> bool:
    """Gemma has neither system nor tool turns; Llama 3.1 one call a turn, and no text beside it."""
    calls = [turn for turn in turns if turn.get("tool_calls")]
    if template == "gemma":
        return not calls and all(turn["role"] in ("user", "assistant") for turn in turns)
    if template == "llama3_1":
        alone = all(len(turn["tool_calls"]) == 1 and not turn.get("content") for turn in calls)
        return alone and all(turn.get("content") for turn in turns if not turn.get("tool_calls"))
    return True


def _lost(told: dict[str, Any], row: Row, form: str, *, tools: bool) -> Iterator[str]:
    """Parts of the row that are not in the rendered text, or stand on the wrong side of the border."""
    whole = "".join(value for value in told.values() if isinstance(value, str))
    if form == "trl-dpo" and not (told["chosen"].strip() and told["rejected"].strip()):
        yield "an answer is rendered as nothing"
    for name, value in row.items():
        if not isinstance(value, list) or name == "tools":
            continue
        side = told[name] if name in LEARNT[form] else whole
        for turn in value:
            text = (turn.get("content") or "").strip()
            if text not in side and json.dumps(text, ensure_ascii=False)[1:-1] not in side:
                yield f"a text of {name} is not rendered"
            for call in turn.get("tool_calls") or () if tools else ():
                if call["function"]["name"] not in side:
                    yield f"a call of {name} is not rendered"


@cache
def tokenizers() -> dict[str, Any]:
    """A tokenizer for each template; the tokens do not matter, only what is rendered."""
    import trl

    folder = Path(trl.__file__).parent / "chat_templates"
    return {
        name: byte_tokenizer((folder / f"{name}.jinja").read_text(encoding="utf-8")) for name in TEMPLATES
    }


def byte_tokenizer(template: str) -> Any:
    """A tokenizer with one token for each byte, and a chat template."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {letter: i for i, letter in enumerate(alphabet)}
    vocabulary |= {mark: len(vocabulary) + i for i, mark in enumerate(("<|im_start|>", "<|im_end|>"))}
    core = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        bos_token="<|im_start|>",
        eos_token="<|im_end|>",
        pad_token="<|im_end|>",
        chat_template=template,
    )


def loaded(folder: Path, cache_folder: Path) -> dict[str, list[Row]]:
    """What datasets.load_dataset reads from an export's folder, split by split."""
    from datasets import load_dataset

    found: Any = load_dataset(str(folder), cache_dir=str(cache_folder))
    return {name: [_present(row) for row in rows] for name, rows in found.items()}


def _present(row: Row) -> Row:
    return {name: value for name, value in row.items() if value is not None}


def lines(path: Path) -> list[Row]:
    """The rows of a JSONL file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
