from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError


@pytest.fixture(scope="session")
def sentences() -> Callable[..., list[str]]:
    """Calls a validator: the sentences with which it refuses, none if it accepts."""

    def call(clean: Callable[..., object], *typed: object) -> list[str]:
        try:
            clean(*typed)
        except ValidationError as error:
            return error.messages
        return []

    return call
