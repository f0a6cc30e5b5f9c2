"""Messages by phone; words of the office to many, and the way in after the deadline."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payouts", "0008_resend_link"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="message",
            name="message_channel",
        ),
        migrations.AlterField(
            model_name="message",
            name="channel",
            field=models.CharField(
                choices=[("sms", "SMS"), ("email", "メール"), ("letter", "郵送"), ("call", "電話")],
                max_length=6,
                verbose_name="送信方法",
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="kind",
            field=models.CharField(
                choices=[
                    ("receipt", "受付のお知らせ"),
                    ("link", "受取のご案内"),
                    ("nothing_due", "残額なしのお知らせ"),
                    ("decision", "確認結果のお知らせ"),
                    ("ask", "補正のお願い"),
                    ("number", "お問合せ番号の入力のお願い"),
                    ("changed", "申請内容の変更のお知らせ"),
                    ("withdrawn", "申請の取下げのお知らせ"),
                    ("notice", "事務局からのお知らせ"),
                    ("late", "期限後の申請のご案内"),
                ],
                max_length=20,
                verbose_name="種類",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(("channel__in", ["sms", "email", "letter", "call"])),
                name="message_channel",
            ),
        ),
    ]
