"""Open mHealth: one `omh:heart-rate:2.0` data point for each minute that has a heart rate.

Source: https://www.openmhealth.org/schemas/omh_heart-rate/ . A minute without a figure has no data point: the schema
has no word for a gap. It has none for RMSSD either, so RMSSD stays out.
"""

import json
import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from hrv.minutes import Minute
from journal.recordings import OwnRecording

_NAMES = uuid.UUID("0d0a2f57-2a0b-4d43-8a35-0a2f4b1c9e77")


def json_lines(recordings: Iterable[tuple[OwnRecording, list[Minute]]], *, now: datetime) -> str:
    """The data points, one a line."""
    return "".join(json.dumps(point, ensure_ascii=False) + "\n" for point in heart_rates(recordings, now=now))


def heart_rates(recordings: Iterable[tuple[OwnRecording, list[Minute]]], *, now: datetime) -> Iterator[dict[str, Any]]:
    """The data points, on the wearer's own clock."""
    for recording, minutes in recordings:
        for minute in minutes:
            if minute.heart_rate_mean_bpm is None:
                continue
            began = recording.began.local + timedelta(minutes=minute.minute)
            ended = began + timedelta(seconds=minute.seconds_s)
            yield {
                "header": {
                    "id": str(uuid.uuid5(_NAMES, f"{recording.id}/{minute.minute}")),
                    "creation_date_time": now.isoformat(timespec="seconds"),
                    "schema_id": {"namespace": "omh", "name": "heart-rate", "version": "2.0"},
                    "acquisition_provenance": {
                        "source_name": recording.strap or "flooding-detector",
                        "modality": "sensed",
                    },
                },
                "body": {
                    "heart_rate": {"value": round(minute.heart_rate_mean_bpm, 1), "unit": "beats/min"},
                    "effective_time_frame": {
                        "time_interval": {
                            "start_date_time": began.isoformat(timespec="milliseconds"),
                            "end_date_time": ended.isoformat(timespec="milliseconds"),
                        }
                    },
                    "descriptive_statistic": "average",
                },
            }
