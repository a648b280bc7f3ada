"""The entry's words, in a browser: the questions, notes at a time, the disclosure; and that no typed word is lost."""

import json
import re
from itertools import product

import pytest
from playwright.sync_api import expect

from tests.e2e.axe import violations

CALM = ("not_in_conflict", "nobody_tired", "nobody_hungry", "nobody_stressed")
UNSAVED = "Object.keys(localStorage).filter((key) => key.startsWith('flooding.unsaved.')).length"
PUT_CONTENT = re.compile(r"/content$")


@pytest.fixture
def open_page(browser):
    """Open pages in one browser, as tabs of one person; a script's error on any of them fails the test."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    problems = []

    def opened(url):
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(url)
        return page

    yield opened
    context.close()
    assert problems == []


@pytest.fixture
def page(start, open_page, tmp_path):
    """The page of a new entry by hand."""
    program = start("run", "--port", 0, "--data", tmp_path / "data").wait_for_page()
    page = open_page(program.url)
    page.get_by_test_id("welcome-begin").click()
    page.goto(f"{program.url}/journal")
    page.get_by_test_id("write").press("Enter")
    ready(page)
    return page


def ready(page):
    page.locator("#writing[data-ready]").wait_for()


def stored(page):
    entry = page.locator("#writing").get_attribute("data-entry")
    return page.evaluate("(id) => fetch(`/api/entries/${id}/content`).then((answer) => answer.json())", entry)


def until(page, holds):
    """Wait until a JavaScript expression holds; Playwright's own waiting evaluates strings, which the page forbids."""
    script = """() => new Promise((done, fail) => {
        setTimeout(() => fail(new Error("it did not come to that")), 15_000);
        const look = async () => ((await (HOLDS)) ? done() : setTimeout(look, 50));
        look();
    })"""
    page.evaluate(script.replace("HOLDS", holds))


def until_nothing_is_unsaved(page):
    until(page, f"{UNSAVED} === 0")


def until_stored(page):
    until_nothing_is_unsaved(page)
    expect(page.get_by_test_id("saved")).to_have_text(re.compile(r"^Saved \d\d:\d\d$"))


def typed(page, text, where="trigger.text"):
    page.get_by_test_id(where).press_sequentially(text)


