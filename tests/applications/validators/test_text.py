from hypothesis import given
from hypothesis import strategies as st

from applications.validators.text import compact, dashed, folded, free, plain


def test_plain_ignores_what_is_no_text():
    assert plain(None) == plain(3) == plain(["a"]) == plain(b"a") == ""


def test_plain_looks_at_a_bounded_text():
    assert len(plain("あ" * 1_000_000)) == 2001


def test_dashes_of_all_kinds_are_hyphens():
    assert dashed("‐‑‒–—―−ー－ｰ─━﹣⁃") == "-" * 14


def test_compact_drops_blanks_of_all_kinds():
    assert compact("1 2\u00a03\u20034　5\u202f6") == "123456"


def test_free_text_keeps_its_blanks_single():
    assert free("  富士  旅館　　本館 ", 60, "宿泊施設名") == "富士 旅館　本館"


@given(st.text(max_size=80))
def test_cleaning_twice_changes_nothing(typed):
    for clean in (plain, folded, compact):
        assert clean(clean(typed)) == clean(typed)
