"""Names and readings by pairs of letters; what a clerk entered is never checked by the matching."""

from django.apps.registry import Apps
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Q

from applications import search

ROWS = 2000


def fill(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """The keys of who applied before."""
    rows = apps.get_model("applications", "Application").objects.order_by("pk")
    last = 0
    while found := list(rows.filter(pk__gt=last).only("name", "kana")[:ROWS]):
        for row in found:
            row.search = search.keys(row.name, row.kana)
        rows.bulk_update(found, ["search"])
        last = found[-1].pk


class Migration(migrations.Migration):
    dependencies = [("applications", "0007_role_guards")]

    operations = [
        migrations.AddField(
            "application",
            "search",
            ArrayField(models.CharField(max_length=4), blank=True, default=list, editable=False),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex("application", GinIndex(fields=["search"], name="application_search")),
        migrations.RemoveConstraint("application", "application_first_signature"),
        migrations.AddConstraint(
            "application",
            models.CheckConstraint(
                condition=~Q(state__in=["checked", "decided"])
                | Q(by_matching=True, checked_by=None, entered_by=None)
                | Q(by_matching=False, checked_by__isnull=False),
                name="application_first_signature",
            ),
        ),
    ]
