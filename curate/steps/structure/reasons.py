"""What can be wrong with a conversation: codes, sentences and findings."""

from __future__ import annotations

from typing import NamedTuple


class Finding(NamedTuple):
    """One thing that is wrong with a conversation.

    Args:
        reason: A code of REASONS.
        detail: Where, and with which value.
    """

    reason: str
    detail: str


IMPOSSIBLE: dict[str, str] = {
    "no_assistant_turn": "There is no assistant turn to learn from.",
    "no_user_turn": "Nothing was asked: there is no user turn and no system prompt.",
    "nothing_trained": "Every assistant turn has the weight 0: there is nothing to learn from.",
    "empty_response": "The last assistant turn is empty.",
    "empty_turn": "A user or assistant turn before the end is empty.",
    "call_by_other_role": "A turn that is not the assistant's calls a tool.",
    "tool_result_without_call": "A tool result answers no call of the turn before it.",
    "tool_call_without_result": "A tool call is never answered, though the conversation goes on.",
    "undeclared_tool": "A tool is called that the row does not declare.",
    "bad_arguments": "The arguments of a tool call are no JSON object.",
}
"""With these a row is dropped."""

DOUBTFUL: dict[str, str] = {
    "system_prompt_only": "There is no user turn: the system prompt alone asks.",
    "starts_with_assistant": "The conversation starts with the assistant.",
    "late_system": "A system turn comes after other turns.",
    "system_twice": "Two different system turns open the conversation.",
    "doubled_turn": "Two turns of the same role follow each other.",
    "result_not_used": "No assistant turn follows a tool result.",
    "fractional_weight": "An assistant turn has a weight that is neither 0 nor 1.",
    "duplicate_call_id": "Two tool calls of one turn have the same id.",
    "second_result": "A tool call has two results.",
    "result_without_id": "A tool result does not say which of the calls it answers.",
    "result_of_other_tool": "A tool result bears the name of another tool than the one that was called.",
    "missing_result": "A tool result has no content.",
    "missing_argument": "A tool call lacks an argument that the tool requires.",
    "wrong_argument": "An argument of a tool call has another type or value than the tool allows.",
    "undeclared_argument": "A tool call has an argument that the tool does not have.",
    "bad_tool_definition": "A tool's definition has no name, or its parameters are no object schema.",
    "doubled_tool": "Two tool definitions have the same name.",
}
"""With these it goes to review."""

CERTAIN: dict[str, str] = {
    "trailing_user_turn": "The last user turn has no answer; it was removed.",
    "ends_with_tool": "The last tool results are used by no answer; they were removed.",
    "empty_system": "An empty system turn was removed.",
    "repeated_system": "The opening system turn stood there twice; one was removed.",
    "end_token": "A literal end-of-text token after the answer was removed.",
    "rewritten_arguments": "The arguments of a tool call were written otherwise; now they are JSON text.",
    "unmatched_call_id": "One id of a tool call or of its result was missing; now they are the same.",
    "repeated_call_id": "Tool calls of several turns had the same id; the later ones have new ids.",
    "tool_name_spelling": "The name of a called tool was spelled in another way than its definition.",
    "role_spelling": "A role was spelled in another way; now it is one of the five roles.",
    "rewritten_call": "A tool call was written in another form; now it has the chat format's.",
    "call_without_id": "A tool call had no id; it has one now.",
    "rewritten_result": "A tool result was no text; now it is JSON text.",
    "misplaced_weight": "A turn that is not the assistant's had a weight; it was left out.",
    "extra_members": "A turn or a call has members that the chat format lacks; they are in `meta` alone.",
}
"""These are repaired."""

REASONS: dict[str, str] = IMPOSSIBLE | DOUBTFUL | CERTAIN
"""Code to the sentence that a reviewer reads."""
