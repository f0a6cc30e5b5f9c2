"""Is an export what the ledger can take? Set-based, every fault with its line and column."""

from typing import Any

from django.db import connection

from config.notice import NOTICE
from coupons.ledger.faults import SHOWN, Fault

# The marks stand where the shape has them, nothing but digits between: no two marks side by side,
# and a digit in the only two places that have no mark beside them. Half of one long pattern's time.
MOMENT = """(({0} LIKE '20__-__-__T__:__:__+__:__' OR {0} LIKE '20__-__-__T__:__:__-__:__')
             AND right({0}, 1) BETWEEN '0' AND '9' OR {0} LIKE '20__-__-__T__:__:__Z')
            AND {0} !~ '[^0-9TZ:+-]|[TZ:+-][TZ:+-]' AND substr({0}, 3, 1) BETWEEN '0' AND '9'
            AND substr({0}, 12, 2) < '24' AND substr({0}, 18, 2) < '60'
            AND pg_input_is_valid({0}, 'timestamp with time zone')"""
DAY = """{0} LIKE '20__-__-__' AND {0} !~ '[^0-9-]|--' AND right({0}, 1) <> '-'
         AND substr({0}, 3, 1) <> '-' AND pg_input_is_valid({0}, 'date')"""
YEN = "{0} ~ '^[1-9][0-9]*$' AND length({0}) <= 7"
ID = "{0} ~ '^[!-~]+$' AND length({0}) <= 64"
PHONE = r"{0} ~ '^\+[0-9]+$' AND length({0}) BETWEEN 9 AND 16"
SAY_MOMENT = "日時が必要です（例 2023-02-20T18:05:00+09:00）"
SAY_DAY = "日付が必要です（例 2023-02-20）"
SAY_YEN = "1以上の整数が必要です（円、カンマなし）"

Rule = tuple[str, str, str]  # column, SQL condition on raw row r, what is expected


def moment(column: str, optional: bool = False) -> Rule:
    condition = MOMENT.format(f"r.{column}")
    blank = f"r.{column} = '' OR " if optional else ""
    said = SAY_MOMENT.replace("が必要です", "または空欄が必要です") if optional else SAY_MOMENT
    return column, blank + condition, said


def day(column: str) -> Rule:
    return column, DAY.format(f"r.{column}"), SAY_DAY


def text(column: str, length: int) -> Rule:
    return column, f"length(r.{column}) <= {length}", f"{length}文字までです"


def number() -> Rule:
    said = f"お問合せ番号が必要です（形式 {NOTICE.inquiry_number_pattern}）"
    return "inquiry_number", "r.inquiry_number ~ %(number)s", said


def coupon_rules() -> list[Rule]:
    """What each column of coupons.csv must hold."""
    return [
        number(),
        (
            "prefecture_code",
            "r.prefecture_code = ANY(%(prefectures)s)",
            f"対象の都道府県コードが必要です（{'、'.join(NOTICE.prefectures)}）",
        ),
        (
            "travel_type",
            "r.travel_type IN ('day_trip', 'stay')",
            "day_trip または stay が必要です",
        ),
        day("travel_start"),
        day("travel_end"),
        (
            "travel_end",
            f"r.travel_end >= r.travel_start OR NOT ({DAY.format('r.travel_start')})"
            f" OR NOT ({DAY.format('r.travel_end')})",
            "旅行開始日より前です",
        ),
        ("face_value", YEN.format("r.face_value"), SAY_YEN),
        moment("issued_at"),
        moment("expires_at", optional=True),
        text("issuer", 200),
        moment("charged_at", optional=True),
        text("app_account", 64),
        (
            "app_phone",
            f"r.app_phone = '' OR {PHONE.format('r.app_phone')}",
            "電話番号（例 +819012345678）または空欄が必要です",
        ),
        (
            "app_email",
            r"r.app_email = '' OR r.app_email ~ '^[^@\s]+@[^@\s]+$' AND length(r.app_email) <= 254",
            "メールアドレスまたは空欄が必要です",
        ),
        moment("app_left_at", optional=True),
    ]


def movement_rules() -> list[Rule]:
    """What each column of transactions.csv must hold."""
    return [
        ("transaction_id", ID.format("r.transaction_id"), "取引番号が必要です（半角64文字まで）"),
        number(),
        (
            "kind",
            "r.kind IN ('payment', 'cancellation', 'restoration')",
            "payment、cancellation、restoration のいずれかが必要です",
        ),
        ("amount", YEN.format("r.amount"), SAY_YEN),
        moment("occurred_at"),
        text("store_id", 64),
        text("store_name", 200),
        (
            "restores_transaction_id",
            "r.kind <> 'restoration' OR r.restores_transaction_id <> ''",
            "戻入には、元の決済の取引番号が必要です",
        ),
        (
            "restores_transaction_id",
            "r.kind <> 'payment' OR r.restores_transaction_id = ''",
            "決済では空欄が必要です",
        ),
    ]


