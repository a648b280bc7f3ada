"""Files of other programs: real ones and ones built to their documented formats; and every way in which they can be bad."""

import gzip
import io
import math
import random
import tracemalloc
import zipfile
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sensing.measurement import TICKS_PER_SECOND
from sensing.recording import BadRecording, UnknownFormat, read_recordings, recordings
from tests.fit_file import activity, fit_file, hrv, record

DATA = Path(__file__).parents[2] / "data"
BEGAN = datetime(2026, 3, 12, 19, 0, tzinfo=UTC)
BEGAN_S = int(BEGAN.timestamp())

HRM = "[Params]\r\nVersion=106\r\nDate=20260312\r\nStartTime=20:00:00.5\r\nInterval={}\r\n\r\n[Note]\r\nM\xfcde\r\n\r\n[HRData]\r\n{}\r\n"


def one(path):
    (recording,) = read_recordings(path)
    return recording


def rr_ticks(recording):
    return [ticks for row in recording.rows() for ticks in row.measurement.rr_ticks]


def ticks(*rr_ms):
    return [round(ms * TICKS_PER_SECOND / 1000) for ms in rr_ms]


def ends(recording):
    return [round(row.t_s, 3) for row in recording.rows()]


def tcx(*points):
    told = "".join(
        f"<Trackpoint><Time>{time}</Time><AltitudeMeters>31</AltitudeMeters>"
        + (f"<HeartRateBpm><Value>{bpm}</Value></HeartRateBpm>" if bpm is not None else "")
        + "</Trackpoint>\n"
        for time, bpm in points
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2">\n'
        f'<Activities><Activity Sport="Other"><Id>2026-03-12T19:00:00Z</Id><Lap><MaximumHeartRateBpm><Value>199</Value>'
        f"</MaximumHeartRateBpm><Track>\n{told}</Track></Lap></Activity></Activities></TrainingCenterDatabase>"
    )


def gpx(*points):
    told = "".join(
        f'<trkpt lat="52.5" lon="13.4"><ele>31</ele><time>{time}</time><extensions><gpxtpx:TrackPointExtension>'
        f"<gpxtpx:hr>{bpm}</gpxtpx:hr></gpxtpx:TrackPointExtension></extensions></trkpt>\n"
        for time, bpm in points
    )
    return (
        '<?xml version="1.0"?>\n<gpx xmlns="http://www.topografix.com/GPX/1/1" '
        'xmlns:gpxtpx="http://www.garmin.com/xmlschemas/TrackPointExtension/v1">\n'
        f"<metadata><time>2020-01-01T00:00:00Z</time></metadata><trk><trkseg>\n{told}</trkseg></trk></gpx>"
    )


def apple(*records, doctype=True):
    """Records are `(startDate, [(bpm, time), ...])`."""
    head = (
        "<!DOCTYPE HealthData [\n<!ELEMENT HealthData (Record*)>\n<!ATTLIST Record type CDATA #REQUIRED>\n]>\n"
        if doctype
        else ""
    )
    told = "".join(
        f'<Record type="HKQuantityTypeIdentifierHeartRateVariabilitySDNN" unit="ms" startDate="{start}" value="32.1">\n'
        " <HeartRateVariabilityMetadataList>\n"
        + "".join(f'  <InstantaneousBeatsPerMinute bpm="{bpm}" time="{time}"/>\n' for bpm, time in beats)
        + " </HeartRateVariabilityMetadataList>\n</Record>\n"
        for start, beats in records
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n{head}<HealthData locale="en_US">\n'
        f'<Record type="HKQuantityTypeIdentifierStepCount" startDate="2026-03-12 09:00:00 +0100" value="4"/>\n{told}</HealthData>'
    )


# --- what is read -----------------------------------------------------------------------------------------------------


def test_a_polar_hrm_of_a_real_person_is_read_with_its_clock():
    recording = one(DATA / "hrv_bsd" / "exercise_rri.hrm")
    assert (len(recording.content), recording.began_at) == (4117, datetime(2008, 2, 8, 8, 50, 31))  # noqa: DTZ001  the watch tells no zone
    assert recording.content[-1].t_s == pytest.approx(2561.8, abs=0.1)  # Length=00:42:41.7


