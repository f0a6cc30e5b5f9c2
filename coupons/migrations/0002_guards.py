"""History that nobody rewrites, and the chain of the seal's hash as an aggregate."""

from django.db import migrations

from config.states import append_only

# coupons_chain(text ORDER BY …): SHA-256 over the hash so far and the next text, row by row.
CHAIN = """
CREATE FUNCTION coupons_chain_link(bytea, text) RETURNS bytea
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS 'SELECT sha256($1 || convert_to($2, ''UTF8''))';
CREATE AGGREGATE coupons_chain(text) (SFUNC = coupons_chain_link, STYPE = bytea, INITCOND = '');
"""
UNCHAIN = """
DROP AGGREGATE coupons_chain(text);
DROP FUNCTION coupons_chain_link(bytea, text);
"""


class Migration(migrations.Migration):
    dependencies = [("config", "0001_rights"), ("coupons", "0001_initial")]

    operations = [
        append_only(
            "coupons_entry",
            "coupons_extension",
            "coupons_correction",
            "coupons_seal",
            "coupons_sealeditem",
            "coupons_doublechargestep",
            "coupons_debit",
        ),
        migrations.RunSQL(CHAIN, UNCHAIN),
    ]
