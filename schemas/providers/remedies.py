"""What to do about a broken rule: an instruction for every code, wherever a rule has none of its own."""

from __future__ import annotations

from .problems import Rule

_FILL = "write a text, or leave the row out"
_END = "end the row with the answer to be learnt, or leave the row out"
_OTHER = "choose a target that carries it (tuneset export --to list), or leave the row out"

REMEDIES: dict[str, str] = {
    "missing_member": "add the member; `tuneset check --fix` adds it where its value is certain",
    "unknown_member": "remove the member; `tuneset check --fix` removes it where it holds no content",
    "wrong_type": "write a value of the type that the sentence names; `tuneset check --fix` does so"
    " where only one is possible",
    "unknown_role": "use one of the roles that the sentence names; `tuneset check --fix` translates"
    " synonyms such as human and gpt",
    "no_assistant": "add the assistant turn to be learnt, or leave the row out",
    "last_turn_not_assistant": _END,
    "nothing_trained": "give at least one assistant turn the weight 1, or leave the row out",
    "empty_content": _FILL,
    "empty_prompt": "write what comes before the answer, or leave the row out",
    "bad_weight": "write 0 or 1 as a whole number, on assistant turns alone",
    "bad_function_name": "rename the function in the definition and in every call",
    "arguments_not_json": 'write the arguments as the text of one JSON object, such as "{}"',
    "tool_call_twice": "give each call of the row an id of its own, in the call and in its answer",
    "tool_answer_without_call": "put the call before its answer with the same id, or remove the answer",
    "tool_call_unanswered": "add a tool turn with the call's id right after the call, or end the row there",
    "preference_row": "choose a preference target, or keep the winning answer alone",
    "not_a_preference_row": "add a losing answer, or choose a target for conversations",
    "not_labelled": "say whether the answer is good, or choose another target",
    "negative_label": "leave the row out, or choose a target that learns from bad answers",
    "reasoning_content": "remove the reasoning, or choose a target that carries it",
    "fractional_weight": "write 0 or 1, or choose a target that carries other weights",
    "zero_weight": "remove the weight if the turn may be trained on, or choose a target that has weights",
    "arguments_not_object": "write the arguments as one JSON object",
    "unclear_prompt": "end the prompt with a user turn, and give one assistant turn as the answer",
    "system_prompt": _OTHER,
    "late_system_prompt": "move the system turn to the front, or leave the row out",
    "several_turns": "keep one question and its answer in a row, or choose a target for conversations",
    "roles_not_alternating": "join the turns of one speaker, or leave the row out",
    "tool_calls": _OTHER,
    "tool_definitions": _OTHER,
    "speaker_name": "remove the name, or choose a target that carries it",
    "content_beside_calls": "split the turn: one with the text, one with the calls",
    "several_losing_turns": "give the losing answer as one turn",
}
"""By code; one code means one thing for every target."""
ANY = "correct the member that is named, or leave the row out"


def remedy(code: str, rule: Rule) -> str:
    """What to do about a rule that is broken."""
    return rule.fix or REMEDIES.get(code, ANY)
