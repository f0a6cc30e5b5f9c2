"""The office's list of applications at any size, against an empty page and Django's stock list."""

import gc
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from itertools import product

from django.conf import settings
from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import path
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from applications import search, tallies
from applications.models import Application
from benchmarks import ground
from benchmarks.measure import Contender, Result, interleave
from config import clock
from config.notice import NOTICE
from config.urls import urlpatterns as ours
from payouts.models import Clerk

LIST, STOCK = "/admin/applications/application/", "/stock/applications/application/"
OFTEN = 5  # requests of one timing
QUERIES = 10
SURNAMES = (
    "佐藤サトウ 鈴木スズキ 高橋タカハシ 田中タナカ 伊藤イトウ 渡辺ワタナベ 山本ヤマモト "
    "中村ナカムラ 小林コバヤシ 加藤カトウ 吉田ヨシダ 山田ヤマダ 佐々木ササキ 山口ヤマグチ "
    "松本マツモト 井上イノウエ 木村キムラ 林ハヤシ 斎藤サイトウ 清水シミズ 山崎ヤマザキ "
    "森モリ 池田イケダ 橋本ハシモト 阿部アベ 石川イシカワ 山下ヤマシタ 中島ナカジマ "
    "石井イシイ 小川オガワ 前田マエダ 岡田オカダ 長谷川ハセガワ 藤田フジタ 後藤ゴトウ "
    "近藤コンドウ 村上ムラカミ 遠藤エンドウ 青木アオキ 坂本サカモト 静岡シズオカ 福田フクダ "
    "太田オオタ 西村ニシムラ 藤井フジイ 金子カネコ 岡本オカモト 藤原フジワラ 三浦ミウラ "
    "中野ナカノ"
)
NAMES = (
    "大翔ヒロト 蓮レン 悠真ユウマ 陽翔ハルト 湊ミナト 健一ケンイチ 翔太ショウタ 誠マコト "
    "隆タカシ 浩ヒロシ 結衣ユイ 陽菜ヒナ 葵アオイ 凛リン 花子ハナコ 恵子ケイコ 洋子ヨウコ "
    "幸子サチコ 美咲ミサキ 愛アイ 直樹ナオキ 大輔ダイスケ 拓也タクヤ 和夫カズオ 正タダシ "
    "茂シゲル 清キヨシ 由美子ユミコ 真由美マユミ 久美子クミコ 明美アケミ 智子トモコ "
    "裕子ユウコ 絵美エミ 舞マイ 彩アヤ 綾香アヤカ 千尋チヒロ 麻衣マイ 薫カオル"
)
APPLICATIONS = """
    INSERT INTO applications_application
        (submission_id, receipt_number, state, prefecture_code, language, arrived_at, opened_at,
         closes_at, name, kana, phone, email, travel_type, travel_end, expires_on_outage_day,
         number_unknown, issuer, method, channel, delivery, holder_relation, holder_consent,
         postal_code, address, lodging, booking_name, agency, app_contact, search, content_hash,
         marks, by_matching, decided_by_id, decided_at, bank_account_id)
    SELECT gen_random_uuid(), 'R' || lpad(to_hex(n), 11, '0'),
           (ARRAY['received', 'received', 'received', 'received', 'received', 'received',
                  'received', 'checked', 'asked', 'decided'])[1 + n %% 10],
           (%(prefectures)s::text[])[1 + n %% 26], 'ja',
           %(opens)s::timestamptz + (%(closes)s::timestamptz - %(opens)s::timestamptz)
                                    * (n::float8 / %(rows)s),
           %(opens)s, %(closes)s, p.name, p.kana, '+8190' || 10000000 + n,
           CASE n %% 3 WHEN 0 THEN 'u' || n || '@example.jp' ELSE '' END, 'stay', %(day)s, 'yes',
           false, '', CASE n %% 20 WHEN 7 THEN 'bank' ELSE 'points' END,
           CASE WHEN n %% 20 = 7 THEN '' WHEN n %% 4 = 0 THEN 'email' ELSE 'sms' END,
           CASE WHEN n %% 20 = 7 THEN '' WHEN n %% 4 = 0 THEN 'd' || n || '@example.jp'
                ELSE '+8180' || 10000000 + n END,
           '', false, CASE n %% 20 WHEN 7 THEN lpad((n %% 100000)::text, 7, '0') ELSE '' END,
           CASE n %% 20 WHEN 7 THEN n || '番地' ELSE '' END, '', '', '', '', p.keys,
           sha256(n::text::bytea),
           CASE n %% 50 WHEN 3 THEN ARRAY['twin']::varchar[] ELSE '{}'::varchar[] END,
           n %% 10 IN (7, 9), CASE n %% 10 WHEN 9 THEN %(by)s END,
           CASE n %% 10 WHEN 9 THEN %(closes)s::timestamptz END,
           CASE n %% 20 WHEN 7 THEN md5(n::text)::uuid END
    FROM generate_series(0, %(rows)s - 1) n
    JOIN bench_people p ON p.number = (n::bigint * 7919) %% %(people)s
"""
ACCOUNTS = """
    INSERT INTO payouts_bankaccount (id, blob, account_hash, made_at)
    SELECT md5(n::text)::uuid, 'x'::bytea, sha256(n::text::bytea), now()
    FROM generate_series(7, %(rows)s - 1, 20) n
"""
CLAIMS = """
    INSERT INTO applications_claim
        (application_id, position, prefecture_code, typed_number, inquiry_number, coupon_use, match,
         match_reasons, state, proposal, reason)
    SELECT a.id, k, a.prefecture_code, '', lpad((a.id * 3 + k)::text, 12, '0'), 'paper',
           CASE WHEN a.id %% 7 = 0 THEN 'differs' WHEN a.id %% 31 = 0 THEN 'not_found'
                WHEN a.id %% 997 = 0 THEN 'contested' ELSE 'clean' END,
           '{}'::varchar[], 'pending', '', ''
    FROM applications_application a CROSS JOIN generate_series(1, 1 + (a.id %% 5 = 0)::int) k
"""
PAGES = {
    "first page": "",
    "filter: differing": "?match=differs",
    "filter: contested (one in a thousand)": "?match=contested",
    "filter: all agree": "?match=clean",
    "filter: prefecture": "?prefecture=22",
    "filter: bank": "?road=bank",
    "filter: e-mail": "?channel=email",
    "filter: a week old": "?age=7",
    "filter: marked": "?look=marked",
    "filter: one mark": "?mark=twin",
    "filter: decided": "?state=decided",
    "filter: all states": "?state=all",
    "filter: state and prefecture": "?state=checked&prefecture=22",
}
PAGE, EXACT, PERSON = 5.0, 1.1, 8.0


