"""The receiving page over the test client: what each request may and may not do."""

import pytest
from django.test import Client

from config import clock
from config.states import Refused
from payouts import gifts, links, opening
from payouts.models import Code, Payout, Reveal
from tests.payouts import rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def payout() -> Payout:
    """A payout of 1,500 yen with a link, and a stock that can pay it."""
    coupon = rows.coupon("000000004321", yen=1500)
    rows.seal(coupon)
    rows.codes("ponta", 500, 3)
    payout = rows.payout(coupon)
    with clock.at(rows.LINKS_GO):
        opening.release_due()
    payout.refresh_from_db()
    return payout


@pytest.fixture(autouse=True)
def _on_a_working_day() -> object:
    with clock.at(rows.LINKS_GO):
        yield


def address(payout: Payout) -> str:
    """The path of the payout's living link."""
    return f"/r/{links.token_of(payout.links.get(replaced_at=None))}/"


def body(client: Client, path: str, **posted: str) -> str:
    """The page that a person then sees, redirects followed."""
    response = client.post(path, posted, follow=True) if posted else client.get(path)
    return response.content.decode()


def test_the_amount_is_seen_after_the_proof_only(client: Client, payout: Payout) -> None:
    path = address(payout)
    assert "1,500円" not in body(client, path)
    assert "1,500円" in body(client, path, proof="4321")


@pytest.mark.parametrize("typed", ["４３２１", "しずおか はなこ", "ｼｽﾞｵｶ ﾊﾅｺ", "0000-0000-4321"])
def test_a_proof_is_taken_in_any_spelling(client: Client, payout: Payout, typed: str) -> None:
    assert "ポイントの種類をお選びください" in body(client, address(payout), proof=typed)


def test_five_wrong_proofs_lock_the_link(client: Client, payout: Payout) -> None:
    path = address(payout)
    for left in (4, 3, 2, 1):
        assert f"あと{left}回" in body(client, path, proof="9999")
    assert "使えなくなりました" in body(client, path, proof="9999")
    assert "使えなくなりました" in body(client, path, proof="4321")


def test_the_phone_is_asked_for_only_where_it_is_accepted(client: Client, payout: Payout) -> None:
    phone = "ご連絡先の電話番号の下4けた"
    page = body(client, address(payout))
    assert "お問合せ番号の下4けたか、お名前（カナ）の、どちらかを入力してください。" in page
    assert phone not in page
    Payout.objects.update(phone_proof=True)
    assert phone in body(client, address(payout))
    Payout.objects.update(origin="app_holder")
    page = body(client, address(payout))
    assert page.count("お問合せ番号の下4けたを入力してください。") == 1
    page = body(client, address(payout), proof=" ")
    assert "どれか1つ" not in page


@pytest.mark.parametrize("typed", ["5678", "090-1234-5678", "+819012345678"])
def test_the_phone_that_got_the_link_costs_no_try(
    client: Client, payout: Payout, typed: str
) -> None:
    path = address(payout)
    for _ in range(links.TRIES + 1):
        assert "ご案内が届いた電話番号は" in body(client, path, proof=typed)
    assert payout.links.get().wrong_proofs == 0
    assert "ポイントの種類をお選びください" in body(client, path, proof="4321")


def test_a_number_that_ends_like_the_phone_is_a_proof(client: Client) -> None:
    coupon = rows.coupon("000000005678", yen=1500)
    rows.seal(coupon)
    payout = rows.payout(coupon)
    opening.release_due()
    assert "ポイントの種類をお選びください" in body(client, address(payout), proof="5678")


@pytest.mark.parametrize("change", ["replaced_at", "locked_at"])
def test_a_link_that_dies_before_the_choice_gives_nothing(
    client: Client, payout: Payout, change: str
) -> None:
    link = payout.links.get()
    payout.links.update(**{change: rows.LINKS_GO})
    with pytest.raises(Refused) as caught:
        gifts.choose(payout, "ponta", link)
    assert caught.value.code == "replaced"
    payout.refresh_from_db()
    assert payout.state == "ready"


