"""Every content that a wearer can write, for hypothesis."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from alerts.suggestion import NotFlooding
from journal.content import (
    Behaviour,
    Body,
    BodyPlace,
    CalmCheck,
    Content,
    Disclosure,
    EpisodeLabel,
    Moment,
    Response,
    Trigger,
)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
seconds = st.floats(0, 86_400, allow_nan=False)
maybe = st.none() | st.booleans()
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  bounds are naive


def some(strategy):
    return st.lists(strategy, max_size=3).map(tuple)


contents = st.builds(
    Content,
    trigger=st.builds(Trigger, texts, some(words), texts, texts),
    body=st.builds(Body, texts, some(st.builds(BodyPlace, words, st.none() | st.integers(1, 5)))),
    behaviour=st.builds(Behaviour, texts, some(st.sampled_from(Response)), texts),
    resonance=texts,
    notes=texts,
    moments=some(st.builds(Moment, seconds, texts)),
    tags=some(words),
    disclosure=st.builds(Disclosure, texts, st.builds(CalmCheck, maybe, maybe, maybe, maybe, st.none() | moments)),
    labels=some(st.builds(EpisodeLabel, seconds, st.booleans(), st.none() | st.sampled_from(NotFlooding), texts)),
)
