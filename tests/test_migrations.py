"""A new version's migrations run while the old version serves: they only add (R17).

What takes something away needs its own version, one later, and says so by `contracts = True`
in its Migration class: then the version that used it is gone.
"""

import re
from collections.abc import Iterator

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

TAKES_AWAY = (
    migrations.DeleteModel,
    migrations.RemoveField,
    migrations.RenameField,
    migrations.RenameModel,
    migrations.AlterModelTable,
)
# Up to these the tables are made empty, when the first version is set up: nothing serves on them.
FIRST_VERSION = {"config": 9, "coupons": 9, "payouts": 19, "applications": 19}
DROPS = re.compile(r"(?i)\b(DROP\s+(TABLE|COLUMN)|RENAME\s+(TO|COLUMN))\b")


def all_migrations() -> list[migrations.Migration]:
    loader = MigrationLoader(None)
    return [row for (app, _), row in sorted(loader.disk_migrations.items()) if app in FIRST_VERSION]


def served(migration: migrations.Migration) -> bool:
    """Whether a version may be serving while it runs."""
    return int(migration.name[:4]) > FIRST_VERSION[migration.app_label]


def breaking(operation: Operation, new_models: set[str]) -> Iterator[str]:
    """Why the old version could not live with this operation."""
    if isinstance(operation, TAKES_AWAY):
        yield f"{operation.describe()}: takes away what the old version uses"
    if isinstance(operation, migrations.AddField):
        field, model = operation.field, operation.model_name_lower
        filled = field.null or field.has_db_default() or isinstance(field, models.ManyToManyField)
        if not filled and model not in new_models:
            yield f"{operation.describe()}: the old version's INSERT does not name it"
    if isinstance(operation, migrations.RunSQL):
        statements = operation.sql if isinstance(operation.sql, str) else ""
        if DROPS.search(statements):
            yield f"{statements[:60]!r}: takes away what the old version uses"


def faults(migration: migrations.Migration) -> list[str]:
    if getattr(migration, "contracts", False):
        return []
    made = {
        operation.name_lower
        for operation in migration.operations
        if isinstance(operation, migrations.CreateModel)
    }
    return [why for operation in migration.operations for why in breaking(operation, made)]


@pytest.mark.parametrize("migration", all_migrations(), ids=str)
def test_a_migration_leaves_the_old_version_working(migration: migrations.Migration) -> None:
    assert not served(migration) or faults(migration) == []


@pytest.mark.parametrize(
    "operation",
    [
        migrations.RemoveField("payout", "amount"),
        migrations.RenameField("payout", "amount", "yen"),
        migrations.DeleteModel("payout"),
        migrations.AddField("payout", "colour", models.CharField(max_length=3, default="red")),
        migrations.RunSQL("ALTER TABLE payouts_payout DROP COLUMN amount"),
    ],
    ids=lambda operation: type(operation).__name__,
)
def test_what_would_break_the_old_version_is_found(operation: Operation) -> None:
    migration = migrations.Migration("9999_test", "payouts")
    migration.operations = [operation]
    assert len(faults(migration)) == 1


def test_adding_is_fine() -> None:
    migration = migrations.Migration("9999_test", "payouts")
    colour = models.CharField(max_length=3, default="red", db_default="red")
    migration.operations = [
        migrations.AddField("payout", "colour", colour),
        migrations.AddField("payout", "shade", models.IntegerField(null=True)),
        migrations.CreateModel("Hue", [("id", models.BigAutoField(primary_key=True))]),
        migrations.AddField("hue", "depth", models.IntegerField(default=1)),
    ]
    assert faults(migration) == []
