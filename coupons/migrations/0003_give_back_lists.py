"""What the shop answered, and the lists by which the coupon system is asked to give back."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("coupons", "0002_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DoubleChargeNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("remark", "メモ"), ("shop", "店舗の回答")],
                        default="remark",
                        max_length=6,
                        verbose_name="種類",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="日時")),
                ("text", models.TextField(max_length=2000, verbose_name="内容")),
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
                    "of",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notes",
                        to="coupons.doublecharge",
                        verbose_name="対象",
                    ),
                ),
            ],
            options={
                "verbose_name": "二重引き落としのメモ",
                "verbose_name_plural": "二重引き落としのメモ",
            },
        ),
        migrations.CreateModel(
            name="GiveBackList",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "prefecture_code",
                    models.CharField(db_collation="C", max_length=2, verbose_name="都道府県"),
                ),
                ("prepared_at", models.DateTimeField(verbose_name="作成日時")),
                (
                    "released_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="確定日時"),
                ),
                ("cases", models.IntegerField(verbose_name="件数")),
                ("total_yen", models.IntegerField(verbose_name="戻入額の合計（円）")),
                (
                    "sha256",
                    models.CharField(blank=True, max_length=64, verbose_name="ファイルのSHA-256"),
                ),
                (
                    "prepared_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="作成者",
                    ),
                ),
                (
                    "released_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="確定者",
                    ),
                ),
            ],
            options={
                "verbose_name": "戻入依頼",
                "verbose_name_plural": "戻入依頼",
            },
        ),
        migrations.AddField(
            model_name="doublecharge",
            name="give_back_list",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="rows",
                to="coupons.givebacklist",
                verbose_name="戻入依頼",
            ),
        ),
        migrations.AddConstraint(
            model_name="givebacklist",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("released_at", None), ("released_by", None)),
                    models.Q(
                        ("released_at__isnull", False),
                        ("released_by__isnull", False),
                        models.Q(("released_by", models.F("prepared_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="give_back_list_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="givebacklist",
            constraint=models.CheckConstraint(
                condition=models.Q(("cases__gte", 1), ("total_yen__gte", 1)),
                name="give_back_list_not_empty",
            ),
        ),
    ]
