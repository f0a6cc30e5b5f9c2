from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import notice_shape
from config.clock import JST
from config.notice import NOTICE, load
from config.notice_file import NoticeError, utf16_units
from config.templatetags import notice as filters

SOURCE = Path(__file__).parents[2] / "config" / "notice.toml"
MICROSECOND = timedelta(microseconds=1)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=JST)


def changed(tmp_path: Path, *replacements: tuple[str, str], extra: str = "") -> Path:
    text = SOURCE.read_text(encoding="utf-8")
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "notice.toml"
    path.write_text(text + extra, encoding="utf-8")
    return path


def faults(path: Path) -> tuple[str, ...]:
    with pytest.raises(NoticeError) as caught:
        load(path)
    return caught.value.faults


def test_notice_names_the_26_prefectures_of_regionpay():
    codes = "03 08 09 10 12 13 14 15 19 22 24 25 27 29 30 32 34 35 36 40 41 42 43 45 46 47"
    assert list(NOTICE.prefectures) == codes.split()


def test_notice_knows_only_shizuoka_by_its_own_names():
    assert [code for code, entry in NOTICE.prefectures.items() if not entry.sample] == ["22"]
    assert NOTICE.prefectures["22"].office_name == "しずおか元気旅事務局"
    assert all(
        "（見本）" in entry.office_name and "（見本）" in entry.campaign_name
        for code, entry in NOTICE.prefectures.items()
        if code != "22"
    )


def test_notice_offers_the_five_brands_in_its_order():
    assert [(brand.key, brand.name) for brand in NOTICE.brands.values()] == [
        ("amazon", "Amazon ギフトカード"),
        ("ponta", "Ponta ポイント コード"),
        ("paypay", "PayPay ポイント"),
        ("edy", "Edy ギフト ID"),
        ("nanaco", "nanaco ギフト"),
    ]


def test_notice_is_a_second_report_with_an_addendum():
    (report,) = NOTICE.reports
    assert (report.number, report.issued_on) == (2, date(2023, 3, 2))
    assert report.addenda == (date(2023, 3, 13),)


def test_senders_carry_the_sample_mark_and_fit_the_sms():
    assert NOTICE.prefectures["22"].short_name == "見本静岡事務局"
    assert max(utf16_units(entry.short_name) for entry in NOTICE.prefectures.values()) == 8


def test_every_assumed_date_is_marked():
    assert NOTICE.assumed >= {"site_opens", "outage_from", "first_links", "reminders"}
    assert "applications_close" not in NOTICE.assumed


def test_notice_cannot_be_changed():
    with pytest.raises(TypeError):
        NOTICE.brands["bitcoin"] = None
    with pytest.raises(AttributeError):
        NOTICE.dates.cut_off = None


@pytest.mark.parametrize("road", ["points", "bank"])
def test_applications_are_accepted_to_the_microsecond(road):
    opens, closes = moment("2023-03-22T10:00"), moment("2023-05-01T00:00")
    assert not NOTICE.accepts_applications(opens - MICROSECOND, road=road)
    assert NOTICE.accepts_applications(opens, road=road)
    assert NOTICE.accepts_applications(closes - MICROSECOND, road=road)
    assert not NOTICE.accepts_applications(closes, road=road)


def test_deadline_is_judged_in_japanese_time():
    end_in_utc = datetime.fromisoformat("2023-04-30T15:00:00+00:00")
    assert NOTICE.accepts_applications(end_in_utc - MICROSECOND)
    assert not NOTICE.accepts_applications(end_in_utc)


def test_an_approved_postponement_moves_one_date_only():
    extended = {"applications_close": moment("2023-05-08T00:00")}
    at = moment("2023-05-07T23:59:59")
    assert NOTICE.accepts_applications(at, extended)
    assert not NOTICE.accepts_applications(at, extended, road="bank")
    assert NOTICE.end_of("receiving_closes", extended) == moment("2023-06-01T00:00")


