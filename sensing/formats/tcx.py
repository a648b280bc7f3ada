"""Garmin's Training Center XML: heart rates with time stamps in UTC. It holds no RR intervals.

Source: Garmin's schema TrainingCenterDatabasev2.xsd.
"""

from collections.abc import Iterator

from sensing.formats.content import Content
from sensing.formats.recorded import Recording
from sensing.formats.track import Tags, tracks
from sensing.formats.xml_stream import root_of

# In a point, Value is that of HeartRateBpm alone: cadence and altitude have no tag inside theirs.
_TAGS = Tags(track="Activity", point="Trackpoint", time="Time", heart_rate="Value")


def recognises(content: Content) -> bool:
    """Whether the outermost tag is this format's."""
    return root_of(content) == "TrainingCenterDatabase"


def read(content: Content) -> Iterator[Recording]:
    """Each activity is a recording. Raises `BadRecording`."""
    return tracks(content, _TAGS)
