"""The language in which people ask for runs: `width >= 64 and excess_kurtosis < 0.1`, read into a typed tree.

    condition   = conjunction { "or" conjunction }
    conjunction = negation { "and" negation }
    negation    = "not" negation | "(" condition ")" | comparison
    comparison  = name ( "=" | "!=" | "<" | "<=" | ">" | ">=" ) value
                | name [ "not" ] "in" "(" value { "," value } ")"
                | name [ "not" ] ( "contains" | "like" ) value
                | name "is" [ "not" ] "missing"
    name        = letters, digits, _ and . after a letter or _, or anything between two ` signs
    value       = a number | 'text' | "text" (a doubled quote is one) | true | false | a word, which is text

Words of the language are read in capitals too; names and texts are taken as written. A condition is either true of a
run or it is not: a run that lacks the name passes no comparison with it, negated or not; `is missing` finds it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

MOST_LETTERS = 2000
MOST_NESTED = 20
"""Parentheses within parentheses."""

Operator = Literal["=", "!=", "<", "<=", ">", ">=", "in", "not in", "contains", "not contains", "like", "not like",
                   "missing", "not missing"]  # fmt: skip
_OPPOSITES: tuple[tuple[Operator, Operator], ...] = (
    ("=", "!="),
    ("<", ">="),
    (">", "<="),
    ("in", "not in"),
    ("contains", "not contains"),
    ("like", "not like"),
    ("missing", "not missing"),
)
OPPOSITE: Mapping[Operator, Operator] = dict((*_OPPOSITES, *((second, first) for first, second in _OPPOSITES)))


class LanguageError(ValueError):
    """`str(error)` says in one sentence what is wrong with a filter."""


@dataclass(frozen=True)
class Number:
    value: int | float
    written: str


@dataclass(frozen=True)
class Text:
    value: str


@dataclass(frozen=True)
class Truth:
    value: bool


Literals: TypeAlias = Number | Text | Truth


@dataclass(frozen=True)
class Comparison:
    """`values` is empty for missing, and has one entry for all operators but in."""

    name: str
    operator: Operator
    values: tuple[Literals, ...] = ()


@dataclass(frozen=True)
class Every:
    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Either:
    parts: tuple[Condition, ...]


Condition: TypeAlias = Comparison | Every | Either


def parse(text: str) -> Condition | None:
    """The condition with every `not` drawn into its comparisons; None where nothing is asked. Raises LanguageError."""
    words = _words(text)
    if len(words) == 1:
        return None
    return _Parser(words).whole()


def names_asked(text: str) -> tuple[str, ...]:
    """The names that a filter speaks of, each once, in the order of their first mention. Raises LanguageError."""
    condition = parse(text)
    return () if condition is None else tuple(dict.fromkeys(_names(condition)))


def _names(condition: Condition) -> list[str]:
    if isinstance(condition, Comparison):
        return [condition.name]
    return [name for part in condition.parts for name in _names(part)]


def negated(condition: Condition) -> Condition:
    """The condition that holds of exactly those runs that have the names in it and do not pass it (De Morgan)."""
    if isinstance(condition, Comparison):
        return replace(condition, operator=OPPOSITE[condition.operator])
    parts = tuple(negated(part) for part in condition.parts)
    return Either(parts) if isinstance(condition, Every) else Every(parts)


@dataclass(frozen=True)
class _Word:
    """`kind` is number, text, name, quoted (a name between ` signs), sign or end."""

    kind: str
    text: str

    @property
    def lower(self) -> str:
        """The word of the language that this may be; "" for what is quoted."""
        return self.text.lower() if self.kind in ("name", "sign") else ""

    def __str__(self) -> str:
        return "the end" if self.kind == "end" else self.text


_WORD = re.compile(
    r"""\s*(?:
      (?P<number>[-+−]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w.]))
    | (?P<name>[^\W\d][\w.]*)
    | '(?P<single>(?:[^']|'')*)' | "(?P<double>(?:[^"]|"")*)" | `(?P<quoted>[^`]+)`
    | (?P<sign><=|>=|!=|<>|==|=|<|>|≤|≥|≠|\(|\)|,)
    )""",
    re.VERBOSE,
)
_SAME = {"<>": "!=", "==": "=", "≤": "<=", "≥": ">=", "≠": "!="}
_RELATIONS = ("=", "!=", "<", "<=", ">", ">=")
_RESERVED = ("and", "or", "not", "in", "is", "contains", "like")


def _words(text: str) -> list[_Word]:
    if len(text) > MOST_LETTERS:
        raise LanguageError(f"A filter has at most {MOST_LETTERS:,} letters; this one has {len(text):,}.")
    if any(not (letter.isprintable() or letter.isspace()) for letter in text):
        raise LanguageError("A filter has no letters that cannot be printed.")
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = _WORD.match(text, at)
        if match is None:
            raise LanguageError(_unreadable(text[at:].lstrip()))
        kind, word = next((kind, word) for kind, word in match.groupdict().items() if word is not None)
        if kind in ("single", "double"):
            quote = "'" if kind == "single" else '"'
            kind, word = "text", word.replace(quote * 2, quote)
        found.append(_Word(kind, _SAME.get(word, word) if kind == "sign" else word))
        at = match.end()
    return [*found, _Word("end", "")]


def _unreadable(rest: str) -> str:
    if rest[0] in "'\"`":
        return f"The quote {rest[0]} before {rest[1:21]!r} is never closed."
    word = re.split(r"[\s()<>=,]", rest)[0][:30] or rest[0]
    return f"{word} is neither a name, a number nor a sign; text stands in 'quotes'."


class _Parser:
    """Recursive descent over the words; the last one is the end."""

    def __init__(self, words: list[_Word]) -> None:
        self.words = words
        self.at = 0
        self.depth = 0

    def whole(self) -> Condition:
        condition = self.condition()
        if self.next.kind != "end":
            raise LanguageError(f"After a comparison comes and or or, not {self.next}.")
        return condition

    @property
    def next(self) -> _Word:
        return self.words[self.at]

    def take(self) -> _Word:
        word = self.next
        self.at += word.kind != "end"
        return word

    def taken(self, *words: str) -> bool:
        """Whether the next word is one of these; then it is taken."""
        if self.next.lower in words:
            self.at += 1
            return True
        return False

    def condition(self) -> Condition:
        parts = self.several(self.conjunction, "or")
        return parts[0] if len(parts) == 1 else Either(parts)

    def conjunction(self) -> Condition:
        parts = self.several(self.negation, "and")
        return parts[0] if len(parts) == 1 else Every(parts)

    def several(self, part: Callable[[], Condition], between: str) -> tuple[Condition, ...]:
        parts = [part()]
        while self.taken(between):
            parts.append(part())
        return tuple(parts)

    def negation(self) -> Condition:
        odd = False
        while self.taken("not"):
            odd = not odd
        condition = self.nested() if self.taken("(") else self.comparison()
        return negated(condition) if odd else condition

    def nested(self) -> Condition:
        self.depth += 1
        if self.depth > MOST_NESTED:
            raise LanguageError(f"Parentheses stand at most {MOST_NESTED} deep.")
        condition = self.condition()
        if not self.taken(")"):
            raise LanguageError(f"A parenthesis is never closed: ) is missing before {self.next}.")
        self.depth -= 1
        return condition

    def comparison(self) -> Comparison:
        word = self.take()
        if word.kind not in ("name", "quoted") or word.lower in _RESERVED:
            raise LanguageError(f"A comparison begins with a name, as in width >= 64, not with {word}.")
        return self.compared(word.text)

    def compared(self, name: str) -> Comparison:
        if self.taken("is"):
            operator: Operator = "not missing" if self.taken("not") else "missing"
            if not self.taken("missing"):
                raise LanguageError(f"After is comes missing or not missing; whether {name} is a value says =.")
            return Comparison(name, operator)
        opposite = self.taken("not")
        word = self.take()
        known = word.lower in ("in", "contains", "like") or (word.lower in _RELATIONS and not opposite)
        if not known:
            relations = "in, contains or like" if opposite else "= != < <= > >= in contains like or is"
            raise LanguageError(f"After {'not' if opposite else name} comes {relations}, not {word}.")
        told: Operator = word.lower  # type: ignore[assignment]  # one of them, as was just seen
        values = self.listed(name) if told == "in" else (self.value(),)
        return Comparison(name, OPPOSITE[told] if opposite else told, values)

    def listed(self, name: str) -> tuple[Literals, ...]:
        if not self.taken("("):
            raise LanguageError(f"After in comes a list in parentheses, as in {name} in (8, 16).")
        values = [self.value()]
        while self.taken(","):
            values.append(self.value())
        if not self.taken(")"):
            raise LanguageError(f"In a list comes a comma or ), not {self.next}.")
        return tuple(values)

    def value(self) -> Literals:
        word = self.take()
        if word.kind == "number":
            return _number(word.text)
        if word.kind == "text":
            return Text(word.text)
        if word.kind != "name" or word.lower in _RESERVED:
            raise LanguageError(f"A value is expected, not {word}: a number, true, false or 'text'.")
        return Truth(word.lower == "true") if word.lower in ("true", "false") else Text(word.text)


def _number(written: str) -> Number:
    digits = written.replace("−", "-")
    value = float(digits)
    if not math.isfinite(value):
        raise LanguageError(f"{written} is too large for a number.")
    whole = re.fullmatch(r"[-+]?\d+", digits) is not None and abs(value) < 2**62
    return Number(int(digits) if whole else value, written)