class StockList(ModelAdmin):
    """What one writes first: the same columns, filters and searched fields."""

    list_display = ("receipt_number", "state", "prefecture_code", "method", "channel", "arrived_at")
    list_filter = ("state", "prefecture_code", "method", "channel")
    search_fields = ("receipt_number", "name", "kana", "phone", "email", "claims__inquiry_number")
    date_hierarchy = "arrived_at"
    ordering = ("arrived_at",)


stock = AdminSite("stock")
stock.register(Application, StockList)
urlpatterns = [path("stock/", stock.urls), *ours]


def listed(rows: int, rounds: int) -> Result:
    """Pages of the list over `rows` applications, timed to an empty page of the same list."""
    by = filled_elsewhere(rows)
    client = signed_in(by)
    keys = searched(rows)
    exact = {f"search: {name}": f"?q={term}" for name, term in keys.items() if name in EXACTLY}
    person = {f"search: {name}": f"?q={term}" for name, term in keys.items() if name not in EXACTLY}
    wanted = {"empty page": "?state=withdrawn", **exact, **person, **PAGES}
    with ExitStack() as stack:
        stack.enter_context(override_settings(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"]))
        stack.enter_context(clock.at(NOTICE.dates.applications_close))
        contenders = [Contender(name, asked(client, LIST + q)) for name, q in wanted.items()]
        contenders.append(Contender("first page of the office", asked(client, "/admin/")))
        costs = {kind: tallies.count(kind).milliseconds for kind in tallies.COUNTED}
        queries = {name: count(client, LIST + query) for name, query in wanted.items()}
        gc.collect()
        gc.freeze()  # as the web process does
        seconds = interleave(contenders, rounds)
        peers = {
            "stock: first page": STOCK,
            "stock: search: receipt number": STOCK + exact["search: receipt number"],
            "stock: search: name": STOCK + person["search: name"],
        }
        stack.enter_context(override_settings(TEMPLATES=plain_templates()))
        slow = [Contender(name, asked(client, address, 1)) for name, address in peers.items()]
        seconds |= {
            name: [OFTEN * each for each in times]
            for name, times in interleave(slow, rounds).items()
        }
        stock_queries = count(client, STOCK)
    empty = min(seconds["empty page"]) / OFTEN
    return Result(
        "lists",
        rows,
        seconds,
        goals={
            **dict.fromkeys(exact, EXACT),
            **dict.fromkeys(person, PERSON),
            **dict.fromkeys(PAGES, PAGE),
        },
        figures={
            "requests a timing": OFTEN,
            "empty page, ms": round(1000 * empty, 1),
            "most queries": max(queries.values()),
            "stock's queries": stock_queries,
            **{f"counting {kind}, ms": cost for kind, cost in costs.items()},
        },
        limits={"most queries": QUERIES},
    )


def plain_templates() -> list[dict[str, object]]:
    """Django's own pages without ours, for the stock list."""
    return [{**engine, "DIRS": []} for engine in settings.TEMPLATES]


EXACTLY = ("receipt number", "inquiry number", "phone", "e-mail", "delivery")


def searched(rows: int) -> dict[str, str]:
    """What a caller can say, each of a case in the middle."""
    row = Application.objects.filter(email__gt="", channel="email")[rows // 30]
    return {
        "receipt number": row.receipt_number,
        "inquiry number": row.claims.first().inquiry_number,
        "phone": "0" + row.phone[3:],
        "e-mail": row.email,
        "delivery": row.delivery,
        "name": "静岡 花子",
        "kana, half width": "ｼｽﾞｵｶ ﾊﾅ",
        "surname of many": "さとう",
    }


def asked(client: Client, address: str, often: int = OFTEN) -> Callable[[], None]:
    """A contender that loads a page some times."""

    def run() -> None:
        for _ in range(often):
            answer = client.get(address)
            if answer.status_code != 200:
                raise RuntimeError(f"{address}: {answer.status_code}")

    return run


def count(client: Client, address: str) -> int:
    """The queries of one page, without those that only a rehearsal asks (its clock)."""
    with CaptureQueriesContext(connection) as found:
        asked(client, address, 1)()
    return sum("config_offset" not in each["sql"] for each in found)


def filled_elsewhere(rows: int) -> User:
    """The table filled by another process, as the one that serves pages did not do it."""
    fill = f"from benchmarks import ground, lists; lists.filled({rows})"
    subprocess.run([sys.executable, "-c", fill], check=True, cwd=settings.BASE_DIR)
    return User.objects.get(username="lister")


def filled(rows: int) -> User:
    """The table, and a clerk who works everywhere."""
    ground.empty()
    by, _ = User.objects.get_or_create(
        username="lister", defaults={"is_staff": True, "is_superuser": True}
    )
    Clerk.objects.get_or_create(user=by, defaults={"everywhere": True})
    people = [
        (kanji(surname) + " " + kanji(name), kana(surname) + "　" + kana(name))
        for surname, name in product(SURNAMES.split(), NAMES.split())
    ]
    ground.execute("DROP TABLE IF EXISTS bench_people")
    ground.execute("CREATE TABLE bench_people (number int, name text, kana text, keys varchar[])")
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO bench_people VALUES (%s, %s, %s, %s)",
            [(n, *each, search.keys(*each)) for n, each in enumerate(people)],
        )
    values = {
        "rows": rows,
        "people": len(people),
        "prefectures": list(NOTICE.prefectures),
        "opens": NOTICE.dates.site_opens,
        "closes": NOTICE.dates.applications_close,
        "day": NOTICE.dates.outage_day,
        "by": by.pk,
    }
    ground.execute(ACCOUNTS, values)
    ground.execute(APPLICATIONS, values)
    ground.execute(CLAIMS, {})
    for table in ("applications_application", "applications_claim", "payouts_bankaccount"):
        ground.execute(f"VACUUM ANALYZE {table}")
    return by


def kanji(both: str) -> str:
    """The part before the reading."""
    return "".join(sign for sign in both if not "ァ" <= sign <= "ヶ")


def kana(both: str) -> str:
    """The reading."""
    return "".join(sign for sign in both if "ァ" <= sign <= "ヶ")


def signed_in(user: User) -> Client:
    """A browser in which the clerk gave password and code."""
    client = Client()
    device, _ = TOTPDevice.objects.get_or_create(user=user, name="bench")
    client.force_login(user)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    return client
