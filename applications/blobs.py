"""The encrypted columns of the house, for new keys."""

from applications import entries
from applications.models import AssistedEntry
from config.rotating import Blob, Rotated, rotate
from coupons import blobs as coupons
from payouts import blobs as payouts

BLOBS = (
    Blob(AssistedEntry, "typed", entries.context),
    *coupons.BLOBS,
    *payouts.BLOBS,
)


def rotate_all() -> dict[str, Rotated]:
    """Write everything anew with the first of FIELD_KEYS; by table and column."""
    return {blob.name: rotate(blob) for blob in BLOBS}
