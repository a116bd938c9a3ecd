"""What a key makes of a view: functions from View to View."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.composed import LIVE, deck, observed
from support.samples import dup, sample, stats

from kmodtop.view import moves
from kmodtop.view.rows import SORTS
from kmodtop.view.theme import THEMES
from kmodtop.view.view import STAGE_CHOICES, WINDOWS, Page, Source
from kmodtop_core.sources.base import Means

FRAME = observed([sample(0, stats(dup("kvm", 3), dup("vfat", 2), dup("snd", 1)))]).frame
EMPTY = observed([sample(0, stats())]).frame


def scrolled(**choices):
    return LIVE.choosing(**{"top": 7, "scroll": 9, **choices})


def test_what_changes_the_order_shows_its_beginning():
    for view in (
        moves.reverse(scrolled()),
        moves.next_sort(scrolled()),
        moves.sort_by(scrolled(), "grew"),
        moves.filter_by(scrolled(), "kvm"),
    ):
        assert view.choice.top == 0


def test_turning_the_order_round_twice_is_nothing():
    once = moves.reverse(LIVE)
    assert once.choice.reverse and moves.reverse(once) == LIVE


def test_another_column_begins_in_its_natural_order():
    turned = moves.sort_by(moves.sort_by(LIVE, "grew"), "grew")
    assert turned.choice.reverse
    assert not moves.sort_by(turned, "now").choice.reverse
    assert not moves.next_sort(turned).choice.reverse


def test_the_first_step_down_sets_the_cursor_on_the_first_row():
    first = moves.step(FRAME, LIVE, 1, 9)
    assert first.choice.cursor == "kvm"
    assert moves.step(FRAME, first, 1, 9).choice.cursor == "vfat"
    assert moves.step(FRAME, LIVE, -1, 9).choice.cursor == "kvm"
    assert moves.step(EMPTY, LIVE, 1, 9) == LIVE


def test_escape_clears_the_filter_first_and_then_the_cursor():
    view = LIVE.choosing(filter="kvm", cursor="kvm", top=3)
    once = moves.clear(view)
    assert (once.choice.filter, once.choice.cursor) == ("", "kvm")
    assert moves.clear(once).choice.cursor is None


def test_a_page_that_is_opened_twice_leads_back():
    opened = moves.turn_to(scrolled(), Page.HELP)
    assert (opened.choice.page, opened.choice.scroll) == (Page.HELP, 0)
    assert moves.turn_to(opened, Page.HELP).choice.page == Page.MAIN


def test_from_page_to_page_back_is_where_the_first_was_opened():
    module = moves.open_module(FRAME, LIVE)
    raw = moves.turn_to(moves.turn_to(module, Page.HELP), Page.RAW)
    assert moves.turn_back(raw).choice.page == Page.MODULE
    assert moves.turn_back(moves.turn_back(raw)).choice.page == Page.MAIN


def test_enter_opens_the_module_under_the_cursor_or_the_first():
    assert moves.open_module(FRAME, LIVE).choice.cursor == "kvm"
    assert moves.open_module(FRAME, moves.select(LIVE, "snd")).choice.cursor == "snd"
    assert moves.open_module(EMPTY, LIVE) == LIVE


@given(st.integers(-50, 50), st.integers(-5, 40), st.integers(0, 60))
def test_a_page_is_scrolled_within_its_lines(by, last, at):
    found = moves.scroll(LIVE.choosing(scroll=at), by, last).choice.scroll
    assert 0 <= found <= max(0, last)


def test_hosts_are_left_and_found_again_as_they_were():
    hosts = LIVE.choosing(page=Page.HOSTS, scroll=4, filter="db", reverse=True)
    there = moves.open_host(hosts, Source("ssh://db", Means.POLLED), ended=True)
    assert there.situation.source.label == "ssh://db" and there.situation.ended
    assert (there.choice.filter, there.choice.reverse, there.choice.scroll) == ("", False, 0)
    used = there.choosing(filter="kvm", cursor="kvm", frozen=FRAME).knowing(deck=deck())
    back = moves.to_hosts(used)
    assert back.choice.page == Page.HOSTS and back.situation.deck is None
    assert (back.choice.filter, back.choice.reverse, back.choice.scroll) == ("db", True, 4)
    assert back.choice.frozen is None and back.choice.cursor is None


def test_hosts_are_sorted_by_one_column_after_the_other():
    columns = ["verdict", "wasted", "rate"]
    view = LIVE
    for wanted in ("wasted", "rate", "verdict"):
        view = moves.next_host_sort(view, columns)
        assert (view.choice.host_sort, view.choice.reverse) == (wanted, False)
    assert moves.sort_hosts(view, "verdict").choice.reverse


def test_back_to_now_nothing_is_frozen():
    view = moves.to_now(LIVE.choosing(frozen=FRAME).knowing(deck=deck()))
    assert view.choice.frozen is None and view.situation.deck is None


def test_the_boots_are_listed_with_the_cursor_on_the_one_that_is_played():
    listed = moves.list_boots(scrolled(), 3)
    assert (listed.choice.page, listed.choice.scroll) == (Page.BOOTS, 2)
    played = moves.play_boot(listed.choosing(cursor="kvm"))
    assert (played.choice.page, played.choice.cursor, played.choice.top) == (Page.MAIN, None, 0)


@pytest.mark.parametrize(
    ("move", "number"),
    [
        (moves.next_stage, len(STAGE_CHOICES)),
        (moves.next_sort, len(SORTS)),
        (moves.next_window, len(WINDOWS)),
        (moves.next_theme, len(THEMES)),
    ],
)
def test_choices_that_go_round_come_back(move, number):
    view = LIVE
    for _ in range(number):
        view = move(view)
    assert view.choice == LIVE.choice and view.look == LIVE.look


def test_the_chart_is_total_or_a_second_the_other_than_it_is():
    assert moves.turn_mode(LIVE).choice.per_second is True
    assert moves.turn_mode(moves.turn_mode(LIVE)).choice.per_second is False
    assert moves.turn_mode(LIVE.knowing(deck=deck())).choice.per_second is False


def test_a_finding_holds_the_table_to_its_modules_until_escape():
    held = moves.hold_to(LIVE.choosing(page=Page.FINDINGS, cursor="snd"), ["kvm"], "a title")
    assert (held.choice.page, held.choice.only, held.choice.cursor) == (Page.MAIN, ("kvm",), None)
    assert moves.clear(held).choice.only == ()


def test_the_wheel_scrolls_the_table_and_moves_a_cursor_that_is_there():
    assert moves.scroll_table(FRAME, LIVE, 5, 2).choice.top == 1
    assert moves.scroll_table(FRAME, LIVE.choosing(top=1), -3, 2).choice.top == 0
    assert moves.scroll_table(FRAME, LIVE.choosing(cursor="kvm"), 1, 2).choice.cursor == "vfat"


def test_findings_are_chosen_within_their_number():
    assert moves.choose_finding(LIVE.choosing(scroll=4), 9, 3).choice.finding == 2
    assert moves.choose_finding(LIVE, -1, 3).choice == LIVE.choice
