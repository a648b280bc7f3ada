"""The figures of an analysis as people meet them: in which group, under which name, in which unit, and what each says."""

from dataclasses import dataclass, replace

from hrv.analysis import LOMB
from hrv.validity import NEEDS


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure.

    Attributes:
        name: its key in `Analysis.figures`.
        label: with its unit, as a row of a table is called.
        digits: decimals that are shown.
        meaning: one sentence.
    """

    name: str
    label: str
    digits: int
    meaning: str

    @property
    def needs_s(self) -> float:
        """From how many seconds on it means something."""
        return NEEDS[self.name.removeprefix(LOMB)].seconds


@dataclass(frozen=True, slots=True)
class Group:
    """Measures that belong together."""

    title: str
    measures: tuple[Measure, ...]


_BANDS = (
    Measure("vlf_ms2", "VLF, ms²", 0, "Power of waves slower than one in 25 s."),
    Measure("lf_ms2", "LF, ms²", 0, "Power of waves of 7 to 25 s, among them those of blood pressure."),
    Measure("hf_ms2", "HF, ms²", 0, "Power of waves of 2.5 to 7 s, where breathing usually is."),
    Measure("total_ms2", "Total, ms²", 0, "Power of the three bands together."),
    Measure("vlf_peak_hz", "VLF peak, Hz", 3, "Where the VLF band is strongest."),
    Measure("lf_peak_hz", "LF peak, Hz", 3, "Where the LF band is strongest."),
    Measure("hf_peak_hz", "HF peak, Hz", 3, "Where the HF band is strongest; usually the pace of breathing."),
    Measure("lf_nu", "LF, n.u.", 1, "LF as a percentage of LF and HF."),
    Measure("hf_nu", "HF, n.u.", 1, "HF as a percentage of LF and HF."),
    Measure("lf_hf", "LF/HF", 2, "LF over HF. It is no measure of balance or of stress."),
)

GROUPS = (
    Group(
        "Heart rate",
        (
            Measure("heart_rate_bpm", "Mean, bpm", 1, "Beats over time."),
            Measure("heart_rate_min_bpm", "Slowest beat, bpm", 1, "Of the longest single interval."),
            Measure(
                "heart_rate_max_bpm",
                "Fastest beat, bpm",
                1,
                "Of the shortest single interval. The highest second above is a median of several.",
            ),
            Measure("mean_nn_ms", "Mean NN, ms", 0, "Mean time from beat to beat."),
        ),
    ),
    Group(
        "Time domain",
        (
            Measure("sdnn_ms", "SDNN, ms", 1, "How widely the intervals spread, slow changes included."),
            Measure("cvnn", "CVNN", 3, "SDNN over the mean interval."),
            Measure("rmssd_ms", "RMSSD, ms", 1, "How much the time varies from one beat to the next."),
            Measure("ln_rmssd", "ln RMSSD", 2, "Its natural logarithm."),
            Measure("sdsd_ms", "SDSD, ms", 1, "The spread of the steps from one interval to the next."),
            Measure(
                "pnn20_percent", "pNN20, %", 1, "How many intervals differ from the one before by more than 20 ms."
            ),
            Measure("pnn50_percent", "pNN50, %", 1, "The same, by more than 50 ms."),
        ),
    ),
    Group(
        "Poincaré plot",
        (
            Measure(
                "sd1_ms", "SD1, ms", 1, "Width of the cloud of intervals, each against the next: from beat to beat."
            ),
            Measure("sd2_ms", "SD2, ms", 1, "Its length: slower than that."),
            Measure("sd1_sd2", "SD1/SD2", 2, "Width over length."),
            Measure("ellipse_area_ms2", "Ellipse, ms²", 0, "The area of the ellipse around it."),
        ),
    ),
    Group("Frequency, Welch", _BANDS),
    Group("Frequency, Lomb", tuple(replace(band, name=LOMB + band.name) for band in _BANDS)),
    Group(
        "Nonlinear",
        (
            Measure("sample_entropy", "SampEn", 2, "How seldom a pattern of two beats that repeats goes on repeating."),
            Measure("dfa_alpha1", "DFA α1", 2, "How spread grows with scale, over 4 to 16 beats."),
            Measure("dfa_alpha2", "DFA α2", 2, "The same, over 16 to 64 beats."),
        ),
    ),
)
"""All of them; a test holds them to what `hrv.analysis` gives."""
