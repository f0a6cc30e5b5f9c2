"""Who needs to do what: the questions of /check/ and where the answers lead.

Everything is answered from what the person says, nothing from the ledger, and nothing is kept:
the answers travel in the address. No end is a wall (N12): each leads on to a form or a telephone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from config.notice import NOTICE
from config.templatetags.notice import ja_day

OUTAGE = ja_day(NOTICE.dates.outage_day)
NIGHT_BEFORE = ja_day(NOTICE.dates.outage_day - timedelta(days=1))


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
        """The choice of that key, if there is one."""
        return next((choice for choice in self.choices if choice.key == key), None)


UNKNOWN = Choice("unknown", "わからない")
QUESTIONS = {
    question.key: question
    for question in (
        Question(
            "what",
            "どのようなことでお困りですか",
            f"{NOTICE.words.outage}の障害のときのことを、1つ選んでください。",
            (
                Choice(
                    "unused",
                    "クーポンを使えず、残額が残った",
                    "お支払いできなかった、アプリにチャージできなかった、など",
                ),
                Choice("double", "現金などで支払ったのに、クーポンからも引かれた"),
                Choice("twice", "同じお支払いが、クーポンから2回以上引かれた"),
                Choice("no_number", "クーポンを発行してもらえなかった", "お問合せ番号がない方"),
                Choice("other", "そのほかのこと"),
            ),
        ),
        Question(
            "expiry",
            f"クーポンの有効期限は、{OUTAGE}まででしたか",
            "クーポン（紙）に印字された、はじめの有効期限です。延長されたあとの期限ではありません。",
            (Choice("yes", "はい"), Choice("no", "いいえ、ほかの日まででした"), UNKNOWN),
        ),
        Question(
            "trip",
            "次のどちらかの旅行でしたか",
            f"{OUTAGE}の日帰り旅行、または{NIGHT_BEFORE}に泊まって翌日にチェックアウトした旅行。",
            (Choice("yes", "はい"), Choice("no", "いいえ、どちらでもありません"), UNKNOWN),
        ),
        Question(
            "use",
            "クーポンは、アプリにチャージしてありますか",
            "何枚もお持ちの方は、すべてのクーポンについてお答えください。",
            (
                Choice("charged", "すべてチャージしてある", "いまもアプリを使っている方"),
                Choice("paper", "紙のまま持っている", "チャージできなかったときも、こちらです"),
                Choice("mixed", "チャージしたものと、紙のままのものがある"),
                Choice("left", "チャージしたが、アプリを退会した"),
                UNKNOWN,
            ),
        ),
        Question(
            "way",
            "どのように受け取りますか",
            "あとの申請のときに変えることもできます。",
            (
                Choice(
                    "points",
                    "キャッシュレスポイントで受け取る",
                    "、".join(brand.name for brand in NOTICE.brands.values()) + "から選べます",
                ),
                Choice(
                    "bank",
                    "銀行などの口座への振込にする",
                    f"振込は{NOTICE.words.bank_from}、順次行います",
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
    return next((key for key in ("use", "way") if key not in answers), None)


def end(answers: Mapping[str, str]) -> str:
    """Where complete answers lead; the name of a template of pages/check/."""
    if answers["what"] in ("double", "twice"):
        return "double_charge"  # 2(B)①
    if answers["what"] != "unused":
        return answers["what"]  # no_number, other: N11
    if _covered_by_neither(answers):
        return "not_covered"  # N12
    if answers["way"] == "bank":
        return "bank"  # N45
    return "nothing_to_do" if answers["use"] == "charged" else "apply"  # N20, N23


def _covered_by_neither(answers: Mapping[str, str]) -> bool:
    return answers.get("expiry") == "no" and answers.get("trip") == "no"
