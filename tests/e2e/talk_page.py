"""The Talk page in a browser: how to begin there, and how to show it a view that would be long in coming."""

import json
import re

from playwright.sync_api import expect

UNHURRIED = 10


def begin(page):
    page.goto("/")
    page.get_by_test_id("welcome-begin").click()
    page.get_by_test_id("start-talk").click()
    # Until the first view has come the page shows nothing to press.
    expect(page.get_by_test_id("state-word")).to_contain_text(re.compile(r"\w"))


def begin_the_topic(page):
    """Press it and wait until the server has said so: a pause can be called before, too, so its button tells nothing."""
    page.get_by_test_id("begin-topic").click()
    expect(page.get_by_test_id("begin-topic")).to_be_hidden()


def altered(view, **changes):
    """A view with some of its parts replaced."""
    return view | {
        name: view[name] | new if isinstance(new, dict) and view[name] else new for name, new in changes.items()
    }


def show(page, *alterations):
    """Let the page see its talk's own view, altered, one alteration after the other."""
    talk_id = page.locator("main").get_attribute("data-talk-id")
    view = page.request.get(f"/api/talks/{talk_id}").json()
    views = [altered(view, **changes) for changes in alterations]
    events = "".join(f"event: view\ndata: {json.dumps(each)}\n\n" for each in views)
    body = f"retry: 600000\n{events}"
    page.route(re.compile("/live$"), lambda route: route.fulfill(content_type="text/event-stream", body=body))
    page.reload()
    return view
