"""What the processes' own role may not do with the call centre's rows."""

import psycopg
import pytest

TABLES = (
    "config_postponement",
    "applications_assistedentry",
    "applications_calltry",
    "applications_circular",
    "applications_inquiry",
    "applications_lateaccess",
    "applications_letter",
    "applications_letterbatch",
    "applications_recipient",
)


def test_the_processes_delete_none_of_them(app_role: psycopg.Connection) -> None:
    refused = []
    for table in TABLES:
        with pytest.raises(psycopg.errors.InsufficientPrivilege), app_role.transaction():
            app_role.execute(f"DELETE FROM {table}")
        refused.append(table)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), app_role.transaction():
        app_role.execute("UPDATE applications_calltry SET outcome = 'told'")
    assert tuple(refused) == TABLES


def test_the_processes_erase_what_was_said(app_role: psycopg.Connection) -> None:
    assert app_role.execute("DELETE FROM applications_inquirynote").rowcount == 0
