"""What a signal is, and what it sees of a row."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ...rows import Turn, turn_text

T = TypeVar("T")


def texts(joined: str) -> tuple[str, ...]:
    """Literal texts that are joined by broken bars, which none of them holds."""
    return tuple(joined.split("¦"))


_CODE = re.compile(
    r"```|[{};]\s*$|^\s*(?:def|class|import|from|return|elif|while|var|let|const|public|private|static|void|"
    r"#include|SELECT|select|INSERT|UPDATE|CREATE|<\?php)\b|^\s*</?[a-z][\w-]*[ >/]|"
    r"^\s*\w[\w.]*\([^)\n]*\)\s*$|"
    r"^\s*[\w.\[\]]+ *[-+*]?= *\S|=>|\w->\w|^\s*(?:if|for)\b.*[:{]\s*$",
    re.MULTILINE,
)
_ASKS_CODE = re.compile(
    r"\b(?:code|coding|function|program\w*|script|python|java|javascript|typescript|c\+\+|c#|sql|query|"
    r"quer(?:y|ies)|"
    r"html|xml|css|algorithm|regex|regular expression|json|yaml|bash|shell|command|class|method|api|php|ruby|"
    r"swift|kotlin|golang|rust|matlab|pseudocode|snippet|syntax|loop|array|variable|template|jinja|latex)\b"
    r"|代码|函数|编程|程序|コード|プログラム|код|функци",
)
_ASKS_SCRIPT = re.compile(
    r"dialog|conversation|\bscript|transcript|\bchat|interview|\ba play\b|scene|screenplay|role.?play|"
    r"\bstory\b|\bnovel|monologue|对话|剧本|会話|dialog|gespräch|conversación|диалог",
)
_ASKS_SPEECH = re.compile(r"\b(?:dialog(?:ue)?|conversation|screenplay|monologue|interview|role.?play)\b")
_ASKS_FREELY = re.compile(
    r"\b(?:poems?|haikus?|limericks?|jokes?|riddles?|puns?|songs?|lyrics?|stor(?:y|ies)|fictional|imagine|"
    r"pretend|characters?|slogans?|headlines?|titles?|taglines?|names?|"
    r"writing prompt|sonnet|rap|creative|dialog(?:ue)?|conversation|sentences?|role.?play|random|invent|"
    r"make up|quotes?|metaphors?|similes?|hypothes[ie]s|trivia|topics?|you are)\b"
)
ASKS_CODE, ASKS_SCRIPT, ASKS_FREELY = "asks code", "asks script", "asks freely"
PROMPT_GROUPS = {
    ASKS_CODE: texts(
        "code¦coding¦function¦program¦script¦python¦java¦typescript¦c++¦c#¦sql¦quer¦html¦xml¦css¦"
        "algorithm¦regex¦regular expression¦json¦yaml¦bash¦shell¦command¦class¦method¦api¦php¦ruby¦"
        "swift¦kotlin¦golang¦rust¦matlab¦snippet¦syntax¦loop¦array¦variable¦template¦jinja¦latex¦代码¦"
        "函数¦编程¦程序¦コード¦プログラム¦код¦функци"
    ),
    ASKS_SCRIPT: texts(
        "dialog¦conversation¦script¦transcript¦chat¦interview¦play¦scene¦story¦novel¦monologue¦对话¦剧本¦"
        "会話¦gespräch¦conversación¦диалог¦role"
    ),
    ASKS_FREELY: texts(
        "poem¦haiku¦limerick¦joke¦riddle¦pun¦song¦lyric¦story¦stories¦fictional¦imagine¦pretend¦character¦"
        "slogan¦headline¦title¦tagline¦name¦writing prompt¦sonnet¦rap¦creative¦dialog¦conversation¦sentence¦"
        "role¦random¦invent¦make up¦quote¦metaphor¦simile¦hypothes¦trivia¦topic¦you are"
    ),
}
"""Texts in lower case without which `asks_code`, `asks_script` and `asks_freely` need not look."""


PLAIN = 600  # characters whose words are compared
_MARKS = b".,;:!?()[]{}\"'*#`<>/|_-+=~"
_UNMARK = bytes.maketrans(_MARKS, b" " * len(_MARKS))


def unmarked(text: str) -> list[str]:
    """The words of a text without marks and without letters beyond ASCII."""
    return text.encode("ascii", "ignore").translate(_UNMARK).decode("ascii").split()


class _Lazy(Generic[T]):
    """`functools.cached_property` without its lock, which costs a microsecond up to Python 3.11."""

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, pair: Any, owner: type | None = None) -> T:
        value = pair.__dict__[self._name] = self._make(pair)
        return value


class Pair:
    """One assistant turn with what it answers.

    Args:
        prompt: The user's text before it.
        response: The assistant's text, tool calls left out.
        lower: `response` in lower case.
        prompt_lower: `prompt` in lower case.
        system: The row's system text.
        earlier: Whether turns other than the system's stand before `prompt`.
        place: Which turn of the row it is, from 1.

    Attributes:
        words: The response's words in lower case, split at white space.
        called: What the texts' literals call for, once they were looked for; None before.
    """

    def __init__(
        self,
        prompt: str,
        response: str,
        *,
        lower: str | None = None,
        prompt_lower: str | None = None,
        system: str = "",
        earlier: bool = False,
        place: int = 2,
    ) -> None:
        self.prompt = prompt
        self.response = response
        self.lower = response.lower() if lower is None else lower
        self.prompt_lower = prompt.lower() if prompt_lower is None else prompt_lower
        self.system = system
        self.earlier = earlier
        self.place = place
        self.called: frozenset[str] | None = None
        self.words = self.lower.split()

    @_Lazy
    def distinct(self) -> int:
        """How many different words the response has."""
        return len(set(self.words))

    @_Lazy
    def plain_prompt(self) -> list[str]:
        """The prompt's words without marks, of its first 600 characters."""
        return unmarked(self.prompt_lower[:PLAIN])

    @_Lazy
    def plain(self) -> list[str]:
        """The response's words without marks, of its first 600 characters."""
        return unmarked(self.lower[:PLAIN])

    @_Lazy
    def is_code(self) -> bool:
        """Whether the answer has lines of code, or code was asked for and given."""
        text = self.response
        if not (
            "{" in text
            or "=" in text
            or ";" in text
            or "(" in text
            or "<" in text
            or "`" in text
            or "import " in text
        ):
            return False
        return _CODE.search(text) is not None

    @_Lazy
    def asks_code(self) -> bool:
        """Whether the prompt speaks of code."""
        return self._may(ASKS_CODE) and _ASKS_CODE.search(self.prompt_lower) is not None

    @_Lazy
    def asks_script(self) -> bool:
        """Whether the prompt asks for people who talk."""
        return self._may(ASKS_SCRIPT) and _ASKS_SCRIPT.search(self.prompt_lower) is not None

    @_Lazy
    def asks_freely(self) -> bool:
        """Whether the prompt opens an open task, whose answer need not speak of the prompt."""
        return self._may(ASKS_FREELY) and _ASKS_FREELY.search(self.prompt_lower[:200]) is not None

    @_Lazy
    def asks_speech(self) -> bool:
        """Whether the prompt begins by asking for a conversation."""
        return self._may(ASKS_SCRIPT) and _ASKS_SPEECH.search(self.prompt_lower[:120]) is not None

    def _may(self, group: str) -> bool:
        return self.called is None or group in self.called


