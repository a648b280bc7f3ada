"""The heart's minutes for health records: checked by the format's own library, gaps said, RMSSD never called SDNN."""

from datetime import UTC, datetime

from fhir.resources.R4B.bundle import Bundle

from api.formats.fhir import bundle
from api.formats.open_mhealth import heart_rates
from hrv.minutes import Minute
from journal.local_time import LocalMoment
from journal.recordings import OwnRecording

NOW = datetime(2026, 4, 1, 8, 0, tzinfo=UTC)
BEGAN = LocalMoment(datetime(2026, 3, 12, 19, 0, tzinfo=UTC), 60)
RECORDING = OwnRecording("r1", BEGAN, "Polar H10", 60, "e1")
MINUTES = [Minute(0, 60, 58, 72.04, 70.0, 75.0, 41.5, 0), Minute(1, 60, 0, None, None, None, None, 0)]


def observations():
    told = bundle([(RECORDING, MINUTES)], now=NOW)
    Bundle.model_validate(told)
    return [entry["resource"] for entry in told["entry"] if entry["resource"]["resourceType"] == "Observation"]


def test_heart_rate_has_its_loinc_code_unit_and_the_wearers_clock():
    first = observations()[0]
    assert first["code"]["coding"][0] == {"system": "http://loinc.org", "code": "8867-4", "display": "Heart rate"}
    assert first["valueQuantity"]["value"] == 72.0
    assert first["valueQuantity"]["code"] == "/min"
    assert first["effectivePeriod"] == {
        "start": "2026-03-12T20:00:00.000+01:00",
        "end": "2026-03-12T20:01:00.000+01:00",
    }


def test_rmssd_is_never_called_sdnn_nor_by_any_loinc_code():
    rmssd = [one for one in observations() if "RMSSD" in one["code"]["text"]]
    assert len(rmssd) == 2
    for one in rmssd:
        assert [coding["system"] for coding in one["code"]["coding"]] == ["urn:flooding-detector:codes"]
        assert "80404-7" not in str(one)
    assert rmssd[0]["valueQuantity"]["value"] == 41.5


def test_a_minute_without_a_figure_says_so_and_invents_none():
    silent = [one for one in observations() if one["effectivePeriod"]["start"].startswith("2026-03-12T20:01")]
    assert len(silent) == 2
    assert all("dataAbsentReason" in one and "valueQuantity" not in one for one in silent)


def test_open_mhealth_has_a_point_for_each_minute_with_a_heart_rate():
    (point,) = heart_rates([(RECORDING, MINUTES)], now=NOW)
    assert point["header"]["schema_id"] == {"namespace": "omh", "name": "heart-rate", "version": "2.0"}
    assert point["body"]["heart_rate"] == {"value": 72.0, "unit": "beats/min"}
    interval = point["body"]["effective_time_frame"]["time_interval"]
    assert interval["start_date_time"] == "2026-03-12T20:00:00.000+01:00"
