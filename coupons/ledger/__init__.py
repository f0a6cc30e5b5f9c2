"""The coupon system's export files on their way into the ledger: read, check, apply."""
