"""`flooding analyse`, as its readers meet it: text, JSON, and a page opened from the disk in a real browser."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from hrv.figure import Missing
from hrv.validity import NEEDS
from sensing.measurement import HeartRateMeasurement
from sensing.recording import Row, write_project

STRESSED = Path(__file__).parents[1] / "data" / "biopsykit" / "vp02_rr_phases.csv"
COMMAND = [sys.executable, "-m", "api", "analyse"]
HOSTILE = "<img src=x onerror=alert(1)>&[red].csv"


def analyse(*arguments, code=0, **more):
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False, **more
    )
    assert done.returncode == code, done.stderr
    return done


def told(*arguments):
    """Each line as strict JSON, which knows no NaN."""

    def refuse(word):
        raise AssertionError(f"{word} is not JSON")

    return [json.loads(line, parse_constant=refuse) for line in analyse(*arguments, "--json").stdout.splitlines()]


def refusal(*arguments):
    """The one line that a command which cannot do it says."""
    done = analyse(*arguments, code=2)
    (line,) = done.stderr.splitlines()
    assert line.startswith("flooding: ")
    return line


@pytest.fixture
def talk(tmp_path):
    """Two quiet minutes at 70, two at 85, a flood of three, five to come down, with a gap; as the project's own file."""
    t_s, rows = 0.0, []
    stretches = [(120, 70), (120, 85), (170, 112), (10, 124), *[(10, 74 + 48 * 0.85**n) for n in range(30)]]
    for seconds, bpm in stretches:
        until_s = t_s + seconds
        while t_s < until_s:
            rr_s = 60 / bpm * (1 + 0.02 * ((len(rows) * 7) % 5 - 2) / 2)
            t_s += rr_s
            rows.append(Row(t_s, HeartRateMeasurement(None, rr_ticks=(round(1024 * rr_s),))))
    path = tmp_path / "talk.csv.gz"
    write_project(path, [row for row in rows if not 600 < row.t_s < 640])
    return path


def test_a_real_stressed_person_in_json():
    (line,) = told(STRESSED)
    assert set(line) == {"file", "analysis"}
    assert line["file"] == str(STRESSED)
    found = line["analysis"]
    assert found["algorithm_version"]
    assert found["length_s"] == pytest.approx(440, abs=1)
    assert [phase["kind"] for phase in found["phases"]][:2] == ["talk", "flood"]
    (flood,) = found["floods"]
    assert flood["peak_bpm"] == pytest.approx(129, abs=1)
    assert ("missing" in flood["time_constant_s"]) == (flood["time_constant_s"]["value"] is None)
    assert flood["onset_t_s"] <= flood["turned_t_s"] <= found["length_s"]
    figures = found["whole"]["figures"]
    assert set(NEEDS) <= set(figures)
    with STRESSED.open(newline="") as lines:
        rr_ms = [float(row["rr_ms"]) for row in csv.DictReader(lines)]
    assert figures["mean_nn_ms"]["value"] == pytest.approx(sum(rr_ms) / len(rr_ms), rel=0.005)
    for figure in figures.values():
        assert set(figure) == {"value"} or (figure["value"] is None and figure["missing"] in set(Missing))


def test_quiet_minutes_are_the_baseline_and_the_line_is_the_one_that_is_given(talk):
    (with_quiet,) = told(talk, "--talk-starts", 120, "--threshold", 110)
    assert with_quiet["analysis"]["baseline"]["heart_rate_bpm"] == pytest.approx(70, abs=1)
    assert with_quiet["analysis"]["phases"][0]["kind"] == "baseline"
    assert with_quiet["analysis"]["threshold"]["bpm"] == 110
    (without,) = told(talk)
    assert without["analysis"]["baseline"] is None


def test_a_talk_that_starts_after_the_end_is_noted_and_changes_nothing(talk):
    late = analyse(talk, "--talk-starts", 9000, "--json")
    assert late.stdout == analyse(talk, "--json").stdout
    assert "before the talk starts" in late.stderr


@pytest.mark.parametrize("command", ["analyse", "replay"])
def test_a_heart_rate_alone_is_noted_to_hold_nothing_that_can_be_found(tmp_path, command):
    file = tmp_path / "watch.csv"
    write_project(file, [Row(float(t_s), HeartRateMeasurement(120)) for t_s in range(90)])
    done = subprocess.run(
        [*COMMAND[:-1], command, str(file)], capture_output=True, text=True, timeout=60, check=True, encoding="utf-8"
    )
    assert (
        done.stderr == "watch.csv holds a heart rate without RR intervals: no flood is looked for, nothing measured\n"
    )


