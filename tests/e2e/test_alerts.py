"""A person and their alerts, in a real browser: seen, put off, quiet, told elsewhere; by keyboard, and to a screen reader."""

import re
from contextlib import closing

import pytest
from playwright.sync_api import expect

from tests.e2e.axe import violations_at_both_sizes
from tests.e2e.talk_page import UNHURRIED, altered, begin, begin_the_topic, show
from tests.real_channels import RawSocket, Webhook

DAY = "2026-03-12T20:{}:00+01:00"
SUGGESTION = {
    "id": "one",
    "minutes": 20,
    "return_at": DAY.format(45),
    "raised": DAY.format(24),
    "expires": DAY.format(29),
    "acknowledged": False,
}
SHARED = {
    "id": "shared-1",
    "minutes": 20,
    "return_at": DAY.format(45),
    "expires": DAY.format(30),
    "acknowledged": False,
}
NOTICE = {"id": "n", "state": "open", "since": DAY.format(24), "snoozed_until": None}
CALM = {"state": "calm", "signal": "ok", "bpm": 75, "stale": False, "no_signal_s": 0}
GONE = {"heart": {"bpm": None, "stale": True, "signal": "off_body", "no_signal_s": 40}}


@pytest.fixture
def speed():
    return UNHURRIED


def add_webhook(page, port, label):
    page.get_by_test_id("kind-webhook").locator("summary").click()
    form = page.locator("form[data-kind=webhook]")
    form.get_by_label("What you call it").fill(label)
    form.get_by_label("Address").fill(f"http://127.0.0.1:{port}/s3cret")
    page.get_by_test_id("add-webhook").click()
    added = page.get_by_test_id("channel").filter(has_text=label)
    expect(added).to_be_visible()
    return added


def test_channels_are_added_tried_and_removed_and_their_addresses_never_shown(page):
    begin(page)
    page.goto("/channels")
    expect(page.get_by_text("None yet.")).to_be_visible()
    with closing(Webhook()) as works, closing(RawSocket(b"garbage\r\n\r\n")) as garbage:
        phone, lamp = add_webhook(page, works.port, "Phone"), add_webhook(page, garbage.port, "Lamp")
        phone.get_by_test_id("test").click()
        expect(phone).to_contain_text("It arrived.")
        expect(page.locator("#said")).to_have_text("Phone: It arrived.")
        assert works.texts == ["A test. This channel works. Nothing has happened."]
        lamp.get_by_test_id("test").click()
        expect(lamp).to_contain_text("It didn’t take the message.")
        page.reload()
        expect(lamp).to_contain_text("Last time: It didn’t take the message.")
        assert "s3cret" not in page.content()
    lamp.get_by_test_id("remove").click()
    expect(lamp).to_have_count(0)
    expect(phone.get_by_test_id("test")).to_be_focused()
    phone.get_by_test_id("remove").click()
    expect(page.get_by_text("None yet.")).to_be_visible()


def test_the_channels_page_works_by_keyboard_alone(page):
    begin(page)
    page.goto("/channels")
    with closing(Webhook()) as works:

        def tab_to(what):
            for _ in range(60):
                page.keyboard.press("Tab")
                if page.evaluate("document.activeElement.matches(':focus-visible')") and page.evaluate(
                    "(what) => document.activeElement.matches(what)", what
                ):
                    return
            raise AssertionError(f"{what} is not reached by Tab")

        tab_to("[data-device=sound]")
        page.keyboard.press("Space")
        assert page.evaluate("localStorage.getItem('alert-sound')") == "off"
        tab_to("[data-testid=kind-webhook] summary")
        page.keyboard.press("Enter")
        tab_to("form[data-kind=webhook] [name=label]")
        page.keyboard.type("Phone")
        page.keyboard.press("Tab")
        page.keyboard.type(f"http://127.0.0.1:{works.port}/")
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("test")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("channel")).to_contain_text("It arrived.")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("channel")).to_have_count(0)
        expect(page.locator("#channels-title")).to_be_focused()


def test_axe_finds_nothing_on_the_channels_page(page):
    begin(page)
    page.goto("/channels")
    with closing(RawSocket(b"garbage\r\n\r\n")) as garbage:
        add_webhook(page, garbage.port, "Lamp").get_by_test_id("test").click()
        expect(page.get_by_test_id("channel")).to_contain_text("It didn’t take")
    for kind in ("ntfy", "mqtt", "email"):
        page.get_by_test_id(f"kind-{kind}").locator("summary").click()
        assert violations_at_both_sizes(page) == []
    page.get_by_test_id("test-device").click()
    expect(page.locator("#device-said")).to_be_visible()
    assert violations_at_both_sizes(page) == []


