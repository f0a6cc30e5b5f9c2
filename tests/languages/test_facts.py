"""The facts of the notice are the same on the pages of every language."""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.utils import translation

from applications import periods
from config import clock, languages
from config.notice import NOTICE
from config.templatetags import notice as filters
from tests.applications.conftest import OPEN

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
DATES = NOTICE.dates


def english(day: date) -> str:
    return f"{day:%Y-%m-%d} ({day:%a})"


def chinese(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日（周{'一二三四五六日'[day.weekday()]}）"


def korean(day: date) -> str:
    return f"{day.year}년 {day.month}월 {day.day}일({'월화수목금토일'[day.weekday()]})"


def easy(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日（{'月火水木金土日'[day.weekday()]}曜日）"


WRITTEN = {"/en/": english, "/zh/": chinese, "/ko/": korean, "/easy/": easy}
SEEN = {
    "/en/": r"\d{4}-\d\d-\d\d \(\w{3}\)",
    "/zh/": r"\d{4}年\d+月\d+日（周.）",
    "/ko/": r"\d{4}년 \d+월 \d+일\(.\)",
    "/easy/": r"\d{4}年\d+月\d+日（.曜日）",
}


@pytest.fixture(autouse=True)
def _open_day() -> Iterator[None]:
    periods.forget()
    with clock.at(OPEN):
        yield
    periods.forget()


def words(client: Client, path: str) -> str:
    """A page as one reads it: no tags, no readings above kanji."""
    page = client.get(path).content.decode()
    page = re.sub(r"<rt>.*?</rt>", "", page)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", page))


def last_minutes() -> list[datetime]:
    """The ends that every first page and guide names."""
    ends = (DATES.cut_off, DATES.applications_close, DATES.receiving_closes)
    return [end - MINUTE for end in ends]


@pytest.mark.parametrize(("path", "written"), WRITTEN.items())
def test_every_language_names_the_ends_with_their_minute(
    client: Client, path: str, written: Callable[[date], str]
) -> None:
    page = words(client, path)
    for end in last_minutes():
        assert re.search(re.escape(written(end.date())) + r" ?23:59", page), end


@pytest.mark.parametrize(("path", "written"), WRITTEN.items())
def test_every_language_names_no_other_days(
    client: Client, path: str, written: Callable[[date], str]
) -> None:
    known = [*(end.date() for end in last_minutes()), DATES.outage_day, OPEN.date()]
    known += [DATES.site_opens.date(), (DATES.number_to_follow_until - MINUTE).date()]
    known += [day for report in NOTICE.reports for day in (report.issued_on, *report.addenda)]
    seen = set(re.findall(SEEN[path], words(client, path)))
    assert seen - {written(day) for day in known} == set()


@pytest.mark.parametrize("path", ["/", "/en/", "/en/contact/", "/zh/", "/ko/", "/easy/"])
def test_every_language_names_the_phone_and_its_hours(client: Client, path: str) -> None:
    centre = NOTICE.call_centre
    page = words(client, path)
    assert set(re.findall(r"0\d{2,3}-\d{2,4}-\d{3,4}", page)) == {centre.phone}
    assert re.search(rf"{centre.opens:%-H:%M} ?[〜～~–] ?{centre.closes:%-H:%M}", page)


def test_every_language_has_its_words_for_the_notice() -> None:
    for code in ("easy", "en", "zh-hans", "ko"):
        told = NOTICE.told_in(code)
        assert told.words.points_from != NOTICE.words.points_from
        assert told.dates == NOTICE.dates
        assert told.call_centre.phone == NOTICE.call_centre.phone
        assert [brand.name for brand in told.brands.values()] == [
            brand.name for brand in NOTICE.brands.values()
        ]
        assert [each.office_name for each in told.prefectures.values()] == [
            each.office_name for each in NOTICE.prefectures.values()
        ]
    assert NOTICE.told_in("fr") is NOTICE


def test_english_writes_one_form_of_a_day() -> None:
    end = DATES.applications_close
    with translation.override("en"):
        assert filters.until(end) == "2023-04-30 (Sun) 23:59 JST"
        assert filters.until_day(end) == "2023-04-30 (Sun)"
        assert filters.ja_moment(DATES.site_opens) == "2023-03-22 (Wed) 10:00 JST"
        assert filters.ja_time(end) == "00:00 JST"
        assert filters.until_short(end) == "2023-04-30"
        assert filters.ja_month(4) == "Apr"
        assert filters.yen(1730) == "¥1,730"
        days = [date(2023, 4, 29), date(2023, 4, 30)]
        assert filters.ja_days(days) == "2023-04-29 (Sat) and 2023-04-30 (Sun)"
        assert filters.brands(NOTICE.brands).count(", ") == len(NOTICE.brands) - 1


def test_lazy_words_are_made_in_the_language_of_who_reads() -> None:
    said = languages.lazily(lambda: filters.ja_date(DATES.outage_day))
    assert str(said) == "2023年2月24日（金）"
    with translation.override("en"):
        assert str(said) == "2023-02-24 (Fri)"