def test_each_recording_of_each_file_is_one_line(tmp_path, talk):
    rows = [f"{who},{n * 0.8:.1f},{800 + n % 7}" for who in ("ann", "ben") for n in range(100)]
    several = tmp_path / "several.csv"
    several.write_text("\n".join(["subject,t_s,rr_ms", *rows]))
    names = [(Path(line["file"]).name, line.get("recording")) for line in told(several, talk)]
    assert names == [("several.csv", "several.csv [ann]"), ("several.csv", "several.csv [ben]"), ("talk.csv.gz", None)]


def test_the_text_fits_a_hundred_columns_and_leaves_no_place_empty(talk):
    text = analyse(talk, "--talk-starts", 120).stdout
    title, *lines = text.splitlines()
    assert title == str(talk), "in one piece, however long"
    assert max(map(len, lines)) <= 100
    assert "Flood 1" in text
    assert "70 beats a minute" in text
    assert "not a medical device" in text
    rows = [line for line in text.splitlines() if re.match(r" (RMSSD|SDNN|LF/HF|SampEn|DFA)", line)]
    assert len({len(re.split(r"\s{2,}", row.strip())) for row in rows}) == 1, "as many cells in each row"


def test_a_name_from_a_file_moves_no_cursor(tmp_path):
    path = tmp_path / "a\x1b[2J[bold].csv"
    shutil.copy(STRESSED, path)
    assert analyse(path).stdout.splitlines()[0].endswith(r"a\x1b[2J[bold].csv")


@pytest.mark.parametrize(
    ("content", "says"),
    [("a,b\n1,2\n", "is of no known format"), ("t_s,rr_ms\n", "no rows"), ("t_s,rr_ms\n1,fast\n", "not a number"), (None, "no such file")],
)  # fmt: skip
def test_a_bad_file_is_one_line_and_code_2(tmp_path, content, says):
    path = tmp_path / "bad.csv"
    if content is not None:
        path.write_text(content)
    out = tmp_path / "page.html"
    assert says in refusal(path, "--html", out)
    assert not out.exists()


def test_a_page_is_written_neither_over_a_recording_nor_into_nowhere(tmp_path, talk):
    before = talk.read_bytes()
    assert "one of the recordings" in refusal(STRESSED, talk, "--html", talk)
    assert talk.read_bytes() == before
    assert "is not a file" in refusal(talk, "--html", tmp_path)
    assert "there is no folder" in refusal(talk, "--html", tmp_path / "none" / "page.html")


def test_the_page_comes_beside_what_is_printed(tmp_path, talk):
    out = tmp_path / "page.html"
    done = analyse(talk, "--json", "--html", out)
    assert json.loads(done.stdout)["analysis"]
    assert str(out) in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["page.html", "talk.csv.gz"]


@pytest.mark.skipif(sys.platform == "win32", reason="terminals as POSIX has them")
def test_long_work_shows_how_far_it_is_where_somebody_sees_it(talk):
    seeing, shown = os.openpty()
    with subprocess.Popen(
        [*COMMAND, str(talk), str(STRESSED), "--json"], stdout=subprocess.DEVNULL, stderr=shown,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "100"},
    ) as process:  # fmt: skip
        os.close(shown)
        said = b""
        try:
            while part := os.read(seeing, 4096):
                said += part
        except OSError:  # the other end has left
            pass
    os.close(seeing)
    assert process.returncode == 0
    assert "file 1 of 2, talk.csv.gz" in said.decode()
    assert "file 2 of 2" in said.decode()
    assert analyse(talk, "--json").stderr == "", "nothing where nobody does"


