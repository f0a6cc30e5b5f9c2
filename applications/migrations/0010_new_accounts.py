"""An account corrected after a return: checked by one person, approved by another (N49)."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from config.states import append_only, arrows

ARROWS = {"given": ["checked", "dismissed"], "checked": ["done", "dismissed"]}


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0009_office_calls"),
        ("payouts", "0010_dispatch"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="NewAccount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("prefecture_code", models.CharField(max_length=2, verbose_name="都道府県")),
                (
                    "holder_relation",
                    models.CharField(
                        choices=[
                            ("self", "ご本人"),
                            ("former_name", "ご本人（旧姓・通称）"),
                            ("family", "ご家族"),
                            ("guardian", "法定代理人"),
                            ("other", "その他"),
                        ],
                        max_length=12,
                        verbose_name="口座名義との関係",
                    ),
                ),
                (
                    "holder_consent",
                    models.BooleanField(
                        default=False, verbose_name="名義が異なる口座への振込の同意"
                    ),
                ),
                (
                    "marks",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="要確認の印",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("given", "訂正あり（確認待ち）"),
                            ("checked", "確認済み（承認待ち）"),
                            ("done", "承認済み（再振込へ）"),
                            ("dismissed", "差戻し"),
                        ],
                        default="given",
                        max_length=20,
                        verbose_name="状態",
                    ),
                ),
                ("given_at", models.DateTimeField(verbose_name="訂正の日時")),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="new_accounts",
                        to="applications.application",
                        verbose_name="申請",
                    ),
                ),
                (
                    "approved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="承認者",
                    ),
                ),
                (
                    "bank_account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="payouts.bankaccount",
                        verbose_name="新しい口座",
                    ),
                ),
                (
                    "checked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="確認者",
                    ),
                ),
                (
                    "entered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="代行入力者",
                    ),
                ),
            ],
            options={
                "verbose_name": "振込不能後の口座の訂正",
                "verbose_name_plural": "振込不能後の口座の訂正",
            },
        ),
        migrations.CreateModel(
            name="NewAccountStep",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("old", models.CharField(blank=True, max_length=20, verbose_name="変更前")),
                ("new", models.CharField(max_length=20, verbose_name="変更後")),
                ("at", models.DateTimeField(verbose_name="日時")),
                ("reason", models.CharField(blank=True, max_length=60, verbose_name="理由")),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
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
                        related_name="steps",
                        to="applications.newaccount",
                        verbose_name="口座の訂正",
                    ),
                ),
            ],
            options={
                "verbose_name": "口座の訂正の履歴",
                "verbose_name_plural": "口座の訂正の履歴",
            },
        ),
        migrations.AddIndex(
            model_name="newaccount",
            index=models.Index(
                fields=["state", "prefecture_code", "given_at"], name="application_state_bd6ca4_idx"
            ),
        ),
        migrations.AddConstraint(
            model_name="newaccount",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["given", "checked", "done", "dismissed"])),
                name="new_account_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="newaccount",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["given", "checked"])),
                fields=("application",),
                name="new_account_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="newaccount",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "done"), _negated=True),
                    models.Q(
                        ("approved_by__isnull", False),
                        ("checked_by__isnull", False),
                        models.Q(("approved_by", models.F("checked_by")), _negated=True),
                        models.Q(
                            ("entered_by", None),
                            models.Q(("approved_by", models.F("entered_by")), _negated=True),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="new_account_two_people",
            ),
        ),
        append_only("applications_newaccountstep"),
        arrows("applications_newaccount", ARROWS),
    ]
