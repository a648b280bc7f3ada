"""Power spectra of NN intervals, by two methods that share nothing but the bands.

References: Task Force of the ESC and NASPE 1996, Circulation 93:1043-1065 (bands); Welch 1967, IEEE Trans. Audio
Electroacoust. 15:70-73; Lomb 1976, Astrophys. Space Sci. 39:447-462; Laguna, Moody and Mark 1998, Power spectral density
of unevenly sampled data by least-square analysis, IEEE Trans. Biomed. Eng. 45:698-715.
"""

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import CubicSpline

from hrv.intervals import MS_PER_S, FloatArray, checked_adjacency, checked_intervals, checked_times

ComplexArray = NDArray[np.complex128]

VLF_HZ = (0.003, 0.04)
LF_HZ = (0.04, 0.15)
HF_HZ = (0.15, 0.40)

RESAMPLED_HZ = 4.0
SEGMENT_S = 256
"""Longest Welch segment. Shorter ones smear the slow waves over the VLF band's edges; 1024 samples suit the FFT."""

SHORTEST_STRETCH_S = 57.0
"""A stretch without a gap has to last this long to be looked at, unless told otherwise: 95 % of the minute HF needs."""

LOMB_OVERSAMPLING = 4
LOMB_LONGEST_S = 1800.0
"""Lomb's cost grows with the square of the time; longer series are cut into pieces of at most this, and averaged."""

SMALLEST_SHARE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Spectrum:
    """A one-sided power spectral density: its integral over frequency is the variance.

    Attributes:
        frequency_hz: shape (f,), evenly spaced, from 0.
        power_ms2_per_hz: shape (f,).
        nyquist_hz: half the mean beat rate. What lies above it no beat can show.
    """

    frequency_hz: FloatArray
    power_ms2_per_hz: FloatArray
    nyquist_hz: float


@dataclass(frozen=True, slots=True)
class Bands:
    """Power by band.

    Attributes:
        vlf_ms2, lf_ms2, hf_ms2: power in the band, as far as it lies below the beats' Nyquist frequency; None when none
            of it does.
        total_ms2: of the bands that are there.
        lf_peak_hz, hf_peak_hz, vlf_peak_hz: where the band's density is highest.
        lf_nu, hf_nu: percentage of LF + HF; lf_hf: LF / HF. None where that divides by nothing.
    """

    vlf_ms2: float | None
    lf_ms2: float | None
    hf_ms2: float | None
    total_ms2: float | None
    vlf_peak_hz: float | None
    lf_peak_hz: float | None
    hf_peak_hz: float | None
    lf_nu: float | None
    hf_nu: float | None
    lf_hf: float | None


