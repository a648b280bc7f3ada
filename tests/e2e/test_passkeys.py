"""A passkey in a browser, by Chromium's own virtual authenticator, at the address that has a name."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.e2e.axe import violations_at_both_sizes


@pytest.fixture
def program(start, tmp_path):
    return start("run", "--port", 0, "--data", tmp_path / "data").wait_for_page()


@pytest.fixture
def phone(browser, program):
    """A page with a device that keeps passkeys and knows its owner by a touch."""
    port = urlsplit(program.url).port
    context = browser.new_context(viewport={"width": 390, "height": 844}, base_url=f"http://localhost:{port}")
    page = context.new_page()
    devices = context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.kept = lambda: devices.send("WebAuthn.getCredentials", made)["credentials"]
    yield page
    context.close()


def test_a_passkey_is_added_signs_in_and_is_removed(phone, program):
    phone.goto(f"{program.url}/sign-in")
    elsewhere = phone.get_by_test_id("passkey-elsewhere")
    assert violations_at_both_sizes(phone) == []
    elsewhere.get_by_role("link").click()
    phone.wait_for_url(re.compile(r"http://localhost:\d+/sign-in$"))
    phone.goto("/welcome")
    phone.get_by_test_id("welcome-begin").click()
    phone.wait_for_url("**/talk")

    phone.goto("/account")
    add(phone, "My phone")
    expect(phone.get_by_test_id("first-words")).to_have_text(re.compile(r"^(\w{4}-){5}\w{4}$"))
    assert violations_at_both_sizes(phone) == []
    phone.get_by_role("button", name="I have them").click()
    expect(phone.get_by_test_id("passkey-list").locator("li")).to_contain_text("My phone")
    phone.wait_for_load_state()  # a page that has loaded itself anew acts once its script is there
    (kept,) = phone.kept()
    assert (kept["rpId"], kept["isResidentCredential"]) == ("localhost", True)
    add(phone, "The same again")
    expect(phone.get_by_role("alert")).to_contain_text("on this device already")

    phone.get_by_test_id("sign-out").click()
    phone.wait_for_url("**/welcome")
    expect(phone.get_by_test_id("welcome-begin")).to_have_count(0)
    phone.get_by_test_id("to-sign-in").click()
    assert violations_at_both_sizes(phone) == []
    phone.get_by_test_id("sign-in-passkey").click()
    phone.wait_for_url("**/talk")

    phone.goto("/account")
    phone.get_by_test_id("passkey-list").locator("summary").click()
    assert violations_at_both_sizes(phone) == []
    phone.get_by_role("button", name="Remove My phone").click()
    expect(phone.get_by_test_id("passkey-list")).to_have_count(0)
    phone.wait_for_load_state()
    phone.get_by_test_id("sign-out").click()
    phone.wait_for_url("**/welcome")
    phone.goto("/sign-in")
    phone.get_by_test_id("sign-in-passkey").click()
    expect(phone.get_by_role("alert")).to_contain_text("No account here opens with this passkey")


def add(phone, name):
    form = phone.get_by_test_id("passkey-form")
    form.locator("summary").click()
    form.get_by_label("What you call it").fill(name)
    form.get_by_test_id("add-passkey").click()
