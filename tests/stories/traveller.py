"""A traveller's browser without script: cookies, forms, redirects, over real HTTP."""

import re
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Traveller:
    """One browser. `page` is the last page read, `path` where it stands, `status` its code."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.opener: OpenerDirector = build_opener(HTTPCookieProcessor(CookieJar()))
        self.page, self.path, self.status = "", "", 0

    def get(self, path: str) -> str:
        """Open a page."""
        return self._open(Request(self._absolute(path)))

    def send(self, path: str = "", **fields: str) -> str:
        """Fill in the form of this page and send it (to this page unless told otherwise)."""
        token = TOKEN.search(self.page)
        fields = {"csrfmiddlewaretoken": token.group(1) if token else "", **fields}
        data = urlencode(fields).encode()
        return self._open(Request(self._absolute(path or self.path), data=data))

    def _absolute(self, path: str) -> str:
        return path if path.startswith("http") else self.url + path

    def _open(self, request: Request) -> str:
        try:
            answer = self.opener.open(request, timeout=30)
        except HTTPError as error:
            answer = error
        with answer:
            self.page = answer.read().decode()
            self.status, self.path = answer.status, answer.url.removeprefix(self.url)
        return self.page


def coupons(number: str, **changes: str) -> dict[str, str]:
    """The first step: one coupon on paper of a day trip on the day of the outage."""
    answers = {
        "prefecture": "22",
        "travel_type": "day_trip",
        "travel_end_year": "2023",
        "travel_end_month": "2",
        "travel_end_day": "24",
        "expires_on_outage_day": "yes",
        "inquiry_number_0": number,
        "coupon_use_0": "paper",
        "next": "1",
    }
    return answers | changes


def apply(traveller: Traveller, number: str, **delivery: str) -> str:
    """Fill in everything up to the check page; returns the page."""
    traveller.get("/apply/")
    if not traveller.path.startswith("/apply/coupons/"):
        traveller.get("/apply/coupons/")
    traveller.send(**coupons(number))
    traveller.send(name="静岡　花子", kana="しずおか はなこ", phone="054-202-5555", next="1")
    way = {"method": "points", "channel": "sms", "delivery_phone": "０９０－１２３４－５６７８"}
    return traveller.send(**(way | delivery), next="1")


def receipt_number(page: str) -> str:
    """The receipt number on a page or in a message."""
    found = re.search(r"[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}", page)
    assert found, page
    return found.group()
