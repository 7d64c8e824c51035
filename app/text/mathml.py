"""LaTeX as MathML Core, the part of MathML that browsers set: the converter's output with TeX's spaces put right."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise

_TAGS = re.compile(
    "math|mrow|mi|mn|mo|mtext|mspace|mfrac|msqrt|mroot|msub|msup|msubsup|mover|munder|munderover|mstyle|mtable|mtr|mtd"
)
_ATTRIBUTES = re.compile(
    "display|displaystyle|scriptlevel|mathvariant|stretchy|fence|form|minsize|maxsize|accent|width|height|depth"
    "|linethickness|lspace|rspace"
)
_SCRIPTS = frozenset(("msub", "msup", "msubsup", "munder", "mover", "munderover"))
_WIDTHS = {"negativethin": "-0.167em", "negativemedium": "-0.222em", "negativethick": "-0.278em"}
_DOUBLE_STRUCK = {"C": "ℂ", "H": "ℍ", "N": "ℕ", "P": "ℙ", "Q": "ℚ", "R": "ℝ", "Z": "ℤ"}
_OPENING, _CLOSING, _SIGNS = "([{⌊⌈⟨", ")]}⌋⌉⟩", "+−±∓"
_ORDINARY = "|‖/…⋯"
"""Operators that TeX takes for letters, without spaces around them."""
_PRIME = "′″‴⁗"
_RELATIONS = frozenset("=<>≤≥≈∼≪≫→∈≡≠∝↦")
_OPERATORS = frozenset("+−-±∓·×,")
_LONG = 18
"""Letters of an inline formula that may be broken after its relations, as TeX does; if that leaves such a long piece,
also after its operators and commas, but not within brackets."""
_PRIMES = re.compile(r"('+)\^(\{[^{}]*\}|\w)")


def mathml(latex: str, *, display: bool = False) -> str:
    """One or, where a long inline formula may be broken, several `math` elements; `code` where LaTeX is not understood.

    What comes back holds no other elements than those, whatever the text.
    """
    from latex2mathml.converter import convert

    try:
        root = ET.fromstring(convert(_PRIMES.sub(_power_of_primes, latex), display="block" if display else "inline"))
    except Exception:  # the converter has a dozen errors of its own, and IndexError and the like besides
        return f"<code>{escape(latex)}</code>"
    parts = [child for row in root for child in _core(row)]
    if len(parts) == 1 and parts[0].tag == "mrow":
        parts = list(parts[0])
    if display:
        return _written(parts, display="block")
    return "".join(_written(piece) for piece in (_broken(parts) if _length(parts) > _LONG else [parts]))


def _power_of_primes(found: re.Match[str]) -> str:
    """f''^2 has two exponents, which TeX sets side by side and the converter refuses."""
    primes, power = found.groups()
    return "^{" + r"\prime" * len(primes) + " " + power.removeprefix("{").removesuffix("}") + "}"


def _core(element: ET.Element) -> list[ET.Element]:
    """The element in MathML Core, with what must stand beside it."""
    tag = element.tag.rpartition("}")[2]
    made = ET.Element(tag if _TAGS.fullmatch(tag) else "mrow")
    made.attrib = {name: value for name, value in element.attrib.items() if _ATTRIBUTES.fullmatch(name)}
    made.text = element.text
    if "width" in made.attrib:
        made.set("width", _WIDTHS.get(made.attrib["width"], made.attrib["width"]))
    if len(element) == 0:
        return [_token(made)]
    children = [each for child in element for each in (_core(child) if tag == "mrow" else [_one(_core(child))])]
    if tag == "msup" and (children[1].text or children[1].findtext("mi") or "")[:1] in tuple(_PRIME):
        return [_primed(*children)]
    made.extend(_spaced(_words(children)) if tag == "mrow" else children)
    lone = len(made) == 1 and made.tag == "mrow"
    if lone and made[0].tag == "mo":  # braces make an operator an ordinary letter: 10{,}000
        made[0].attrib |= {"lspace": "0", "rspace": "0"}
    if lone and made[0].tag != "mo":
        return [made[0]]
    return [made]


def _one(parts: list[ET.Element]) -> ET.Element:
    return parts[0]


def _token(token: ET.Element) -> ET.Element:
    text = token.text or ""
    if token.attrib.get("mathvariant") == "double-struck":
        del token.attrib["mathvariant"]
        token.text = "".join(_double_struck(letter) for letter in text)
    elif token.tag == "mo" and len(text) > 1 and text.isalpha():
        token.tag, token.attrib = "mi", {}  # the name of a function
    elif token.tag == "mi" and text and text in _OPENING + _CLOSING:
        token.tag, token.attrib = "mo", {"stretchy": "false", "form": "prefix" if text in _OPENING else "postfix"}
    elif token.tag == "mi" and text in (*_SIGNS, ":", ";"):
        token.tag = "mo"
    elif text == "~":
        token.tag, token.text = "mo", "∼"
    elif token.tag == "mo" and text == "―":
        token.text = "‾"
        token.set("stretchy", "true")
    elif token.tag == "mi" and len(text) == 1 and "Α" <= text <= "Ω":
        token.set("mathvariant", "normal")  # capital Greek is upright in TeX
    elif token.tag == "mo" and text and text in _ORDINARY:
        token.attrib |= {"lspace": "0", "rspace": "0"}
    return token


def _primed(base: ET.Element, power: ET.Element) -> ET.Element:
    """Primes stand raised in the font already; what follows them is an exponent."""
    marks = [part for part in ([power] if power.tag == "mi" else power) if (part.text or "") in tuple(_PRIME)]
    rest = [] if power.tag == "mi" else list(power)[len(marks) :]
    row = ET.Element("mrow")
    mark = ET.Element("mi", {"mathvariant": "normal"})
    mark.text = "".join(part.text or "" for part in marks)
    row.extend([base, mark])
    if not rest:
        return row
    made, exponent = ET.Element("msup"), ET.Element("mrow")
    exponent.extend(rest)
    made.extend([row, exponent])
    return made


def _double_struck(letter: str) -> str:
    if letter in _DOUBLE_STRUCK:
        return _DOUBLE_STRUCK[letter]
    for first, last, at in (("A", "Z", 0x1D538), ("a", "z", 0x1D552), ("0", "9", 0x1D7D8)):
        if first <= letter <= last:
            return chr(at + ord(letter) - ord(first))
    return letter


def _words(parts: Sequence[ET.Element]) -> list[ET.Element]:
    """Upright letters beside one another are one word: relu."""
    made: list[ET.Element] = []
    for part in parts:
        if made and _upright(part) and _upright(made[-1]):
            made[-1].text = (made[-1].text or "") + (part.text or "")
        else:
            made.append(part)
    for part in made:
        if _upright(part) and len(part.text or "") > 1:
            del part.attrib["mathvariant"]  # a word is upright by itself
    return made


def _upright(part: ET.Element) -> bool:
    return part.tag == "mi" and part.attrib.get("mathvariant") == "normal" and (part.text or "").isalpha()


def _spaced(parts: Sequence[ET.Element]) -> Iterator[ET.Element]:
    """TeX's thin space on either side of a function's name: 2 log n, but log(n)."""
    for before, sign in zip((None, *parts), parts, strict=False):
        if sign.tag == "mo" and (sign.text or "-") in _SIGNS and (before is None or _awaits_a_value(before)):
            sign.set("form", "prefix")  # a minus of one number, not of two
    yield from parts[:1]
    for before, after in pairwise(parts):
        if (_is_function(before) and not _is_operator(after, _OPENING + _CLOSING)) or (
            _is_function(after) and not _is_operator(before)
        ):
            yield ET.Element("mspace", {"width": "0.167em"})
        yield after


def _awaits_a_value(part: ET.Element) -> bool:
    return part.tag == "mo" and part.text is not None and part.text not in _CLOSING + _ORDINARY + "!"


def _is_function(part: ET.Element) -> bool:
    base = part[0] if part.tag in _SCRIPTS else part
    return base.tag == "mi" and len(base.text or "") > 1


def _is_operator(part: ET.Element, among: str = "") -> bool:
    first = part[0] if part.tag in (*_SCRIPTS, "mrow") and len(part) else part
    return first.tag == "mspace" or (first.tag == "mo" and (not among or (first.text or "") in among + "\u2061,;."))


def _length(parts: Sequence[ET.Element]) -> int:
    return sum(len("".join(part.itertext())) for part in parts)


def _broken(parts: Sequence[ET.Element]) -> Iterator[list[ET.Element]]:
    """The formula in pieces, each but the last with a relation or an operator at its end."""
    for piece in _after(_RELATIONS, parts, within_brackets=True):
        yield from _after(_OPERATORS, piece, within_brackets=False) if _length(piece) > _LONG else [piece]


def _after(signs: frozenset[str], parts: Sequence[ET.Element], *, within_brackets: bool) -> Iterator[list[ET.Element]]:
    piece: list[ET.Element] = []
    depth = 0
    for part in parts:
        piece.append(part)
        depth += _opens(part)
        sign = part.tag == "mo" and part.text in signs and part.get("form") != "prefix"
        if sign and len(piece) > 1 and (within_brackets or depth <= 0):
            part.set("form", "infix")  # or it would lose the spaces around it, as the last of its formula
            yield piece
            piece = []
    if piece:
        yield piece


def _opens(part: ET.Element) -> int:
    """How many brackets are open after this part that were not before it."""
    text = (part[0] if part.tag in _SCRIPTS else part).text or "none"
    return (text in _OPENING) - (text in _CLOSING)


def _written(parts: Sequence[ET.Element], **attributes: str) -> str:
    root = ET.Element("math", attributes)
    row = ET.SubElement(root, "mrow")
    row.extend(parts)
    return ET.tostring(root, encoding="unicode")
