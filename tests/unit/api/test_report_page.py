"""The page: whole in itself, and nothing that comes from a file can do more in it than be read."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from api.report import bundle
from api.report.page import SHEETS, page, section

HOSTILE = "</script><img src=x onerror=alert(1)><!--{{ 7*7 }}\"'&.csv"


class Seen(HTMLParser):
    """Elements with their attributes, and what stands in scripts and styles."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.inlined, self.words, self._inside = [], [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag in {"script", "style"}:
            self._inside = (tag, dict(attrs), [])

    def handle_endtag(self, tag):
        if self._inside and tag == self._inside[0]:
            self.inlined.append((tag, self._inside[1], "".join(self._inside[2])))
            self._inside = None

    def handle_data(self, data):
        (self._inside[2] if self._inside else self.words).append(data)


@pytest.fixture
def seen(flooded):
    return Seen(page([section("talk.csv", flooded)]))


def test_a_hostile_name_stays_a_name(flooded):
    seen = Seen(page([section(HOSTILE, flooded), section("other.csv", flooded)]))
    assert not [tag for tag, _ in seen.elements if tag == "img"]
    assert not [attributes for _, attributes in seen.elements if any(name.startswith("on") for name in attributes)]
    assert "".join(seen.words).count(HOSTILE) == 2, "in the contents and above its part"
    assert len([1 for tag, _, _ in seen.inlined if tag == "script"]) == 4, "two of data, the library, our own"


def test_data_cannot_end_its_script(flooded):
    one = section("talk.csv", flooded)
    one.chart["words"] = "</script><script>alert(1)</script><!--"
    seen = Seen(page([one]))
    (data,) = (text for tag, attributes, text in seen.inlined if attributes.get("type") == "application/json")
    assert "<" not in data
    assert json.loads(data)["words"] == one.chart["words"]


def test_it_asks_nothing_from_anywhere(seen):
    for tag, attributes in seen.elements:
        assert "src" not in attributes
        assert tag not in {"link", "iframe", "object", "base", "form"}
        assert attributes.get("href", "#").startswith("#")
    style = next(text for tag, _, text in seen.inlined if tag == "style")
    assert all(address.startswith("data:font/") for address in re.findall(r'url\("?([^)"]+)', style))
    assert "@import" not in style


def test_only_the_scripts_that_were_written_may_run(seen):
    policy = next(a["content"] for tag, a in seen.elements if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for _, attributes, text in seen.inlined:
        if attributes.get("type") != "application/json":
            assert bundle.source_hash(text) in policy


def test_each_recording_has_a_part_of_its_own(flooded, noisy):
    seen = Seen(page([section("one.csv", flooded), section("two.csv", noisy)]))
    ids = [attributes["id"] for _, attributes in seen.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {"recording-1", "recording-2"} <= set(ids)
    pointed_at = {a["href"][1:] for _, a in seen.elements if a.get("href", "#") != "#"}
    assert pointed_at <= set(ids), "every link and icon is in the page"


def test_it_says_what_it_is_and_explains_every_reason(seen):
    words = " ".join("".join(seen.words).split())
    assert "not a medical device" in words
    assert "replayed with the line at 100 beats a minute" in words
    for reason in ("too short", "too long", "too noisy", "no signal", "too even", "unclear", "not seen"):
        assert reason in words


def test_many_floods_are_rows_of_a_table(flooded):
    few = Seen(page([section("a.csv", flooded)]))
    many = Seen(page([section("a.csv", replace(flooded, floods=flooded.floods * 5))]))
    assert "Flood at" in "".join(few.words)
    assert "Flood at" not in "".join(many.words)
    assert len([words for words in many.words if re.fullmatch(r"\d+ lower", words)]) == 5


def test_a_recording_without_a_heartbeat_still_makes_a_page(silent):
    assert "too short" in page([section("silent.csv", silent)])


def test_the_same_recording_gives_the_same_page(flooded):
    assert page([section("a.csv", flooded)]) == page([section("a.csv", flooded)])


def test_the_bundle_is_one_module_with_nothing_left_to_fetch():
    script = bundle.script("report.js")
    assert not re.search(r"^\s*(import|export)\b", script, re.MULTILINE)
    assert "/static/" not in script
    assert script.count("{ // drawing.js\n") == 1, "what several modules import is there once"
    assert script.index("{ // clock.js") < script.index("{ // series.js") < script.index("{ // timeline.js")


def test_what_is_inlined_ends_neither_script_nor_style():
    for script in (bundle.script("report.js"), bundle.vendored_script("uplot/uPlot.iife.min.js")):
        assert "</script" not in script.lower()
        assert "<!--" not in script
    style = bundle.styles(SHEETS)
    assert "</" not in style
    assert style.count("@font-face") == 2, "the one family that is used"
    assert "SIL OPEN FONT LICENSE" in style
    assert "Permission is hereby granted" in bundle.vendored_script("uplot/uPlot.iife.min.js")


@pytest.mark.parametrize(
    ("modules", "complaint"),
    [
        ({"a.js": 'import * as b from "./b.js";\n', "b.js": ""}, "import \\* as b"),
        ({"a.js": "export default 1;\n"}, "export default"),
        ({"a.js": 'import { b } from "./b.js";\n', "b.js": 'import { a } from "./a.js";\n'}, "a.js → b.js → a.js"),
    ],
)
def test_a_module_that_cannot_be_bundled_is_named(tmp_path, monkeypatch, modules, complaint):
    (tmp_path / "js").mkdir()
    for name, text in modules.items():
        (tmp_path / "js" / name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(bundle, "STATIC", tmp_path)
    with pytest.raises(bundle.CannotBundle, match=complaint):
        bundle.script("a.js")