def test_a_polar_hrm_of_heart_rates_is_a_heart_rate_every_so_many_seconds(written):
    recording = one(written(HRM.format(5, "72\t0\r\n0\t0\r\n75\t0").encode("latin-1")))
    assert [(row.t_s, row.measurement.heart_rate_bpm) for row in recording.rows()] == [(5, 72), (10, None), (15, 75)]
    assert not recording.has_intervals


def test_plain_intervals_of_a_real_person_are_read_in_ms_and_in_s(written):
    in_ms = one(DATA / "hrv_bsd" / "rest_rri.txt")
    lines = (DATA / "hrv_bsd" / "rest_rri.txt").read_text().split()
    in_s = one(written("\n".join(f"{int(line) / 1000}" for line in lines)))
    assert rr_ticks(in_ms) == rr_ticks(in_s) == ticks(*map(int, lines))
    assert in_ms.began_at is None


@pytest.mark.parametrize("header", ["RR", "rr (ms)", "RR_ms ", "# RR intervals", '"NN"', "IBI [ms]", "RR-I", "rri"])
def test_a_header_above_plain_intervals_is_passed_over(written, header):
    assert rr_ticks(one(written(f"{header}\r\n810\r\n\r\n800.5\r\n"))) == ticks(810, 800.5)


def test_elite_hrv_tells_in_the_name_alone_when_it_began(written):
    path = written("812\n800\n", "2026-03-12 20-15-07.txt")
    assert one(path).began_at == datetime(2026, 3, 12, 20, 15, 7)  # noqa: DTZ001  the phone tells no zone
    assert one(written("812\n800\n", "2026-13-42 99-15-07.txt")).began_at is None


def test_hrv_logger_is_read_with_its_gaps(written):
    lines = ["date,rr,since start ", "2026-03-12 20:00:01 +0100,800,800", "2026-03-12 20:00:02 +0100,810,1610"]
    lines += ["2026-03-12 20:00:32 +0100,790,2400"]
    recording = one(written("\n".join(lines)))
    assert rr_ticks(recording) == ticks(800, 810, 790)
    assert recording.began_at == BEGAN + timedelta(seconds=0.2)
    assert ends(recording) == [0.8, 1.61, 31.8]


def test_hrv_loggers_notes_are_told_from_its_heartbeats(written):
    with pytest.raises(UnknownFormat, match="holds HRV Logger's notes"):
        read_recordings(written("date,timestamp,annotation,manual\n2026-03-12 20:00:15,0,Start,false\n"))


def test_fatmaxxer_of_a_real_person_keeps_the_intervals_and_goes_by_the_clock_only_for_gaps():
    path = DATA / "fatmaxxer" / "20210606_161059.rr.csv.gz"
    recording = one(path)
    with gzip.open(path, "rt") as lines:
        rows = [line.split(",") for line in lines.read().split()[1:]]
    assert rr_ticks(recording) == ticks(*(int(row[1]) for row in rows))
    assert recording.began_at == datetime(2021, 6, 6, 6, 11, 6, 401_000, tzinfo=UTC)
    pairs = zip(pairwise(ends(recording)), rr_ticks(recording)[1:], strict=True)
    steps = [after - before - rr / TICKS_PER_SECOND for (before, after), rr in pairs]
    assert all(abs(step) < 0.01 or step > 3 for step in steps)
    assert (int(rows[-1][0]) - int(rows[0][0])) / 1000 == pytest.approx(ends(recording)[-1], abs=3.1)


def test_empatica_is_read_with_its_clock_and_its_gaps(written):
    recording = one(written(f"{BEGAN_S}.000000, IBI\n12.5,0.8125\n13.3,0.79690\n60.25,0.875\n"))
    assert (recording.began_at, ends(recording)) == (BEGAN, [12.5, 13.3, 60.25])
    assert rr_ticks(recording) == ticks(812.5, 796.9, 875)


@pytest.mark.parametrize(
    ("name", "count", "first", "day"), [("garmin-edge-820-bike", 126, 594, 12), ("garmin-fenix-5-run", 113, 1093, 11)]
)
def test_a_fit_file_of_a_real_watch_has_its_intervals_its_moment_and_its_zone(name, count, first, day):
    recording = one(DATA / "fit" / f"{name}.fit")
    assert rr_ticks(recording)[0] == ticks(first)[0]
    assert len(rr_ticks(recording)) == count
    assert recording.began_at.utcoffset() == timedelta(hours=-7)
    assert recording.began_at.astimezone(UTC).isoformat().startswith(f"2017-06-{day}T")
    assert recording.content[-1].t_s == pytest.approx(sum(rr_ticks(recording)) / TICKS_PER_SECOND, abs=0.1)