def test_a_postponement_never_shortens():
    extended = {"applications_close": moment("2023-04-20T00:00")}
    assert NOTICE.end_of("applications_close", extended) == moment("2023-05-01T00:00")


def test_receiving_ends_with_the_last_of_may():
    assert NOTICE.end_of("receiving_closes") == moment("2023-06-01T00:00")


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2023-03-22T09:59:59", "before"),
        ("2023-03-22T10:00", "open"),
        ("2023-04-23T23:59:59", "open"),
        ("2023-04-24T00:00", "warning"),
        ("2023-04-30T22:59:59", "warning"),
        ("2023-04-30T23:00", "last_hour"),
        ("2023-04-30T23:59:59.999999", "last_hour"),
        ("2023-05-01T00:00", "closed"),
        ("2023-05-31T23:59:59", "closed"),
        ("2023-06-01T00:00", "ended"),
    ],
)
def test_phase_follows_the_calendar(at, expected):
    assert NOTICE.phase(moment(at)) == expected


def test_phase_follows_a_postponement():
    extended = {"applications_close": moment("2023-05-08T00:00")}
    assert NOTICE.phase(moment("2023-04-30T23:30"), extended) == "open"
    assert NOTICE.phase(moment("2023-05-07T23:30"), extended) == "last_hour"


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2023-03-21T12:00", True),  # the spring equinox, but in March
        ("2023-03-25T12:00", True),  # a Saturday in March
        ("2023-03-31T18:00", False),
        ("2023-04-01T12:00", False),  # the first Saturday in April
        ("2023-04-28T09:59:59.999999", False),
        ("2023-04-28T10:00", True),
        ("2023-04-28T17:59:59", True),
        ("2023-04-28T18:00", False),
        ("2023-04-29T12:00", False),
        ("2023-04-30T12:00", False),  # the deadline day (N52)
        ("2023-05-02T12:00", True),
        ("2023-05-03T12:00", False),
        ("2023-05-04T12:00", False),
        ("2023-05-05T12:00", False),
        ("2023-05-08T12:00", True),
    ],
)
def test_call_centre_answers_in_its_hours(at, expected):
    assert NOTICE.office_open(moment(at)) is expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2023-03-24T17:59", "2023-03-25T10:00"),
        ("2023-03-31T18:00", "2023-04-03T10:00"),
        ("2023-04-28T09:00", "2023-04-28T10:00"),
        ("2023-04-28T10:00", "2023-05-01T10:00"),
        ("2023-05-02T18:00", "2023-05-08T10:00"),
    ],
)
def test_next_opening_steps_over_closed_days(at, expected):
    assert NOTICE.next_opening(moment(at)) == moment(expected)


@given(st.timedeltas(timedelta(), timedelta(days=180)))
def test_next_opening_is_an_open_moment_in_the_future(passed):
    at = moment("2023-02-01T00:00") + passed
    opening = NOTICE.next_opening(at)
    assert opening > at
    assert NOTICE.office_open(opening)
    assert not NOTICE.office_open(opening - MICROSECOND)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2023-04-01T12:00", "2023-04-03T10:00"),
        ("2023-03-31T12:00", "2023-04-03T10:00"),
        ("2023-04-03T10:00", "2023-04-03T10:00"),
        ("2023-04-03T16:59:59", "2023-04-03T16:59:59"),
        ("2023-04-03T17:00", "2023-04-04T10:00"),
        ("2023-04-28T17:00", "2023-05-01T10:00"),
        ("2023-05-03T12:00", "2023-05-08T10:00"),
    ],
)
def test_links_go_out_on_working_days_in_hours(at, expected):
    assert NOTICE.next_link_moment(moment(at)) == moment(expected)
    assert NOTICE.sends_links(moment(at)) is (at == expected)


