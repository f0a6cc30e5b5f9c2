"""Announcements: two people, written once, shown with every text they ever had."""

from collections.abc import Iterator
from datetime import date, datetime
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client

from applications import announcements, bulletin, periods
from applications.models import Announcement
from applications.templatetags.bulletin import as_page
from config import clock
from config.models import Postponement
from config.states import Refused
from tests.applications import rows

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    for kept in (bulletin, periods):
        kept.forget()
    yield
    for kept in (bulletin, periods):
        kept.forget()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=clock.JST)


def issued(
    number: int = 3,
    kind: str = "report",
    title: str = "特設サイトのアドレス",
    body: str = "アドレスをお知らせします。",
    moment: str = "2023-03-20T09:00",
) -> Announcement:
    """A text that two people have published."""
    first, second = rows.clerk("manager"), rows.clerk("approver")
    with clock.at(at(moment)):
        row = announcements.prepare(number=number, kind=kind, title=title, body=body, by=first)
        bulletin.forget()
        return announcements.publish(row, by=second)


def postponed(key: str, until: str, moment: str) -> None:
    Postponement.objects.create(
        key=key,
        until=at(until),
        reason="停止のため",
        prepared_at=at(moment),
        prepared_by=rows.clerk("manager"),
        approved_at=at(moment),
        approved_by=rows.clerk("manager"),
    )


def seen(client: Client, path: str, moment: str) -> str:
    bulletin.forget()
    with clock.at(at(moment)):
        page = client.get(path)
    assert page.status_code == 200
    return page.content.decode()


def test_notice_is_the_base_list() -> None:
    (report,) = bulletin.reports(at("2023-03-31T12:00"))
    assert (report.number, report.issued_on) == (2, date(2023, 3, 2))
    assert (report.addenda, report.updated_on) == ([date(2023, 3, 13)], date(2023, 3, 13))
    assert bulletin.reports(at("2023-03-01T23:59")) == []


def test_published_report_is_on_top_and_in_the_list(client: Client) -> None:
    issued()
    for path in ("/", "/news/"):
        words = seen(client, path, "2023-03-20T10:00")
        assert words.index("第3報") < words.index("第2報")
        assert "特設サイトのアドレス" in words
        assert "第3報" not in seen(client, path, "2023-03-20T08:59")


def test_correction_takes_the_place_and_leaves_the_older_text_readable(client: Client) -> None:
    issued(body="受付は9時からです。")
    issued(kind="correction", body="受付は10時からです。", moment="2023-03-21T12:00")
    issued(kind="addendum", title="混雑", body="混み合います。", moment="2023-03-22T12:00")
    words = seen(client, "/news/3/", "2023-03-23T12:00")
    places = [words.index(text) for text in ("10時から", "混み合います", "訂正する前の文", "9時")]
    assert places == sorted(places)
    assert "更新日　2023年3月22日（水）" in words
    assert "（追記 2023年3月22日（水））" in words
    (report, _) = bulletin.reports(at("2023-03-23T12:00"))
    assert [text.version for text in report.texts] == [1, 2, 3]
    assert [text.body for text in report.older] == ["受付は9時からです。"]


def test_notices_own_report_can_be_added_to(client: Client) -> None:
    row = issued(number=2, kind="addendum", title="店舗", body="加わりました。")
    assert row.version == 3
    assert "加わりました" in seen(client, "/news/2/", "2023-03-21T12:00")


def test_decided_postponement_appears_by_itself(client: Client) -> None:
    issued()
    postponed("applications_close", "2023-05-08T00:00", "2023-04-30T21:00")
    postponed("last_ordinary_link", "2023-05-25T00:00", "2023-04-30T21:00")
    words = seen(client, "/news/3/", "2023-04-30T21:01")
    assert "追記（2023年4月30日（日））" in words
    assert "申請の期限を、2023年5月7日（日）23:59まで延長しました。" in words
    assert words.count("延長しました") == 1
    assert "停止のため" not in words
    assert "（追記 2023年4月30日（日））" in seen(client, "/", "2023-05-02T12:00")


def test_one_person_cannot_publish() -> None:
    by = rows.clerk("manager")
    row = announcements.prepare(number=3, kind="report", title="x", body="y", by=by)
    with pytest.raises(Refused) as refused:
        announcements.publish(row, by=by)
    assert refused.value.code == "same_person"
    signed = {"published_at": at("2023-04-10T10:00"), "published_by": by, "version": 1}
    with pytest.raises(IntegrityError), transaction.atomic():
        Announcement.objects.filter(pk=row.pk).update(**signed)


@pytest.mark.parametrize("values", [{"body": "z"}, {"title": "z"}, {"number": 4}])
def test_prepared_and_published_texts_never_change(values: dict[str, object]) -> None:
    by = rows.clerk("manager")
    waiting = announcements.prepare(number=3, kind="report", title="x", body="y", by=by)
    for row in (waiting, issued()):
        with pytest.raises(DatabaseError), transaction.atomic():
            Announcement.objects.filter(pk=row.pk).update(**values)
        with pytest.raises(DatabaseError), transaction.atomic():
            Announcement.objects.filter(pk=row.pk).delete()


