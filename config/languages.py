"""The languages of the site. The address alone says which: Japanese has no prefix, /en/ is English.

Nothing else is asked, neither cookie nor browser, so that a page may be kept by any cache and a
link shows everybody the same. Chinese, Korean and やさしい日本語 are one page each (`GUIDES`).
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.urls import LocalePrefixPattern
from django.utils.functional import lazy
from django.utils.translation import get_language

from config.notice import NOTICE, Notice

SOURCE = settings.LANGUAGE_CODE


@dataclass(frozen=True)
class Guide:
    """A language that has one page: its address, the tag for `lang`, its own name."""

    path: str
    tag: str
    name: str


@dataclass(frozen=True)
class Way:
    """One entry of the language switch."""

    path: str
    tag: str
    name: str
    here: bool


GUIDES = {
    "easy": Guide("/easy/", "ja", "やさしい日本語"),
    "zh-hans": Guide("/zh/", "zh-Hans", "中文"),
    "ko": Guide("/ko/", "ko", "한국어"),
}


class Prefix(LocalePrefixPattern):
    """What i18n_patterns makes, except that a guide in Chinese leads to the Japanese pages."""

    @property
    def language_prefix(self) -> str:
        """The beginning of an address in the language of the moment: nothing, or en/."""
        before = prefix(get_language() or "")
        return f"{before[1:]}/" if before else ""


def of_path(path: str) -> str:
    """The language of an address."""
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    return first if first != SOURCE and first in dict(settings.LANGUAGES) else SOURCE


def prefix(language: str) -> str:
    """What stands before an address of the site in that language: "" or /en."""
    known = language != SOURCE and language in dict(settings.LANGUAGES)
    return f"/{language}" if known else ""


def bare(path: str) -> str:
    """An address without its language."""
    return path.removeprefix(prefix(of_path(path)))


def ways(path: str, *, known: bool, query: str = "") -> list[Way]:
    """The language switch of a page: itself in the other languages, else their first pages.

    `known`: the address leads to a page, so that it has its like in each language of the site.
    """
    guide = next((code for code, found in GUIDES.items() if path.startswith(found.path)), "")
    rest = bare(path) + query if known and not guide else "/"
    current = of_path(path)
    whole = [
        Way(prefix(code) + rest, code, name, code == current and not guide)
        for code, name in settings.LANGUAGES
    ]
    guides = [
        Way(found.path, found.tag, found.name, code == guide) for code, found in GUIDES.items()
    ]
    return [*whole, *guides]


def notice() -> Notice:
    """The notice in the language of the moment."""
    return NOTICE.told_in(get_language())


def lazily(make: Callable[[], str]) -> str:
    """Words that are made anew, in the reader's language, each time that they are shown."""
    return lazy(make, str)()
