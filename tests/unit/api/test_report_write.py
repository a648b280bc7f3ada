"""A page is written whole or not at all, and never over a recording."""

import os
import re

import pytest

from api.cli.errors import in_words
from api.report.write import PAGE_MARK, checked_target
from api.whole_file import CannotWrite, write_whole


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "talk.csv"
    path.write_text("t_s,rr_ms\n", encoding="utf-8")
    return path


def refused(out, inputs):
    with pytest.raises(CannotWrite) as refusal:
        checked_target(out, inputs)
    words = in_words(refusal.value)
    assert str(out) in words
    assert "\n" not in words
    return words


def test_a_recording_is_not_overwritten_by_whichever_name(recording, tmp_path):
    assert "one of the recordings" in refused(recording, [recording])
    assert "one of the recordings" in refused(tmp_path / "." / "talk.csv", [recording])
    for link, make in (("soft.html", os.symlink), ("hard.html", os.link)):
        make(recording, tmp_path / link)
        assert "one of the recordings" in refused(tmp_path / link, [recording])
    assert recording.read_text(encoding="utf-8") == "t_s,rr_ms\n"


def test_a_folder_and_a_place_that_is_not_there_are_named(recording, tmp_path):
    assert "is not a file" in refused(tmp_path, [recording])
    assert "there is no folder" in refused(tmp_path / "none" / "page.html", [recording])


def test_a_place_that_takes_no_files_is_named(recording, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, _: str(path) != str(tmp_path))  # root may write anywhere
    assert "cannot be written" in refused(tmp_path / "page.html", [recording])


def test_an_old_page_is_replaced_and_nothing_else_is_left(recording, tmp_path):
    out = tmp_path / "page.html"
    out.write_text(f"<head>{PAGE_MARK}</head>", encoding="utf-8")
    write_whole(checked_target(out, [recording]), "né")
    assert out.read_bytes() == "né".encode()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["page.html", "talk.csv"]


def test_a_link_keeps_pointing_to_the_page(recording, tmp_path):
    (tmp_path / "pages").mkdir()
    out = tmp_path / "latest.html"
    out.symlink_to(tmp_path / "pages" / "page.html")
    write_whole(checked_target(out, [recording]), "new")
    assert out.is_symlink()
    assert (tmp_path / "pages" / "page.html").read_text(encoding="utf-8") == "new"


def test_when_the_disk_does_not_take_it_the_old_page_stays(tmp_path, monkeypatch):
    out = tmp_path / "page.html"
    out.write_text("old", encoding="utf-8")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CannotWrite, match="No space left on device"):
        write_whole(out, "new")
    assert out.read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CannotWrite, match=f"there is no folder {re.escape(str(tmp_path / 'nowhere'))}; make it first"):
        write_whole(tmp_path / "nowhere" / "page.html", "new")


def test_a_file_that_is_no_page_of_ours_is_let_be(recording, tmp_path):
    """As in `--html *.csv`, where the shell makes the first recording the page's name."""
    for name, content in (("other.csv", "t_s,rr_ms\n"), ("diary.html", "<!doctype html><title>mine</title>")):
        (tmp_path / name).write_text(content, encoding="utf-8")
        assert "no page of this program" in refused(tmp_path / name, [recording])
    (tmp_path / "empty.html").touch()
    checked_target(tmp_path / "empty.html", [recording])


def test_a_page_is_its_owners_alone(recording, tmp_path):
    out = tmp_path / ("ü" * 120 + ".html")  # as long a name as there can be
    write_whole(checked_target(out, [recording]), "the body's data")
    assert out.stat().st_mode & 0o777 == 0o600