def test_from_a_flood_to_a_filled_entry_with_its_timeline_and_the_disclosure(start, open_page):
    program = start("demo", "--port", 0, "--speed", 120).wait_for_page()
    page = open_page(program.url)
    at = page.get_by_test_id
    at("welcome-begin").click()
    at("start-talk").click()
    at("suggestion").wait_for(timeout=60_000)
    at("accept").click()
    page.get_by_role("button", name="I’m ready").wait_for(timeout=60_000)
    at("ready").click()
    at("end-talk").click()
    at("confirm-end").click()
    at("entry-link").click()
    ready(page)
    expect(page.locator("#phases")).to_contain_text("Pause")
    expect(at("beside")).to_contain_text("Given my history it makes sense")
    expect(at("worth-naming")).to_contain_text("you came back")
    measured = page.locator("dl.facts").all_inner_texts()

    typed(page, "He said “fine” and looked at his phone.")
    page.get_by_role("button", name="Feeling unheard").press("Space")
    typed(page, "Tight throat.", "body.text")
    page.get_by_role("button", name="Throat").press("Enter")
    page.get_by_label("Throat, how strongly").select_option("4")
    page.get_by_role("button", name="Withdrew").press("Enter")
    typed(page, "He asked three times.", "behaviour.led_to")

    # A note where the timeline was read, by keys; and its number on the timeline.
    page.locator("#timeline").focus()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowLeft")
    read = re.match(r"\d\d:\d\d", page.locator("#readout").inner_text()).group()
    expect(at("add-moment")).to_have_text(f"Add a note at {read}")
    page.keyboard.press("Enter")
    page.keyboard.type("He said “fine”.")
    expect(page.get_by_label("Time of note A")).to_have_value(read)
    expect(page.locator(".note-pin")).to_have_text("A")  # the pause’s pins have the numbers

    # The wearer knows more than a strap, and may change their mind.
    page.get_by_role("button", name=re.compile("This wasn’t flooding")).press("Enter")
    page.get_by_role("button", name="Coffee or tea").press("Enter")
    until_stored(page)
    (label,) = stored(page)["content"]["labels"]
    assert (label["flooding"], label["reason"]) == (False, "caffeine")
    page.get_by_role("button", name=re.compile("Take back what you said")).press("Enter")

    for name in CALM:
        at(f"calm-{name}").press("Enter")
    sentence = at("disclosure-text").input_value()
    assert (
        "(He said “fine” and looked at his phone), I notice in my body: Tight throat. My automatic impulse is to withdraw"
        in sentence
    )
    assert sentence.endswith("What are your thoughts? Does it fit what you have seen?")

    assert violations(page) == []
    page.reload()
    ready(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("He said “fine” and looked at his phone.")
    expect(page.get_by_label(re.compile("^Note A"))).to_have_value("He said “fine”.")
    expect(page.get_by_role("button", name="Throat")).to_have_attribute("aria-pressed", "true")
    kept = stored(page)["content"]
    assert kept["body"]["places"] == [{"place": "Throat", "intensity": 4}]
    assert kept["labels"] == []
    assert page.locator("dl.facts").all_inner_texts() == measured  # the body's side is never edited
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    the_week_tells_of_it(page, address=page.url)


def the_week_tells_of_it(page, address):
    """The weekly review: what flooded with words to come back with, what the wearer said against it, the day's check."""
    at = page.get_by_test_id
    page.goto(address.partition("/entries/")[0] + "/review")
    until(page, "fetch('/review').then((a) => a.text()).then((text) => !text.includes('being computed'))")
    page.reload()
    expect(at("floods")).to_contain_text("Let me try again")
    expect(page.get_by_role("heading", name="What worked")).to_be_visible()
    assert violations(page) == []
    at("floods").get_by_role("link").press("Enter")
    ready(page)
    assert page.url == address
    page.get_by_role("button", name=re.compile("This wasn’t flooding")).press("Enter")
    until_stored(page)
    page.get_by_role("link", name="Review").press("Enter")
    expect(at("set-aside")).to_contain_text("Your word counts")
    expect(at("floods")).to_have_count(0)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


UNKEPT = "Object.keys(localStorage).filter((key) => key.startsWith('flooding.unsaved-check.')).length"


def test_the_days_line_survives_a_reload_before_it_is_kept_and_leaves_the_browser_when_it_is(page):
    at = page.get_by_test_id
    page.goto(page.url.partition("/entries/")[0] + "/review")
    note = page.get_by_label("A line for today")
    page.get_by_label("On alert").press("Space")
    page.get_by_label("A pause").press("Space")
    note.press_sequentially("We walked, and")
    page.reload()
    expect(note).to_have_value("We walked, and")
    expect(page.get_by_label("On alert")).to_be_checked()
    expect(page.get_by_label("A pause")).to_be_checked()
    expect(at("check-unkept")).to_be_visible()
    assert violations(page) == []
    note.press("End")
    note.press_sequentially(" it rained. ")
    page.get_by_role("button", name="Keep it").press("Enter")
    expect(page.get_by_text("Kept for today.")).to_be_visible()
    expect(note).to_have_value("We walked, and it rained.")
    expect(at("check-unkept")).to_be_hidden()
    until(page, f"{UNKEPT} === 0")
    page.reload()
    expect(note).to_have_value("We walked, and it rained.")


def test_what_was_typed_for_the_agreement_or_the_short_list_survives_a_reload_until_it_is_kept(page):
    at, base = page.get_by_test_id, page.url.partition("/entries/")[0]
    unkept = UNKEPT.replace("unsaved-check.", "unsaved-")
    page.goto(f"{base}/two")
    at("other-name").fill("Jonas")
    at("begin-pair").click()
    page.wait_for_url("**/agreement")
    page.get_by_label("A word").press_sequentially("Harbour at ni")
    page.locator('[data-example-for="first.meanwhile"]', has_text="Music").click()
    page.reload()
    expect(page.get_by_label("A word")).to_have_value("Harbour at ni")
    expect(page.locator('[id="first.meanwhile"]')).to_have_value("Music")
    expect(at("terms-unkept")).to_be_visible()
    assert violations(page) == []

    page.goto(f"{base}/turn-to")
    at("turn-to-name").press_sequentially("Aunt Olu")
    page.reload()
    expect(at("turn-to-name")).to_have_value("Aunt Olu")
    expect(at("turn-to-unkept")).to_be_visible()
    at("turn-to-add").click()
    expect(page.get_by_role("listitem").filter(has_text="Aunt Olu")).to_be_visible()
    expect(at("turn-to-name")).to_have_value("")
    assert page.evaluate(unkept) == 1

    page.goto(f"{base}/agreement")
    at("keep-terms").click()
    at("yes-mine").wait_for()
    assert page.evaluate(unkept) == 0
    assert (
        page.evaluate("fetch('/api/agreement').then((it) => it.json()).then((it) => it.draft.terms.word)")
        == "Harbour at ni"
    )


def test_a_line_of_yesterday_that_was_never_kept_is_not_lost_at_midnight(page):
    page.goto(page.url.partition("/entries/")[0] + "/review")
    note = page.get_by_label("A line for today")
    note.press_sequentially("Late, and tired")
    page.evaluate("""() => {
        const key = Object.keys(localStorage).find((key) => key.startsWith('flooding.unsaved-check.'));
        localStorage.setItem(key, JSON.stringify({ ...JSON.parse(localStorage.getItem(key)), day: '2020-01-01' }));
    }""")
    page.reload()
    expect(note).to_have_value("Late, and tired")


def test_a_reload_in_the_middle_of_a_word_loses_nothing_and_leaves_nothing_in_the_browser(page):
    typed(page, "I said the mo")
    page.reload()
    ready(page)
    expect(page.get_by_test_id("trigger.text")).to_have_value("I said the mo")
    until_nothing_is_unsaved(page)
    assert stored(page)["content"]["trigger"]["text"] == "I said the mo"
    assert stored(page)["drafts"] == []


def away(page):
    """No word reaches the server, neither as one types nor as the page goes."""
    page.route(PUT_CONTENT, lambda route: route.abort())
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('away')); }")


