"""The encrypted columns of the coupons, for new keys."""

from config.rotating import Blob
from coupons import uploads
from coupons.models import Upload, UploadChunk

BLOBS = (
    Blob(Upload, "report", lambda row: uploads.context(row, "report")),
    Blob(UploadChunk, "blob", lambda row: uploads.context(row.of, row.file, row.number)),
)
