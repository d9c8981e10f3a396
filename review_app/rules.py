"""The small language of `--where`: comparisons of a row's fields, joined by and, or, not.

    rule       = either
    either     = both ("or" both)*
    both       = negated ("and" negated)*
    negated    = "not" negated | primary
    primary    = "(" rule ")" | comparison
    comparison = operand (operator operand)*          0.5 <= quality < 0.9 is quality >= 0.5 and quality < 0.9
               | field ["not"] "in" list
               | field | "true" | "false"             a field alone must be true or false
    operator   = "==" | "!=" | "<" | "<=" | ">" | ">="
    operand    = field | value                        one of the two sides is a field
    list       = "[" [value ("," value)*] "]"
    value      = text in ' or " | number | "true" | "false" | "null"
    field      = name ("." name)*

A comparison with a missing value is false, whatever the operator; `== null` and `!= null` ask whether
a value is missing. Values of different kinds never compare: text with text, numbers with numbers.
Nothing is ever executed: a rule becomes the small tree of `rule_tree`, and `rule_mask` walks it.
"""

from __future__ import annotations

from ..schemas.errors import RecipeError
from .rule_tokens import Token, tokens
from .rule_tree import Always, Both, Compare, Either, Field, In, Node, Not, Rule, Truth, Value

MAX_DEPTH = 100
FLIPPED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def parse(text: str) -> Rule:
    """The rule that a text says.

    Raises:
        RecipeError: The text is no rule; the message shows where.
    """
    parser = _Parser(text)
    node = parser.either()
    if parser.now.kind != "end":
        raise parser.wrong(f"{parser.now.text!r} is not expected here", "join comparisons with and, or")
    return Rule(text, node)


def rule_error(what: str, text: str, at: int, fix: str) -> RecipeError:
    """An error that shows the place in the rule."""
    return RecipeError(what, where=f"--where, character {at + 1}\n    {text}\n    {' ' * at}^", fix=fix)


class _Parser:
    """Recursive descent over the tokens of one rule."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens(text, rule_error)
        self._next = 0
        self._depth = 0

    @property
    def now(self) -> Token:
        return self._tokens[self._next]

    def wrong(self, what: str, fix: str) -> RecipeError:
        return rule_error(what, self._text, self.now.at, fix)

    def _take(self, *texts: str) -> Token | None:
        """The token at hand, consumed, when it is one of some signs or words."""
        token = self.now
        if token.kind not in ("sign", "word") or token.text not in texts:
            return None
        self._next += 1
        return token

    def either(self) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self.wrong(f"the rule is nested more than {MAX_DEPTH} deep", "write it flatter")
        rules = [self._both()]
        while self._take("or"):
            rules.append(self._both())
        self._depth -= 1
        return rules[0] if len(rules) == 1 else Either(tuple(rules))

    def _both(self) -> Node:
        rules = [self._negated()]
        while self._take("and"):
            rules.append(self._negated())
        return rules[0] if len(rules) == 1 else Both(tuple(rules))

    def _negated(self) -> Node:
        times = 0
        while self._take("not"):
            times += 1
        node = self._primary()
        return Not(node) if times % 2 else node

    def _primary(self) -> Node:
        if not self._take("("):
            return self._comparison()
        node = self.either()
        if not self._take(")"):
            raise self.wrong("a closing parenthesis is missing", "add ) here")
        return node

    def _comparison(self) -> Node:
        left = self._operand()
        if isinstance(left, Field):
            if self._take("in"):
                return In(left, self._values(), negated=False)
            if self.now.text == "not" and self.now.kind == "word":
                self._next += 1
                if not self._take("in"):
                    raise self.wrong("'not' after a field needs 'in'", "write: FIELD not in [VALUE, ...]")
                return In(left, self._values(), negated=True)
        links: list[Node] = []
        while operator := self._take(*FLIPPED):
            right = self._operand()
            links.append(self._link(left, operator, right))
            left = right
        if links:
            return links[0] if len(links) == 1 else Both(tuple(links))
        return self._alone(left)

    def _alone(self, operand: Field | Token) -> Node:
        if isinstance(operand, Field):
            return Truth(operand)
        if isinstance(operand.value, bool):
            return Always(operand.value)
        raise rule_error(
            f"{operand.text} alone says nothing of a row", self._text, operand.at, "compare a field with it"
        )

    def _link(self, left: Field | Token, operator: Token, right: Field | Token) -> Node:
        if isinstance(left, Field) and isinstance(right, Token):
            return Compare(left, operator.text, right.value)
        if isinstance(left, Token) and isinstance(right, Field):
            return Compare(right, FLIPPED[operator.text], left.value)
        what = "two fields" if isinstance(left, Field) else "two values"
        raise rule_error(
            f"{what} are compared",
            self._text,
            operator.at,
            "put a field on one side and a value on the other",
        )

    def _operand(self) -> Field | Token:
        token = self.now
        if token.kind == "field":
            self._next += 1
            return Field(token.text, token.at)
        return self._value()

    def _value(self) -> Token:
        token = self.now
        if token.kind != "value":
            what = (
                "the rule ends too early" if token.kind == "end" else f"{token.text!r} is not expected here"
            )
            raise self.wrong(what, "write a field, or a value: 'text', a number, true, false, null")
        self._next += 1
        return token

    def _values(self) -> tuple[Value, ...]:
        if not self._take("["):
            raise self.wrong("'in' needs a list", "write: FIELD in ['one', 'two']")
        values: list[Value] = []
        while not self._take("]"):
            if values and not self._take(","):
                raise self.wrong("the list is not closed", "write , between values and ] at the end")
            values.append(self._value().value)
        return tuple(values)
