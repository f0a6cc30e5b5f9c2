"""The announcements: the list, each report with all its texts, and the feed."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.http import require_safe

from applications import bulletin
from applications.bulletin import Report, Text
from applications.templatetags.bulletin import as_page
from config import clock
from config.notice import NOTICE

KINDS = {bulletin.REPORT: "", bulletin.ADDENDUM: "追記", bulletin.CORRECTION: "訂正"}
ENTRIES = 30


@require_safe
def news(request: HttpRequest) -> HttpResponse:
    """The announcements of the office, the newest first."""
    return render(request, "pages/news.html", {"reports": bulletin.reports(clock.now())})


@require_safe
def report(request: HttpRequest, number: int) -> HttpResponse:
    """One report: the text that holds, its addenda, and the texts before it (N2)."""
    found = next((row for row in bulletin.reports(clock.now()) if row.number == number), None)
    if found is None:
        raise Http404(number)
    return render(request, "pages/report.html", {"report": found})


class NewsFeed(Feed):
    """The same as Atom: an entry for each text, under the address of its own."""

    feed_type = Atom1Feed
    language = "ja"

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return require_safe(super().__call__)(request, *args, **kwargs)

    def title(self) -> str:
        return f"{NOTICE.title}のお知らせ"

    def author_name(self) -> str:
        return NOTICE.prefectures[NOTICE.home].office_name

    def link(self) -> str:
        return address("news")

    def feed_url(self) -> str:
        return address("news_feed")

    feed_guid = feed_url

    def items(self) -> list[tuple[Report, Text]]:
        return bulletin.texts(clock.now())[:ENTRIES]

    def item_title(self, item: tuple[Report, Text]) -> str:
        words = (f"第{item[0].number}報", KINDS[item[1].kind], item[1].title)
        return "　".join(filter(None, words))

    def item_description(self, item: tuple[Report, Text]) -> str:
        return as_page(item[1].body) if item[1].body else ""

    def item_link(self, item: tuple[Report, Text]) -> str:
        return f"{address('report', item[0].number)}#{item[1].mark}"

    def item_pubdate(self, item: tuple[Report, Text]) -> datetime:
        return item[1].at

    item_updateddate = item_pubdate


def address(name: str, *args: object) -> str:
    """An address of this site as everybody types it."""
    return settings.SITE_URL + reverse(name, args=args)
