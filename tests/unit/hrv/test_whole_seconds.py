from hrv.whole_seconds import WholeSeconds


def told(*marks, until_s=10.0):
    """Seconds and the marks between them; marks are `(counts from, time)`."""
    seconds, seen = WholeSeconds(), []
    for counts_from_s, t_s in marks:
        seconds.mark(counts_from_s, t_s, lambda at_s: seen.append(f"mark of {at_s:g}"))
    for second in seconds.until(until_s):
        seen.append(second)  # noqa: PERF402  marks are put in between
    return seen


def test_each_mark_comes_between_the_seconds_it_lies_between_in_whatever_order_they_are_told():
    expected = [0, 1, 2, "mark of 1", 3, 4, "mark of 4", 5]
    assert told((3.0, 1.0), (5.0, 4.0), until_s=5) == expected
    assert told((5.0, 4.0), (3.0, 1.0), until_s=5) == expected


def test_marks_of_one_moment_are_followed_in_the_order_they_were_told():
    assert told((1.0, 7.0), (1.0, 3.0), until_s=1) == [0, "mark of 7", "mark of 3", 1]


def test_a_mark_that_counts_already_is_followed_at_once():
    assert told((0.0, 0.0), until_s=0) == ["mark of 0", 0]


def test_no_second_is_told_twice():
    seconds = WholeSeconds()
    assert [*seconds.until(1.9), *seconds.until(1.9), *seconds.until(3.0)] == [0, 1, 2, 3]
