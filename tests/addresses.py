"""Every address of the site, read from the resolver, with a value for each part that varies."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.urls import URLPattern, get_resolver
from django.urls.resolvers import URLResolver

VALUES = {
    "str": "AbCdEfGh0123456789xy",
    "int": "999999999",
    "slug": "nothing",
    "path": "nothing/here",
}
GROUP = re.compile(r"\(\?P<\w+>([^)]*)\)")
PART = re.compile(r"<(?:(\w+):)?\w+>")


@dataclass(frozen=True)
class Address:
    """One pattern: a path that it matches, and its name (namespace:name)."""

    path: str
    name: str

    @property
    def office(self) -> bool:
        return self.path.startswith("/" + settings.ADMIN_PATH)


@cache
def addresses() -> tuple[Address, ...]:
    """All of them; those of the public pages in Japanese and in English."""
    return tuple(dict.fromkeys(_walked(get_resolver(), "/", "")))


def public() -> tuple[Address, ...]:
    """What strangers may ask for."""
    return tuple(each for each in addresses() if not each.office)


def office() -> tuple[Address, ...]:
    """What only the office may ask for."""
    return tuple(each for each in addresses() if each.office)


def _walked(resolver: URLResolver, before: str, space: str) -> Iterator[Address]:
    for each in resolver.url_patterns:
        paths = _paths(before, str(each.pattern))
        if isinstance(each, URLPattern):
            yield from (Address(path, space + (each.name or "")) for path in paths)
        else:
            inner = f"{space}{each.namespace}:" if each.namespace else space
            languages = hasattr(each.pattern, "language_prefix")
            for path in ("/", "/en/") if languages else paths:
                yield from _walked(each, path, inner)


def _paths(before: str, pattern: str) -> list[str]:
    filled = GROUP.sub(lambda found: _first(found[1]), pattern)
    filled = PART.sub(lambda found: VALUES[found[1] or "str"], filled)
    return [before + filled.replace("^", "").replace("$", "").replace("\\Z", "").replace("\\", "")]


def _first(group: str) -> str:
    """What a group of a regular expression matches: the first of named words, or letters."""
    return group.split("|")[0] if "|" in group else VALUES["slug"]