@pytest.mark.parametrize(
    ("day", "working", "bank"),
    [
        (date(2023, 5, 15), True, True),
        (date(2023, 5, 13), False, False),
        (date(2023, 5, 5), False, False),
        (date(2024, 12, 31), True, False),
        (date(2025, 1, 2), True, False),
    ],
)
def test_working_and_bank_days(day, working, bank):
    assert (NOTICE.is_working_day(day), NOTICE.is_bank_day(day)) == (working, bank)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            "site_opens = 2023-03-22T10:00:00+09:00",
            "site_opens = 2023-05-22T10:00:00+09:00",
            "dates.applications_close: expected after dates.site_opens",
        ),
        (
            "receiving_closes = 2023-06-01",
            "receiving_closes = 2023-04-01",
            "dates.receiving_closes",
        ),
        (
            "\napplications_close = 2023-05-01T00:00:00+09:00",
            "\napplications_close = 2023-04-30T23:59:59+09:00",
            "dates.applications_close: an end",
        ),
        (
            "\napplications_close = 2023-05-01T00:00:00+09:00",
            "\napplications_close = 2023-05-01T00:00:00",
            "dates.applications_close: expected a",
        ),
        (
            "\napplications_close = 2023-05-01T00:00:00+09:00",
            "\napplications_close = 2023-05-01T00:00:00Z",
            "dates.applications_close: expected a",
        ),
        ("outage_day = 2023-02-24", "outage_day = 2023-02-25", "dates.outage_from: expected on"),
        ("correction_days = 14", "correction_days = 0", "dates.correction_days: expected a whole"),
        ("correction_days = 14", "", "dates.correction_days: missing"),
        (
            "correction_days = 14",
            "correction_days = 14\nvacation = 1",
            "dates.vacation: unknown key",
        ),
        ("2023-05-24T10:00:00+09:00, 2023", "2023-06-24T10:00:00+09:00, 2023", "dates.reminders"),
        ("2023-04-03T10:00:00+09:00", "2023-04-08T10:00:00+09:00", "dates.first_links: 2023-04-08"),
        (
            "first_bank_day = 2023-05-15",
            "first_bank_day = 2023-05-14",
            "dates.first_bank_day: 2023",
        ),
        ("closes = 18:00:00", "closes = 09:00:00", "call_centre.closes: expected after"),
        ("opens = 10:00:00, closes = 17", "opens = 09:00:00, closes = 17", "dates.link_days"),
        ('"0120-479-249"', '"フリーダイヤル"', "call_centre.phone"),
        ('"2023-03"]', '"March"]', "call_centre.every_day_months[0]: expected a month"),
        ('key = "ponta"', 'key = "amazon"', "brands[1].key: 'amazon' stands twice"),
        ('code = "03"', 'code = "3"', "prefectures[0].code: expected two digits"),
        ('code = "03"', 'code = "08"', "prefectures[1].code: '08' stands twice"),
        ('"岩手事務局"', '"岩手県事務局長"', "prefectures[0].short_name: expected at most 8"),
        ('"岩手事務局"', '"𠮷𠮷𠮷旅"', "prefectures[0].short_name"),
        ('home = "22"', 'home = "01"', "home: expected the code of one of prefectures"),
        ("sample = true", "sample = false", "prefectures[0].sample: expected false"),
        ("sample = true", 'sample = "yes"', "sample: expected true or false, found 'yes'"),
        ('  "link_days",', '  "lunch",', "assumed: 'lunch' names nothing"),
        ('"[0-9]{12}"', '"["', "inquiry_number.pattern"),
        ("length = 12", "length = 11", "inquiry_number.pattern: accepts no number of 11 digits"),
        ("addenda = [2023-03-13]", "addenda = [2023-03-01]", "reports[0].addenda"),
        ('title = "', 'title = "  " # ', "title: expected some text"),
        ("[words]", "[words", "the file cannot be read"),
        ("[translations.ko]", "[translations.fr]", "translations.fr: unknown key"),
        ('outage = "2023年2月24日（周五）傍晚"', "", "translations.zh-hans.outage: missing"),
        ('22 = "Shizuoka"', "", "translations.en.prefectures.22: missing"),
        ('22 = "Shizuoka"', '21 = "Gifu"', "translations.en.prefectures.22: missing"),
        ('ponta = "points code"', "ponta = 1", "translations.en.code_names: expected a table"),
    ],
)
def test_a_contradiction_is_refused_with_its_key(tmp_path, old, new, fault):
    assert faults(changed(tmp_path, (old, new)))[0].startswith(fault)


