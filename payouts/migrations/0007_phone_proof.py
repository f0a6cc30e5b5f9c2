"""Whether the contact phone's end is among a payout's proofs, so that the page asks truly."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payouts", "0006_role_guards")]

    operations = [
        migrations.AddField(
            "payout",
            "phone_proof",
            models.BooleanField("電話番号での確認", default=False, db_default=False),
        )
    ]
