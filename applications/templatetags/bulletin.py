"""The text of an announcement as HTML: {% load bulletin %}{{ text.body|as_page }}."""

import re

from django import template
from django.conf import settings
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
OURS = re.compile(re.escape(escape(settings.SITE_URL)) + r"(?:/[\w/#.-]*)?(?![\w.:@-])", re.ASCII)
POINTS = ("・", "- ", "●")


@register.filter
def as_page(body: str) -> SafeString:
    """Paragraphs at blank lines, lists at 「・」; only addresses of this site become links."""
    blocks = [block.split("\n") for block in re.split(r"\n\s*\n", body.strip())]
    return mark_safe("\n".join(part for block in blocks for part in _parts(block)))


def _parts(lines: list[str]) -> list[str]:
    """The lines of a block, neighbouring points as one list."""
    parts: list[str] = []
    points: list[str] = []
    words: list[str] = []
    for line in [*lines, None]:
        is_point = line is not None and line.startswith(POINTS)
        if points and not is_point:
            parts.append("<ul>" + "".join(f"<li>{point}</li>" for point in points) + "</ul>")
            points = []
        if words and (is_point or line is None):
            parts.append("<p>" + "<br>".join(words) + "</p>")
            words = []
        if is_point:
            points.append(_linked(line.lstrip("・-● ")))
        elif line is not None:
            words.append(_linked(line))
    return parts


def _linked(line: str) -> str:
    return OURS.sub(lambda found: f'<a href="{found[0]}">{found[0]}</a>', escape(line))
