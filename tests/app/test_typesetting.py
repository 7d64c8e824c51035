"""Texts as HTML with MathML: every experiment's own, TeX's finer points, and text that would like to be markup."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from app.text.mathml import mathml
from app.text.typesetting import typeset, typeset_line
from experiments.catalog import describe, find
from tests.app.laboratory import MARKUP


def texts() -> list[str]:
    found = [describe(entry) for entry in find(()).values()]
    of_claims = [part for each in found for c in each.claims for part in (c.statement, c.source, c.tolerance, c.reason)]
    return [each.text for each in found] + of_claims


def parsed(made: str) -> ET.Element:
    return ET.fromstring(f"<all>{made}</all>")


def words(element: ET.Element) -> str:
    return "".join(element.itertext())


def test_every_text_of_the_lab_is_typeset_without_loss() -> None:
    """Each formula becomes MathML (never the code that stands for what is not understood) with all of its letters."""
    seen = 0
    for text in texts():
        made = typeset(text)
        formulas = re.findall(r"\$\$(.+?)\$\$|\$(.+?)\$", re.sub(r"`[^`]*`", "", text), re.S)
        assert "$" not in re.sub(r"<code>.*?</code>", "", made, flags=re.S)
        assert "\\" not in re.sub(r"<code>.*?</code>|<pre>.*?</pre>", "", made, flags=re.S)
        for display, inline in formulas:
            latex = (display or inline).strip()
            shown = words(parsed(mathml(latex, display=bool(display))))
            assert "\\" not in shown
            bare = re.sub(r"\\[a-zA-Z]+|\\.", "", latex)
            assert not set(re.findall(r"[A-Za-z0-9]", bare)) - {"m", "a", "t", "h"} - set(_plain(shown)), latex
            seen += 1
    assert seen > 800


def _plain(shown: str) -> str:
    """Letters of the double-struck alphabet as the letters that LaTeX names."""
    struck = {"ℂ": "C", "ℍ": "H", "ℕ": "N", "ℙ": "P", "ℚ": "Q", "ℝ": "R", "ℤ": "Z", "𝔼": "E"}
    return "".join(struck.get(letter, letter) for letter in shown)


@pytest.mark.parametrize(
    ("latex", "shown"),
    [
        (r"\mathbb{E}\,\mathbb{R}^n", "𝔼ℝn"),
        (r"2\log n", "2logn"),
        (r"\mathrm{relu}(cz)", "relu(cz)"),
        (r"\overline{f''^2}", "f′′2‾"),
        (r"10{,}000", "10,000"),
        (r"w\sim N(0, I/d)", "w∼N(0,I/d)"),
        (r"\Phi^\top", "Φ⊤"),
    ],
)
def test_formulas_are_read_as_tex_reads_them(latex: str, shown: str) -> None:
    assert words(parsed(mathml(latex))) == shown


def test_spaces_are_those_of_tex() -> None:
    def spaces(latex: str) -> int:
        return len(parsed(mathml(latex)).findall(".//mspace"))

    assert spaces(r"2\log n") == 2  # on either side of a function's name
    assert spaces(r"\log(n)") == 0
    minus = parsed(mathml("[-1, 1]")).find(".//mo[@form='prefix']")
    assert minus is not None
    assert minus.text == "−"


@pytest.mark.parametrize(
    ("latex", "ends"),
    [
        (r"a=b", "b"),
        (r"f_N(x)-f(x)=|x|\,(f_N(u)-f(u))", "=)"),
        (r"\sum_c (1-p_c^{-1}-p_c^{-2})^N-(1-p_c-p_c^{-1}-p_c^{-2})^N", "−N"),
        (r"-1234567890\cdot 1234567890+(a+b+c)", "·+)"),
    ],
)
def test_a_long_inline_formula_breaks_after_relations_then_after_operators_out_of_brackets(
    latex: str, ends: str
) -> None:
    assert [words(piece)[-1] for piece in parsed(mathml(latex)).findall("math")] == list(ends)


def test_a_displayed_formula_can_be_reached_and_moved_by_keyboard_wherever_it_stands() -> None:
    for text in ("$$a = b$$", "In a paragraph $$a = b$$ of its own."):
        shown = parsed(typeset(text)).find(".//*[@class='display']")
        assert shown is not None
        assert (shown.tag, shown.get("tabindex"), words(shown)) == ("span", "0", "a=b")


@pytest.mark.parametrize("latex", [r"\frac{1", r"\unheard{x", r"x^^", MARKUP, r"\text{</math><script>}"])
def test_what_is_not_understood_is_shown_as_it_is_written(latex: str) -> None:
    made = parsed(mathml(latex))
    assert not made.findall(".//script") + made.findall(".//img") + made.findall(".//b")


@pytest.mark.parametrize(
    "text",
    [
        MARKUP,
        "[a](javascript:alert(1))",
        "[a](data:text/html,<script>alert(1)</script>)",
        "![an image](http://192.0.2.1/x.png)",
        f"`{MARKUP}`",
        f"$\\text{{{MARKUP}}}$",
        f"[{MARKUP}](https://example.org '{MARKUP}')",
        f"| a |\n|---|\n| {MARKUP} |",
        f"<{MARKUP}",
        '<https://example.org/" onmouseover="window.hacked=1>',
    ],
)
def test_markup_in_a_text_is_text(text: str) -> None:
    for made in (typeset(text), typeset_line(text)):
        root = parsed(made.replace("<br>", "<br/>").replace("<hr>", "<hr/>"))
        for element in root.iter():
            assert element.tag not in ("script", "img", "b", "iframe", "style")
            assert not [name for name in element.attrib if name.startswith("on")]
            assert re.match(r"https?:|$", element.get("href", ""))


def test_a_stop_after_a_formula_stays_on_its_line() -> None:
    assert typeset_line("of dimension $m$. It").endswith("</math>.</span> It")
    assert "formula" not in typeset_line("of dimension $m$ and")


def test_formulas_apart_by_a_quad_may_stand_below_one_another() -> None:
    together = r"a = \left(b \quad c\right) + \frac{d \quad e}{f}"
    shown = parsed(typeset(rf"$${together},\qquad g \le h\quad i$$")).find(".//*[@class='display']")
    assert shown is not None
    assert [words(part) for part in shown] == [
        words(parsed(mathml(part, display=True))) for part in (f"{together},", r"g \le h", "i")
    ]
