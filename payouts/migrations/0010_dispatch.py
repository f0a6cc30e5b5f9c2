"""Receipts, barred addresses, brakes, and the states of a message that they bring about."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from config.states import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("payouts", "0009_office_calls"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Barred",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("channel", models.CharField(max_length=6, verbose_name="送信方法")),
                ("address_hash", models.BinaryField(max_length=32, verbose_name="宛先のハッシュ")),
                ("code", models.CharField(max_length=40, verbose_name="理由")),
                ("at", models.DateTimeField(verbose_name="停止日時")),
                ("lifted_at", models.DateTimeField(blank=True, null=True, verbose_name="再開日時")),
            ],
            options={
                "verbose_name": "送信を停止した宛先",
                "verbose_name_plural": "送信を停止した宛先",
            },
        ),
        migrations.CreateModel(
            name="LateLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("until", models.DateTimeField(verbose_name="個別の受取期限（この直前まで）")),
                ("reason", models.CharField(max_length=200, verbose_name="理由")),
                ("prepared_at", models.DateTimeField(verbose_name="起案日時")),
                (
                    "approved_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="承認日時"),
                ),
            ],
            options={
                "verbose_name": "期限間際の受取案内",
                "verbose_name_plural": "期限間際の受取案内",
            },
        ),
        migrations.CreateModel(
            name="MessageAct",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("retry", "もう一度送る"),
                            ("handled", "対応済みにする"),
                            ("lift", "停止した宛先を再開する"),
                        ],
                        max_length=10,
                        verbose_name="操作",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="日時")),
            ],
            options={
                "verbose_name": "通知への対応",
                "verbose_name_plural": "通知への対応",
            },
        ),
        migrations.CreateModel(
            name="Pace",
            fields=[
                (
                    "channel",
                    models.CharField(
                        choices=[("sms", "SMS"), ("email", "メール")],
                        max_length=6,
                        primary_key=True,
                        serialize=False,
                        verbose_name="送信方法",
                    ),
                ),
                ("free_at", models.DateTimeField(verbose_name="次の送信")),
            ],
            options={
                "verbose_name": "送信の間隔",
                "verbose_name_plural": "送信の間隔",
            },
        ),
        migrations.CreateModel(
            name="Pause",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[("sms", "SMS"), ("email", "メール")],
                        max_length=6,
                        verbose_name="送信方法",
                    ),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="理由")),
                ("at", models.DateTimeField(verbose_name="停止日時")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="再開日時")),
            ],
            options={
                "verbose_name": "送信の停止",
                "verbose_name_plural": "送信の停止",
                "permissions": [("pause_sending", "通知の送信を停止・再開できる")],
            },
        ),
        migrations.CreateModel(
            name="Receipt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("provider", models.CharField(max_length=20, verbose_name="事業者")),
                ("channel", models.CharField(max_length=6, verbose_name="送信方法")),
                ("event", models.BinaryField(max_length=32, verbose_name="受信内容の識別")),
                (
                    "reference",
                    models.CharField(blank=True, max_length=80, verbose_name="通知の識別"),
                ),
                (
                    "provider_ref",
                    models.CharField(blank=True, max_length=80, verbose_name="事業者の番号"),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("delivered", "到達"),
                            ("failed", "不達"),
                            ("delayed", "遅延"),
                            ("complained", "迷惑メールとして申告"),
                        ],
                        max_length=10,
                        verbose_name="結果",
                    ),
                ),
                (
                    "permanent",
                    models.BooleanField(default=False, verbose_name="再送しても届かない"),
                ),
                ("code", models.CharField(blank=True, max_length=40, verbose_name="理由")),
                ("happened_at", models.DateTimeField(verbose_name="事業者の日時")),
                ("received_at", models.DateTimeField(verbose_name="受信日時")),
            ],
            options={
                "verbose_name": "配信結果の通知",
                "verbose_name_plural": "配信結果の通知",
            },
        ),
        migrations.CreateModel(
            name="Spending",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(verbose_name="日")),
                (
                    "budget",
                    models.CharField(
                        choices=[("receipts", "受付のお知らせ"), ("others", "その他の通知")],
                        max_length=8,
                        verbose_name="予算",
                    ),
                ),
                ("yen", models.PositiveIntegerField(default=0, verbose_name="使用額（円）")),
                (
                    "stopped_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="予算到達"),
                ),
            ],
            options={
                "verbose_name": "SMSの費用",
                "verbose_name_plural": "SMSの費用",
            },
        ),
        migrations.RemoveConstraint(
            model_name="message",
            name="message_state",
        ),
        migrations.AddField(
            model_name="message",
            name="cause",
            field=models.CharField(
                blank=True,
                choices=[
                    ("permanent", "宛先の問題"),
                    ("temporary", "一時的な失敗"),
                    ("technical", "送信設備・事業者の問題"),
                ],
                db_default="",
                default="",
                max_length=9,
                verbose_name="不達の種類",
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="handled_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="対応日時"),
        ),
        migrations.AddField(
            model_name="message",
            name="handled_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="対応者",
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="told_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="配信結果の日時"),
        ),
        migrations.AddField(
            model_name="message",
            name="told_rank",
            field=models.PositiveSmallIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AlterField(
            model_name="message",
            name="state",
            field=models.CharField(
                choices=[
                    ("queued", "送信待ち"),
                    ("sent", "送信済み"),
                    ("delivered", "到達済み"),
                    ("failed", "不達"),
                    ("unconfirmed", "到達確認なし"),
                    ("given_up", "送信できず"),
                ],
                default="queued",
                max_length=20,
                verbose_name="状態",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("state__in", ["failed", "unconfirmed", "given_up"])),
                fields=["handled_at", "id"],
                name="message_undelivered",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["address", "sent_at"], name="message_address"),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["channel", "sent_at"], name="message_sent"),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("provider_ref", ""), _negated=True),
                fields=["provider_ref"],
                name="message_ref",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                fields=["prefecture_code", "channel", "kind", "state", "failure", "cause"],
                name="message_counted",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        ["queued", "sent", "delivered", "failed", "unconfirmed", "given_up"],
                    )
                ),
                name="message_state",
            ),
        ),
        migrations.AddField(
            model_name="barred",
            name="lifted_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="再開した人",
            ),
        ),
        migrations.AddField(
            model_name="latelink",
            name="approved_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="承認者",
            ),
        ),
        migrations.AddField(
            model_name="latelink",
            name="payout",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="late_link",
                to="payouts.payout",
                verbose_name="支払い",
            ),
        ),
        migrations.AddField(
            model_name="latelink",
            name="prepared_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="起案者",
            ),
        ),
        migrations.AddField(
            model_name="messageact",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="担当者",
            ),
        ),
        migrations.AddField(
            model_name="messageact",
            name="message",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="acts",
                to="payouts.message",
                verbose_name="通知",
            ),
        ),
        migrations.AddField(
            model_name="pause",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="停止した人",
            ),
        ),
        migrations.AddField(
            model_name="pause",
            name="ended_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="再開した人",
            ),
        ),
        migrations.AddField(
            model_name="receipt",
            name="message",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="receipts",
                to="payouts.message",
                verbose_name="通知",
            ),
        ),
        migrations.AddConstraint(
            model_name="spending",
            constraint=models.UniqueConstraint(fields=("day", "budget"), name="spending_once"),
        ),
        migrations.AddConstraint(
            model_name="barred",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lifted_at", None)),
                fields=("channel", "address_hash"),
                name="barred_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="latelink",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("approved_at", None), ("approved_by", None)),
                    models.Q(
                        ("approved_at__isnull", False),
                        ("approved_by__isnull", False),
                        models.Q(("approved_by", models.F("prepared_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="latelink_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="pause",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)), fields=("channel",), name="pause_one_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="pause",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("ended_by", None)),
                    models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                    _connector="OR",
                ),
                name="pause_ended",
            ),
        ),
        migrations.AddIndex(
            model_name="receipt",
            index=models.Index(
                condition=models.Q(("message", None)), fields=["id"], name="receipt_unmatched"
            ),
        ),
        migrations.AddConstraint(
            model_name="receipt",
            constraint=models.UniqueConstraint(fields=("provider", "event"), name="receipt_once"),
        ),
        migrations.AddField(
            model_name="message",
            name="other_at",
            field=models.DateTimeField(
                blank=True, null=True, verbose_name="ほかの連絡先の確認日時"
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(
                    ("other_at", None), ("state__in", ["failed", "unconfirmed", "given_up"])
                ),
                fields=["id"],
                name="message_other_channel",
            ),
        ),
        append_only("payouts_messageact"),
        # room in each page, so that a claim touches no index
        migrations.RunSQL(
            "ALTER TABLE payouts_message SET (fillfactor = 70)",
            "ALTER TABLE payouts_message RESET (fillfactor)",
        ),
    ]
