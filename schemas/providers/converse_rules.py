"""Rules of fine-tuning lines in the shape of Amazon Bedrock's Converse API, with their sources and dates.

NOVA is AWS's checker for Nova fine-tuning files, nova_ft_dataset_validator.py in
aws-samples/amazon-nova-samples at 1e88f24; FORGE is amzn-nova-forge 1.4.10, AWS's own SDK for the same files;
API is the Converse operation in botocore 1.44.8 and the Bedrock API reference. All read in November 2026.
NOVA's list of refused words loses `Thought:` and `[EOS]` to missing commas; FORGE has them, so they are here.
"""

from __future__ import annotations

from .problems import Rule

_NOVA = "amazon-nova-samples, nova_ft_dataset_validator.py, read 2026-11"
_FORGE = "amazon-nova-samples, nova_ft_dataset_validator.py, and amzn-nova-forge 1.4.10, read 2026-11"
_ORDER = "AWS's checkers of Nova, Claude and distillation files in aws-samples, read 2026-11"
_API = "Amazon Bedrock API, Converse (botocore 1.44.8), read 2026-11"
_NOVA_2 = "docs.aws.amazon.com/bedrock/latest/userguide/nova-2-sft-data-prep.html, read 2026-11"

REFUSED_WORDS = (
    "system:",
    "user:",
    "bot:",
    "assistant:",
    "thought:",
    "[eos]",
    "<image>",
    "<video>",
    "<unk>",
)
"""Refused anywhere in a text, in any case, also within prose such as "Operating system: Linux"."""

CONVERSE_RULES: dict[str, Rule] = {
    "first_turn_not_user": Rule("the first turn is not the user's", _ORDER),
    "last_turn_not_assistant": Rule(
        "the last turn is not the assistant's, so nothing is learnt from it", _ORDER
    ),
    "roles_not_alternating": Rule("two turns in a row have the same role", _ORDER),
    "empty_content": Rule("a turn, a system prompt or a reasoning has no text", _API),
    "refused_word": Rule(
        "a text has one of the words that Nova refuses: System: User: Bot: Assistant: Thought: [EOS] "
        "<image> <video> <unk>",
        _FORGE,
        "write the word without its colon or brackets, or leave the row out",
    ),
    "block_of_no_kind": Rule(
        "a content block has no kind, or more than one",
        _API,
        "give each block one member, such as text or toolUse",
    ),
    "block_of_other_role": Rule(
        "a tool call or reasoning is not the assistant's, or a tool result or a medium is not the user's",
        _NOVA,
        "put calls and reasoning into assistant turns, results and media into user turns",
    ),
    "too_much_media": Rule(
        "a turn has more than 10 images, more than one video or document, or a video beside others",
        _NOVA,
        "spread the media over several turns or rows, or leave the row out",
    ),
    "video_unsupported": Rule("a preference row has a video", _NOVA, "leave the row out"),
    "reasoning_unsupported": Rule(
        "the assistant's reasoning is there, which Nova 2 Lite alone learns from",
        _NOVA,
        "remove the reasoning, or export for bedrock-nova-2",
    ),
    "tools_unsupported": Rule(
        "the row has tools, which supervised fine-tuning of Nova 2 does not support",
        _NOVA_2,
        "export for bedrock-nova, or leave rows with tools out",
    ),
    "bad_function_name": Rule("a tool's name is not 1 to 64 letters, digits, '_' or '-'", _API),
    "tool_without_description": Rule(
        "a tool has no description", _FORGE, "say in a sentence what the tool does"
    ),
    "schema_without_type": Rule(
        "the schema of a tool's input does not name its type", _FORGE, "write the type, which is object"
    ),
    "tool_defined_twice": Rule("two tools have the same name", _NOVA, "keep one of the two definitions"),
    "undeclared_tool": Rule(
        "a tool is called that the row does not define",
        _NOVA,
        "define the tool in the row, or leave the row out",
    ),
    "bad_tool_call_id": Rule(
        "the id of a tool call is not 1 to 64 letters, digits, '_', '.', ':' or '-'",
        _API,
        "give the call another id, in the call and in its result",
    ),
    "tool_call_twice": Rule("two tool calls have the same id", _NOVA),
    "tool_answer_without_call": Rule("a tool result answers no call of the turn before it", _API),
    "tool_call_unanswered": Rule("the conversation goes on before every tool call is answered", _API),
    "too_few_candidates": Rule(
        "the last turn has fewer than two candidates, or they all have the same label",
        _NOVA,
        "give a preferred and a non-preferred answer",
    ),
    "candidates_not_last": Rule(
        "a turn other than the last has candidates, or the last has none",
        _NOVA,
        "put the candidates into the last turn alone",
    ),
}
