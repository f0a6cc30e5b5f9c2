"""`sealed_balances --csv` as a program among others."""

import subprocess
import sys
from os import environ

import pytest

from coupons.models import Coupon
from tests.house import ROOT
from tests.payouts import rows

LINES = 4000  # more than a pipe holds


@pytest.mark.django_db(transaction=True)
def test_a_reader_who_has_seen_enough_is_no_error(app_database_url: str) -> None:
    one = rows.coupon()
    rows.seal(one)
    Coupon.objects.bulk_create(
        Coupon(
            **{
                field.attname: getattr(one, field.attname)
                for field in Coupon._meta.concrete_fields
                if field.attname not in ("id", "inquiry_number")
            },
            inquiry_number=f"{number:012d}",
        )
        for number in range(2, LINES)
    )
    command = [sys.executable, "manage.py", "sealed_balances", "--csv"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={**environ, "DATABASE_URL": app_database_url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        first = process.stdout.readline()
        process.stdout.close()  # `| head -1`
        said = process.stderr.read()
    assert said == b"", said.decode()
    assert first == b"inquiry_number,category,eligible,balance,supplement,route\n"
    assert (process.returncode, said) == (0, b"")
