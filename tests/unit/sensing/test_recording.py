"""Recordings: the project's own format and any CSV, recognised by content, and one clear line for every kind of bad file."""

import gzip
from pathlib import Path

import pytest

from hrv.whole_seconds import LONGEST_RECORDING_S
from sensing.formats.recorded import LONGEST_S
from sensing.measurement import Contact, HeartRateMeasurement, parse
from sensing.recording import BadRecording, Row, read_recordings, write_project
from sensing.source import Link


def test_the_projects_own_format_is_read(written):
    (recording,) = read_recordings(written("t_s,packet,motion_mg\n0.053,0600,8\n1.013,164b2f032403,\n"))
    assert recording.name == "file"
    assert list(recording.rows()) == [
        Row(0.053, HeartRateMeasurement(None, Contact.GOOD), b"\x06\x00", 8),
        Row(1.013, HeartRateMeasurement(75, Contact.GOOD, None, (815, 804)), bytes.fromhex("164b2f032403"), None),
    ]


def test_gzip_is_recognised_by_content_and_not_by_name(written):
    packed = gzip.compress(b"t_s,packet\r\n1,1043\r\n")
    assert len(read_recordings(written(packed, "talk.txt"))[0].content) == 1


def test_intervals_without_times_follow_each_other(written):
    (recording,) = read_recordings(written("rr_ms\n1000\n500.5\n800\n"))
    assert [row.t_s for row in recording.rows()] == pytest.approx([1.0, 1.5005, 2.3005])
    assert [row.measurement.rr_ticks for row in recording.rows()] == [(1024,), (513,), (819,)]
    assert {row.packet for row in recording.rows()} == {None}


def test_times_at_which_intervals_ended_are_taken_as_they_are(written):
    (recording,) = read_recordings(written("t_s,rr_ms\n0.976,848\n1.756,780\n2.556,800\n12.556,810\n13.346,790\n"))
    assert [row.t_s for row in recording.rows()] == [0.976, 1.756, 2.556, 12.556, 13.346]


def test_time_stamps_at_which_intervals_began_are_recognised_and_gaps_stay_gaps(written):
    """The first four lines are as BioPsyKit writes them, with a gap after the first."""
    lines = [
        "time,phase,rr_ms",
        "2019-10-23 12:54:50.488,Baseline,739.26",
        "2019-10-23 12:54:53.289,Baseline,648.44",
        "2019-10-23 12:54:53.938,Baseline,644.53",
        "2019-10-23 12:54:54.582,Baseline,691.41",
        "2019-10-23 12:54:55.273,Baseline,660.16",
    ]
    (recording,) = read_recordings(written("\n".join(lines)))
    assert [round(row.t_s, 2) for row in recording.rows()] == [0.74, 3.45, 4.09, 4.79, 5.45]


def test_seconds_of_some_clock_are_counted_from_their_first_row(written):
    (recording,) = read_recordings(written("t_s,rr_ms\n1700000000.0,800\n1700000000.8,800\n1700000011.0,810\n"))
    assert [row.t_s for row in recording.rows()] == pytest.approx([0.0, 0.8, 11.0])


def test_stamps_keep_their_order_when_the_clocks_are_put_back(written):
    lines = ["time,rr_ms", "2024-10-27T02:59:59.5+02:00,800", "2024-10-27T02:00:00.3+01:00,800"]
    (recording,) = read_recordings(written("\n".join(lines)))
    assert [row.t_s for row in recording.rows()] == pytest.approx([0.0, 0.8])


def test_a_number_whose_digits_are_also_a_date_is_a_number(written):
    (recording,) = read_recordings(written("time,rr_ms\n20240101,800\n20240102,800\n"))
    assert recording.content[1].t_s == 1.0


def test_a_recording_may_be_as_long_as_the_detector_counts(written):
    assert LONGEST_S == LONGEST_RECORDING_S
    (recording,) = read_recordings(written(f"t_s,packet\n0,0600\n{LONGEST_S},0600\n"))
    assert recording.content[-1].t_s == LONGEST_S


def test_a_change_of_subject_or_task_begins_a_new_recording(written):
    text = "subject,task,t_s,rr_ms\na,sitting,0.9,900\na,maths,0.8,800\nb,maths,0.7,700\na,sitting,0.6,600\n"
    recordings = read_recordings(written(text))
    assert [recording.name for recording in recordings] == [
        "file [a sitting]",
        "file [a maths]",
        "file [b maths]",
        "file [a sitting, 2]",
    ]
    assert [len(recording.content) for recording in recordings] == [1, 1, 1, 1]


