"""What the applications hold of people, when it goes, and why the rest stays (N81).

Stage "closed": applications that pay nothing, some time after their end. The rest at stage "all".
"""

from config.erasing import GONE, Wipe
from payouts.personal import ADDRESS, PAYOUT

PERSON = {
    "name": GONE,
    "kana": "''",
    "phone": "''",
    "email": "''",
    "issuer": "''",
    "delivery": f"CASE method WHEN 'points' THEN {GONE} ELSE '' END",  # application_method
    "postal_code": "''",
    "address": "''",
    "lodging": "''",
    "booking_name": "''",
    "agency": "''",
    "app_contact": "''",
    "search": "'{}'",
    "content_hash": "''",
    "source": "NULL",
}
TEXT = {"text": GONE}
VALUES = {"old": "''", "new": "''"}
CHANGE = {"name": "''", "old_contact": "''", "contact": GONE}
CALLER = {"caller": "''", "caller_phone": "''"}
LATE = {"account": "''", "name": "''", "contact": "''"}
TYPED = {"typed_number": "''"}
# Withdrawn, or decided without a coupon that is paid, and nothing happened since.
CLOSED_IDS = """
    SELECT a.id FROM applications_application a WHERE a.state IN ('withdrawn', 'decided')
    AND NOT EXISTS (SELECT FROM applications_claim c WHERE c.application_id = a.id
                    AND (c.state = 'approved' OR c.state = 'pending' AND a.state = 'decided'))
    AND NOT EXISTS (SELECT FROM applications_applicationstep s
                    WHERE s.of_id = a.id AND s.at >= %(before)s)
"""
OF_CLOSED = f"application_id IN ({CLOSED_IDS})"
CLOSED = (
    Wipe("applications_application", PERSON, f"id IN ({CLOSED_IDS})"),
    Wipe("applications_claim", TYPED, OF_CLOSED),
    Wipe("applications_note", TEXT, OF_CLOSED),
    Wipe("applications_amendment", VALUES, OF_CLOSED),
    Wipe("applications_changerequest", CHANGE, OF_CLOSED),
    Wipe("applications_inquiry", CALLER, OF_CLOSED),
    Wipe(
        "applications_inquirynote",
        TEXT,
        f"inquiry_id IN (SELECT id FROM applications_inquiry WHERE {OF_CLOSED})",
    ),
    Wipe("applications_lateaccess", LATE, OF_CLOSED),
    Wipe(
        "payouts_message",
        ADDRESS,
        f"state <> 'queued' AND subject IN (SELECT 'application:' || id FROM ({CLOSED_IDS}) ended)",
    ),
    Wipe(
        "payouts_payout",
        PAYOUT,
        "state = 'cancelled' AND id IN"
        f" (SELECT payout_id FROM applications_claim WHERE {OF_CLOSED})",
    ),
)
ALL = (
    Wipe("applications_application", PERSON),
    Wipe("applications_claim", TYPED),
    Wipe("applications_note", TEXT),
    Wipe("applications_amendment", VALUES),
    Wipe("applications_changerequest", CHANGE),
    Wipe("applications_inquiry", CALLER),
    Wipe("applications_inquirynote", TEXT),
    Wipe("applications_lateaccess", LATE),
    Wipe("applications_contest", TEXT),
    Wipe("applications_assistedentry", {"typed": "''"}),
)
WIPES: dict[str, tuple[Wipe, ...]] = {"closed": CLOSED, "all": ALL}
PUBLIC = "written for everybody"
NUMBER = "a paper's number"
TOKEN = "of random letters, made from a key"
KEPT: dict[str, dict[str, str]] = {
    "applications_announcement": {"title": PUBLIC, "body": PUBLIC},
    "applications_application": {
        "receipt_number": "random; the closing hash is made of it",
        "language": "one of five languages",
        "channel": "a code",
        "marks": "codes",
    },
    "applications_circular": {
        "selection": "codes",
        **dict.fromkeys(
            ("heading", "words", "short", "heading_en", "words_en", "short_en"),
            "one text to many, which names nobody",
        ),
    },
    "applications_claim": {
        "inquiry_number": NUMBER,
        "match_reasons": "codes",
        "proposal": "a code",
    },
    "applications_closing": {"sha256": "the closing hash", "tally": "counts"},
    "applications_contest": {"inquiry_number": NUMBER, "over": "ids"},
    "applications_correction": {"token_hash": TOKEN, "items": "codes"},
    "applications_channellink": {"token_hash": TOKEN},
    "applications_amendment": {"field": "a column's name"},
    "applications_changerequest": {"inquiry_number": NUMBER, "channel": "a code"},
    "applications_assistedentry": {
        "paper": "the shelf number of a form",
        "read_back": "codes",
    },
    "applications_lateaccess": {
        "channel": "a code",
        "language": "one of five languages",
        "token_hash": TOKEN,
    },
    "applications_bulkitem": {"why": "a fixed sentence"},
    "applications_tally": {"key": "a code", "data": "counts"},
    "applications_newaccount": {"marks": "codes"},
}
