"""Requests that no browser of ours sends: every address, strange methods, heads, bodies, cookies.

One seed gives one sequence. A request is bytes, so that what a library would refuse to write goes
out as well.
"""

import random
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

from applications import draft as drafts
from applications.draft import ORDER, Draft
from tests.addresses import Address, office, public
from tests.faults.crowd import TOKEN, cookie_of
from tests.faults.web import World

PATIENCE = 20.0  # seconds until an answer counts as none
METHODS = ["GET"] * 8 + ["POST"] * 12
STRANGE = ["HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "get", "GE T", "Ｇ"]
TEXTS = [
    *("", " ", "0", "-1", "1", "on", "22", "points", "bank", "sms", "email", "ponta", "stay"),
    *("2023", "令和5", "２", "24", "R5", "99999", "1e9", "0x7f", "１２３４５６７８４３２１"),
    *("123456784321", "123456784322", "090-1234-5678", "+81 90 1234 5678", "5678", "shizuoka"),
    *(
        "静岡 花子",
        "しずおか はなこ",
        "ｼｽﾞｵｶ ﾊﾅｺ",
        "髙﨑 𠮷",
        "e\u0301",
        "\u202e\u200b\ufeff",
        "🗾" * 50,
    ),
    *("a@example.jp", "a..b@docomo.ne.jp", "@", "a@[127.0.0.1]", "a@b.example\r\nBcc: c@d.example"),
    *("' OR 1=1 --", '"><script>alert(1)</script>', "{{ 7*7 }}{% x %}", "%s%n%d{0}", "../../etc"),
    *("=1+1", "＝1", "@SUM(A1)", "$(id)", "`id`", "\\", "\x00", "\x7f", "\t\n\r", "\ud800", "NaN"),
    *("9" * 400, "あ" * 3000, "A" * 20_000, "2023-02-24", "2023-02-30", "0000", "0120-479-249"),
]
NAMES = sorted(
    {name for names in ORDER.values() for name in names}
    | {"csrfmiddlewaretoken", "consent", "submit", "next", "add", "receipt", "proof", "prove"}
    | {"brand", "choose", "confirm", "end", "withdraw", "change", "restart", "homepage", "answer"}
    | {"again", "rows", "kind", "new", "done", "office", "asked", "trip", "counts", "old_contact"}
    | {"inquiry_number", "username", "password", "otp_token", "q", "o", "p", "all", "state", "like"}
    | {"action", "_selected_action", "_popup", "_to_field", "reason", "note", "file", "moment"}
)
HEADS = [
    "Accept-Language: " + "ja," * 500,
    "Accept-Language: \xff\xfe",
    "Accept-Encoding: gzip, \x00, br;q=9",
    "Content-Encoding: gzip",
    "Cookie: =; ;;; a; csrf; office=\xff\xfe; draft=" + "=" * 100,
    "Expect: 200-maybe",
    "Host: evil.example",
    "Host: 127.0.0.1:99999",
    "Host: ",
    "If-Modified-Since: yesterday",
    "If-None-Match: " + '"x",' * 200,
    "Range: bytes=99-1",
    "Referer: \xff",
    "Origin: null",
    "Transfer-Encoding: chunked",
    "X-Forwarded-For: unknown, ::1, \xff, " + "1.2.3.4, " * 100,
    "X-Forwarded-Host: evil.example",
    "X-Forwarded-Proto: gopher",
    "X-Http-Method-Override: DELETE",
    "Authorization: Basic \xff",
    "Accept: text/html;q=nan",
]
KINDS = [
    *("application/x-www-form-urlencoded",) * 20,
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "multipart/form-data; boundary=" + "y" * 300,
    "application/json",
    "text/plain; charset=utf-16",
    "application/x-www-form-urlencoded; charset=nothing",
    "application/x-www-form-urlencoded; charset=shift_jis",
    "\xff",
    "",
]


@dataclass(frozen=True)
class Sent:
    """One request, what it is about, and whether it has an end that a server can see."""

    number: int
    content: bytes
    about: str
    whole: bool = True


class Fuzzer:
    """Requests by a seed."""

    def __init__(self, seed: int, world: World, host: str) -> None:
        self.chance, self.world, self.host = random.Random(seed), world, host
        self.public, self.office = public(), office()

    def requests(self, count: int) -> Iterator[Sent]:
        """Every address once, in an order of chance, and then again."""
        for number in range(count):
            deck = self.public if number % 4 else self.office
            address = (
                deck[self.chance.randrange(len(deck))]
                if number >= len(deck) * 4
                else deck[number // 4 % len(deck)]
            )
            yield self.request(number, address)

    def request(self, number: int, address: Address) -> Sent:
        """One request to this address."""
        pick = self.chance
        method = pick.choice(STRANGE if pick.random() < 0.1 else METHODS)
        target = self.target(address)
        kind = pick.choice(KINDS)
        body = b"" if method == "GET" and pick.random() < 0.9 else self.body(kind)
        heads = [f"Host: {self.host}", f"Cookie: {self.cookies()}"]
        if body or method != "GET":
            heads += [f"Content-Type: {kind}", f"Content-Length: {self.length(body)}"]
        if pick.random() < 0.15:
            heads += pick.sample(HEADS, pick.randint(1, 3))
        heads += [f"X-Forwarded-For: 10.{number >> 16}.{number >> 8 & 255}.{number & 255}"]
        heads += ["Connection: close"]
        head = "\r\n".join([f"{method} {target} HTTP/1.1", *heads]) + "\r\n\r\n"
        content = head.encode("utf-8", "surrogatepass") + body
        whole = f"Content-Length: {len(body)}\r\n" in head and "chunked" not in head
        if broken := pick.random() < 0.03:
            content = self.broken(content)
        ends = not broken and (whole or not body)
        return Sent(number, content, f"{method} {address.name} {kind}", ends)

    def target(self, address: Address) -> str:
        """The address, mostly with something living in it, and a query now and then."""
        pick, path = self.chance, address.path
        if pick.random() < 0.7:
            for start, token in self.world.tokens.items():
                if path.removeprefix("/en").startswith(start):
                    place = path.index(start) + len(start)
                    path = path[:place] + token + ("/" if path.endswith("/") else "")
        if pick.random() < 0.1:
            path = path.rstrip("/") + pick.choice(["", "//", "/%00", "/%ff", "/..%2f", "/\u3042/"])
        if pick.random() < 0.35:
            path += "?" + "&".join(self.pair(quote) for _ in range(pick.randint(1, 5)))[:6000]
        return quote(path, safe="/?&=%+-_.~:;,'()*!@$[]|\\")

    def pair(self, quoted: object) -> str:
        """One name and its value."""
        pick = self.chance
        value = pick.choice(TEXTS)
        if pick.random() < 0.05:
            return quoted(pick.choice(TEXTS)[:80].encode("utf-8", "surrogatepass"))
        text = quoted(value.encode(pick.choice(["utf-8"] * 9 + ["cp932"]), "replace"))
        return f"{pick.choice(NAMES)}={text}"

    def body(self, kind: str) -> bytes:
        """A body, rarely as its kind says; mostly a form with a right token."""
        pick = self.chance
        if pick.random() < 0.05:
            return pick.randbytes(pick.randint(1, 3000))
        if pick.random() < 0.02:
            return b"a=" + b"x" * 70_000
        if "multipart" in kind:
            return self.parts()
        pairs = [f"csrfmiddlewaretoken={TOKEN}"] * (pick.random() < 0.9)
        pairs += [self.pair(quote_plus) for _ in range(pick.randint(0, 25))]
        if pick.random() < 0.01:
            pairs += ["a=b"] * 1500
        return "&".join(pairs).encode("utf-8", "surrogatepass")[:60_000]

    def parts(self) -> bytes:
        """A multipart body, sometimes with a file, sometimes without an end."""
        pick, lines = self.chance, []
        for name in [("csrfmiddlewaretoken"), *pick.sample(NAMES, 3)]:
            value = TOKEN if name.startswith("csrf") else pick.choice(TEXTS)
            file = '; filename="a\\"b/../c.csv"' if pick.random() < 0.3 else ""
            lines += ["--x", f'Content-Disposition: form-data; name="{name}"{file}', "", value]
        lines += ["--x--"] * (pick.random() < 0.8)
        return "\r\n".join(lines).encode("utf-8", "surrogatepass")[:60_000]

    def cookies(self) -> str:
        """A draft with anything in it, valid proofs of doors, broken ones."""
        pick = self.chance
        found = {"csrf": TOKEN} if pick.random() < 0.95 else {"csrf": pick.choice(TEXTS)[:100]}
        if pick.random() < 0.6:
            found[drafts.NAME] = cookie_of(self.draft())
        for name, values in self.world.cookies.items():
            if pick.random() < 0.5:
                found[name] = pick.choice(values)
        if pick.random() < 0.15 and found:
            name = pick.choice(list(found))
            found[name] = found[name][: pick.randint(0, 60)] + pick.choice(["", "=", "\xff", '"'])
        return "; ".join(f"{name}={value}" for name, value in found.items())

    def draft(self) -> Draft:
        """A draft as a browser may bring it: valid answers, and some that no form would take."""
        pick = self.chance
        good = {
            "prefecture": "22",
            "travel_type": "day_trip",
            "travel_end_year": "2023",
            "travel_end_month": "2",
            "travel_end_day": "24",
            "expires_on_outage_day": "yes",
            "inquiry_number_0": "123456789012",
            "coupon_use_0": "paper",
        }
        steps = {"coupons": good}
        if pick.random() < 0.7:
            phone = f"0901{pick.randrange(10**7):07d}"
            steps["person"] = {"name": "静岡 花子", "kana": "しずおか はなこ", "phone": phone}
            way = {"method": "points", "channel": "sms", "delivery_phone": phone}
            steps["receive"] = way if pick.random() < 0.6 else {"method": "bank"}
        for name in pick.sample(list(ORDER), pick.randint(0, 2)):
            step = steps.setdefault(name, {})
            for field in pick.sample(ORDER[name], min(3, len(ORDER[name]))):
                text = pick.choice(TEXTS)[:200].encode("utf-8", "replace").decode()
                step[field] = text.replace("\t", " ").replace("\n", " ")
        draft = Draft(steps=steps)
        return draft if len(str(steps)) < 2000 else Draft()

    def length(self, body: bytes) -> str:
        """The length of a body, now and then a lie that ends the request at once."""
        if self.chance.random() < 0.97:
            return str(len(body))
        return self.chance.choice(["-1", "1e3", "", "99999999999999999999", "0", "+5", "0x10"])

    def broken(self, content: bytes) -> bytes:
        """The same with a few bytes changed, or cut."""
        pick = self.chance
        if pick.random() < 0.3:
            return content[: pick.randint(1, len(content))]
        changed = bytearray(content)
        for _ in range(pick.randint(1, 8)):
            changed[pick.randrange(len(changed))] = pick.randrange(256)
        return bytes(changed)


def ask(port: int, sent: Sent) -> tuple[int, float]:
    """Status (0: closed without one) and seconds until the answer's end."""
    began = time.monotonic()
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as stream:
        try:
            stream.sendall(sent.content)
            if not sent.whole:
                stream.shutdown(socket.SHUT_WR)
            while piece := stream.recv(65536):
                answer += piece
        except OSError:
            answer = answer or b""
    head = answer.split(b"\r\n", 1)[0].split()
    status = int(head[1]) if len(head) > 1 and head[1].isdigit() else 0
    return status, time.monotonic() - began