def test_a_whole_visit_gives_one_code_again_and_again(client: Client, payout: Payout) -> None:
    path = address(payout)
    body(client, path, proof="4321")
    assert "あとから変更できません" in body(client, path, brand="ponta", choose="1")
    first = body(client, path, brand="ponta", confirm="1")
    assert first.count('<p class="code">') == 3
    codes = [gifts._shown(part.order, part).code for part in payout.orders.get().parts.all()]
    assert all(code.replace("-", "-</span><span>") in first for code in codes)
    assert body(client, path, brand="ponta", confirm="1") == first
    again = Client()
    assert "ご本人の確認" in body(again, path)
    assert codes[0].split("-")[0] in body(again, path, proof="4321")
    assert Code.objects.filter(taken_at=None).count() == 0


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_scanners_spend_nothing(payout: Payout, method: str) -> None:
    path = address(payout)
    for _ in range(20):
        getattr(Client(), method)(path + "?brand=ponta&confirm=1&proof=4321")
    payout.refresh_from_db()
    assert payout.state == "ready"
    assert not Reveal.objects.exists()


def test_a_brand_that_is_not_exact_is_shown_with_its_reason(client: Client, payout: Payout) -> None:
    page = body(client, address(payout), proof="4321")
    assert page.count("disabled") == 4
    assert page.count("ただいま在庫がありません。") == 4


def test_a_brand_that_is_not_offered_is_refused_at_its_field(
    client: Client, payout: Payout
) -> None:
    path = address(payout)
    body(client, path, proof="4321")
    page = body(client, path, brand="edy", choose="1")
    assert "この種類ではお渡しできません" in page
    payout.refresh_from_db()
    assert payout.state == "ready"


def test_a_brand_that_runs_out_before_the_confirmation_is_told_kindly(
    client: Client, payout: Payout
) -> None:
    rows.codes("edy", 1500, 1)
    path = address(payout)
    body(client, path, proof="4321")
    assert "あとから変更できません" in body(client, path, brand="edy", choose="1")
    Code.objects.filter(brand="edy").update(taken_at=rows.LINKS_GO)
    page = body(client, path, brand="edy", confirm="1")
    assert "Edy ギフト IDは、ただいま在庫がなくなりました。" in page
    assert page.count('type="radio"') - page.count(" disabled") == 1
    assert '<p class="code">' in body(client, path, brand="ponta", confirm="1")


def test_the_last_brand_that_runs_out_asks_for_no_other(client: Client, payout: Payout) -> None:
    path = address(payout)
    body(client, path, proof="4321")
    Code.objects.update(taken_at=rows.LINKS_GO)
    page = body(client, path, brand="ponta", confirm="1")
    assert "Ponta ポイント コードは、ただいま在庫がなくなりました。" in page
    assert "ただいま在庫を補充しています。" in page
    assert "ほかの種類をお選びください" not in page


def test_unknown_and_replaced_look_the_same(client: Client, payout: Payout) -> None:
    path = address(payout)
    links.make(payout)
    replaced, unknown = client.get(path), client.get("/r/AAAAAAAAAAAAAAAAAAAA/")
    assert replaced.status_code == unknown.status_code == 404
    assert replaced.content == unknown.content


def test_the_page_closes_with_the_notice(client: Client, payout: Payout) -> None:
    path = address(payout)
    with clock.at(opening.receives_until(payout)):
        assert "受取期限が過ぎました" in body(client, path)
        assert "受取期限が過ぎました" in body(client, path, proof="4321")


def test_an_app_holders_code_is_not_shown_to_a_bare_get(client: Client) -> None:
    coupon = rows.coupon(yen=500)
    rows.seal(coupon)
    rows.codes("ponta", 500, 1)
    holder = rows.payout(coupon, proofs=())
    opening.release_due()
    path = address(holder)
    assert "ポイントの種類をお選びください" in body(client, path)
    assert '<p class="code">' in body(client, path, brand="ponta", confirm="1")
    assert '<p class="code">' not in body(Client(), path)
    assert '<p class="code">' in body(Client(), path, show="1")


@pytest.mark.parametrize("proof", ["\x00", "\ud800", "a" * 5000, "4" * 100, "''"])
def test_no_proof_breaks_the_page(client: Client, payout: Payout, proof: str) -> None:
    response = client.post(
        address(payout),
        b"proof=" + proof.encode("utf-8", "surrogatepass"),
        content_type="application/x-www-form-urlencoded",
    )
    assert response.status_code == 200


def test_private_pages_are_kept_by_nobody(client: Client, payout: Payout) -> None:
    response = client.get(address(payout))
    assert response["Cache-Control"] == "no-store"
    assert response["X-Robots-Tag"] == "noindex"
