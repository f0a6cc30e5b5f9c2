"""Settings that contradict each other are named, all at once."""

import pytest

from payouts import checks

Settings = object


def names(found: list[str]) -> list[str]:
    return sorted(text.partition(":")[0] for text in found)


def test_the_settings_of_a_rehearsal_agree() -> None:
    assert checks.contradictions() == []
    assert checks.settings_agree(None) == []


@pytest.mark.parametrize(
    ("name", "value", "blamed"),
    [
        ("SMS_PROVIDER", "fax://x", "SMS_PROVIDER"),
        ("SMS_PROVIDER", "aws-sns://", "SMS_PROVIDER"),
        ("SMS_PROVIDER", "aws-sns://KEY:SECRET@ap-northeast-1?receipts=yes", "SMS_PROVIDER"),
        ("SMS_PROVIDER", "http_json+https://K:S@h/?rate=fast", "rate"),
        ("SMS_PROVIDER", "http_json+https://K:S@h/?receipts=maybe", "receipts"),
        ("EMAIL_URL", "pigeon://x", "EMAIL_URL"),
        ("EMAIL_URL", "smtp://h?concurrency=0", "EMAIL_URL"),
        ("EMAIL_URL", "mailgun://key@mg.example.jp", "EMAIL_HOOK_SECRET"),
        ("LEASE_SECONDS", 10, "PROVIDER_TIMEOUT_SECONDS"),
        ("SMS_PRICE_YEN", 0, "SMS_PRICE_YEN"),
        ("SMS_DAILY_BUDGET_YEN", 5, "SMS_DAILY_BUDGET_YEN"),
        ("SMS_RECEIPT_BUDGET_YEN", 5, "SMS_RECEIPT_BUDGET_YEN"),
        ("SMS_NUMBER_A_DAY", 0, "SMS_NUMBER_A_DAY"),
        ("GIFT_PROVIDERS", {"amazn": "stock"}, "GIFT_PROVIDERS"),
        ("BANK_FILE", {"22": "no_line_ends+lf"}, "BANK_FILE"),
        ("BANK_FILE", {"99": "no_line_ends"}, "BANK_FILE"),
    ],
)
def test_a_contradiction_is_named(
    settings: Settings, name: str, value: object, blamed: str
) -> None:
    setattr(settings, name, value)
    assert names(checks.contradictions()) == [blamed]
    assert [error.msg for error in checks.settings_agree(None)] == checks.contradictions()


def test_postmark_needs_a_user_and_a_password(settings: Settings) -> None:
    settings.EMAIL_URL, settings.EMAIL_HOOK_SECRET = "postmark://token@", "only-a-word"
    assert names(checks.contradictions()) == ["EMAIL_HOOK_SECRET"]
    settings.EMAIL_HOOK_SECRET = "user:word"
    assert checks.contradictions() == []