def test_intervals_in_fit_go_on_after_a_gap_where_the_records_are(written):
    file = fit_file(record(BEGAN_S, 70), hrv(800, 810), record(BEGAN_S + 2, 71), record(BEGAN_S + 40, 72), hrv(790))
    recording = one(written(file))
    assert ends(recording) == [0.8, 1.61, 40.79]
    assert recording.began_at == BEGAN


def test_fit_without_intervals_has_the_heart_rate_of_its_records(written):
    file = fit_file(record(BEGAN_S, 70), record(BEGAN_S + 5), record(BEGAN_S + 9, 75), activity(BEGAN_S + 10, 3 * 3600))
    recording = one(written(file))
    assert [(row.t_s, row.measurement.heart_rate_bpm) for row in recording.rows()] == [(0, 70), (9, 75)]
    assert recording.began_at.utcoffset() == timedelta(hours=3)
    assert not recording.has_intervals


def test_tcx_has_the_heart_rate_of_its_points_and_of_nothing_else(written):
    points = [("2026-03-12T19:00:00Z", 80), ("2026-03-12T19:00:01Z", None), ("2026-03-12T19:00:02.500Z", 82)]
    recording = one(written(tcx(*points)))
    assert [(row.t_s, row.measurement.heart_rate_bpm) for row in recording.rows()] == [(0, 80), (2.5, 82)]
    assert recording.began_at == BEGAN


def test_gpx_has_the_heart_rate_of_its_points(written):
    recording = one(written(gpx(("2026-03-12T19:00:00Z", 80), ("2026-03-12T20:00:04+01:00", 81))))
    assert [(row.t_s, row.measurement.heart_rate_bpm) for row in recording.rows()] == [(0, 80), (4, 81)]


def test_a_tcx_of_two_activities_is_two_recordings(written):
    activity_of = tcx(("2026-03-12T19:00:00Z", 80)).split("<Activities>")[1].split("</Activities>")[0]
    text = tcx().replace("</Activities>", activity_of * 2 + "</Activities>")
    assert [recording.name for recording in read_recordings(written(text))] == ["file", "file [2]"]


@pytest.mark.parametrize(
    "times",
    [
        ("20:14:07.68", "20:14:08.50"),
        ("8:14:07.68 PM", "8:14:08.50 PM"),
        ("8:14:07,68\u202fPM", "8:14:08,50\u202fPM"),
        ("7:14:07.68 PM", "7:14:08.50 PM"),  # exported an hour of daylight saving later
    ],
)
def test_apple_health_places_each_beat_beside_the_start_of_its_record(written, times):
    recording = one(written(apple(("2026-03-12 20:14:05 +0100", list(zip((75, 73), times, strict=True))))))
    assert rr_ticks(recording) == ticks(800, 60_000 / 73)
    assert ends(recording) == [0.8, 1.62]
    assert recording.began_at == datetime(2026, 3, 12, 20, 14, 6, 880_000, tzinfo=timezone(timedelta(hours=1)))


def test_apple_health_is_a_recording_a_day_and_an_hour_apart_is_a_gap(written):
    def minute(day, hour):
        return f"2026-03-{day} {hour}:00:09 +0100", [(60, f"{hour}:00:10.00"), (60, f"{hour}:00:11.00")]

    days = read_recordings(written(apple(minute(12, 20), minute(12, 21), minute(13, 10))))
    assert [day.name for day in days] == ["file [2026-03-12]", "file [2026-03-13]"]
    assert ends(days[0]) == [1, 2, 3601, 3602]


def zipped(name, content):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("apple_health_export/export_cda.xml", "<ClinicalDocument/>")
        archive.writestr(name, content)
    return packed.getvalue()


def test_a_phones_whole_export_is_read_from_its_zip(written):
    export = apple(("2026-03-12 20:14:05 +0100", [(75, "20:14:07.68")]))
    assert len(one(written(zipped("apple_health_export/export.xml", export), "export.zip")).content) == 1


