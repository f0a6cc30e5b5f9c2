"""What the office decided where two people ask for one coupon."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0005_corrections"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Contest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "inquiry_number",
                    models.CharField(db_index=True, max_length=20, verbose_name="お問合せ番号"),
                ),
                ("prefecture_code", models.CharField(max_length=2, verbose_name="都道府県")),
                (
                    "over",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None, verbose_name="ほかの申請"
                    ),
                ),
                ("others_not_covered", models.BooleanField(verbose_name="ほかの申請は対象外")),
                ("at", models.DateTimeField(verbose_name="決定日時")),
                ("text", models.TextField(max_length=2000, verbose_name="判断の理由")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="担当者",
                    ),
                ),
                (
                    "chosen",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contests",
                        to="applications.claim",
                        verbose_name="認める申請",
                    ),
                ),
            ],
            options={
                "verbose_name": "重複申請の判断",
                "verbose_name_plural": "重複申請の判断",
            },
        ),
    ]
