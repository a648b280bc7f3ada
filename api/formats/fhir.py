"""FHIR R4: a collection Bundle of Observations, one for the heart rate and one for RMSSD of each minute.

Sources: https://hl7.org/fhir/R4/observation.html and https://hl7.org/fhir/R4/heartrate.html (LOINC 8867-4, unit `/min`;
a minute without a figure says so in `dataAbsentReason`). LOINC has 80404-7 for SDNN and none for RMSSD, so RMSSD has a
code of our own, and its name as text; calling it 80404-7 would be another figure.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from importlib.util import find_spec
from typing import Any

from hrv.minutes import Minute
from journal.recordings import OwnRecording

LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"
CATEGORIES = "http://terminology.hl7.org/CodeSystem/observation-category"
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
OWN_CODES = "urn:flooding-detector:codes"
LOG_HEAD = "urn:flooding-detector:access-log-head"
_NAMES = uuid.UUID("6f1f6d0e-5a0d-4c39-9f0b-6f0f3f1f7b52")

HEART_RATE = {
    "coding": [{"system": LOINC, "code": "8867-4", "display": "Heart rate"}],
    "text": "Heart rate, mean of a minute",
}
RMSSD = {
    "coding": [{"system": OWN_CODES, "code": "rmssd", "display": "RMSSD"}],
    "text": "RMSSD: root mean square of successive differences of NN intervals (not SDNN)",
}


HOW_TO_INSTALL = ".venv/bin/pip install -c constraints.txt -e '.[fhir]'"
"""In the clone, as the README makes it: the program is on no index."""


class FhirMissing(Exception):
    """The library that checks the output is not installed."""


def is_installed() -> bool:
    """Whether a Bundle can be made here."""
    return find_spec("fhir") is not None and find_spec("fhir.resources") is not None


def bundle(
    recordings: Iterable[tuple[OwnRecording, list[Minute]]], *, now: datetime, log_head: str | None = None
) -> dict[str, Any]:
    """The Bundle, checked by fhir.resources (R4B, of which Observation and Bundle are those of R4).

    Args:
        recordings: with their minutes.
        now: when it is made.
        log_head: how far the wearer's access log had come, as an extension of the Bundle's meta.

    Raises:
        FhirMissing: fhir.resources is not there.
    """
    try:
        from fhir.resources.R4B.bundle import Bundle  # noqa: PLC0415  an extra, needed by this format alone
    except ImportError:
        raise FhirMissing(f"this needs one more library. In the program’s folder, type: {HOW_TO_INSTALL}") from None
    patient = _urn("patient")
    resources = [(patient, {"resourceType": "Patient", "id": "wearer"})]
    for recording, minutes in recordings:
        for minute in minutes:
            resources += _observations(recording, minute, patient)
    told: dict[str, Any] = {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": now.isoformat(timespec="seconds"),
        "entry": [{"fullUrl": url, "resource": resource} for url, resource in resources],
    }
    if log_head is not None:
        told["meta"] = {"extension": [{"url": LOG_HEAD, "valueString": log_head}]}
    Bundle.model_validate(told)
    return told


def _observations(recording: OwnRecording, minute: Minute, patient: str) -> list[tuple[str, dict[str, Any]]]:
    began = recording.began.local + timedelta(minutes=minute.minute)
    common = {
        "resourceType": "Observation",
        "status": "final",
        "subject": {"reference": patient},
        "effectivePeriod": {
            "start": began.isoformat(timespec="milliseconds"),
            "end": (began + timedelta(seconds=minute.seconds_s)).isoformat(timespec="milliseconds"),
        },
        "device": {"display": recording.strap or "no strap"},
    }
    name = f"{recording.id}/{minute.minute}"
    vital = {"category": [{"coding": [{"system": CATEGORIES, "code": "vital-signs"}]}]}
    heart_rate = common | vital | {"code": HEART_RATE} | _value(minute.heart_rate_mean_bpm, "beats/minute", "/min")
    rmssd = common | {"code": RMSSD} | _value(minute.rmssd_ms, "ms", "ms")
    return [(_urn(f"{name}/heart-rate"), heart_rate), (_urn(f"{name}/rmssd"), rmssd)]


def _value(value: float | None, unit: str, code: str) -> dict[str, Any]:
    if value is None:
        # A gap, or too few good beats: measured, and no figure can be given.
        return {"dataAbsentReason": {"coding": [{"system": ABSENT, "code": "error"}], "text": "no good signal"}}
    return {"valueQuantity": {"value": round(value, 1), "unit": unit, "system": UCUM, "code": code}}


def _urn(name: str) -> str:
    return f"urn:uuid:{uuid.uuid5(_NAMES, name)}"
