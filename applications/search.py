"""Finding an application by a part of a name or its reading (N68), at a million rows.

Pairs of neighbouring letters of name and reading lie in an indexed array; who has all pairs of what
was typed is a candidate, and each of at most MOST candidates is then looked at.
"""

from typing import Any

from django.db.models import QuerySet

from payouts.links import kana_key

MOST = 1000  # candidates looked at


def keys(name: str, kana: str) -> list[str]:
    """The pairs of letters by which a person is found."""
    return sorted(pairs(kana_key(name)) | pairs(kana_key(kana)))


def pairs(text: str) -> set[str]:
    """Each two neighbours of a folded text."""
    return {text[place : place + 2] for place in range(len(text) - 1)}


def found(rows: QuerySet[Any], typed: str) -> list[int]:
    """Ids among `rows` (applications) whose name or reading has what was typed in it.

    Hiragana, half width, small kana, blanks make no difference. Fewer than two letters find nobody.
    """
    wanted = kana_key(typed)
    if len(wanted) < 2:
        return []
    near = rows.filter(search__contains=sorted(pairs(wanted))).order_by()
    return [
        pk
        for pk, name, kana in near.values_list("pk", "name", "kana")[:MOST]
        if wanted in kana_key(name) or wanted in kana_key(kana)
    ]
