"""The encrypted columns of the payouts, for new keys."""

from config.rotating import Blob
from payouts import accounts, bank_files, shelf, stock
from payouts.models import BankAccount, Batch, Code, Delivery

BLOBS = (
    Blob(BankAccount, "blob", lambda row: accounts.context(row.pk)),
    Blob(Batch, "blob", bank_files.context),
    Blob(Code, "secret", lambda row: shelf.context(row.code_hash)),
    Blob(Delivery, "blob", lambda row: stock.blob_context(row.sha256)),
)