SCREENS = {
    "quiet minutes": {},
    "a strap that is gone": {"phase": "talking", "notice": NOTICE, **GONE},
    "a notice that is put off": {
        "phase": "talking",
        "notice": NOTICE | {"state": "snoozed", "snoozed_until": DAY.format(34)},
        **GONE,
    },
    "quiet, silenced, held, failing": {
        "phase": "talking",
        "muted_until": DAY.format(50),
        "silenced": True,
        "held": {"why": "refractory", "until": DAY.format(34)},
        "failing_channels": ["Lamp"],
    },
    "snoozed": {"phase": "talking", "snoozed_until": DAY.format(34), "held": {"why": "answered", "until": None}},
    "a suggestion": {"phase": "talking", "suggestion": SUGGESTION},
    "a suggestion that was seen": {"phase": "talking", "suggestion": SUGGESTION | {"acknowledged": True}},
}


def test_axe_finds_nothing_on_the_talk_page(page):
    begin(page)
    found = {}
    for screen, changes in SCREENS.items():
        page.unroute_all()
        show(page, changes)
        expect(page.get_by_test_id("state-word")).to_contain_text(re.compile(r"\w"))
        found[screen] = violations_at_both_sizes(page)
    page.get_by_test_id("dismiss").click()
    found["its reasons"] = violations_at_both_sizes(page)
    page.get_by_role("button", name="Cover").click()
    found["covered"] = violations_at_both_sizes(page)
    assert {screen: each for screen, each in found.items() if each} == {}


def test_axe_finds_nothing_in_the_pause_and_after_the_talk(page):
    begin(page)
    page.get_by_test_id("call-pause").click()
    expect(page.get_by_test_id("pause")).to_be_visible()
    assert violations_at_both_sizes(page) == []
    page.get_by_test_id("end-talk").click()
    assert violations_at_both_sizes(page) == []
    page.get_by_test_id("confirm-end").click()
    expect(page.locator("#ended-title")).to_be_visible()
    assert violations_at_both_sizes(page) == []