def test_all_faults_are_told_at_once(tmp_path):
    path = changed(
        tmp_path,
        ("correction_days = 14", "correction_days = -1"),
        ('home = "22"', ""),
        ('how_to = "', 'how = "'),
    )
    assert [fault.split(":")[0] for fault in faults(path)] == [
        "home",
        "dates.correction_days",
        "brands[0].how",
        "brands[0].how_to",
    ]


def test_a_missing_file_is_a_fault(tmp_path):
    assert faults(tmp_path / "none.toml")[0].startswith("the file cannot be read")


def test_extensions_known_at_deployment_hold(tmp_path):
    extra = """
[[extensions]]
key = "applications_close"
until = 2023-05-08T00:00:00+09:00
decided_on = 2023-04-25
reason = "障害のため"
"""
    notice = load(changed(tmp_path, extra=extra))
    assert notice.accepts_applications(moment("2023-05-07T23:59"))
    early = extra.replace("2023-05-08", "2023-04-08")
    assert faults(changed(tmp_path, extra=early)) == (
        "extensions[0].until: expected after dates.applications_close, 2023-05-01 00:00:00+09:00",
    )


@pytest.mark.parametrize(
    ("filtered", "expected"),
    [
        (filters.ja_date(date(2023, 4, 30)), "2023年4月30日（日）"),
        (
            filters.ja_date(datetime.fromisoformat("2023-04-30T15:30:00+00:00")),
            "2023年5月1日（月）",
        ),
        (filters.ja_day(date(2023, 3, 31)), "3月31日（金）"),
        (filters.ja_time(moment("2023-04-10T09:05")), "09:05"),
        (filters.ja_moment(moment("2023-04-10T10:00")), "2023年4月10日（月）10:00"),
        (filters.until(moment("2023-05-01T00:00")), "2023年4月30日（日）23:59"),
        (filters.until_day(moment("2023-06-01T00:00")), "5月31日（水）"),
        (filters.until_short(moment("2023-05-01T00:00")), "4/30"),
        (filters.short_date(date(2023, 4, 30)), "4/30"),
        (filters.yen(1730), "1,730円"),
    ],
)
def test_filters_read_as_japanese(filtered, expected):
    assert filtered == expected


def test_everything_is_kept_at_least_as_long_as_a_part_of_it(tmp_path):
    early = changed(tmp_path, ("everything = 2029-04-01", "everything = 2023-12-27"))
    assert faults(early) == (
        "retention.everything: expected once the shorter times are over"
        " (2023-12-28 00:00:00+09:00), found 2023-12-27 00:00:00+09:00",
    )
    assert NOTICE.assumed >= {"bank_days", "closed_days", "everything"}


def test_a_notice_without_the_bank_names_no_key_of_it(tmp_path):
    found = faults(changed(tmp_path, ("bank_road = true", "bank_road = false")))
    assert found[:3] == (
        "dates.bank_applications_close: not wanted, since bank_road is false",
        "dates.first_bank_day: not wanted, since bank_road is false",
        "dates.bank_corrections_until: not wanted, since bank_road is false",
    )
    keys = {fault.partition(":")[0].rpartition(".")[2] for fault in found}
    assert keys == {*notice_shape.OF_THE_BANK}


def test_without_the_bank_its_ends_are_those_beside_them():
    other = load(SOURCE.parents[1] / "tests" / "another_notice.toml")
    at = other.dates.site_opens
    later = {"receiving_closes": moment("2025-04-01T00:00")}
    assert other.end_of("bank_applications_close") == other.dates.applications_close
    assert other.end_of("bank_corrections_until", later) == later["receiving_closes"]
    assert (other.accepts_applications(at), other.accepts_applications(at, road="bank")) == (
        True,
        False,
    )
    assert not other.has("first_bank_day")
    assert NOTICE.has("first_bank_day")
