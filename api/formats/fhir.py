"""FHIR R4: a collection Bundle of Observations: the heart rate and RMSSD of each minute, or what is kept of each talk.

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
from journal.trends.clients import ShownTrend
from journal.trends.figures import TalkFigures

LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"
CATEGORIES = "http://terminology.hl7.org/CodeSystem/observation-category"
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
OWN_CODES = "urn:flooding-detector:codes"
LOG_HEAD = "urn:flooding-detector:access-log-head"
ACT_REASONS = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
_NAMES = uuid.UUID("6f1f6d0e-5a0d-4c39-9f0b-6f0f3f1f7b52")

HEART_RATE = {
    "coding": [{"system": LOINC, "code": "8867-4", "display": "Heart rate"}],
    "text": "Heart rate, mean of a minute",
}
RMSSD = {
    "coding": [{"system": OWN_CODES, "code": "rmssd", "display": "RMSSD"}],
    "text": "RMSSD: root mean square of successive differences of NN intervals (not SDNN)",
}

VITAL: dict[str, Any] = {"category": [{"coding": [{"system": CATEGORIES, "code": "vital-signs"}]}]}
NO_SIGNAL = ("error", "no good signal")
"""A gap, or too few good beats: measured, and no figure can be given."""
NOT_KNOWN = ("unknown", "no quiet minutes with a good signal")
NO_FLOOD = ("not-applicable", "no flood in this talk")
Resources = list[tuple[str, dict[str, Any]]]


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
    patient = _urn("patient")
    resources: Resources = []
    for recording, minutes in recordings:
        for minute in minutes:
            resources += _observations(recording, minute, patient)
    return _checked(patient, resources, now, log_head)


def talks_bundle(trend: ShownTrend, *, now: datetime) -> dict[str, Any]:
    """What is shown of each talk: its baseline by LOINC where there is a code, its counts and lengths by codes of our own.

    Raises:
        FhirMissing: fhir.resources is not there.
    """
    patient = _urn(f"{trend.wearer_id}/patient")
    resources: Resources = []
    for talk in trend.talks:
        name = f"{trend.wearer_id}/{talk.figures.began.isoformat()}"
        resources += _of_talk(name, talk.figures, patient, is_simulated=trend.is_simulated)
    return _checked(patient, resources, now)


def _checked(patient: str, resources: Resources, now: datetime, log_head: str | None = None) -> dict[str, Any]:
    try:
        from fhir.resources.R4B.bundle import Bundle  # noqa: PLC0415  an extra, needed by this format alone
    except ImportError:
        raise FhirMissing(f"this needs one more library. In the program’s folder, type: {HOW_TO_INSTALL}") from None
    everything = [(patient, {"resourceType": "Patient", "id": "wearer"}), *resources]
    told: dict[str, Any] = {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": now.isoformat(timespec="seconds"),
        "entry": [{"fullUrl": url, "resource": resource} for url, resource in everything],
    }
    if log_head is not None:
        told["meta"] = {"extension": [{"url": LOG_HEAD, "valueString": log_head}]}
    Bundle.model_validate(told)
    return told


def _of_talk(name: str, talk: TalkFigures, patient: str, *, is_simulated: bool) -> Resources:
    common: dict[str, Any] = {
        "resourceType": "Observation",
        "status": "final",
        "subject": {"reference": patient},
        "effectivePeriod": {"start": talk.began.isoformat(timespec="milliseconds")},
    }
    if talk.algorithm_version:
        common["method"] = {"text": f"flooding-detector, algorithm version {talk.algorithm_version}"}
    if is_simulated:
        common["meta"] = {"tag": [{"system": ACT_REASONS, "code": "HTEST", "display": "test health data"}]}
    peak = max((flood.peak_bpm for flood in talk.floods), default=None)
    values: dict[str, dict[str, Any]] = {
        "baseline-heart-rate": VITAL
        | {"code": HEART_RATE | {"text": "Heart rate, seated baseline before the talk"}}
        | _value(talk.baseline_bpm, "beats/minute", "/min", NOT_KNOWN),
        "baseline-rmssd": {"code": RMSSD} | _value(talk.rmssd_baseline_ms, "ms", "ms", NOT_KNOWN),
        "highest-in-a-flood": {"code": _own("highest-in-a-flood", "Highest heart rate in a flood of the talk")}
        | _value(peak, "beats/minute", "/min", NO_FLOOD),
        "talk-heard": {"code": _own("talk-heard", "Talk with a good signal")} | _value(talk.heard_s, "s", "s"),
        "talk-lost": {"code": _own("talk-lost", "Talk without a good signal")} | _value(talk.lost_s, "s", "s"),
        "above-line": {"code": _own("above-line", "Talk in a flood, above its line")}
        | _value(talk.above_line_s, "s", "s"),
        "floods": {"code": _own("floods", "Floods in the talk")} | _value(len(talk.floods), "floods", "1"),
        "near-misses": {"code": _own("near-misses", "Rises that turned")} | _value(talk.near_misses, "rises", "1"),
        "pauses-taken": {"code": _own("pauses-taken", "Pauses taken")} | _value(talk.pauses_taken, "pauses", "1"),
        "pauses-kept": {"code": _own("pauses-kept", "Pauses kept")} | _value(talk.pauses_kept, "pauses", "1"),
    }
    return [(_urn(f"{name}/{what}"), common | value) for what, value in values.items()]


def _own(code: str, text: str) -> dict[str, Any]:
    return {"coding": [{"system": OWN_CODES, "code": code, "display": text}], "text": text}


def _observations(recording: OwnRecording, minute: Minute, patient: str) -> Resources:
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
    heart_rate = common | VITAL | {"code": HEART_RATE} | _value(minute.heart_rate_mean_bpm, "beats/minute", "/min")
    rmssd = common | {"code": RMSSD} | _value(minute.rmssd_ms, "ms", "ms")
    return [(_urn(f"{name}/heart-rate"), heart_rate), (_urn(f"{name}/rmssd"), rmssd)]


def _value(value: float | None, unit: str, code: str, absent: tuple[str, str] = NO_SIGNAL) -> dict[str, Any]:
    if value is None:
        reason, text = absent
        return {"dataAbsentReason": {"coding": [{"system": ABSENT, "code": reason}], "text": text}}
    return {"valueQuantity": {"value": round(value, 1), "unit": unit, "system": UCUM, "code": code}}


def _urn(name: str) -> str:
    return f"urn:uuid:{uuid.uuid5(_NAMES, name)}"