def test_help_starts_without_the_numerics():
    code = """
import sys
from api.cli import app
for words in (["--help"], ["analyse", "--help"]):
    try:
        app(words)
    except SystemExit:
        pass
print([name for name in ("numpy", "scipy", "rich.progress", "jinja2", "sqlalchemy") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)
    assert "--html" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


# the page


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """One page with a hostile name, and one of two recordings."""
    folder = tmp_path_factory.mktemp("pages")
    hostile = folder / HOSTILE
    shutil.copy(STRESSED, hostile)
    analyse(hostile, "--html", folder / "one.html")
    analyse(hostile, STRESSED, "--html", folder / "two.html")
    return folder


@pytest.fixture
def visit(browser, pages):
    """Open a page from the disk, offline; afterwards it has asked for nothing and complained of nothing."""
    contexts, problems, asked = [], [], []

    def open_page(name, *, width=1280, scheme="light"):
        context = browser.new_context(
            viewport={"width": width, "height": 844}, color_scheme=scheme, offline=True, java_script_enabled=True
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.append(message.text))
        page.on("dialog", lambda dialog: problems.append(dialog.message))
        address = (pages / name).as_uri()
        page.on("request", lambda request: None if request.url == address else asked.append(request.url))
        page.goto(address)
        page.wait_for_function("document.fonts.status === 'loaded'")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert problems == []
    assert [url for url in asked if not url.startswith("data:font/")] == []


DRAWN = """canvas => {
  const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const seen = new Set();
  for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 0) seen.add(data[i] << 16 | data[i + 1] << 8 | data[i + 2]);
  return seen.size;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_draws_its_charts_from_the_disk_without_a_network(visit, width, scheme):
    page = visit("one.html", width=width, scheme=scheme)
    canvases = page.locator("canvas")
    expect(canvases).to_have_count(2)
    for canvas in canvases.all():
        assert canvas.evaluate(DRAWN) > 10, "colours on it"
    assert page.evaluate("document.documentElement.scrollWidth") == width, "nothing is wider than the screen"
    expect(page.locator(".phase .name", has_text="Flood")).to_have_count(1)
    expect(page.locator("[data-part=artifacts] path")).to_have_attribute("d", re.compile(r"^M[\d.]+ 0V"))
    assert page.locator("use").first.evaluate("use => document.querySelector(use.getAttribute('href')) !== null")


def test_what_the_charts_show_also_stands_in_words_and_tables(visit):
    page = visit("one.html")
    expect(page.locator("figcaption")).to_contain_text("It was flooding from 2:36 to 7:19")
    figures = page.locator("table.figures")
    expect(figures.locator("thead")).to_contain_text("Whole")
    expect(figures.get_by_role("row", name=re.compile("^RMSSD"))).to_contain_text(re.compile(r"\d+\.\d"))
    expect(figures.get_by_role("row", name=re.compile("^DFA α2"))).to_contain_text("too short")
    page.get_by_text("Every minute as a table").click()
    expect(page.locator(".minutes tbody tr")).to_have_count(8)
    expect(page.locator("main")).to_contain_text("not a medical device")


def test_a_hostile_name_is_only_read(visit):
    page = visit("one.html")
    expect(page.get_by_role("heading", name=HOSTILE)).to_be_visible()
    expect(page.locator("img")).to_have_count(0)


def test_a_closer_look_and_back(visit):
    page = visit("one.html")
    whole = page.get_by_role("button", name="Whole recording")
    expect(whole).to_be_hidden()
    page.get_by_role("button", name="See it closer").click()
    expect(whole).to_be_visible()
    assert page.locator("[data-part=artifacts]").get_attribute("viewBox").split()[2] == "220"
    whole.click()
    expect(whole).to_be_hidden()


def test_two_recordings_are_two_parts_with_charts_of_their_own(visit):
    page = visit("two.html")
    expect(page.locator("[data-recording]")).to_have_count(2)
    expect(page.locator("canvas")).to_have_count(4)
    page.get_by_role("navigation").get_by_role("link").nth(1).click()
    expect(page.locator("#recording-2")).to_be_in_viewport()


def test_paper_is_light_and_wide_enough(visit):
    page = visit("one.html", scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(46, 32, 40)"
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("figure").first.evaluate("figure => figure.getBoundingClientRect().width") <= 681
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("figure").first.get_attribute("style") == ""


def test_a_file_that_cannot_be_read_does_not_lose_the_others(tmp_path):
    bad, page = tmp_path / "bad.csv", tmp_path / "page.html"
    bad.write_text("a,b\n1,2\n", encoding="utf-8")
    command = [sys.executable, "-m", "api", "analyse", STRESSED, bad, STRESSED, "--json", "--html", page]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 2
    assert len(ran.stdout.splitlines()) == 2
    assert len([line for line in ran.stderr.splitlines() if "bad.csv" in line]) == 1
    assert page.read_text(encoding="utf-8").count("vp02_rr_phases.csv") >= 2
