"""The right to send a link anew; the words of the channels."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payouts", "0007_phone_proof")]

    operations = [
        migrations.AlterModelOptions(
            "payout",
            {
                "verbose_name": "補償の支払い",
                "verbose_name_plural": "補償の支払い",
                "permissions": [("resend_link", "受取用URLを作り直して送れる")],
            },
        ),
        migrations.AlterField(
            "payout",
            "channel",
            models.CharField(
                "配信先の種類",
                blank=True,
                max_length=6,
                choices=[("sms", "SMS"), ("email", "メール"), ("letter", "郵送")],
            ),
        ),
    ]
