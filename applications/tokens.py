"""Personal links of an application: made, hashed, replaced. A token is rendered, never stored."""

from datetime import datetime
from typing import TypeVar

from django.conf import settings
from django.db import transaction

from applications.models import Application, ChannelLink, Correction
from config import cipher, languages

Link = TypeVar("Link", ChannelLink, Correction)


def make(model: type[Link], application: Application, at: datetime, **fields: object) -> Link:
    """The first link of its kind, or the next generation: the one before dies (N70)."""
    with transaction.atomic():
        Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
        rows = model.objects.filter(application=application)
        last = rows.order_by("-generation").first()
        rows.filter(replaced_at=None).update(replaced_at=at)
        return first(model, application, at, last.generation + 1 if last else 1, **fields)


def first(
    model: type[Link],
    application: Application,
    at: datetime,
    generation: int = 1,
    **fields: object,
) -> Link:
    """The link of an application that has none of this kind: one statement."""
    number, token = cipher.link_token(model.PURPOSE, application.pk, generation, model.LENGTH)
    return model.objects.create(
        application=application,
        generation=generation,
        key_number=number,
        token_hash=cipher.token_hash(token),
        made_at=at,
        **fields,
    )


def find(model: type[Link], token: str) -> Link | None:
    """The living link of a token; unknown and replaced ones look the same."""
    rows = model.objects.select_related("application")
    return rows.filter(token_hash=cipher.token_hash(token), replaced_at=None).first()


def token_of(row: Link) -> str:
    """The token of a link, for who follows its short address."""
    return cipher.link_token_by(
        row.key_number, row.PURPOSE, row.application_id, row.generation, row.LENGTH
    )


def facts(row: Link) -> dict[str, object]:
    """What a message keeps to render the link when it is sent; the token is none of it."""
    return {
        "token": {
            "path": row.PATH,
            "number": row.key_number,
            "purpose": row.PURPOSE,
            "subject": row.application_id,
            "generation": row.generation,
            "length": row.LENGTH,
        }
    }


def address_of(row: Link) -> str:
    """The whole short address, as the receiver sees it."""
    prefix = languages.prefix(row.application.language)
    return f"{settings.SITE_URL}{prefix}{row.PATH}{token_of(row)}"
