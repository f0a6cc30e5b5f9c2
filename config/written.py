"""How the office's lists write things: yen with commas, phones as people in Japan write them."""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import phonenumbers
from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.db import models

PHONES = frozenset({"address", "app_phone", "call_back_phone", "delivery", "phone"})
_PHONE = re.compile(r"(\+81|0)\d{9,10}")

Column = str | Callable[[Any], str]


def contact(value: str) -> str:
    """A phone number as people write it (090-1234-5678); an address of another kind as it is."""
    if not _PHONE.fullmatch(value, endpos=20):
        return value
    number = phonenumbers.parse(value, "JP")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)


@cache
def column(model: type[models.Model], name: str) -> Column:
    """The column of a list that shows this field well; the name itself where Django does."""
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return name
    if isinstance(field, models.IntegerField) and "円" in str(field.verbose_name):
        return _column(field, lambda value: "" if value is None else f"{value:,}")
    return _column(field, contact) if name in PHONES else name


def columns(model: type[models.Model], names: Any) -> list[Any]:
    """`names` as a list shows them: names, callables, or tuples of them for one line."""
    return [
        tuple(columns(model, name)) if isinstance(name, tuple | list) else _known(model, name)
        for name in names
    ]


def _known(model: type[models.Model], name: Column) -> Column:
    return column(model, name) if isinstance(name, str) else name


def _column(field: Any, write: Callable[[Any], str]) -> Callable[[Any], str]:
    @admin.display(description=field.verbose_name, ordering=field.name)
    def show(row: Any) -> str:
        return write(getattr(row, field.name))

    show.__name__ = field.name  # which the page's classes carry
    return show
