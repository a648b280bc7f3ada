"""Recordings: both formats, recognised by content, and one clear line for every kind of bad file."""

import asyncio
import gzip

import pytest

from sensing.measurement import Contact, HeartRateMeasurement, pack, parse
from sensing.recording import BadRecording, Replay, Row, read_recordings, write_project


@pytest.fixture
def written(tmp_path):
    """Write a file and give its path."""

    def write(text, name="talk.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_the_projects_own_format_is_read(written):
    (recording,) = read_recordings(written("t_s,packet,motion_mg\n0.053,0600,8\n1.013,164b2f032403,\n"))
    assert recording.name == "talk.csv"
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


def test_a_change_of_subject_or_task_begins_a_new_recording(written):
    text = "subject,task,t_s,rr_ms\na,sitting,0.9,900\na,maths,0.8,800\nb,maths,0.7,700\na,sitting,0.6,600\n"
    recordings = read_recordings(written(text))
    assert [recording.name for recording in recordings] == [
        "talk.csv [a sitting]",
        "talk.csv [a maths]",
        "talk.csv [b maths]",
        "talk.csv [a sitting, 2]",
    ]
    assert [len(recording.content) for recording in recordings] == [1, 1, 1, 1]


BAD = {
    "t_s,packet\n0,16zz\n": "line 2: packet is not hexadecimal: '16zz'",
    "t_s,packet\n0,0600\n1,164b51\n": "line 3: malformed heart rate packet [16 4b 51]: odd trailing byte",
    "t_s,packet\n0,\n": "line 2: malformed heart rate packet []: no bytes at all",
    "t_s,packet\n5,0600\n4,0600\n": "line 3: t_s runs backwards or is negative: 4 after 5",
    "t_s,packet\n-1,0600\n": "line 2: t_s runs backwards or is negative",
    "t_s,packet\nnan,0600\n": "line 2: t_s is not a finite number: 'nan'",
    "t_s,packet\nx,0600\n": "line 2: t_s is not a number: 'x'",
    "t_s,packet\n1\n": "line 2: has 1 of 2 columns",
    "t_s,packet,motion_mg\n1,0600,-2\n": "line 2: motion_mg is negative",
    "t_s,packet\n": "has a header but no rows",
    "": "is empty",
    "\n\n": "is empty",
    "heart,beat\n1,2\n": "line 1: needs the columns t_s and packet, or a column rr_ms; found 'heart', 'beat'",
    "rr_ms\n800\n-800\n": "line 3: an RR interval of -800 ms is not a heartbeat",
    "rr_ms\n0\n": "line 2: an RR interval of 0 ms is not a heartbeat",
    "rr_ms\n800\n99999\n810\n": "line 3: an RR interval of 99999 ms is not a heartbeat (expected 200 to 5000 ms)",
    "rr_ms\n0.8\n0.9\n": "the column looks like seconds",
    "rr_ms\n800000\n900000\n": "the column looks like microseconds",
    "rr_ms\nnan\n": "line 2: rr_ms is not a finite number: 'nan'",
    "rr_ms\ninf\n": "line 2: rr_ms is not a finite number: 'inf'",
    "t_s,rr_ms\n1,800\n0.5,800\n": "line 3: the time runs backwards, by 0.5 s",
    "time,rr_ms\nyesterday,800\n": "line 2: time is neither a time stamp nor a number of seconds: 'yesterday'",
    b"\x89PNG\r\n\x1a\n\xff\xfe": "is a binary file",
    b"rr_ms\n\0\0\0": "is a binary file",
    gzip.compress(b"rr_ms\n800\n" * 99)[:-9]: "is a damaged gzip file",
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


def test_a_recording_is_a_source_of_the_packets_a_strap_would_have_sent(written):
    (recording,) = read_recordings(written("rr_ms\n1000\n500\n"))

    async def read():
        return [event async for event in Replay(recording).events()]

    events = asyncio.run(read())
    assert [event.t_s for event in events] == [1.0, 1.5]
    assert [event.packet for event in events] == [
        pack(HeartRateMeasurement(None, rr_ticks=(ticks,))) for ticks in (1024, 512)
    ]
