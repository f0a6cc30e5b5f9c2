"""A browser without script over real HTTP: a kept connection, cookies, forms, redirects."""

import http.client
import re
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
MOVED = (301, 302, 303)


class Browser:
    """One person's browser. `page` is the last page read, `path` where it stands, `status` its
    code. Nothing is raised for what a server may answer."""

    def __init__(self, port: int, address: str, agent: str = "rehearsal") -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.address, self.agent = address, agent
        self.cookies: dict[str, str] = {}
        self.page, self.path, self.status, self.requests = "", "", 0, 0

    def get(self, path: str) -> str:
        """Open a page."""
        return self._ask("GET", path, None)

    def send(self, path: str = "", **fields: str) -> str:
        """Fill in the form of this page and send it, to this page unless told otherwise."""
        token = TOKEN.search(self.page)
        given = {"csrfmiddlewaretoken": token[1]} if token else {}
        return self._ask("POST", path or self.path, urlencode(given | fields))

    def _ask(self, method: str, path: str, body: str | None) -> str:
        headers = {"X-Forwarded-For": self.address, "User-Agent": self.agent}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{key}={value}" for key, value in self.cookies.items())
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        self.page, self.status = answer.read().decode(), answer.status
        self.path, self.requests = path.partition("?")[0], self.requests + 1
        for line in answer.headers.get_all("Set-Cookie") or []:
            for key, morsel in SimpleCookie(line).items():
                self.cookies[key] = morsel.value
                if str(morsel["max-age"]) == "0":
                    del self.cookies[key]
        if answer.status in MOVED:
            to = urlsplit(answer.headers["Location"])
            return self._ask("GET", to.path + ("?" + to.query if to.query else ""), None)
        return self.page

    def close(self) -> None:
        self.connection.close()
