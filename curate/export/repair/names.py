"""What repairs do to rows: each has a name that is counted, and a sentence for the report."""

from __future__ import annotations

REPAIRS: dict[str, str] = {
    "mark_removed": "the byte order mark was removed",
    "reencoded": "UTF-16 was written as UTF-8",
    "one_a_line": "rows of an array, of spread objects or of a table were written one a line",
    "blank_dropped": "blank lines were dropped",
    "line_ends": "CR LF or CR became LF",
    "separator_escaped": "raw U+2028, U+2029 or U+0085 were escaped",
    "comma_dropped": "a comma after the row was dropped",
    "rows_split": "several rows of one line were written one a line",
    "python_to_json": "Python notation (single quotes, True, None, a comma too many) was written as JSON",
    "equal_member_once": "a member that was there twice with one value was written once",
    "shape_rewritten": "a row of another known shape was written in the target's shape",
    "empty_member_removed": "a member that the format does not have, and that was null or empty, was removed",
    "unknown_member_removed": "a member that the format does not have was removed",
    "tool_name_left_out": "the name of a tool turn was left out; its tool_call_id stays",
    "members_renamed": "members of turns were named role and content",
    "role_named": "a synonym of a role was written as the format names it",
    "developer_to_system": "a developer turn became a system turn",
    "number_to_text": "a number or truth value became text",
    "part_to_text": "a content list of one text became that text",
    "weight_to_whole": "a weight of 1.0, true or '1' became 1, and 0.0, false or '0' became 0",
    "weight_removed": "a weight was removed that changes nothing: 1, or on a turn that is never trained on",
    "arguments_to_text": "arguments as an object became JSON text",
    "arguments_to_object": "arguments as JSON text became an object",
    "arguments_unwrapped": "arguments that were JSON text twice over were unwrapped once",
    "no_arguments": "missing arguments were written as an empty object",
    "constant_added": "a member that can have one value alone was added",
    "tool_wrapped": "a bare function was wrapped as a tool definition",
    "ids_added": "a missing tool call id was added where one call and one answer belong together",
    "ids_renamed": "tool call ids that were used twice, or are not taken, were renamed, in call and answer",
    "empty_system_dropped": "a system turn without text was dropped",
}
"""Only what is certain: each leaves the row with the one meaning that it had."""
