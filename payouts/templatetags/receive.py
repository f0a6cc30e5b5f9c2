"""How a code reads: {% load receive %}."""

from django import template

register = template.Library()


@register.filter
def groups(code: str) -> list[str]:
    """A code in the groups that it has, its hyphens kept, or else in fours."""
    if "-" in code:
        *firsts, last = code.split("-")
        return [*(part + "-" for part in firsts), last]
    return [code[i : i + 4] for i in range(0, len(code), 4)]