def test_by_keyboard_a_suggestion_is_seen_and_then_put_off(page):
    begin(page)
    show(page, {"phase": "talking", "suggestion": SUGGESTION})
    expect(page.get_by_test_id("suggestion")).to_be_visible()
    asked = []
    page.route(re.compile("/suggestion/"), lambda route: (asked.append(route.request), route.fulfill(status=204))[1])
    page.locator("#ask").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_test_id("accept")).to_be_focused()
    expect(page.locator("#waits")).to_contain_text("Waits for your answer until 20:29.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_function("() => true")
    assert [request.url.rpartition("/")[2] for request in asked] == ["acknowledge", "snooze"]
    assert {request.post_data_json["suggestion_id"] for request in asked} == {"one"}


def alerting(page):
    """Count what the device would do."""
    page.add_init_script(
        """
        window.rung = { notes: 0, vibrations: 0, titles: new Set() };
        const start = OscillatorNode.prototype.start;
        OscillatorNode.prototype.start = function (...at) { window.rung.notes += 1; return start.apply(this, at); };
        navigator.vibrate = () => { window.rung.vibrations += 1; return true; };
        setInterval(() => window.rung.titles.add(document.title), 50);
        """
    )


def rung(page):
    return page.evaluate("({ ...window.rung, titles: [...window.rung.titles] })")


def test_the_device_rings_once_and_not_again_after_a_reload(page):
    alerting(page)
    say = streamed(page)
    say(400)
    page.locator("#bar-title").click()  # a tap lets sound and vibration out
    for t_s in range(401, 405):
        say(t_s, suggestion=SUGGESTION | {"return_at": DAY.format(45 + t_s % 3)})
    page.wait_for_function("() => window.rung.titles.has('A pause was suggested')")
    assert (rung(page)["notes"], rung(page)["vibrations"]) == (2, 1)
    page.reload()
    page.wait_for_function("() => window.stream")
    say(405)
    page.locator("#bar-title").click()
    say(406, suggestion=SUGGESTION)
    page.wait_for_function("() => window.rung.titles.has('A pause was suggested')")
    assert (rung(page)["notes"], rung(page)["vibrations"]) == (0, 0)


def test_of_two_people_no_device_rings_alone_and_both_at_the_sentence_that_both_see(page):
    """A suggestion of one's own is shown and is in the title, but not heard: in one room that would tell whose body it was."""
    alerting(page)
    say = streamed(page)
    say(400, for_two=True)
    page.locator("#bar-title").click()
    say(401, for_two=True, suggestion=SUGGESTION)
    page.wait_for_function("() => window.rung.titles.has('A pause was suggested')")
    assert (rung(page)["notes"], rung(page)["vibrations"]) == (0, 0)
    for t_s in range(402, 405):
        say(t_s, for_two=True, suggestion=SUGGESTION, shared=SHARED)
    assert (rung(page)["notes"], rung(page)["vibrations"]) == (2, 1)
    say(405, for_two=True, shared=SHARED)
    expect(page.get_by_test_id("shared")).to_be_visible()
    say(406, for_two=True, suggestion=SUGGESTION)  # the sentence has run out, one's own still waits
    assert (rung(page)["notes"], rung(page)["vibrations"]) == (2, 1)


def test_who_touches_the_sentence_has_seen_it_and_it_is_quiet(page):
    alerting(page)
    say = streamed(page)
    asked = []
    page.route(re.compile("/shared/"), lambda route: (asked.append(route.request.url), route.fulfill(status=204))[1])
    say(400, for_two=True)
    page.locator("#bar-title").click()
    say(401, for_two=True, shared=SHARED)
    page.locator("#shared-ask").click()
    page.wait_for_function("() => window.rung.notes === 2")
    page.get_by_test_id("put-away").focus()
    say(402, for_two=True, shared=SHARED | {"acknowledged": True})
    assert [url.rpartition("/")[2] for url in asked] == ["acknowledge"]
    page.wait_for_function("() => document.title === 'Talk'")


def test_what_is_kept_quiet_or_was_seen_rings_nowhere(page):
    alerting(page)
    begin(page)
    for quiet in ({"muted_until": DAY.format(50)}, {"suggestion": SUGGESTION | {"acknowledged": True, "id": "two"}}):
        show(page, {"phase": "talking", "suggestion": SUGGESTION} | quiet)
        expect(page.get_by_test_id("suggestion")).to_be_visible()
        page.wait_for_function("() => window.rung.titles.size > 0")
        assert rung(page) == {"notes": 0, "vibrations": 0, "titles": ["Talk"]}
        page.unroute_all()


def test_the_test_alert_unlocks_sound_and_says_what_went_out(page):
    alerting(page)
    begin(page)
    page.get_by_test_id("test-alert").click()
    expect(page.locator("#tested")).to_contain_text("That was a sound")
    begin_the_topic(page)
    expect(page.locator("#tested")).to_be_empty()  # it was of that moment
    assert rung(page)["notes"] == 2


def test_keeping_it_quiet_is_kept_by_the_server_and_taken_back(page):
    begin(page)
    page.get_by_test_id("mute").click()
    expect(page.locator("#muted-words")).to_contain_text(re.compile(r"Quiet until \d\d:\d\d"))
    page.reload()
    expect(page.locator("#muted-words")).to_contain_text("Quiet until")
    begin_the_topic(page)
    page.get_by_test_id("unmute").click()
    page.get_by_test_id("mute").click()  # in the middle of the talk, too, on a phone as well
    expect(page.locator("#muted-words")).to_contain_text("Quiet until")


def test_a_server_that_was_cut_off_and_counts_on_from_what_it_had_stored_is_believed(page):
    say = streamed(page)
    say(400, version=90)
    say(401, version=7, muted_until=DAY.format(50))  # late, by another road
    expect(page.locator("#muted")).to_be_hidden()
    page.evaluate("() => window.stream.dispatchEvent(new Event('open'))")
    say(402, version=7, muted_until=DAY.format(51))
    expect(page.locator("#muted-words")).to_contain_text("Quiet until 20:51")


PAUSE_OF_TWO = {"phase": "talking", "for_two": True}


def test_a_return_that_both_have_missed_offers_each_words_of_repair_and_says_of_nobody_that_they_are_late(page):
    begin(page)
    page.get_by_test_id("call-pause").click()
    expect(page.get_by_test_id("pause")).to_be_visible()
    missed = {"state": "missed", "can_return": True, "minutes_left": 0, "return_at": DAY.format(45)}
    show(page, PAUSE_OF_TWO | {"pause": missed})
    expect(page.locator("#pause-title")).to_have_text("You said you’d be back at 20:45")
    expect(page.locator("#return-in")).to_have_text("That time has passed. You can still come back, or name a new one.")
    repair = page.get_by_role("button", name="I fell into an old pattern. Let me try again.")
    repair.click()
    expect(repair).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="I’m ready")).to_be_enabled()
    expect(page.get_by_test_id("extend-10")).to_be_visible()
    assert violations_at_both_sizes(page) == []
    # Who has come back waits, whatever the other does.
    page.unroute_all()
    back = {"state": "returned", "is_back": True, "can_return": False, "minutes_left": 0}
    show(page, PAUSE_OF_TWO | {"pause": back})
    expect(page.locator("#return-in")).to_have_text("You’re back. The talk goes on when you both are.")
    expect(repair).to_be_hidden()
    assert not re.search(r"late|missed|waits for you", page.get_by_test_id("pause").inner_text())


