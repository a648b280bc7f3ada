"""GPX with the track point extension of Garmin, in which most programs write heart rates. It holds no RR intervals.

Sources: GPX 1.1 (topografix.com), and Garmin's schema TrackPointExtensionv1.xsd.
"""

from collections.abc import Iterator

from sensing.formats.content import Content
from sensing.formats.recorded import Recording
from sensing.formats.track import Tags, tracks
from sensing.formats.xml_stream import root_of

_TAGS = Tags(track="trk", point="trkpt", time="time", heart_rate="hr")


def recognises(content: Content) -> bool:
    """Whether the outermost tag is this format's."""
    return root_of(content) == "gpx"


def read(content: Content) -> Iterator[Recording]:
    """Each track is a recording. Raises `BadRecording`."""
    return tracks(content, _TAGS)
