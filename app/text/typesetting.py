"""Markdown with LaTeX as HTML with MathML, for pages and reports alike; markup in a text is shown as it is written.

Browsers set MathML themselves: hundreds of formulas cost a page next to nothing, where a typesetter in JavaScript takes
seconds and two megabytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from app.text.mathml import mathml

if TYPE_CHECKING:
    from markdown_it import MarkdownIt


@lru_cache(maxsize=4096)
def typeset(text: str) -> str:
    """Paragraphs, lists, tables and displayed formulas."""
    return str(_markdown().render(text))


@lru_cache(maxsize=4096)
def typeset_line(text: str) -> str:
    """One line of text, without a paragraph around it."""
    return str(_markdown().renderInline(text))


@cache
def _markdown() -> MarkdownIt:
    """CommonMark and tables; no HTML, and no images: a page loads nothing from elsewhere."""
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    made = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    made.use(dollarmath_plugin, allow_space=False, allow_labels=False, double_inline=True)
    made.add_render_rule("math_inline", _formula(display=False))
    made.add_render_rule("math_inline_double", _formula(display=True))
    made.add_render_rule("math_block", _formula(display=True))
    made.add_render_rule("link_open", _link)
    return made


def _formula(*, display: bool) -> Callable[..., str]:
    def rule(_renderer: object, tokens: Any, at: int, _options: object, _env: object) -> str:
        source = tokens[at].content.strip()
        if display:
            parts = "".join(mathml(part, display=True) for part in _apart(source))
            return f'<span class="display" tabindex="0">{parts}</span>'
        made = mathml(source, display=False)
        stop = _taken_stop(tokens[at + 1]) if at + 1 < len(tokens) else ""
        return f'<span class="formula">{made}{stop}</span>' if stop else made

    return rule


def _apart(source: str) -> list[str]:
    r"""The formulas of a display between \quad and \qquad: in a narrow window they stand below one another."""
    parts, depth, begin = [], 0, 0
    for found in re.finditer(r"\\(?:[A-Za-z]+|.)|[{}]", source):
        if found.group() in ("{", r"\begin", r"\left"):
            depth += 1
        elif found.group() in ("}", r"\end", r"\right"):
            depth -= 1
        elif found.group() in (r"\quad", r"\qquad") and depth == 0:
            parts.append(source[begin : found.start()])
            begin = found.end()
    return [part.strip() for part in (*parts, source[begin:]) if part.strip()] or [source]


def _taken_stop(token: Any) -> str:
    """The stop that a text begins with, taken out of it: browsers would begin a line with it after a formula."""
    found = re.match(r"[.,;:!?)]+", token.content) if token.type == "text" else None
    if found is None:
        return ""
    token.content = token.content[found.end() :]
    return found.group()


def _link(renderer: Any, tokens: Any, at: int, options: object, env: object) -> str:
    """A link opens beside the page and tells the other side nothing."""
    tokens[at].attrSet("target", "_blank")
    tokens[at].attrSet("rel", "noopener noreferrer")
    return str(renderer.renderToken(tokens, at, options, env))