def test_a_large_export_is_streamed_and_never_in_memory_whole(written):
    steps = '<Record type="HKQuantityTypeIdentifierStepCount" startDate="2026-03-12 09:00:00 +0100" value="4"/>\n'
    head, tail = apple(("2026-03-12 20:14:05 +0100", [(75, "20:14:07.68")])).split('locale="en_US">\n')
    path = written(gzip.compress(f'{head}locale="en_US">\n{steps * 200_000}{tail}'.encode(), 1))
    tracemalloc.start()
    try:
        assert len(list(recordings(path))) == 1
        assert tracemalloc.get_traced_memory()[1] < 4_000_000  # the file has 20 MB
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_marks_of_encodings_and_ends_of_lines_make_no_difference(written, encoding, end):
    for text in ("rr_ms\n800\n810\n", "800\n810\n", "date,rr\n2026-03-12 20:00:00,800\n2026-03-12 20:00:01,810\n"):
        assert rr_ticks(one(written(text.replace("\n", end).encode(encoding)))) == ticks(800, 810)


def test_where_columns_are_separated_by_semicolons_a_comma_is_a_decimal_point(written):
    assert ends(one(written("t_s;rr_ms\n0,8;800,0\n1,61;810,0\n"))) == [0.8, 1.61]


# --- round trips ------------------------------------------------------------------------------------------------------

intervals_ms = st.lists(st.integers(200, 2000), min_size=1, max_size=60)


