import pytest
from django.core.exceptions import ValidationError

from applications.validators.postal import postal_code, written


@pytest.mark.parametrize(
    "typed",
    [
        "4208601",
        "420-8601",
        "〒420-8601",
        "４２０－８６０１",
        "420ー8601",
        "420 8601",
        "〒４２０‐８６０１",
        "420−86O1",
    ],
)
def test_postal_code_is_one_in_every_spelling(typed):
    assert postal_code(typed) == "4208601"


@pytest.mark.parametrize("typed", ["", None, "420", "42086011", "静岡市", "420-86A1", "٤٢٠٨٦٠١"])
def test_postal_code_that_is_none_is_refused(typed):
    with pytest.raises(ValidationError):
        postal_code(typed)


def test_postal_code_is_shown_with_its_hyphen():
    assert written("4208601") == "420-8601"