def test_dropped_text_is_never_published() -> None:
    by, other = rows.clerk("manager"), rows.clerk("manager")
    row = announcements.prepare(number=3, kind="report", title="x", body="y", by=by)
    announcements.drop(row, by=by)
    with pytest.raises(Refused) as refused:
        announcements.publish(row, by=other)
    assert refused.value.code == "moved"
    with pytest.raises(Refused):
        announcements.drop(issued(), by=by)


def test_two_texts_of_one_report_cannot_both_be_the_first() -> None:
    by, other = rows.clerk("manager"), rows.clerk("manager")
    first, second = (
        announcements.prepare(number=3, kind="report", title=title, body="y", by=by)
        for title in ("a", "b")
    )
    announcements.publish(first, by=other)
    with pytest.raises(Refused) as refused:
        announcements.publish(second, by=other)
    assert refused.value.code == "moved"


@pytest.mark.parametrize(
    ("number", "kind"), [(4, "report"), (2, "report"), (3, "addendum"), (3, "correction")]
)
def test_numbers_follow_one_another(number: int, kind: str) -> None:
    with pytest.raises(Refused) as refused:
        announcements.prepare(number=number, kind=kind, title="x", body="y", by=rows.clerk())
    assert refused.value.code == "number"


def test_feed_is_atom_with_an_entry_for_each_text(client: Client) -> None:
    issued(body="1行目\n\n・<b>点</b>")
    postponed("receiving_closes", "2023-06-15T00:00", "2023-05-20T12:00")
    bulletin.forget()
    with clock.at(at("2023-05-21T12:00")):
        page = client.get("/news/feed/")
    assert page["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(page.content)
    titles = [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")]
    assert titles == [
        "第3報　追記　ポイントの受け取りの期限の延長",
        "第3報　特設サイトのアドレス",
        "第2報　追記",
        "第2報",
    ]
    ids = [entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")]
    assert len(set(ids)) == 4
    assert [name for name in ids if not name.startswith(f"{settings.SITE_URL}/news/")] == []
    assert client.post("/news/feed/").status_code == 405


def test_unknown_report_is_not_found(client: Client) -> None:
    assert client.get("/news/9/").status_code == 404


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("一\n二\n\n三", "<p>一<br>二</p>\n<p>三</p>"),
        (
            "次の点\n・一\n・二\n終わり",
            "<p>次の点</p>\n<ul><li>一</li><li>二</li></ul>\n<p>終わり</p>",
        ),
        ("<script>x</script>", "<p>&lt;script&gt;x&lt;/script&gt;</p>"),
        ("https://example.jp/", "<p>https://example.jp/</p>"),
        (f"{settings.SITE_URL}.example.jp/", f"<p>{settings.SITE_URL}.example.jp/</p>"),
        (f"{settings.SITE_URL}@example.jp/", f"<p>{settings.SITE_URL}@example.jp/</p>"),
        (
            f"{settings.SITE_URL}/check/ へ",
            f'<p><a href="{settings.SITE_URL}/check/">{settings.SITE_URL}/check/</a> へ</p>',
        ),
    ],
)
def test_text_becomes_paragraphs_lists_and_links_to_us_only(body: str, html: str) -> None:
    assert as_page(body) == html


def test_office_prepares_and_another_person_publishes(client: Client) -> None:
    first, second = rows.clerk("approver"), rows.clerk("manager")
    page = rows.signed_in(client, first).post(
        "/admin/applications/announcement/add/",
        {"kind": "report", "number": "3", "title": "開始", "body": "始まりました。"},
    )
    row = Announcement.objects.get()
    path = f"/admin/applications/announcement/{row.pk}/"
    assert page.headers["location"] == f"{path}change/"
    assert "公開する" not in client.get(f"{path}change/").content.decode()
    assert client.post(f"{path}publish/").status_code == 409
    other = rows.signed_in(Client(), second)
    assert "公開する" in other.get(f"{path}change/").content.decode()
    assert other.post(f"{path}publish/").status_code == 302
    row.refresh_from_db()
    assert (row.version, row.published_by) == (1, second)
    assert other.post(f"{path}drop/").status_code == 409
    assert "公開中" in other.get("/admin/applications/announcement/").content.decode()


def test_office_is_told_what_is_missing_and_keeps_what_it_typed(client: Client) -> None:
    rows.signed_in(client, rows.clerk("manager"))
    page = client.post("/admin/applications/announcement/add/", {"title": "開始"})
    words = page.content.decode()
    assert "種類を選んでください。" in words
    assert "本文を入力してください。" in words
    assert 'value="開始"' in words


@pytest.mark.parametrize("role", ["call_centre", "reviewer", "payer", "auditor"])
def test_other_roles_read_only(client: Client, role: str) -> None:
    row = issued()
    rows.signed_in(client, rows.clerk(role))
    assert client.get("/admin/applications/announcement/").status_code == 200
    assert client.get("/admin/applications/announcement/add/").status_code == 403
    path = f"/admin/applications/announcement/{row.pk}/"
    assert client.get(f"{path}change/").status_code == 200
    assert client.post(f"{path}publish/").status_code == 403
    assert client.post(f"{path}drop/").status_code == 403
