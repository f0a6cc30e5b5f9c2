"""A payout whose decision was drawn for a second look waits for the verdict."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payouts", "0010_dispatch"),
    ]

    operations = [
        migrations.AddField(
            model_name="payout",
            name="second_look",
            field=models.BooleanField(db_default=False, default=False, verbose_name="二次確認待ち"),
        ),
        migrations.AddConstraint(
            model_name="payout",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("second_look", False), ("state__in", ["waiting", "cancelled"]), _connector="OR"
                ),
                name="payout_second_look",
            ),
        ),
    ]