def heard(page):
    """Everything that the live region says from now on."""
    page.evaluate(
        """() => {
          window.heard = [];
          const region = document.getElementById("announcer");
          new MutationObserver(() => region.textContent && window.heard.push(region.textContent))
            .observe(region, { childList: true, characterData: true, subtree: true });
        }"""
    )


def streamed(page):
    """The talk page with a stream that the test speaks through: views one after the other, as the server would bring them."""
    page.add_init_script(
        """
        window.EventSource = class extends EventTarget {
          constructor() { super(); window.stream = this; this.readyState = 1; setTimeout(() => this.dispatchEvent(new Event("open"))); }
          close() {}
        };
        window.say = (view) => window.stream.dispatchEvent(new MessageEvent("view", { data: JSON.stringify(view) }));
        """
    )
    page.goto("/")
    page.get_by_test_id("welcome-begin").click()
    page.get_by_test_id("start-talk").click()
    page.wait_for_function("() => window.stream")
    talk = page.locator("main").get_attribute("data-talk-id")
    view = page.request.post(f"/api/talks/{talk}/topic").json()

    def say(t_s, **changes):
        told = {"heart": CALM, "t_s": t_s, "version": view["version"] + 1, "points": []} | changes
        page.evaluate("(view) => window.say(view)", altered(view, **told))

    return say


def test_a_screen_reader_hears_each_alert_once_and_no_chatter(page):
    say = streamed(page)
    rising = {"heart": CALM | {"state": "rising"}}
    say(400)
    heard(page)
    for t_s in range(401, 420):  # a state that comes and goes
        say(t_s, **(rising if t_s % 3 else {}))
    for t_s in range(420, 428):  # and one that stays
        say(t_s, **rising)
    for t_s in range(428, 460):  # half a minute of no signal is not told, its notice is, once
        say(t_s, **GONE)
    for t_s in range(460, 470):
        say(t_s, **GONE, notice=NOTICE)
    for t_s in range(470, 480):
        say(t_s)
    for t_s in range(480, 490):  # the suggestion, whose time moves
        say(t_s, suggestion=SUGGESTION | {"return_at": DAY.format(45 + t_s % 3)})
    assert page.evaluate("window.heard") == [
        "Rising.",
        "No signal since 20:24.",
        "Steady.",
        "Your body is in alarm. Take 20 minutes, back at 20:45?",
    ]


def test_a_screen_reader_hears_the_sentence_that_both_see_also_beside_a_suggestion(page):
    say = streamed(page)
    say(400, for_two=True)
    heard(page)
    for t_s in range(401, 405):
        say(t_s, for_two=True, suggestion=SUGGESTION)
    for t_s in range(405, 410):
        say(t_s, for_two=True, suggestion=SUGGESTION, shared=SHARED)
    for t_s in range(410, 415):  # one's own is answered, the sentence still waits
        say(t_s, for_two=True, shared=SHARED)
    for t_s in range(415, 421):
        say(t_s, for_two=True)
    for t_s in range(421, 425):  # another flood: both come at once
        say(t_s, for_two=True, suggestion=SUGGESTION | {"id": "two"}, shared=SHARED | {"id": "shared-2"})
    asked = "Your body is in alarm. Take 20 minutes, back at 20:45?"
    assert page.evaluate("window.heard") == [
        asked,
        "Both pages say: One of us could use a pause.",
        "One of us could use a pause.",
        "Steady.",
        f"{asked} Both pages say: One of us could use a pause.",
    ]