BAD = {
    "t_s,packet\n0,16zz\n": "line 2: packet is not hexadecimal: '16zz'",
    "t_s,packet\n0,0600\n1,164b51\n": "line 3: malformed heart rate packet [16 4b 51]: odd trailing byte",
    "t_s,packet\n0,\n": "line 2: malformed heart rate packet []: no bytes at all",
    "t_s,packet\n5,0600\n4,0600\n": "line 3: t_s runs backwards: 4 after 5",
    "t_s,packet\n-1,0600\n": "line 2: t_s is negative: -1",
    "t_s,packet\n1700000000.5,0600\n": "line 2: 1700000000 s is more than 7 days after the recording began; count seconds",
    "t_s,packet\n1,0600\n604801,0600\n": "line 3: 604801 s is more than 7 days",
    "t_s,packet\nnan,0600\n": "line 2: t_s is not a finite number: 'nan'",
    "t_s,packet\nx,0600\n": "line 2: t_s is not a number: 'x'",
    "t_s,packet\n1\n": "line 2: has 1 of 2 columns",
    "t_s,packet,motion_mg\n1,0600,-2\n": "line 2: motion_mg is negative",
    "t_s,packet,motion_mg\n1,0600,1e299\n": "line 2: motion_mg is more than any strap measures",
    "t_s,packet\n": "has a header but no rows",
    "": "is empty",
    "\n\n": "is empty",
    "heart,beat\n1,2\n": "line 1: is of no known format: found 'heart', 'beat'; flooding import --help names those that are read",
    "\n\nheart,beat\n1\n": "line 3: is of no known format: found 'heart', 'beat'",
    "rr_ms\n800\n-800\n": "line 3: an RR interval of -800 ms is not a heartbeat",
    "rr_ms\n0\n": "line 2: an RR interval of 0 ms is not a heartbeat",
    "rr_ms\n800\n99999\n810\n": "line 3: an RR interval of 99999 ms is not a heartbeat (expected 200 to 5000 ms)",
    "rr_ms\n0.8\n0.9\n": "the column looks like seconds",
    "rr_ms\n800000\n900000\n": "the column looks like microseconds",
    "rr_ms\nnan\n": "line 2: rr_ms is not a finite number: 'nan'",
    "rr_ms\ninf\n": "line 2: rr_ms is not a finite number: 'inf'",
    "t_s,rr_ms\n1,800\n0.5,800\n": "line 3: the time runs backwards, by 0.5 s",
    "t_s,rr_ms\n-1,800\n": "line 2: t_s is negative: -1",
    "t_s,rr_ms\n1,800\n1e9,800\n": "line 3: 1000000000 s is more than 7 days",
    "t_s,rr_ms\n800,800\n1610,810\n2430,820\n": "line 2: the time looks like milliseconds",
    "time,rr_ms\n2024-03-01 10:00,800\n2024-03-09 10:00,800\n": "line 3: 691200 s is more than 7 days",
    "time,rr_ms\nyesterday,800\n": "line 2: time is neither a time stamp nor a number of seconds: 'yesterday'",
    b"\x89PNG\r\n\x1a\n\xff\xfe": "is a binary file",
    b"rr_ms\n\0\0\0": "is a binary file",
    gzip.compress(b"rr_ms\n800\n" * 99, mtime=0)[:-9]: "is a damaged gzip file",
    b"\x1f\x8bnonsense": "is a damaged gzip file",
}


@pytest.mark.parametrize(("text", "message"), BAD.items(), ids=lambda value: str(value)[:30])
def test_a_bad_file_is_refused_on_one_line_with_file_and_line(written, text, message):
    path = written(text)
    with pytest.raises(BadRecording) as refused:
        read_recordings(path)
    assert str(refused.value).startswith(str(path))
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_cannot_be_opened_is_refused(tmp_path):
    with pytest.raises(BadRecording, match="there is no such file"):
        read_recordings(tmp_path / "nobody.csv")
    with pytest.raises(BadRecording, match="is not a file"):
        read_recordings(tmp_path)


def test_what_is_too_large_is_refused(written, monkeypatch):
    monkeypatch.setattr("sensing.formats.table.MOST_ROWS", 3)
    assert len(read_recordings(written("rr_ms\n800\n\n800\n\n800\n"))[0].content) == 3
    with pytest.raises(BadRecording, match="has more than 3 rows; split it"):
        read_recordings(written("rr_ms\n800\n\n800\n\n800\n800\n"))
    monkeypatch.setattr("sensing.formats.content.LARGEST_BYTES", 1 << 20)
    for content in (b"8" * (1 << 21), gzip.compress(b"8" * (1 << 21))):
        with pytest.raises(BadRecording, match="is larger than 1 MB; split it"):
            read_recordings(written(content))


def test_what_is_written_is_read_again(tmp_path):
    rows = [
        Row(0.5, parse(b"\x06\x00"), b"\x06\x00", 8),
        Row(1.5, HeartRateMeasurement(None, rr_ticks=(800,)), None, None),
    ]
    path = tmp_path / "talk.csv.gz"
    write_project(path, rows)
    assert path.read_bytes()[:2] == b"\x1f\x8b"
    (recording,) = read_recordings(path)
    assert [(row.t_s, row.measurement, row.motion_mg) for row in recording.rows()] == [
        (row.t_s, row.measurement, row.motion_mg) for row in rows
    ]


def test_every_word_for_a_change_of_the_link_is_on_the_page_about_the_format():
    page = (Path(__file__).parents[3] / "docs" / "recordings.md").read_text(encoding="utf-8")
    assert [link for link in Link if f"`{link}`" not in page] == []
