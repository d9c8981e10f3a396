"""What holds between the parts of a Converse line: order of roles, kinds of blocks, words, tools.

Each check raises the error of the first rule of `converse_rules` that is broken.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from .converse import Block, SystemBlock, ToolConfig, ToolResult, ToolUse, Turn
from .converse_rules import CONVERSE_RULES, REFUSED_WORDS
from .problems import broken

MOST_IMAGES = 10
_CALL_ID = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:-")
_NAME = _CALL_ID - frozenset(".:")
_USERS = frozenset({"text", "image", "video", "document", "toolResult"})
_ASSISTANTS = frozenset({"text", "reasoningContent", "toolUse"})


def broke(code: str, at: str = "") -> Exception:
    """The error for a rule of Converse lines."""
    return broken(CONVERSE_RULES, code, at)


def check_order(roles: Sequence[str]) -> None:
    """User first, then alternating, assistant last."""
    if roles[0] != "user":
        raise broke("first_turn_not_user", "messages.0")
    for i in range(1, len(roles)):
        if roles[i] == roles[i - 1]:
            raise broke("roles_not_alternating", f"messages.{i}")
    if roles[-1] != "assistant":
        raise broke("last_turn_not_assistant", f"messages.{len(roles) - 1}")


def check_blocks(blocks: Sequence[Block], role: str, at: str) -> bool:
    """Blocks of one kind each that the role may have, and some text where no other kind stands for it.

    Returns:
        Whether anything but text is there.
    """
    if len(blocks) == 1 and blocks[0].text is not None and len(blocks[0].model_fields_set) == 1:
        if not blocks[0].text.strip():
            raise broke("empty_content", f"{at}.0.text")
        return False
    allowed = _USERS if role == "user" else _ASSISTANTS
    kinds: list[str] = []
    for k, block in enumerate(blocks):
        kind = _kind(block, f"{at}.{k}")
        if kind not in allowed:
            raise broke("block_of_other_role", f"{at}.{k}.{kind}")
        text = block.reasoningContent.reasoningText.text if block.reasoningContent else block.text
        if text is not None and not text.strip():
            raise broke("empty_content", f"{at}.{k}.{kind}")
        kinds.append(kind)
    if all(kind == "reasoningContent" for kind in kinds):
        raise broke("empty_content", at)
    _check_media(kinds, at)
    return any(kind != "text" for kind in kinds)


def _kind(block: Block, at: str) -> str:
    kinds = [name for name in block.model_fields_set if getattr(block, name) is not None]
    if len(kinds) != 1:
        raise broke("block_of_no_kind", at)
    return kinds[0]


def _check_media(kinds: Sequence[str], at: str) -> None:
    images, videos, documents = (kinds.count(kind) for kind in ("image", "video", "document"))
    if images > MOST_IMAGES or videos > 1 or documents > 1 or (videos and (images or documents)):
        raise broke("too_much_media", at)


def check_words(texts: Iterable[tuple[str, str]]) -> None:
    """No word that Nova refuses; what tools answered counts too.

    Args:
        texts: Places and texts of a row.
    """
    pairs = list(texts)
    if not _has_word("\n".join([text for _, text in pairs])):
        return
    for at, text in pairs:
        if _has_word(text):
            raise broke("refused_word", at)


def _has_word(text: str) -> bool:
    low = text.lower()
    for word in REFUSED_WORDS:  # noqa: SIM110 a generator costs more than the search
        if word in low:
            return True
    return False


def texts_of(blocks: Sequence[Block], at: str) -> Iterator[tuple[str, str]]:
    """The texts of some blocks with their places."""
    for k, block in enumerate(blocks):
        if block.text is not None:
            yield f"{at}.{k}.text", block.text
        elif block.reasoningContent is not None:
            yield f"{at}.{k}.reasoningContent", block.reasoningContent.reasoningText.text
        elif block.toolResult is not None:
            for n, part in enumerate(block.toolResult.content):
                yield f"{at}.{k}.toolResult.content.{n}.text", part.text or ""


def check_system(system: Sequence[SystemBlock]) -> None:
    """System prompts have text."""
    for i, block in enumerate(system):
        if not block.text.strip():
            raise broke("empty_content", f"system.{i}.text")


def check_declared(config: ToolConfig) -> set[str]:
    """The names of the tools, each with a description and a typed schema.

    Returns:
        The names.
    """
    names: set[str] = set()
    for i, tool in enumerate(config.tools):
        spec, at = tool.toolSpec, f"toolConfig.tools.{i}.toolSpec"
        if not spec.name or len(spec.name) > 64 or not _NAME.issuperset(spec.name):
            raise broke("bad_function_name", f"{at}.name")
        if spec.name in names:
            raise broke("tool_defined_twice", f"{at}.name")
        if not (spec.description or "").strip():
            raise broke("tool_without_description", f"{at}.description")
        if "type" not in spec.inputSchema.json_:
            raise broke("schema_without_type", f"{at}.inputSchema.json")
        names.add(spec.name)
    return names


def check_tools(turns: Sequence[Turn], declared: set[str]) -> None:
    """Every call names a defined tool and has an id of its own; its result comes with the next turn."""
    seen: set[str] = set()
    waiting: set[str] = set()
    for i, turn in enumerate(turns):
        calls: set[str] = set()
        for k, block in enumerate(turn.content):
            at = f"messages.{i}.content.{k}"
            if block.toolUse is not None:
                calls.add(_checked_call(block.toolUse, declared, seen, f"{at}.toolUse"))
            elif block.toolResult is not None:
                _check_result(block.toolResult, waiting, f"{at}.toolResult")
        if waiting:
            raise broke("tool_call_unanswered", f"messages.{i}")
        waiting = calls


def _checked_call(call: ToolUse, declared: set[str], seen: set[str], at: str) -> str:
    name = call.toolUseId
    if not name or len(name) > 64 or not _CALL_ID.issuperset(name):
        raise broke("bad_tool_call_id", f"{at}.toolUseId")
    if name in seen:
        raise broke("tool_call_twice", f"{at}.toolUseId")
    if call.name not in declared:
        raise broke("undeclared_tool", f"{at}.name")
    seen.add(name)
    return name


def _check_result(result: ToolResult, waiting: set[str], at: str) -> None:
    if result.toolUseId not in waiting:
        raise broke("tool_answer_without_call", f"{at}.toolUseId")
    waiting.discard(result.toolUseId)
    for n, part in enumerate(result.content):
        if (part.text is None) == (part.json_ is None):
            raise broke("block_of_no_kind", f"{at}.content.{n}")