Find = Callable[[Pair], str | None]


@dataclass(frozen=True)
class Signal:
    """One defect.

    Args:
        code: The reason code.
        sentence: The reason as a fact about the row, for reviewers.
        source: Where the rule comes from.
        hard: Whether it drops the row; a soft signal sends it to review.
        find: The telling detail, or None when the row does not have the defect. None where all rows of a
            run, or the pair of a preference row, tell it.
        triggers: Texts in lower case, one of which the response holds where `find` can find something.
        prompt_triggers: The same of the prompt. Without either, `find` looks at every pair.
    """

    code: str
    sentence: str
    source: str
    hard: bool
    find: Find | None
    triggers: tuple[str, ...] = ()
    prompt_triggers: tuple[str, ...] = ()


def excerpt(text: str, start: int = 0, size: int = 60) -> str:
    """A piece of a text for a verdict's detail, on one line."""
    piece = " ".join(text[start : start + size].split())
    return f"{piece!r}" if start + size >= len(text) else f"{piece + ' ...'!r}"


def pairs_of(turns: Sequence[Turn]) -> list[Pair]:
    """Every assistant turn that says something, with what it answers."""
    found: list[Pair] = []
    system, asked, earlier = "", "", False
    for place, turn in enumerate(turns, start=1):
        role, text = turn["role"], turn.get("content") or ""
        if role in ("system", "developer"):
            system = f"{system}\n{text}" if system else text
        elif role == "user":
            asked = f"{asked}\n{text}" if asked else text
        elif role == "assistant":
            if text.strip():
                found.append(Pair(asked, text, system=system, earlier=earlier, place=place))
            asked, earlier = "", True
        else:
            earlier = True
    return found


def lost_text(turns: Sequence[dict[str, Any]]) -> str:
    """The text of the turns that lost, of a preference row."""
    return "\n".join(turn_text(turn) for turn in turns)
