"""Alarms: one open row a stuck state."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("config", "0004_arrows")]

    operations = [
        migrations.CreateModel(
            name="Alarm",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=60, verbose_name="識別")),
                ("label", models.CharField(max_length=100, verbose_name="警報")),
                ("path", models.CharField(max_length=200, verbose_name="対応画面")),
                ("detail", models.CharField(blank=True, max_length=200, verbose_name="状況")),
                ("raised_at", models.DateTimeField(verbose_name="発生日時")),
                ("mailed_at", models.DateTimeField(blank=True, null=True, verbose_name="通知日時")),
                (
                    "cleared_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="解消日時"),
                ),
            ],
            options={"verbose_name": "警報", "verbose_name_plural": "警報"},
        ),
        migrations.AddConstraint(
            model_name="alarm",
            constraint=models.UniqueConstraint(
                condition=models.Q(("cleared_at", None)), fields=("key",), name="alarm_one_open"
            ),
        ),
    ]
