"""The book of the simulated provider: what it issued, in a SQLite file that outlives a restart."""

import secrets
import sqlite3
from datetime import date, timedelta
from pathlib import Path
from threading import RLock
from typing import Any

from config import clock

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
DIGITS = "0123456789"
FUNDS = 1_000_000_000  # yen, at the first start
PAGE = 1000

SCHEMA = """
CREATE TABLE IF NOT EXISTS gift (
    number INTEGER PRIMARY KEY, request_id TEXT NOT NULL UNIQUE, ref TEXT NOT NULL UNIQUE,
    brand TEXT NOT NULL, asked INTEGER NOT NULL, yen INTEGER NOT NULL, code TEXT NOT NULL UNIQUE,
    url TEXT NOT NULL, expires_on TEXT NOT NULL, issued_at REAL NOT NULL, state TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS funds (yen INTEGER NOT NULL);
"""


class Book:
    """Gifts by request id, and the prepaid yen. Every method is safe from any thread."""

    def __init__(self, state: Path, today: date) -> None:
        self.today = today
        self._lock = RLock()
        self._db = sqlite3.connect(state, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")  # outlives kill -9 of this process
        self._db.executescript(SCHEMA)
        self._db.execute(
            "INSERT INTO funds SELECT ? WHERE NOT EXISTS (SELECT 1 FROM funds)", (FUNDS,)
        )

    def find(self, request_id: str) -> dict[str, Any] | None:
        """The gift under a request id."""
        return self._one("SELECT * FROM gift WHERE request_id = ?", request_id)

    def issue(self, request_id: str, brand: str, asked: int, yen: int) -> dict[str, Any] | None:
        """A new gift of `yen`, or the one that exists; None when the funds don't reach."""
        code, url = new_code(brand)
        row = (request_id, "GC" + secrets.token_hex(8).upper(), brand, asked, yen, code, url)
        with self._lock, self._db:
            self._db.execute("BEGIN IMMEDIATE")
            known = self._one("SELECT * FROM gift WHERE request_id = ?", request_id)
            if known:
                return known
            paid = self._db.execute("UPDATE funds SET yen = yen - ? WHERE yen >= ?", (yen, yen))
            if not paid.rowcount:
                return None
            self._db.execute(
                "INSERT INTO gift (request_id, ref, brand, asked, yen, code, url, expires_on,"
                " issued_at, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'issued')",
                (*row, self._expiry(brand).isoformat(), clock.real_now().timestamp()),
            )
            return self._one("SELECT * FROM gift WHERE request_id = ?", request_id)

    def cancel(self, request_id: str, ref: str, within: float) -> str:
        """ "" when it is cancelled now or was before, else why not; `within` seconds of issue."""
        with self._lock, self._db:
            self._db.execute("BEGIN IMMEDIATE")
            gift = self._one("SELECT * FROM gift WHERE request_id = ?", request_id)
            if gift is None or gift["ref"] != ref:
                return "GiftNotFound"
            if gift["state"] == "cancelled":
                return ""
            if clock.real_now().timestamp() - gift["issued_at"] > within:
                return "CancelWindowClosed"
            self._db.execute(
                "UPDATE gift SET state = 'cancelled' WHERE request_id = ?", (request_id,)
            )
            self._db.execute("UPDATE funds SET yen = yen + ?", (gift["yen"],))
            return ""

    def counts(self) -> dict[str, int]:
        """Gifts issued, those of them cancelled, yen still standing, funds left."""
        found = self._one(
            "SELECT count(*) AS issues, count(*) FILTER (WHERE state = 'cancelled') AS cancelled,"
            " coalesce(sum(yen) FILTER (WHERE state = 'issued'), 0) AS yen,"
            " (SELECT yen FROM funds) AS funds FROM gift"
        )
        assert found is not None
        return found

    def set_funds(self, yen: int) -> None:
        """Replace the prepaid yen."""
        with self._lock:
            self._db.execute("UPDATE funds SET yen = ?", (yen,))

    def page(self, after: int) -> list[dict[str, Any]]:
        """Up to a thousand gifts after a number, in the order of issue."""
        with self._lock:
            rows = self._db.execute(
                "SELECT * FROM gift WHERE number > ? ORDER BY number LIMIT ?", (after, PAGE)
            ).fetchall()
        return [dict(row) for row in rows]

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    def _one(self, sql: str, *values: object) -> dict[str, Any] | None:
        with self._lock:
            row = self._db.execute(sql, values).fetchone()
        return dict(row) if row else None

    def _expiry(self, brand: str) -> date:
        """Ten years for Amazon, half a year and a bit for the others."""
        return self.today + timedelta(days=3652 if brand == "amazon" else 240)


def new_code(brand: str) -> tuple[str, str]:
    """A code in the brand's manner, and its address where the brand sends one."""
    if brand == "amazon":
        return "-".join((_pick(LETTERS, 4), _pick(LETTERS, 6), _pick(LETTERS, 4))), ""
    if brand == "paypay":
        code = _pick(DIGITS, 16)
        return code, f"https://gift.paypay.example/{code}"
    if brand == "ponta":
        return _pick(LETTERS, 12), ""
    return _pick(LETTERS, 16), ""  # nanaco and Edy


def _pick(alphabet: str, count: int) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(count))
