"""What the payouts hold of people, when it goes, and why the rest stays (N81).

Accounts and bank files go earlier, once they are settled: `account_erasing`.
"""

from config.erasing import Wipe

ADDRESS = {"address": "''", "provider_ref": "''", "facts": "'{}'"}
PAYOUT = {"address": "''", "proofs": "'{}'", "app_account": "''"}
# That a provider issued a part stays, as the third book counts it; under which number goes.
ISSUED = "CASE WHEN provider_ref = '' THEN '' ELSE '*' END"
ALL = (
    Wipe("payouts_appholderrun", {"reached": "''"}),  # an app account
    Wipe(
        "payouts_bankaccount",
        {"blob": "''", "account_hash": "NULL"},
        also={"erased_at": "coalesce(erased_at, %(at)s)"},
    ),
    Wipe("payouts_batch", {"blob": "NULL"}),
    Wipe("payouts_payout", PAYOUT),
    Wipe("payouts_message", ADDRESS),
    Wipe("payouts_receipt", {"provider_ref": "''"}),
    Wipe("payouts_barred"),
    Wipe("payouts_latelink", {"reason": "''"}),
    Wipe("payouts_reopening", {"reason": "''"}),
    Wipe("payouts_bankword", {"told_by": "''"}),
    Wipe("payouts_recall", {"reason": "''"}),
    Wipe("payouts_givingup", {"reason": "''"}),
    Wipe("payouts_code", {"secret": "''"}),
    Wipe("payouts_orderpart", {"provider_ref": ISSUED}),
    Wipe("payouts_delivery", {"blob": "NULL"}),
)
WIPES: dict[str, tuple[Wipe, ...]] = {"all": ALL}
LANGUAGE = "one of five languages"
OFFICE = "the office's own account"
BANK = "the public master of banks"
BRAND = "one of the notice's brands"
ROW = "the row goes with its hash"
KEPT: dict[str, dict[str, str]] = {
    "payouts_appholderrun": {"prefectures": "codes"},
    "payouts_pause": {"reason": "about a channel, not a person"},
    "payouts_batch": {"sha256": "the checksum of what the bank got"},
    "payouts_answerfile": {
        "file_name": "the name of a file of the bank's answers",
        "sha256": "a checksum",
        "lines": "ids, yen and codes",
        "outcome": "counts",
    },
    "payouts_bankword": {"reason": "a code"},
    "payouts_transfer": {
        "first_payment": "a digit of the bank format",
        "return_reason": "a code of the bank",
    },
    "payouts_payout": {"language": LANGUAGE},
    "payouts_link": {"token_hash": "of random letters, made from a key"},
    "payouts_order": {"brand": BRAND, "provider": "a code"},
    "payouts_delivery": {
        "file_name": "the name of a file of codes",
        "sha256": "a checksum",
        "counts": "counts",
    },
    "payouts_code": {
        "brand": BRAND,
        "code_hash": "keyed; tells a code that came twice, and nobody's name",
        "management_number": "the number of a delivery",
    },
    "payouts_orderpart": {"request_id": "ours, random"},
    "payouts_message": {
        "key": "ids and codes",
        "language": LANGUAGE,
        "subject": "an id",
        "failure": "a code",
    },
    "payouts_attempt": {"code": "a code"},
    "payouts_office": {
        "remitter_code": OFFICE,
        "remitter_kana": OFFICE,
        "bank_code": OFFICE,
        "branch_code": OFFICE,
        "account_type": OFFICE,
        "account_number": OFFICE,
    },
    "payouts_officechange": {
        "remitter_code": OFFICE,
        "remitter_kana": OFFICE,
        "bank_code": OFFICE,
        "branch_code": OFFICE,
        "account_type": OFFICE,
        "account_number": OFFICE,
        "reason": "about the office's own account, no person",
    },
    "payouts_clerk": {"prefectures": "codes"},
    "payouts_bank": dict.fromkeys(("code", "name", "kana", "first_seen", "last_seen"), BANK),
    "payouts_branch": dict.fromkeys(("code", "name", "kana", "first_seen", "last_seen"), BANK),
    "payouts_receipt": {
        "provider": "a code",
        "channel": "a code",
        "event": "a checksum",
        "reference": "a message's key",
        "code": "a code",
    },
    "payouts_barred": {"channel": ROW, "code": ROW},
}
