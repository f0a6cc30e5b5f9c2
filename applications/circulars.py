"""Messages of the office to a selection of applicants: one writes, another releases.

Who gets it is fixed when it is prepared, one for each channel and address, so that what was counted
and looked at is what goes out. A job writes the message rows in pieces, each once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import connection, transaction
from django.db.models import Case, CharField, Count, F, Max, QuerySet, Value, When
from django.db.models.functions import Concat, Lower

from applications.models import Application, Circular, Claim, Recipient
from applications.receipts import written
from applications.replies import reach
from config import clock
from config.notice import NOTICE
from config.states import OVERTAKEN, Refused
from payouts import clerks, messages, texts
from payouts.models import Message

KEYS = ("state", "road", "channel", "mark", "match", "language", "entered")
LIVE = ("received", "held", "asked", "checked", "decided")  # who withdrew is left in peace
CHUNK = 1000
WAY = Case(  # how somebody is reached, as `replies.reach` has it
    When(channel="", address="", then=Value("call")),
    When(channel="", then=Value("letter")),
    default=F("channel"),
    output_field=CharField(),
)


@dataclass(frozen=True)
class Reached:
    """How many are reached how, and what the SMS cost (yen)."""

    channels: dict[str, int]
    english: int

    @property
    def count(self) -> int:
        """All of them."""
        return sum(self.channels.values())

    @property
    def yen(self) -> int:
        """What the SMS cost."""
        return self.channels.get("sms", 0) * settings.SMS_PRICE_YEN


def chosen(prefecture: str, selection: Mapping[str, str]) -> QuerySet[Application]:
    """The applications of a prefecture that a selection means, withdrawn ones left out."""
    rows = Application.objects.filter(prefecture_code=prefecture, state__in=LIVE)
    if state := selection.get("state"):
        rows = rows.filter(state=state)
    if road := selection.get("road"):
        rows = rows.filter(method=road)
    if channel := selection.get("channel"):
        rows = rows.filter(channel="" if channel == "letter" else channel)
    if mark := selection.get("mark"):
        rows = rows.filter(marks__contains=[mark])
    if language := selection.get("language"):
        rows = rows.filter(language=language)
    if selection.get("entered"):
        rows = rows.filter(entered_by__isnull=False)
    if match := selection.get("match"):
        rows = rows.filter(pk__in=Claim.objects.filter(match=match).values("application"))
    return rows


def people(rows: QuerySet[Application]) -> QuerySet[Any, dict[str, int]]:
    """The newest application of each channel and address, as rows of one column: `newest`."""
    where = Case(
        When(channel="", then=Concat("postal_code", "address", "name", "phone")),
        default=Lower("delivery"),
        output_field=CharField(),
    )
    each = rows.annotate(way=WAY, where=where).order_by().values("way", "where")
    return each.annotate(newest=Max("pk")).values("newest")


def reached(rows: QuerySet[Application]) -> Reached:
    """How many people `rows` are, by the way that they are reached."""
    found = Application.objects.filter(pk__in=people(rows))
    counted = found.annotate(way=WAY).values("way", "language").annotate(many=Count("pk"))
    channels: dict[str, int] = {}
    english = 0
    for line in counted.order_by():
        channels[line["way"]] = channels.get(line["way"], 0) + line["many"]
        english += line["many"] if line["language"] == "en" else 0
    return Reached(channels, english)


def reached_by(row: Circular) -> Reached:
    """How many the fixed recipients of a circular are, by way."""
    return reached(Application.objects.filter(pk__in=row.recipients.values("application")))


def samples(rows: QuerySet[Application]) -> list[Application]:
    """Three of them to look at: the first, one of the middle, the last."""
    ids = sorted(people(rows).values_list("newest", flat=True))
    picked = sorted({ids[0], ids[len(ids) // 2], ids[-1]}) if ids else []
    return list(Application.objects.filter(pk__in=picked).order_by("pk"))


def prepare(
    prefecture: str, selection: Mapping[str, str], told: Mapping[str, str], *, by: Any
) -> Circular:
    """Fix text and recipients for another person to release. `told`: the texts of Circular.

    Raises Refused where nobody is meant, an SMS is too long, or English is missing for who uses it.
    """
    at = clock.now()
    clerks.require(by, prefecture)
    rows = chosen(prefecture, selection)
    found = reached(rows)
    if not found.count:
        raise Refused("この条件に当てはまる申請はありません。", "nobody")
    require_fit(prefecture, told, found)
    kept = {key: selection[key] for key in KEYS if selection.get(key)}
    with transaction.atomic():
        row = Circular.objects.create(
            **told,
            prefecture_code=prefecture,
            selection=kept,
            prepared_at=at,
            prepared_by=by,
            count=0,
        )
        sql, values = people(rows).query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO applications_recipient (circular_id, application_id)"
                f" SELECT %s, newest FROM ({sql}) AS found",
                [row.pk, *values],
            )
            row.count = cursor.rowcount
        row.save(update_fields=["count"])
    return row


def require_fit(prefecture: str, told: Mapping[str, str], found: Reached) -> None:
    """Raises Refused for an SMS that is longer than one, and for English that is missing."""
    for name, language in (("short", "ja"), ("short_en", "en")):
        if text := told.get(name):
            over = length(prefecture, text, language)
            if over[0] > over[1]:
                raise Refused(
                    f"SMSの文が長すぎます（差出人を含めて{over[0]}字、上限{over[1]}字）。", name
                )
    if found.english and not all(told.get(f"{name}_en") for name in ("heading", "words", "short")):
        raise Refused(
            f"英語で申請した方が{found.english:,}人います。英語の文も入力してください。", "words_en"
        )


def length(prefecture: str, text: str, language: str = "ja") -> tuple[int, int]:
    """Units of an SMS with its sender, and how many one SMS holds."""
    name = "short" if language == "ja" else "short_en"
    body = texts.compose("notice", "sms", NOTICE.prefectures[prefecture], {name: text}, language)
    return texts.units(body.body), texts.room(body.body)


def release(row: Circular, *, by: AbstractBaseUser) -> Circular:
    """Let the job write the messages. Raises Refused for who prepared it."""
    at = clock.now()
    clerks.require(by, row.prefecture_code)
    if row.prepared_by_id == by.pk:
        raise Refused("起案した人は発信できません。ほかの人が発信してください。", "same_person")
    return _sign(row, released_at=at, released_by=by)


def drop(row: Circular, *, by: AbstractBaseUser) -> Circular:
    """Give up what was not released."""
    at = clock.now()
    clerks.require(by, row.prefecture_code)
    return _sign(row, dropped_at=at, dropped_by=by)


def progress(row: Circular) -> dict[str, int]:
    """How many messages are written, sent, undelivered."""
    rows = Message.objects.filter(pk__in=row.recipients.values("message"))
    states = dict(rows.values_list("state").annotate(many=Count("pk")).order_by())
    bad = sum(states.get(state, 0) for state in ("failed", "unconfirmed", "given_up"))
    return {
        "written": sum(states.values()),
        "sent": states.get("sent", 0) + states.get("delivered", 0),
        "bad": bad,
    }


def write_due(limit: int = 20_000) -> int:
    """Write the messages of released circulars, up to `limit`; returns how many."""
    done = 0
    for row in Circular.objects.filter(released_at__isnull=False, written_at=None).order_by("pk"):
        while done < limit and (count := _write_some(row)):
            done += count
        if not row.recipients.filter(message=None).exists():
            Circular.objects.filter(pk=row.pk, written_at=None).update(written_at=clock.now())
    return done


def facts(row: Circular, application: Application) -> dict[str, object]:
    """What the message of one recipient says; the texts are the same for all."""
    said = ("heading", "words", "short", "heading_en", "words_en", "short_en")
    return {
        **{name: getattr(row, name) for name in said},
        "receipt": written(application.receipt_number),
    }


def composed(row: Circular, application: Application, channel: str = "") -> texts.Text:
    """The very text that somebody gets."""
    way = channel or reach(application)[0]
    office = NOTICE.prefectures[application.prefecture_code]
    return texts.compose("notice", way, office, facts(row, application), application.language)


def _write_some(row: Circular) -> int:
    """One piece in one transaction; who works beside takes other recipients."""
    at = clock.now()
    with transaction.atomic():
        waiting = row.recipients.select_for_update(of=("self",), skip_locked=True)
        found = list(waiting.filter(message=None).order_by("pk")[:CHUNK])
        known = Application.objects.in_bulk([each.application_id for each in found])
        written_now = [_message(row, known[each.application_id], at) for each in found]
        messages.write_all(written_now)
        keys = [message.key for message in written_now]
        ids = dict(Message.objects.filter(key__in=keys).values_list("key", "pk"))
        for recipient, message in zip(found, written_now, strict=True):
            recipient.message_id = ids[message.key]
        Recipient.objects.bulk_update(found, ["message"])
    return len(found)


def _message(row: Circular, application: Application, at: datetime) -> Message:
    to = messages.Reach(application.prefecture_code, *reach(application), application.language)
    return messages.compose(
        f"notice:{row.pk}:{application.pk}",
        "notice",
        to,
        at,
        facts=facts(row, application),
        subject=f"application:{application.pk}",
    )


def _sign(row: Circular, **signature: Any) -> Circular:
    waits = Circular.objects.filter(pk=row.pk, released_at=None, dropped_at=None)
    if not waits.update(**signature):
        raise Refused(OVERTAKEN, "moved")
    row.refresh_from_db()
    return row
