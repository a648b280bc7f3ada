"""An account in a browser: a password, words, an invitation from the command line beside the running program, a program's token."""

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from playwright.sync_api import expect

from tests.e2e.axe import violations_at_both_sizes

GOOD, OTHER = "a quiet evening", "a long walk home"


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def program(start, data):
    return start("run", "--port", 0, "--data", data).wait_for_page()


@pytest.fixture
def visit_page(browser, program):
    """A page of a browser of its own."""
    contexts = []

    def visit(path):
        context = browser.new_context(viewport={"width": 390, "height": 844}, base_url=program.url)
        contexts.append(context)
        page = context.new_page()
        page.goto(path)
        return page

    yield visit
    for context in contexts:
        context.close()


def account(data, *arguments):
    """`flooding account …`, as the owner of the installation types it."""
    told = subprocess.run(
        [sys.executable, "-m", "api", "account", *arguments, "--data", str(data)],
        capture_output=True, text=True, check=False, env=os.environ,
    )  # fmt: skip
    return told.returncode, told.stdout + told.stderr


def begin(visit_page):
    page = visit_page("/welcome")
    page.get_by_test_id("welcome-begin").click()
    page.wait_for_url("**/talk")
    page.goto("/account")
    return page


def choose_password(page):
    form = page.get_by_test_id("password-form")
    form.get_by_test_id("sign-in-name").fill("Mira")
    form.get_by_test_id("password").fill(GOOD)
    page.keyboard.press("Enter")
    expect(page.locator(".own-name")).to_have_text("mira")


def sign_in(page, name, password):
    page.get_by_label("Sign-in name").fill(name)
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")


def told_once(page, what):
    expect(page.get_by_test_id(what)).to_be_visible()
    return page.get_by_test_id(what).inner_text()


def test_a_password_closes_the_click_and_opens_the_account_elsewhere_until_one_signs_out_everywhere(visit_page):
    mira = begin(visit_page)
    assert violations_at_both_sizes(mira) == []
    choose_password(mira)
    phone = visit_page("/welcome")
    expect(phone.get_by_test_id("welcome-begin")).to_have_count(0)
    assert violations_at_both_sizes(phone) == []
    phone.get_by_test_id("to-sign-in").click()
    assert violations_at_both_sizes(phone) == []
    sign_in(phone, "mira", "a wrong guess")
    expect(phone.get_by_role("alert")).to_contain_text("No account here opens")
    sign_in(phone, "MIRA", GOOD)
    phone.wait_for_url("**/talk")
    mira.reload()
    expect(mira.get_by_test_id("devices").locator("li")).to_have_count(2)
    mira.get_by_test_id("sign-out-everywhere").click()
    mira.wait_for_url("**/welcome")
    phone.goto("/talk")
    phone.wait_for_url("**/welcome")


def test_words_made_with_the_password_bring_one_back_who_forgot_it(visit_page):
    mira = begin(visit_page)
    choose_password(mira)
    form = mira.get_by_test_id("words-form")
    form.locator("summary").click()
    form.get_by_test_id("proof").fill(GOOD)
    form.get_by_test_id("way-back-new").click()
    words = told_once(mira, "words")
    phone = visit_page("/sign-in")
    phone.get_by_role("link", name="I have words").click()
    phone.wait_for_load_state()  # the form is its script's; before that it would leave by itself, never in an address
    phone.locator("[name=words]").fill(words.lower())
    phone.get_by_role("button", name="Come back").click()
    phone.wait_for_url("**/talk")
    phone.goto("/account")
    form = phone.get_by_test_id("password-form")
    form.locator("summary").click()
    form.get_by_test_id("proof").fill(words)
    form.get_by_test_id("password").fill(OTHER)
    form.get_by_test_id("keep-password").click()
    expect(phone.get_by_test_id("devices").locator("li")).to_have_count(1)
    mira.goto("/talk")
    mira.wait_for_url("**/welcome")
    mira.goto("/sign-in")
    sign_in(mira, "mira", OTHER)
    mira.wait_for_url("**/talk")


def test_the_owner_invites_beside_the_running_program_and_nobody_is_locked_out(visit_page, program, data):
    mira = begin(visit_page)
    code, said = account(data, "invite", "--clinician", "--name", "Dr. Weiss")
    assert code == 2
    assert "way back" in said
    mira.get_by_test_id("way-back-new").click()
    told_once(mira, "words")
    code, said = account(data, "invite", "--clinician", "--name", "Dr. Weiss")
    assert code == 0
    path = re.search(r"/join/\S+", said).group()
    weiss = visit_page(path)
    assert violations_at_both_sizes(weiss) == []
    weiss.get_by_test_id("sign-in-name").fill("weiss")
    weiss.get_by_test_id("password").fill(OTHER)
    weiss.get_by_test_id("join").click()
    expect(weiss.locator("#words")).to_have_text(re.compile(r"(\w{4}-){5}\w{4}"))
    assert path not in weiss.url
    weiss.goto("/account")
    expect(weiss.get_by_test_id("tokens")).to_have_count(0)
    assert violations_at_both_sizes(weiss) == []
    code, said = account(data, "list")
    assert re.search(r"You, wearer, since \d{4}-\d\d-\d\d\nDr\. Weiss, clinician, since", said)
    again = visit_page(path)
    expect(again.get_by_role("heading")).to_have_text("This code opens nothing")
    again.goto("/welcome")
    again.get_by_test_id("to-join").click()
    again.get_by_test_id("code-field").fill("aaaa-aaaa")
    again.keyboard.press("Enter")
    expect(again.get_by_role("heading")).to_have_text("This code opens nothing")


def test_an_invitation_is_taken_back(program, data):
    _, said = account(data, "invite")
    name = re.search(r"Invitation (\w+)", said).group(1)
    assert name in account(data, "list")[1]
    assert account(data, "revoke-invitation", name)[0] == 0
    assert account(data, "revoke-invitation", name)[0] == 2
    assert name not in account(data, "list")[1]


def test_a_program_comes_in_with_its_token_until_that_is_revoked(visit_page, program):
    mira = begin(visit_page)
    form = mira.get_by_test_id("token-form")
    form.locator("summary").click()
    form.get_by_label("What you call it").fill("Lamp in the hall")
    form.get_by_label("Read what my heart did").check()
    form.get_by_test_id("make-token").click()
    token = told_once(mira, "token")
    assert violations_at_both_sizes(mira) == []

    def ask(path):
        request = urllib.request.Request(program.url + path, headers={"authorization": f"Bearer {token}"})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, json.loads(refused.read())

    assert ask("/api/recordings") == (200, [])
    assert ask("/api/entries")[0] == 403
    mira.reload()
    assert token not in mira.content()
    mira.get_by_role("button", name="Revoke Lamp in the hall").click()
    expect(mira.get_by_test_id("tokens").locator("li")).to_have_count(0)
    assert ask("/api/recordings")[0] == 401
