"""Every packet shown in firmware_notes/ decodes to what stands beside it."""

import re
from pathlib import Path

import pytest

from sensing.families import BY_PREFIX
from sensing.measurement import Contact, HeartRateMeasurement, MalformedMeasurement, parse

PAGES = sorted((Path(__file__).parents[3] / "firmware_notes").glob("*.md"))
CONTACT_WORDS = {Contact.UNSUPPORTED: "not supported", Contact.LOST: "lost", Contact.GOOD: "good"}
NONE = "–"


def rows(columns):
    """The cells of every table row on the pages whose table has `columns` columns and whose first cell is a packet."""
    for page in PAGES:
        for line in page.read_text(encoding="utf-8").splitlines():
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if len(cells) == columns and re.fullmatch(r"`[0-9a-f ]+`", cells[0]):
                yield pytest.param(*cells, id=f"{page.stem} {cells[0]}")


def in_words(measurement: HeartRateMeasurement):
    return [
        "none yet" if measurement.heart_rate_bpm is None else f"{measurement.heart_rate_bpm} bpm",
        CONTACT_WORDS[measurement.contact],
        NONE if measurement.energy_kj is None else f"{measurement.energy_kj} kJ",
        ", ".join(map(str, measurement.rr_ticks)) or NONE,
    ]


@pytest.mark.parametrize(("packet", "heart_rate", "contact", "energy", "rr"), list(rows(5)))
def test_a_packet_on_a_page_decodes_to_what_the_page_says(packet, heart_rate, contact, energy, rr):
    assert in_words(parse(bytes.fromhex(packet.strip("`")))) == [heart_rate, contact, energy, rr]


@pytest.mark.parametrize(("packet", "why"), list(rows(2)))
def test_a_malformed_packet_on_a_page_is_refused_for_the_reason_given(packet, why):
    with pytest.raises(MalformedMeasurement) as refused:
        parse(bytes.fromhex(packet.strip("`")))
    assert refused.value.reason == why


def test_no_packet_on_a_page_escapes_these_tests():
    shown = sum(len(re.findall(r"`[0-9a-f]{2}(?: [0-9a-f]{2})*`", page.read_text(encoding="utf-8"))) for page in PAGES)
    assert shown == len(list(rows(5))) + len(list(rows(2))) > 15


def test_every_family_page_says_where_its_facts_are_from():
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        if page.name != "README.md":
            assert re.search(r"#\d+\b|Bluetooth SIG", text), page.name
            assert re.search(r"[Ss]ources?\b|seen from|thread", text), page.name


def test_every_family_that_scan_recognises_has_its_model_on_a_page():
    pages = "\n".join(page.read_text(encoding="utf-8") for page in PAGES).casefold()
    models = [one.name.split(" ", 1)[-1].casefold() for _, one in BY_PREFIX]
    assert [model for model in models if model not in pages] == []


def test_the_index_names_every_page():
    index = (PAGES[0].parent / "README.md").read_text(encoding="utf-8")
    assert all(page.name == "README.md" or f"({page.name})" in index for page in PAGES)
