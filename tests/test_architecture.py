"""The paper about the house is drawn from the house."""

from tests import diagram


def test_the_picture_is_of_this_code() -> None:
    assert diagram.PICTURE.read_text(encoding="utf-8") == diagram.picture(), "make papers"


def test_the_list_of_rooms_is_of_this_code() -> None:
    assert diagram.PAPER.read_text(encoding="utf-8") == diagram.paper(), "make papers"


def test_no_line_leads_back() -> None:
    order = ["config", "coupons", "payouts", "applications", "rehearsal"]
    back = [
        (here, there)
        for here, there in diagram.lines()
        if order.index(here[0]) < order.index(there[0])
    ]
    assert back == []