def welch_spectrum(
    nn_ms: ArrayLike,
    t_s: ArrayLike | None = None,
    contiguous: ArrayLike | None = None,
    *,
    shortest_s: float = SHORTEST_STRETCH_S,
) -> Spectrum | None:
    """Welch's spectrum of the intervals on a cubic spline at 4 Hz.

    Each stretch without a gap is divided into Hann segments of at most 256 s that overlap by half or a little more, so that
    they reach its end; each segment loses its linear trend. Stretches count by their length.

    Args:
        nn_ms: shape (n,), intervals in ms.
        t_s: shape (n,), when each interval ended, in s, strictly rising; the running sum when left out.
        contiguous: shape (n,), whether there is no gap before interval i; there is none at all when left out.
        shortest_s: shorter stretches are left out.

    Returns:
        None when no stretch is long enough.

    Raises:
        hrv.intervals.BadIntervals: these cannot be intervals in ms.
        ValueError: the shapes differ, or the times do not rise or do not fit the intervals.

    >>> t_s = np.arange(1, 301) * 0.8  # a heart at 75 that breathes every 4 s, by 30 ms
    >>> spectrum = welch_spectrum(800 + 30 * np.sin(2 * np.pi * 0.25 * t_s), t_s)
    >>> power = bands(spectrum)
    >>> round(power.hf_ms2), round(power.hf_peak_hz, 2), round(power.lf_ms2)
    (446, 0.25, 0)
    """
    stretches = _stretches(nn_ms, t_s, contiguous, shortest_s)
    if not stretches:
        return None
    size = int(SEGMENT_S * RESAMPLED_HZ)
    samples = 0
    power: FloatArray = np.zeros(size // 2 + 1)
    for nn, t in stretches:
        even = CubicSpline(t, nn)(np.arange(t[0], t[-1], 1 / RESAMPLED_HZ))
        power = power + even.size * _welch_density(even, size)
        samples += even.size
    frequency = np.linspace(0.0, RESAMPLED_HZ / 2, power.size)
    return _spectrum(frequency, power / samples, stretches)


def lomb_spectrum(
    nn_ms: ArrayLike,
    t_s: ArrayLike | None = None,
    contiguous: ArrayLike | None = None,
    *,
    shortest_s: float = SHORTEST_STRETCH_S,
) -> Spectrum | None:
    """The Lomb-Scargle spectrum: of the beats as they are, without resampling.

    Each stretch loses its linear trend and is tapered by Hann's window, as the sidelobes of an untapered periodogram carry
    slow drift into LF and HF. It is normalised by the time it covers, so that the integral is the variance.

    Args, returns, raises: as `welch_spectrum`.

    >>> t_s = np.arange(1, 301) * 0.8
    >>> power = bands(lomb_spectrum(800 + 30 * np.sin(2 * np.pi * 0.25 * t_s), t_s))
    >>> round(power.hf_ms2), round(power.hf_peak_hz, 2), round(power.lf_ms2)
    (449, 0.25, 0)
    """
    stretches = [piece for stretch in _stretches(nn_ms, t_s, contiguous, shortest_s) for piece in _pieces(*stretch)]
    if not stretches:
        return None
    longest_s = max(t[-1] - t[0] for _, t in stretches)
    step_hz = 1 / (LOMB_OVERSAMPLING * longest_s)
    frequency = np.arange(1, int(HF_HZ[1] / step_hz) + 2) * step_hz
    length = 0.0
    power: FloatArray = np.zeros(frequency.size)
    for nn, t in stretches:
        lasted_s = t[-1] - t[0]
        power = power + lasted_s * _lomb_density(nn, t, frequency)
        length += lasted_s
    return _spectrum(np.append(0.0, frequency), np.append(0.0, power / length), stretches)


def bands(spectrum: Spectrum) -> Bands:
    """Integrate a spectrum over the bands, each up to the beats' Nyquist frequency.

    >>> flat = Spectrum(np.linspace(0, 0.5, 501), np.full(501, 100.0), nyquist_hz=0.6)
    >>> power = bands(flat)
    >>> round(power.lf_ms2, 6), round(power.hf_ms2, 6), round(power.lf_hf, 6)
    (11.0, 25.0, 0.44)
    """
    vlf, lf, hf = (_power(spectrum, *band) for band in (VLF_HZ, LF_HZ, HF_HZ))
    present = [power for power in (vlf, lf, hf) if power is not None]
    both = lf + hf if lf is not None and hf is not None else 0.0
    return Bands(
        vlf_ms2=vlf,
        lf_ms2=lf,
        hf_ms2=hf,
        total_ms2=sum(present) if present else None,
        vlf_peak_hz=_peak(spectrum, *VLF_HZ) if vlf else None,
        lf_peak_hz=_peak(spectrum, *LF_HZ) if lf else None,
        hf_peak_hz=_peak(spectrum, *HF_HZ) if hf else None,
        lf_nu=100 * lf / both if lf is not None and both else None,
        hf_nu=100 * hf / both if hf is not None and both else None,
        lf_hf=lf / hf if lf is not None and hf else None,
    )


def _stretches(
    nn_ms: ArrayLike, t_s: ArrayLike | None, contiguous: ArrayLike | None, shortest_s: float
) -> list[tuple[FloatArray, FloatArray]]:
    """The stretches without a gap that are long enough, each with its times."""
    nn = checked_intervals(nn_ms)
    follows = checked_adjacency(contiguous, nn)
    t = checked_times(t_s, nn, follows)
    starts = np.flatnonzero(~follows[1:]) + 1
    pieces = zip(np.split(nn, starts), np.split(t, starts), strict=True)
    return [(one, when) for one, when in pieces if one.size > 2 and when[-1] - when[0] >= shortest_s]


def _pieces(nn: FloatArray, t: FloatArray) -> list[tuple[FloatArray, FloatArray]]:
    """Equal parts of a long stretch."""
    parts = int(np.ceil((t[-1] - t[0]) / LOMB_LONGEST_S))
    return list(zip(np.array_split(nn, parts), np.array_split(t, parts), strict=True))


def _welch_density(even: FloatArray, size: int) -> FloatArray:
    """The mean periodogram of `even`'s segments, on the frequencies of a segment of `size` samples."""
    length = min(size, even.size)
    steps = ceil((even.size - length) / (length / 2))
    starts = np.linspace(0, even.size - length, steps + 1).round().astype(np.intp)
    segments = sliding_window_view(even, length)[starts]
    taper = _hann(np.arange(length) / length)
    # without its least-squares line: two projections, as time counted from the segment's middle is orthogonal to 1
    time = np.arange(length) - (length - 1) / 2
    level = segments.mean(axis=1, keepdims=True)
    slope = (segments @ time)[:, None] / (time @ time)
    transforms = np.fft.rfft((segments - level - slope * time) * taper, n=size, axis=1)
    density: FloatArray = np.mean(transforms.real**2 + transforms.imag**2, axis=0)
    density[1:-1] *= 2  # one-sided: what lies at negative frequencies is counted here
    return density / (RESAMPLED_HZ * float(taper @ taper))


def _lomb_density(nn: FloatArray, t: FloatArray, frequency_hz: FloatArray) -> FloatArray:
    from_start = t - t[0]
    lasted_s = float(from_start[-1])
    taper = _hann(from_start / lasted_s)
    time = from_start - from_start.mean()
    tapered = (nn - nn.mean() - time * ((time @ nn) / (time @ time))) * taper
    with_waves, doubled = _sums_over_waves(from_start, tapered, frequency_hz)
    # Lomb's time offset makes sine and cosine orthogonal on these very beats; here as a turn of the complex sums
    turned = with_waves * np.exp(-0.5j * np.angle(doubled))
    in_phase = np.abs(doubled)
    # at the beats' own Nyquist frequency every sine is zero on every beat, and says nothing
    across = np.maximum(nn.size - in_phase, nn.size * SMALLEST_SHARE)
    raw = 2 * (turned.real**2 / (nn.size + in_phase) + turned.imag**2 / across)
    # a sine of amplitude a over n points gives n·a²/2 at its peak; T/n makes that the density whose integral is a²/2
    density: FloatArray = raw * (lasted_s / nn.size / float(np.mean(taper**2)))
    return density


def _hann(share: FloatArray) -> FloatArray:
    """Hann's window, 0 at the beginning and the end of what `share` counts from 0 to 1."""
    return 0.5 - 0.5 * np.cos(2 * np.pi * share)


def _sums_over_waves(t: FloatArray, x: FloatArray, frequency_hz: FloatArray) -> tuple[ComplexArray, ComplexArray]:
    """Σ x·exp(iωt) and Σ exp(2iωt) at each frequency; the frequencies are the multiples of the first.

    A wave is the product of a coarse and a fine one, so a few waves give all of them.
    """
    fine_count = int(np.sqrt(frequency_hz.size)) + 1
    coarse_count = -(-frequency_hz.size // fine_count)
    turn = 2j * np.pi * float(frequency_hz[0]) * t
    fine = np.exp(np.outer(np.arange(fine_count), turn))
    coarse = np.exp(np.outer(1 + fine_count * np.arange(coarse_count), turn))
    # einsum, not @: for so little work the threads of a BLAS cost more than they save when the machine is busy
    sums = np.einsum("in,jn->ij", coarse * x, fine).ravel()[: frequency_hz.size]
    doubled = np.einsum("in,jn->ij", coarse * coarse, fine * fine).ravel()[: frequency_hz.size]
    return sums, doubled


def _spectrum(frequency_hz: FloatArray, power: FloatArray, stretches: list[tuple[FloatArray, FloatArray]]) -> Spectrum:
    beats = sum(nn.size for nn, _ in stretches)
    beat_s = sum(float(nn.sum()) for nn, _ in stretches) / beats / MS_PER_S
    return Spectrum(frequency_hz, power, nyquist_hz=1 / (2 * beat_s))


def _power(spectrum: Spectrum, low_hz: float, high_hz: float) -> float | None:
    """The integral from edge to edge: by trapezia, with the density interpolated at the edges themselves."""
    high_hz = min(high_hz, spectrum.nyquist_hz)
    if high_hz <= low_hz:
        return None
    frequency, density = spectrum.frequency_hz, spectrum.power_ms2_per_hz
    inside = (frequency > low_hz) & (frequency < high_hz)
    edges = np.interp((low_hz, high_hz), frequency, density)
    at = np.concatenate(([low_hz], frequency[inside], [high_hz]))
    power = float(np.trapezoid(np.concatenate((edges[:1], density[inside], edges[1:])), at))
    # what rounding makes of equal intervals is no wave
    return power if power > (SMALLEST_SHARE * MS_PER_S / (2 * spectrum.nyquist_hz)) ** 2 else 0.0


def _peak(spectrum: Spectrum, low_hz: float, high_hz: float) -> float | None:
    frequency, density = spectrum.frequency_hz, spectrum.power_ms2_per_hz
    inside = (frequency >= low_hz) & (frequency <= min(high_hz, spectrum.nyquist_hz))
    if not inside.any() or not density[inside].any():
        return None
    return float(frequency[inside][np.argmax(density[inside])])