def test_what_was_typed_while_the_server_was_away_survives_a_reload_and_is_stored_when_it_is_back(page):
    away(page)
    typed(page, "The server sleeps")
    expect(page.get_by_test_id("saved")).to_contain_text("kept in this browser")
    page.reload()
    ready(page)
    expect(page.get_by_test_id("trigger.text")).to_have_value("The server sleeps")
    typed(page, ", I do not")
    page.unroute(PUT_CONTENT)
    until_stored(page)
    assert stored(page)["content"]["trigger"]["text"] == "The server sleeps, I do not"
    assert page.evaluate(UNSAVED) == 0


def test_words_of_a_closed_tab_come_back_with_the_next_visit(page, open_page):
    address = page.url
    away(page)
    typed(page, "Only here")
    page.close()
    again = open_page(address)
    ready(again)
    expect(again.get_by_test_id("trigger.text")).to_have_value("Only here")
    until_stored(again)
    until_nothing_is_unsaved(again)


def test_a_save_whose_answer_is_lost_is_not_taken_for_another_window(page):
    def lose_the_answer(route):
        route.fetch()
        route.abort()

    page.route(PUT_CONTENT, lose_the_answer)
    typed(page, "Sent")
    expect(page.get_by_test_id("saved")).to_contain_text("Not stored yet")
    typed(page, ", and more")
    page.unroute(PUT_CONTENT)
    until_stored(page)
    assert page.get_by_test_id("two-texts").inner_text() == ""
    kept = stored(page)
    assert (kept["content"]["trigger"]["text"], kept["drafts"]) == ("Sent, and more", [])


def test_leaving_the_page_at_once_stores_the_words(page):
    entry = page.url.rsplit("/", 1)[1]
    typed(page, "Gone", "notes")
    page.goto(page.url.replace(f"entries/{entry}", "journal"))
    until(page, f"fetch('/api/entries/{entry}/content').then((a) => a.json()).then((a) => a.content.notes === 'Gone')")


@pytest.mark.parametrize("choice", ["Put both together", "Take the other’s", "Keep this window’s"])
def test_two_tabs_show_both_texts_and_the_wearer_decides(page, open_page, choice):
    other = open_page(page.url)
    ready(other)
    typed(page, "from the first")
    until_stored(page)
    typed(other, "from the second")
    both = other.get_by_test_id("two-texts")
    expect(both).to_contain_text("from the first")
    expect(both).to_contain_text("from the second")
    assert violations(other) == []
    # A third visit sees both, too: neither is in one window only.
    third = open_page(page.url)
    ready(third)
    expect(third.get_by_test_id("trigger.text")).to_have_value("from the first")
    expect(third.get_by_test_id("two-texts")).to_contain_text("from the second")
    third.close()
    other.get_by_role("button", name=choice).press("Enter")
    expect(both).to_be_empty()
    wanted = {
        "Put both together": "from the first\n\nfrom the second",
        "Take the other’s": "from the first",
        "Keep this window’s": "from the second",
    }[choice]
    expect(other.get_by_test_id("trigger.text")).to_have_value(wanted)
    other.reload()
    ready(other)
    kept = stored(other)
    assert (kept["content"]["trigger"]["text"], kept["drafts"]) == (wanted, [])
    assert other.evaluate(UNSAVED) == 0