def check_columns(table: str, file: str, rules: list[Rule]) -> list[Fault]:
    """Rows whose columns break a rule. Sound rows are passed over by one condition."""
    sound = " AND ".join(f"({condition})" for _, condition, _ in rules)
    values = ", ".join(
        f"({place}, '{column}', r.{column}, ({condition}), %(said{place})s)"
        for place, (column, condition, _) in enumerate(rules)
    )
    return ask(
        file,
        f"""SELECT r.line, v.place, v.field, left(v.value, 60), v.said
            FROM {table} r
            CROSS JOIN LATERAL (VALUES {values}) v (place, field, value, kept, said)
            WHERE NOT ({sound}) AND NOT v.kept
            ORDER BY 1, 2 LIMIT {SHOWN + 1}""",
        {
            "number": f"^({NOTICE.inquiry_number_pattern})$",
            "prefectures": list(NOTICE.prefectures),
        }
        | {f"said{place}": said for place, (_, _, said) in enumerate(rules)},
    )


def check_twice(table: str, file: str, column: str) -> list[Fault]:
    """Rows whose key stood in the same file before."""
    return ask(
        file,
        f"""SELECT r.line, 0, '{column}', left(r.{column}, 60),
                   t.first || '行目と重複しています（1つだけ必要です）'
            FROM {table} r JOIN (
                SELECT {column}, min(line) AS first FROM {table}
                GROUP BY {column} HAVING count(*) > 1
            ) t ON t.{column} = r.{column} AND r.line > t.first
            ORDER BY 1 LIMIT {SHOWN + 1}""",
    )


def check_coupons_known(file: str) -> list[Fault]:
    """Movements of a coupon that neither coupons.csv nor the ledger has."""
    return ask(
        file,
        f"""SELECT r.line, 1, 'inquiry_number', left(r.inquiry_number, 60),
                   'coupons.csvにもクーポン台帳にもない番号です'
            FROM raw_movements r
            WHERE NOT EXISTS (
                    SELECT FROM raw_coupons c WHERE c.inquiry_number = r.inquiry_number)
              AND NOT EXISTS (
                    SELECT FROM coupons_coupon c WHERE c.inquiry_number = r.inquiry_number)
            ORDER BY 1 LIMIT {SHOWN + 1}""",
    )


TWICE = "SELECT FROM {0} WHERE EXISTS (SELECT FROM {2}) GROUP BY {1} HAVING count(*) > 1"
# Give-backs and cancellations (r) that name no payment of the same coupon; `told` has both.
RESTORES_NOTHING = """
    FROM {told} r
    LEFT JOIN {told} p ON p.transaction_id = r.restores_transaction_id
    LEFT JOIN LATERAL (
        SELECT p.kind, p.inquiry_number WHERE p.kind IS NOT NULL
        UNION ALL
        (SELECT e.kind, c.inquiry_number
         FROM coupons_entry e JOIN coupons_coupon c ON c.id = e.coupon_id
         WHERE p.kind IS NULL AND e.transaction_id = r.restores_transaction_id
         ORDER BY e.revision DESC LIMIT 1)
    ) k ON true
    WHERE r.restores_transaction_id <> '' AND r.kind <> 'payment'
      AND (k.kind = 'payment' AND k.inquiry_number = r.inquiry_number) IS NOT TRUE"""


def check_restored(file: str) -> list[Fault]:
    """Give-backs and cancellations that name no payment of the same coupon."""
    return ask(
        file,
        f"""SELECT r.line, 7, 'restores_transaction_id', left(r.restores_transaction_id, 60),
                   CASE WHEN k.kind IS NULL THEN '元の決済が見つかりません'
                        WHEN k.kind <> 'payment' THEN '決済の取引番号が必要です'
                        ELSE '同じクーポンの決済が必要です' END
            {RESTORES_NOTHING.format(told="raw_movements")}
            ORDER BY 1 LIMIT {SHOWN + 1}""",
    )


def is_doubtful() -> bool:
    """Whether the typed export breaks a rule that reaches over rows; `stage` with care says which.

    The ledger's own constraints refuse a movement of an unknown coupon, a trip that ends before it
    begins and, where the ledger is empty, a key that stands twice.
    """
    return any(
        found(query)
        for query in (
            TWICE.format("incoming_coupons", "inquiry_number", "coupons_coupon"),
            TWICE.format("told_movements", "transaction_id", "coupons_entry"),
            f"SELECT {RESTORES_NOTHING.format(told='told_movements')}",
        )
    )


def found(query: str) -> bool:
    """Whether a query has any row."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS ({query})")
        return cursor.fetchone()[0]


def ask(file: str, query: str, params: dict[str, Any] | None = None) -> list[Fault]:
    """The faults that a query finds: line, place of the column, column, value, expectation."""
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return [Fault(file, *row) for row in cursor.fetchall()]
