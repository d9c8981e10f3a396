"""What to do about a broken rule that does not say so itself: an instruction by code."""

from __future__ import annotations

from .problems import Rule

_END = "end the row with the answer to be learnt, or leave the row out"
_OTHER = "choose a target that carries it (tuneset export --to list), or leave the row out"
_DEFINE = "define it in the row's tools, or correct the name in the call"

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
    "empty_content": "write a text, or leave the row out",
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
    "arguments_not_kept": "write them without repeated members and with numbers that JSON readers keep",
    "trained_prompt": "make a row of each answer that is to be learnt, or give the earlier ones weight 0",
    "no_model_turn": "add the model turn to be learnt, or leave the row out",
    "last_turn_not_model": _END,
    "first_turn_not_user": "begin with the user's turn, or leave the row out",
    "turns_not_alternating": "join the turns of one speaker, or leave the row out",
    "prompt_not_ending_with_user": "end the prompt with the user's turn",
    "part_not_one": "give each part exactly one kind of content",
    "scores_not_one_and_zero": "give the better completion the score 1 and the worse 0",
    "part_not_text": "keep preferences to text, or leave the row out",
    "bad_parameter_name": "rename the parameter in the definition and in every call",
    "parameters_not_object": "describe the parameters as an OBJECT with properties",
    "schema_without_type": "add the type to every schema",
    "array_without_items": "add `items` to the array's schema",
    "any_of_not_alone": "move what stands beside anyOf into each of its schemas",
    "required_not_defined": "define the property, or take its name out of `required`",
    "function_declared_twice": "keep one of the two definitions, or rename one",
    "too_many_functions": "define the functions that the row needs alone",
    "undeclared_function": _DEFINE,
    "response_without_call": "put the call before its response, or remove the response",
    "call_unanswered": "add the answer right after the call, or end the row there",
    "function_call_untunable": "choose a model whose tuning takes calls, or leave the row out",
    "number_too_large": "write the number as text, or one that is smaller than 2^53",
    "schema_keyword_unknown": "describe the parameters without the keyword that is named",
    "schema_reference": "write out the definition where it is referred to",
    "schema_type_unknown": "use a type of JSON Schema, such as string, number or object",
    "undeclared_tool": _DEFINE,
    "bad_id": "rename the id in the call and in its answer; `tuneset check --fix` does",
    "system_not_first": "move the system turn to the front, or leave the row out",
    "content_and_calls": "split the turn: one with the text, one with the calls",
    "bad_parameters": "correct the JSON Schema of the parameters",
    "weight_not_read": "remove the weight, or choose a target that has weights",
    "tools_not_json": "write the tools as a list of definitions",
    "sentinel": "leave the row out",
    "outer_space": "remove the white space at the ends of the answer",
    "answer_in_template": "leave the row out, or choose another target",
    "turn_out_of_order": "let questions and answers alternate, beginning with the user's",
    "several_tool_answers": "join the answers into one, or leave the row out",
    "placeholder": "write the text without {{idx}}",
    "call_not_json": "write the call as JSON with name and arguments",
    "markup_in_call": "write the call without <tool_call> and <think>",
    "tool_without_properties": "describe the parameters as an object with properties",
    "required_not_list": "write `required` as a list of names",
    "enum_not_text": "write the enum's values as text",
    "observation_without_call": "put the function_call before its observation, or remove the observation",
}
"""One code means one thing for every target; every code here has a rule without a `fix`."""
ANY = "correct the member that is named, or leave the row out"


def remedy(code: str, rule: Rule) -> str:
    """What to do about a rule that is broken."""
    return rule.fix or REMEDIES.get(code, ANY)