def test_telling_asks_for_calm_first_and_copies_or_prints_only_the_sentence(page):
    at = page.get_by_test_id
    expect(at("disclosure-text")).to_be_hidden()
    for name in CALM[:3]:
        at(f"calm-{name}").press("Enter")
    at("stirred-nobody_stressed").press("Enter")
    expect(at("calm-said")).to_contain_text("it can wait")
    expect(at("copy-sentence")).to_be_disabled()
    expect(at("print-sentence")).to_be_disabled()
    at("calm-nobody_stressed").press("Enter")
    at("disclosure-text").fill("When you are silent, I get loud. What do you think?")
    at("copy-sentence").press("Enter")
    expect(at("told-how")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == "When you are silent, I get loud. What do you think?"
    page.evaluate("window.print = () => {}")
    at("print-sentence").press("Enter")
    page.emulate_media(media="print")
    assert page.locator("body").inner_text().strip() == "When you are silent, I get loud. What do you think?"
    page.emulate_media(media="screen")
    until_stored(page)
    # What the wearer changed stays theirs, whatever is written above.
    typed(page, "Something else")
    page.reload()
    ready(page)
    expect(at("disclosure-text")).to_have_value("When you are silent, I get loud. What do you think?")


def test_a_calm_moment_is_over_after_half_an_hour(page):
    for name in CALM:
        page.get_by_test_id(f"calm-{name}").press("Enter")
    expect(page.get_by_test_id("disclosure-text")).to_be_visible()
    until_stored(page)
    page.clock.install(time=page.evaluate("Date.now()") / 1000 + 31 * 60)
    page.reload()
    ready(page)
    expect(page.get_by_test_id("disclosure-text")).to_be_hidden()
    expect(page.get_by_test_id("calm-nobody_tired")).to_have_attribute("aria-pressed", "false")


def test_an_entry_by_hand_is_written_with_the_keyboard_alone(page):
    page.keyboard.press("Tab")
    wanted = {
        "What happened just before": "She asked about the plans",
        "Another kind: write it, then Enter": "Plans for summer",
        "Where in your body": "Heavy",
        "What it led to": "A long evening",
        "Does it remind you of something older": "Sundays",
        "Free notes": "Later we walked",
    }
    pressed = {"Stomach", "Froze", "I feel safe enough to listen."}
    for _ in range(120):
        name = page.evaluate(
            "(document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim()"
            " || document.activeElement.ariaLabel"
        )
        name = page.evaluate("document.activeElement.ariaLabel") or name
        for label in list(wanted):
            if name and name.startswith(label):
                page.keyboard.type(wanted.pop(label))
                if label.startswith("Another kind"):
                    page.keyboard.press("Enter")
        if name == "Words for it":
            page.keyboard.press("Enter")
        if name in pressed:
            pressed.discard(name)
            page.keyboard.press("Space")
        page.keyboard.press("Tab")
    assert wanted == {}
    assert pressed == set()
    until_nothing_is_unsaved(page)
    kept = stored(page)["content"]
    assert kept["trigger"]["categories"] == ["Plans for summer"]
    assert kept["body"]["places"] == [{"place": "Stomach", "intensity": None}]
    assert kept["behaviour"]["responses"] == ["freeze"]
    assert kept["notes"] == "Later we walked\nI feel safe enough to listen."
    assert violations(page) == []


def test_erasing_an_entry_leaves_nothing_of_it_in_the_browser(page):
    away(page)
    typed(page, "Nobody may read this")
    assert page.evaluate(UNSAVED) == 1
    page.get_by_role("link", name="Erase this entry").click()
    page.wait_for_url("**/data?**", wait_until="load")
    page.get_by_role("button", name="Show what would go").click()
    page.get_by_role("button", name="Erase this for good").click()
    page.get_by_text("Erased.").wait_for()
    assert page.evaluate(UNSAVED) == 0


@pytest.mark.parametrize("what", ["Some days", "Everything, and this account"])
def test_erasing_days_or_everything_leaves_nothing_typed_in_the_browser(page, what):
    away(page)
    typed(page, "Nobody may read this")
    page.goto(page.url.partition("/entries/")[0] + "/review")
    page.get_by_label("A line for today").press_sequentially("nor this")
    assert (page.evaluate(UNSAVED), page.evaluate(UNKEPT)) == (1, 1)
    page.unroute(PUT_CONTENT)
    page.goto(page.url.replace("/review", "/data"))
    page.get_by_label(what).check()
    if what == "Some days":
        page.get_by_label("From", exact=True).fill("2000-01-01")
    page.get_by_role("button", name="Show what would go").click()
    page.get_by_role("button", name="Erase this for good").click()
    if what == "Some days":
        page.get_by_text("Erased.").wait_for()
    else:
        page.wait_for_url("**/welcome")
    assert (page.evaluate(UNSAVED), page.evaluate(UNKEPT)) == (0, 0)


TRIGGERS = (
    "",
    " \n",
    "…",
    "He said “fine” and looked at his phone.",
    "Why me?",
    ", he turned away (again),",
    "I spoke.  He didn’t.\n",
)
SENSATIONS = ("", ".", "Tight throat, then hot.", "My chest was tight!", "I feel like crying …")
PLACES = ((), ("Jaw",), ("Jaw", "Chest", "behind the eyes", "TV arm"))
RESPONSES = ((), ("withdraw",), ("pursue", "attack", "freeze"))
DEEDS = ("", "Went quiet.", "I asked: “Why?”")
OLDER = ("", "I was the quiet one.\n", "a door that closed;")
BADLY = re.compile(
    r"  |[\[\]]|[,;:] ?[,.;:]|\.\.|[!?…]\.|\(\s*…?\s*\)|undefined|null|(?<!like crying )…|: ?$|\bis\.|\bin\.| ,|\( | \)|[.!?] [a-z]"
)


def test_the_drafted_sentence_reads_well_whatever_is_written_and_whatever_is_not(page):
    empty = stored(page)["content"]
    written = [
        empty
        | {
            "trigger": empty["trigger"] | {"text": trigger},
            "body": {"text": sensation, "places": [{"place": place, "intensity": None} for place in places]},
            "behaviour": empty["behaviour"] | {"responses": list(responses), "text": deed},
            "resonance": older,
        }
        for trigger, sensation, places, responses, deed, older in product(
            TRIGGERS, SENSATIONS, PLACES, RESPONSES, DEEDS, OLDER
        )
    ]
    draft = """(all) => import("/static/js/disclosure_words.js").then(({ drafted }) => all.map(drafted))"""
    for content, said in zip(written, page.evaluate(draft, written), strict=True):
        assert not (found := BADLY.search(said)), (found.group(), said)
        assert said.startswith("When something like this happens")
        assert said.endswith("not so that you fix it. What are your thoughts? Does it fit what you have seen?")
        for words in (content["trigger"]["text"], content["resonance"]):
            assert " ".join(words.split()).strip(" .,;:…") in said  # nobody's words are changed
    said = dict(zip(map(json.dumps, written), page.evaluate(draft, written), strict=True))
    assert said[json.dumps(empty)].startswith(
        "When something like this happens, I notice that something happens in me. I share"
    )


def test_the_draft_holds_what_was_written(page):
    draft = """(content) => import("/static/js/disclosure_words.js").then(({ drafted }) => drafted(content))"""
    empty = stored(page)["content"]
    older = empty | {
        "trigger": empty["trigger"] | {"text": "He answered with one word."},
        "body": {"text": "", "places": [{"place": "Jaw", "intensity": None}, {"place": "Chest", "intensity": 2}]},
        "resonance": "I was the quiet one.\n",
        "behaviour": empty["behaviour"] | {"responses": ["pursue", "attack"]},
    }
    assert page.evaluate(draft, older).startswith(
        "When something like this happens (He answered with one word), I notice I feel it in my body: jaw and chest. "
        "My automatic impulse is to pursue and to attack. I think it relates to something older: I was the quiet one. "
        "I share this"
    )
