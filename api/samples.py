"""A recording from a file as the detector takes it."""

from hrv.retrace import Sample
from sensing.recording import Recording


def samples_of(recording: Recording) -> list[Sample]:
    """Its rows. A packet that made no sense when it came is passed over, as it was live."""
    return [Sample(row.t_s, row.measurement, row.motion_mg) for row in recording.rows() if row.measurement is not None]
