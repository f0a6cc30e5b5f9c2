"""Who needs to do what: the questions of /check/ and where the answers lead.

Everything is answered from what the person says, nothing from the ledger, and nothing is kept:
the answers travel in the address. No end is a wall (N12): each leads on to a form or a telephone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from config.languages import lazily, notice
from config.notice import NOTICE
from config.templatetags.notice import brands, ja_day


def days() -> dict[str, str]:
    """The day of the outage and the night before, for the questions that name them."""
    outage = NOTICE.dates.outage_day
    return {"outage": ja_day(outage), "night_before": ja_day(outage - timedelta(days=1))}


@dataclass(frozen=True)
class Choice:
    """One answer of a question."""

    key: str
    words: str
    hint: str = ""


@dataclass(frozen=True)
class Question:
    """One page of the triage."""

    key: str
    words: str
    hint: str
    choices: tuple[Choice, ...]

    def answer(self, key: str) -> Choice | None:
        """The choice of that key, if there is one; counts are told in words."""
        if self.key == "counts":
            counted = [(KINDS[kind], number) for kind, number in counts_of(key).items() if number]
            words = [_("%(kind)s：%(number)s枚") % {"kind": k, "number": n} for k, n in counted]
            return Choice(key, _("、").join(words)) if words else None
        return next((choice for choice in self.choices if choice.key == key), None)


# What a coupon can be, in the order of the counts in the address ("1-3-0-0").
KINDS = {
    "charged": _("アプリにチャージした"),
    "paper": _("紙のまま"),
    "left": _("チャージしたあと、アプリを退会した"),
    "unknown": _("わからない"),
}
MOST = 10  # coupons of one application

UNKNOWN = Choice("unknown", _("わからない"))
QUESTIONS = {
    question.key: question
    for question in (
        Question(
            "what",
            _("どのようなことでお困りですか"),
            lazily(
                lambda: (
                    _("%(outage)sの障害のときのことを、1つ選んでください。")
                    % {"outage": notice().words.outage}
                )
            ),
            (
                Choice(
                    "unused",
                    _("クーポンを使えず、残額が残った"),
                    _("お支払いできなかった、アプリにチャージできなかった、など"),
                ),
                Choice("double", _("現金などで支払ったのに、クーポンからも引かれた")),
                Choice("twice", _("同じお支払いが、クーポンから2回以上引かれた")),
                Choice(
                    "no_number", _("クーポンを発行してもらえなかった"), _("お問合せ番号がない方")
                ),
                Choice("other", _("そのほかのこと")),
            ),
        ),
        Question(
            "expiry",
            lazily(lambda: _("クーポンの有効期限は、%(outage)sまででしたか") % days()),
            _(
                "クーポン（紙）に印字された、はじめの有効期限です。延長されたあとの期限ではありません。"
            ),
            (Choice("yes", _("はい")), Choice("no", _("いいえ、ほかの日まででした")), UNKNOWN),
        ),
        Question(
            "trip",
            _("次のどちらかの旅行でしたか"),
            lazily(
                lambda: (
                    _(
                        "%(outage)sの日帰り旅行、または%(night_before)sに泊まって"
                        "翌日にチェックアウトした旅行。"
                    )
                    % days()
                )
            ),
            (Choice("yes", _("はい")), Choice("no", _("いいえ、どちらでもありません")), UNKNOWN),
        ),
        Question(
            "use",
            _("クーポンは、アプリにチャージしてありますか"),
            _("何枚もお持ちの方は、すべてのクーポンについてお答えください。"),
            (
                Choice("charged", _("すべてチャージしてある"), _("いまもアプリを使っている方")),
                Choice(
                    "paper", _("紙のまま持っている"), _("チャージできなかったときも、こちらです")
                ),
                Choice("left", _("チャージしたが、アプリを退会した")),
                Choice("lost", _("紙のクーポンをなくした"), _("お問合せ番号がわからない方")),
                Choice(
                    "mixed",
                    _("クーポンによって違う"),
                    _("ご家族の分があるときなど。次のページで枚数をお聞きします"),
                ),
                UNKNOWN,
            ),
        ),
        Question(
            "counts",
            _("クーポンは、それぞれ何枚ありますか"),
            _("ご家族の分も合わせて、枚数を選んでください。"),
            (),
        ),
        Question(
            "way",
            _("どのように受け取りますか"),
            _("あとの申請のときに変えることもできます。"),
            (
                Choice(
                    "points",
                    _("キャッシュレスポイントで受け取る"),
                    lazily(lambda: _("%(brands)sから選べます") % {"brands": brands(NOTICE.brands)}),
                ),
                Choice(
                    "bank",
                    _("銀行などの口座への振込にする"),
                    lazily(
                        lambda: (
                            _("振込は%(bank)s、順次行います") % {"bank": notice().words.bank_from}
                        )
                    ),
                ),
            ),
        ),
    )
}


def heard(given: Mapping[str, str]) -> dict[str, str]:
    """The answers of an address that stand in the order of the questions; the rest is dropped."""
    answers: dict[str, str] = {}
    while (key := next_question(answers)) and QUESTIONS[key].answer(given.get(key, "")):
        answers[key] = given[key]
    return answers


def next_question(answers: Mapping[str, str]) -> str | None:
    """The key of the question to ask after these answers, or None where they lead to an end."""
    if "what" not in answers:
        return "what"
    if answers["what"] != "unused":
        return None
    if "expiry" not in answers:
        return "expiry"
    if answers["expiry"] != "yes" and "trip" not in answers:
        return "trip"
    if _covered_by_neither(answers):
        return None
    family = ("counts",) if answers.get("use") == "mixed" else ()
    roads = ("way",) if NOTICE.bank_road else ()
    return next((key for key in ("use", *family, *roads) if key not in answers), None)


def end(answers: Mapping[str, str]) -> str:
    """Where complete answers lead; the name of a template of pages/check/."""
    if answers["what"] in ("double", "twice"):
        return "double_charge"  # 2(B)①
    if answers["what"] != "unused":
        return answers["what"]  # no_number, other: N11
    if _covered_by_neither(answers):
        return "not_covered"  # N12
    if answers.get("way") == "bank":
        return "bank"  # N45
    return "apply" if any(kind != "charged" for kind in coupons(answers)) else "nothing_to_do"


def coupons(answers: Mapping[str, str]) -> dict[str, int]:
    """How many coupons of which kind (N20, N23); one of the kind named where all are alike."""
    if answers.get("use") == "mixed":
        counted = counts_of(answers.get("counts", ""))
        return {kind: number for kind, number in counted.items() if number}
    return {answers["use"]: 1} if "use" in answers else {}


def counts_of(text: str) -> dict[str, int]:
    """The counts behind "1-3-0-0"; nothing where the text is none of ours."""
    parts = text.split("-")
    if len(parts) != len(KINDS) or not set(parts) <= {str(number) for number in range(MOST + 1)}:
        return {}
    return dict(zip(KINDS, map(int, parts), strict=True))


def told(answers: Mapping[str, str]) -> dict[str, str]:
    """What the form need not ask again, by its field names; `trip` tells that both were no (N12).

    By points a coupon in the app needs no application, so only the others are carried over.
    """
    values = {"method": answers.get("way", ""), "expires_on_outage_day": answers.get("expiry", "")}
    if answers.get("trip") == "yes":  # either journey ended on the day of the outage
        day = NOTICE.dates.outage_day
        parts = {"year": day.year, "month": day.month, "day": day.day}
        values |= {f"travel_end_{part}": str(number) for part, number in parts.items()}
    if _covered_by_neither(answers):
        values["trip"] = "no"
    if answers.get("use") == "lost":
        values["number_unknown"] = "on"
    asked = [kind for kind in coupons(answers) if kind in KINDS]
    if answers.get("use") == "mixed" and answers.get("way") != "bank":
        asked = [kind for kind in asked if kind != "charged"]
    uses = [kind for kind in asked for _one in range(coupons(answers)[kind])][:MOST]
    values |= {f"coupon_use_{place}": use for place, use in enumerate(uses)}
    return {name: value for name, value in values.items() if value}


def _covered_by_neither(answers: Mapping[str, str]) -> bool:
    return answers.get("expiry") == "no" and answers.get("trip") == "no"
