"""The right to hand out what is held on an application."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("applications", "0013_claim_index")]

    operations = [
        migrations.AlterModelOptions(
            name="application",
            options={
                "verbose_name": "申請",
                "verbose_name_plural": "申請",
                "permissions": [
                    ("check_application", "申請を審査できる"),
                    ("approve_application", "申請を承認できる"),
                    ("enter_application", "申請を代行入力できる"),
                    ("disclose_application", "保有個人データを開示できる"),
                    ("rehearse", "予行の時計を進められる"),
                ],
            },
        ),
    ]
