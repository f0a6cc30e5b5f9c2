"""What the coupons hold of people, when it goes, and why the rest stays (N81)."""

from config.erasing import GONE, Wipe

APP = {"app_account": "''", "app_phone": "''", "app_email": "''"}
ALL = (
    Wipe("coupons_coupon", APP),
    Wipe("coupons_sealeditem", APP),
    Wipe(
        "coupons_correction",
        {"old": "''", "new": GONE},
        where="field IN ('app_account', 'app_phone', 'app_email')",
    ),
    Wipe(
        "coupons_doublecharge",
        {
            "inquiry_number": "''",  # as told, so it may be anything
            "told_prefecture": "''",
            "paid_with": "''",
            "caller_name": "''",
            "call_back_phone": "''",
        },
    ),
    Wipe("coupons_doublechargenote", {"text": GONE}),
    Wipe("coupons_upload", {"report": "NULL"}),
    Wipe("coupons_uploadchunk"),
)
WIPES: dict[str, tuple[Wipe, ...]] = {"all": ALL}
MOVEMENT = "a number of the coupon system"
SHOP = "a shop, not a person"
FILE = "the name of an export"
CHECKSUM = "a checksum"
KEPT: dict[str, dict[str, str]] = {
    "coupons_coupon": {
        "inquiry_number": "a paper's number; the seal is made of it",
        "issuer": SHOP,
    },
    "coupons_correction": {"field": "a column's name"},
    "coupons_givebacklist": {"sha256": CHECKSUM},
    "coupons_doublecharge": {"case_number": "ours; the history hangs on it", "shop_name": SHOP},
    "coupons_debit": {"transaction_id": MOVEMENT},
    "coupons_import": {
        "coupons_file": FILE,
        "coupons_sha256": CHECKSUM,
        "transactions_file": FILE,
        "transactions_sha256": CHECKSUM,
    },
    "coupons_entry": {
        "transaction_id": MOVEMENT,
        "store_id": SHOP,
        "store_name": SHOP,
        "restores_transaction_id": MOVEMENT,
    },
    "coupons_difference": {
        "key": "numbers of papers and movements",
        "detail": "yen, dates and codes",
    },
    "coupons_seal": {"sha256": "the seal"},
    "coupons_latemovement": {
        "key": "numbers of papers and movements",
        "transaction_id": MOVEMENT,
        "restores": MOVEMENT,
        "twin": MOVEMENT,
    },
    "coupons_upload": {"coupons_file": FILE, "transactions_file": FILE, "doing": "a fixed word"},
    "coupons_uploadchunk": {},
}
