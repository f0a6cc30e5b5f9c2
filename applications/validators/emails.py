"""E-mail addresses as Japanese carriers really issued them, and no impossible ones.

Django's own validator refuses addresses of docomo and au with two dots in a row or a dot before
the @, and accepts hosts without a dot, IP literals and local parts of 65 letters.
"""

import re

from django.utils.translation import gettext_lazy as _

from applications.validators.text import compact, refuse

MISSING = _("メールアドレスを入力してください。")
WRONG = _("メールアドレスをご確認ください。（例：hanako@example.jp）")
ATOM = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+", re.ASCII)
LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
CARRIERS = re.compile(
    r"(docomo\.ne\.jp|ezweb\.ne\.jp|au\.com|softbank\.ne\.jp|i\.softbank\.jp|disney\.ne\.jp"
    r"|([a-z0-9]+\.)?vodafone\.ne\.jp|jp-[a-z]\.ne\.jp|([a-z0-9]+\.)?ezweb\.ne\.jp|ido\.ne\.jp"
    r"|y-?mobile\.ne\.jp|ymobile1\.ne\.jp|emnet\.ne\.jp|willcom\.com|([a-z]+\.)?pdx\.ne\.jp"
    r"|uqmobile\.jp|rakumail\.jp)"
)
# Endings that no registry has, and what was meant.
NO_SUCH_ENDING = {"con": "com", "cmo": "com", "ocm": "com", "comm": "com", "jpp": "jp", "jpn": "jp"}


def email(value: object) -> str:
    """The address to store, its host in small letters. Raises ValidationError."""
    text = compact(value).removeprefix("mailto:").strip("<>").replace("。", ".")
    if not text:
        raise refuse(MISSING, "required")
    local, at, host = text.rpartition("@")
    host = _host(host.lower().rstrip("."))
    local = _local(local, bool(CARRIERS.fullmatch(host)))
    if not at or len(local) + 1 + len(host) > 254:
        raise refuse(WRONG)
    return f"{local}@{host}"


def has_odd_dots(address: str) -> bool:
    """True for a carrier address that some mail systems can't send to: offer SMS beside it."""
    local = address.rpartition("@")[0]
    return ".." in local or local.endswith(".")


def _local(local: str, carrier: bool) -> str:
    if carrier and len(local) > 2 and local[0] == local[-1] == '"':
        local = local[1:-1]
    if not ATOM.fullmatch(local) or len(local) > 64 or local.startswith("."):
        raise refuse(WRONG)
    if has_odd_dots(local + "@") and not carrier:
        raise refuse(_("メールアドレスの「.」の位置をご確認ください。"), "dots")
    return local


def _host(host: str) -> str:
    if "," in host:
        raise refuse(_("メールアドレスの「,」は「.」ではありませんか。ご確認ください。"), "comma")
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            raise refuse(WRONG) from None
    labels = host.split(".")
    if len(labels) < 2 or not all(LABEL.fullmatch(label) for label in labels):
        raise refuse(WRONG)
    ending = labels[-1]
    if ending in NO_SUCH_ENDING:
        raise refuse(
            _("メールアドレスの終わりは「.%(ending)s」ではありませんか。ご確認ください。")
            % {"ending": NO_SUCH_ENDING[ending]},
            "ending",
        )
    if not re.fullmatch(r"[a-z]{2,63}|xn--[a-z0-9-]+", ending, re.ASCII):
        raise refuse(WRONG)
    return host
