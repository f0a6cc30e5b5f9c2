"""Settings of the dispatch that contradict each other are named at start."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

from config.notice import NOTICE
from payouts import bank_files
from payouts.outbound import senders


@register
def settings_agree(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """All contradictions at once, each with the settings' names."""
    return [Error(f"{text}") for text in contradictions()]


def contradictions() -> list[str]:
    """What can't hold together, in the words of an administrator."""
    found = []
    try:
        sms = senders.sender_for("sms")
        if sms.receipts and not senders.provider_of("sms")[0]:
            found.append("SMS_PROVIDER: receipts=yes needs SMS_HOOK_SECRET, or none can be proved")
    except ImproperlyConfigured as error:
        found.append(str(error))
    try:
        senders.sender_for("email")
    except (ImproperlyConfigured, ValueError, KeyError) as error:
        found.append(f"EMAIL_URL: {error}".replace("EMAIL_URL: EMAIL_URL", "EMAIL_URL"))
    vendor = urlsplit(settings.EMAIL_URL).scheme
    if vendor in senders.VENDORS and not settings.EMAIL_HOOK_SECRET:
        found.append(f"EMAIL_HOOK_SECRET: missing, so that no receipt of {vendor} can be proved")
    if vendor == "postmark" and settings.EMAIL_HOOK_SECRET.count(":") != 1:
        found.append("EMAIL_HOOK_SECRET: USER:PASSWORD, as in Postmark's address of the webhook")
    if settings.PROVIDER_TIMEOUT_SECONDS >= settings.LEASE_SECONDS:
        found.append("PROVIDER_TIMEOUT_SECONDS: not shorter than LEASE_SECONDS")
    if settings.SMS_PRICE_YEN < 1:
        found.append("SMS_PRICE_YEN: less than one yen, so that no budget would ever end")
    for name in ("SMS_DAILY_BUDGET_YEN", "SMS_RECEIPT_BUDGET_YEN"):
        if getattr(settings, name) < settings.SMS_PRICE_YEN:
            found.append(f"{name}: less than SMS_PRICE_YEN, so that not one SMS goes")
    for brand in settings.GIFT_PROVIDERS.keys() - NOTICE.brands.keys():
        found.append(f"GIFT_PROVIDERS: {brand} is no brand of the notice")
    for code, words in settings.BANK_FILE.items():
        if code not in NOTICE.prefectures:
            found.append(f"BANK_FILE: {code} is no prefecture of the notice")
        for word in set(words.split("+")) - bank_files.STYLES.keys():
            found.append(f"BANK_FILE: {word} is none of {', '.join(bank_files.STYLES)}")
    if settings.SETTLED_AFTER_BANK_DAYS < 1:
        found.append("SETTLED_AFTER_BANK_DAYS: less than one, so that nothing could come back")
    if settings.SMS_NUMBER_A_DAY < 1:
        found.append("SMS_NUMBER_A_DAY: less than one")
    return found