def trip(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("trip") / "file"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return one(path)


def stamps(rr_ms, form):
    at_ms = [sum(rr_ms[: n + 1]) for n in range(len(rr_ms))]
    return [form(BEGAN + timedelta(milliseconds=ms)) for ms in at_ms]


def rows_of(*columns):
    return "\n".join(",".join(map(str, cells)) for cells in zip(*columns, strict=True))


AS_FILES = {
    "plain ms": lambda rr: "\n".join(map(str, rr)),
    "plain s": lambda rr: "\n".join(f"{ms / 1000:.3f}" for ms in rr),
    "rr_ms": lambda rr: "rr_ms\n" + "\n".join(map(str, rr)),
    "hrm": lambda rr: HRM.format(238, "\r\n".join(map(str, rr))).encode("latin-1"),
    "hrv logger": lambda rr: "date,rr,since start\n" + rows_of(stamps(rr, str), rr, rr),
    "fatmaxxer": lambda rr: (
        "timestamp,rr,since_start\n\n" + rows_of(stamps(rr, lambda t: round(t.timestamp() * 1000)), rr, rr)
    ),
    "empatica": lambda rr: (
        f"{BEGAN_S}.0, IBI\n" + "\n".join(f"{sum(rr[: n + 1]) / 1000:.3f},{ms / 1000:.3f}" for n, ms in enumerate(rr))
    ),
    "fit": lambda rr: fit_file(record(BEGAN_S), *(hrv(*rr[n : n + 5]) for n in range(0, len(rr), 5))),
}


@pytest.mark.parametrize("name", AS_FILES)
@given(rr_ms=intervals_ms)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_intervals_that_were_written_are_read_again(name, rr_ms, tmp_path_factory):
    recording = trip(tmp_path_factory, AS_FILES[name](rr_ms))
    assert rr_ticks(recording) == ticks(*rr_ms)
    assert ends(recording) == pytest.approx([sum(rr_ms[: n + 1]) / 1000 for n in range(len(rr_ms))], abs=0.002)
    assert recording.began_at in {None, BEGAN, datetime(2026, 3, 12, 20, 0, 0, 500_000)}  # noqa: DTZ001  .hrm tells no zone


# --- what is refused --------------------------------------------------------------------------------------------------

APPLE = ("2026-03-12 20:14:05 +0100", [(75, "20:14:07.68")])
GOOD_FIT = fit_file(record(BEGAN_S, 70), hrv(800, 810), record(BEGAN_S + 2, 71))
BILLION_LAUGHS = '<?xml version="1.0"?><!DOCTYPE gpx [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><gpx><trk><trkpt>&b;</trkpt></trk></gpx>'
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE gpx [<!ENTITY a SYSTEM "file:///etc/passwd">]><gpx><trk>&a;</trk></gpx>'
BAD = {
    # truncated
    HRM.format(238, "800").split("[HRData]")[0].encode("latin-1"): "has no section [HRData]; the file may be cut off",
    HRM.format(238, "").encode("latin-1"): "has no values after [HRData]",
    GOOD_FIT[:-7]: "byte 65: is a FIT file that was cut off",
    GOOD_FIT[:11] + b"T": "byte 12: is a FIT file that was cut off",
    GOOD_FIT[:-2] + b"zz": "the checksum does not fit",
    tcx(("2026-03-12T19:00:00Z", 80))[:-60]: "is not well-formed XML: unclosed token; the file may be cut off",
    apple(APPLE)[:-30]: "the file may be cut off",
    "date,rr,since start\n2026-03-12 20:00:00,800,0\n2026-03-12 20:0": "line 3: has 1 of 3 columns; the file may be cut off",
    f"timestamp,rr,since_start\n{BEGAN_S}000,800,0\n1622": "line 3: has 1 of 3 columns",
    f"{BEGAN_S}.0, IBI\n0.8,0.8\n1.6": "line 3: has 1 of 2 columns",
    f"{BEGAN_S}.0, IBI\n": "has a header but no rows",
    "RR\n": "has a header but no rows",
    b"[Params]x\n[HRData]\n800\n": "has no Interval in [Params]",
    # wrong encodings
    "800\n81é\n".encode("latin-1"): "line 2: is not UTF-8 text (byte e9); save it as UTF-8",
    "rr_ms\n800\n".encode("utf-16-le"): "is a binary file of no known format",
    b"\xff\xfe8\0000\0\n\0008": "is not UTF-16 text",
    HRM.format(238, "800\0").encode("latin-1"): "holds bytes that are no text",
    tcx(("2026-03-12T19:00:00Z", 80)).replace("31", "\xe9").encode("latin-1"): "line 4: is not well-formed XML",
    '<?xml version="1.0" encoding="UTG-8"?><gpx/>': "line 1: names an encoding that cannot be read; save it as UTF-8",
    '<?xml version="1.0" encoding="base64"?><gpx/>': "line 1: names an encoding that cannot be read; save it as UTF-8",
    # wrong units
    "RR (s)\n800\n810\n": "line 1: names seconds, but the numbers look like milliseconds",
    "rr [ms]\n0.8\n0.81\n": "line 1: names milliseconds, but the numbers look like seconds",
    "800000\n810000\n": "line 1: looks like microseconds; this takes RR intervals in milliseconds or seconds",
    "74\n75\n76\n": "line 1: looks like beats a minute",
    "800\n810\n0.79\n805\n": "line 3: an RR interval of 0.79 ms is not a heartbeat (expected 200 to 5000 ms); 0.79 looks like seconds among milliseconds",
    "0.8\n0.81\n790\n0.79\n": "line 3: an RR interval of 790000 ms is not a heartbeat (expected 200 to 5000 ms); 790 looks like milliseconds among seconds",
    HRM.format(238, "800\r\n0.8").encode("latin-1"): "line 12: an RR interval of 0.8 ms is not a heartbeat (expected 200 to 5000 ms); this format has milliseconds",
    HRM.format(7777, "800").encode("latin-1"): "line 5: has an Interval that is not known: 7777",
    HRM.format(204, "0").encode("latin-1"): "line 5: holds lap times only",
    HRM.format("x", "0").encode("latin-1"): "line 5: Interval is no number: 'x'",
    HRM.format(5, "800").encode("latin-1"): "line 11: a heart rate of 800 is none",
    HRM.format(238, "800").replace("20260312", "20261312").encode("latin-1"): "line 3: Date and StartTime are no time",
    "date,rr\n2026-03-12 20:00:00,0.8\n": "line 2: an RR interval of 0.8 ms is not a heartbeat",
    f"timestamp,rr\n{BEGAN_S},800\n": "line 2: timestamp is no time in milliseconds since 1970",
    f"{BEGAN_S}.0, IBI\n0.8,812\n": "line 2: an RR interval of 812000 ms is not a heartbeat (expected 200 to 5000 ms); this format has seconds",
    tcx(("2026-03-12T19:00:00Z", 8000)): "line 4: a heart rate of 8000 is none",
    apple((APPLE[0], [(7500, "20:14:07.68")])): "7500 beats a minute: an RR interval of 8 ms is not a heartbeat",
    apple((APPLE[0], [(0, "20:14:07.68")])): "0 beats a minute",
    # no numbers, no times
    "800\nnan\n": "line 2: the RR interval is not a finite number: 'nan'",
    "800\n-810\n": "line 2: an RR interval of -810 ms is not a heartbeat",
    "800\n1e999\n": "line 2: the RR interval is not a finite number",
    "812,5\n800,0\n": "line 1: the RR interval is not a number: '812,5'; write decimals with a point",
    "800\n8_10\n": "line 2: the RR interval is not a number: '8_10'",
    "800\n" + "8" * 100_000 + "\n": "line 2: the RR interval is not a number: '8888",
    "800\nabc\n": "line 2: the RR interval is not a number: 'abc'",
    "rr_ms\n" + '"' + "8" * 200_000: "is not CSV: field larger than field limit",
    "date,rr\nyesterday,800\n": "line 2: date is not a time stamp: 'yesterday'",
    "date,rr\n2026-03-12 20:00:00,800\n2026-03-12 20:00:01+01:00,800\n": "line 3: some dates tell a zone and some do not",
    "date,rr\n2026-03-12 20:00:00,800\n2026-04-12 20:00:00,800\n": "line 3: 2678400.8 s is more than 7 days",
    f"{BEGAN_S}.0, IBI\n1.8,0.8\n1.6,0.8\n": "line 3: the time runs backwards, by 0.2 s",
    tcx(("2026-03-12T19:00:00", 80)): "line 4: a time without a zone: '2026-03-12T19:00:00'",
    tcx(("soon", 80)): "line 4: is not a time stamp: 'soon'",
    tcx(("2026-03-12T19:00:02Z", 80), ("2026-03-12T19:00:00Z", 81)): "line 5: the time runs backwards, by 2 s",
    tcx(("2026-03-12T19:00:02Z", 80), ("2036-03-12T19:00:00Z", 81)): "line 5: 315619198 s is more than 7 days",
    tcx(("0001-01-01T00:00:00+14:00", 80)): "line 4: is not a time stamp",
    tcx(("2026-03-12T19:00:00Z", None)): "holds no heart rate",
    gpx(): "holds no heart rate",
    apple((APPLE[0], [])): "holds no single heartbeats",
    apple((APPLE[0], [(75, "at noon")])): "line 10: is not a time of day: 'at noon'",
    apple((APPLE[0], [(75, "20:14:07.68"), (75, "20:44:07.68")])): "line 11: the time of day jumps to '20:44:07.68'",
    apple(("2026-03-12", APPLE[1])): "line 8: startDate tells no zone",
    fit_file(): "holds no heartbeats",
    # harm
    BILLION_LAUGHS: "line 1: defines an XML entity; no recording needs one, and it can do harm",
    OUTSIDE: "line 1: defines an XML entity",
    '<!DOCTYPE gpx [<!ENTITY % a "ha">]><gpx/>': "line 1: defines an XML entity",
    '<!DOCTYPE gpx SYSTEM "http://127.0.0.1:9/never-fetched.dtd"><gpx><trk/></gpx>': "holds no heart rate",
    "<gpx>" + "<a>" * 5000: "is nested deeper than any recording",
    '<gpx a="' + "x" * (3 << 20) + '">': "holds a tag longer than 1 MB",
    "<html><body>Not found</body></html>": "line 1: is XML of no known kind",
    b"PK\x03\x04nonsense": "is a zip archive that cannot be opened",
    "date,rr\n2026" + " " * 130_000 + "x,800\n": "line 2: date is not a time stamp: '2026",
    "rr" + " " * 3_000_000 + "!\n800\n": "line 1: the RR interval is not a number: 'rr  ",
    "8" * 3_000_000 + "x\n": "line 1: is not CSV: field larger than field limit",
}  # fmt: skip


@pytest.mark.parametrize(("content", "message"), BAD.items(), ids=lambda value: ascii(value)[:40])
def test_a_bad_file_is_refused_on_one_line_with_file_and_place(written, content, message):
    path = written(content)
    with pytest.raises(BadRecording) as refused:
        read_recordings(path)
    assert str(refused.value).startswith(str(path))
    assert message in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1
    assert len(str(refused.value)) < len(str(path)) + 250


def test_an_archive_of_anything_else_is_not_opened(written):
    with pytest.raises(UnknownFormat, match="is a zip archive; unpack it, and import the folder"):
        read_recordings(written(zipped("rr.txt", "800\n")))


def test_what_unpacks_to_more_than_any_recording_is_refused(written, monkeypatch):
    monkeypatch.setattr("sensing.formats.content.LARGEST_STREAM_BYTES", 1 << 20)
    bomb = apple(APPLE, doctype=False).replace("</HealthData>", " " * (2 << 20) + "</HealthData>")
    for packed in (zipped("export.xml", bomb), gzip.compress(bomb.encode())):
        with pytest.raises(BadRecording, match="unpacks to more than"):
            read_recordings(written(packed))


def test_a_damaged_zip_is_refused(written):
    noise = "".join(f"<!--{n}-->" for n in random.Random(1).sample(range(10**9), 9000))  # noqa: S311  what packs badly
    packed = bytearray(zipped("export.xml", apple(APPLE).replace("</HealthData>", noise + "</HealthData>")))
    packed[len(packed) // 2] ^= 0xFF
    with pytest.raises(BadRecording, match=r"damaged zip archive|not well-formed"):
        read_recordings(written(bytes(packed)))


@pytest.mark.parametrize("name", ["plain_rr", "polar_hrm", "empatica", "table"])
def test_more_values_than_a_week_of_heartbeats_are_refused(written, monkeypatch, name):
    monkeypatch.setattr(f"sensing.formats.{name}.MOST_ROWS", 3)
    many = {"plain_rr": "plain ms", "polar_hrm": "hrm", "empatica": "empatica", "table": "fatmaxxer"}[name]
    read_recordings(written(AS_FILES[many]([800] * 3)))
    with pytest.raises(BadRecording, match=r"has more than 3 rows; split it"):
        read_recordings(written(AS_FILES[many]([800] * 4)))


SOUND = {
    "tcx": lambda _: tcx(("2026-03-12T19:00:00Z", 80)),
    "gpx": lambda _: gpx(("2026-03-12T19:00:00Z", 80)),
    "apple": lambda _: apple(APPLE),
} | AS_FILES


@given(
    cut=st.floats(0, 1),
    flips=st.lists(st.tuples(st.floats(0, 0.999), st.integers(1, 255)), max_size=4),
    which=st.sampled_from(list(SOUND)),
)
@settings(max_examples=400, deadline=None)
def test_damaged_files_raise_nothing_but_bad_recording(cut, flips, which, tmp_path_factory):
    """Cut anywhere and with any bytes changed, a file is read or refused on one line; the process lives on."""
    content = SOUND[which]([800, 810, 790, 805, 820, 815])
    damaged = bytearray(content.encode() if isinstance(content, str) else content)
    for at, change in flips:
        damaged[math.floor(at * len(damaged))] ^= change
    path = tmp_path_factory.mktemp("damaged") / "file"
    path.write_bytes(damaged[: math.ceil(cut * len(damaged))])
    try:
        found = read_recordings(path)
    except BadRecording as refused:
        assert len(str(refused).splitlines()) == 1  # noqa: PT017  it may also be read
    else:
        for recording in found:
            assert recording.content
            assert all(before.t_s <= after.t_s for before, after in pairwise(recording.content))


HEADS = [
    b"",
    b"\x0e\x20\x54\x08\x40\0\0\0.FIT\0\0",
    b"<gpx>",
    b"[Params]\nInterval=238\n[HRData]\n",
    b"1700000000.0, IBI\n",
    b"rr_ms\n",
    b"800\n",
    b"\xff\xfe",
    b"# flooding-detector recording, version 1\n",
]


@given(st.binary(max_size=300), st.sampled_from(HEADS))
@settings(max_examples=400, deadline=None)
def test_random_bytes_raise_nothing_but_bad_recording(content, head):
    with pytest.MonkeyPatch.context() as patch:
        pieces = [head + content] if head + content else []
        patch.setattr("sensing.formats.content.Content.chunks", lambda _: iter(pieces))
        try:
            read_recordings("nowhere")
        except BadRecording as refused:
            assert len(str(refused).splitlines()) == 1  # noqa: PT017  it may also be read
