"""One second's heart rate, explained: how much of it is movement and posture, and how likely the rest is above the line."""

from math import inf
from typing import NamedTuple

from hrv.arousal_model import ArousalModel, Explained
from hrv.hearing import Heard
from hrv.motion import MotionWatch
from hrv.reading import Baseline, Threshold
from hrv.settings import DetectorSettings

MOTION_MOST_MG = 30_000
"""More than values of 16 bits in mg can deviate."""


class Weighed(NamedTuple):
    """A good second, held against the line.

    Attributes:
        explained: what the heart rate is made of.
        chance_above: that its unexplained part is above the line, 0..1.
        chance_still_above: that it is above the leaving line, 0..1.
        has_motion: whether movement is known. If not, the wearer is taken to sit.
        is_seated: whether the wearer is hardly likely to stand, and no movement is allowed for.
    """

    explained: Explained
    chance_above: float
    chance_still_above: float
    has_motion: bool
    is_seated: bool

    @property
    def allowed_bpm(self) -> tuple[float | None, float | None]:
        """What is allowed for movement and for posture; None when nothing is known of them."""
        return (self.explained.movement_bpm, self.explained.posture_bpm) if self.has_motion else (None, None)


class Explainer:
    """Asks the heart model, second by second, and knows whether movement can be told at all."""

    def __init__(self, settings: DetectorSettings) -> None:
        self._settings = settings
        self._watch = MotionWatch(settings.model)
        self._model = ArousalModel(settings.model)
        self._waiting_mg: int | None = None
        self._moved_s = -inf
        self._model_knows_motion = False

    def hear(self, motion_mg: int | None) -> None:
        """Take the movement that came with a packet, mg; of several in one second the strongest counts.

        What no accelerometer can tell (negative, above `MOTION_MOST_MG`, not a number) is taken for nothing told.
        """
        if motion_mg is not None and 0 <= motion_mg <= MOTION_MOST_MG:
            self._waiting_mg = max(motion_mg, self._waiting_mg or 0)

    def take_motion(self, second: int) -> int | None:
        """Close the second's movement, mg; None when the strap told nothing of it."""
        motion_mg, self._waiting_mg = self._waiting_mg, None
        if motion_mg is not None:
            self._moved_s = second
            self._model_knows_motion = True
        return motion_mg

    def has_motion(self, second: int) -> bool:
        """Whether the strap tells of movement, as of this second."""
        return second - self._moved_s <= self._settings.motion_gone_s

    def weigh(
        self, second: int, heard: Heard, motion_mg: int | None, usual: Baseline | None, threshold: Threshold
    ) -> Weighed | None:
        """Explain one second; None when it is not a good one: then only time passes."""
        self._forget_posture_without_motion(second, heard)
        motion = self._watch.see(second, motion_mg, usual.motion_mg if usual else None)
        floor_bpm = usual.heart_rate_bpm - self._settings.model.floor_bpm if usual else None
        self._model.step(second, heard.rate_bpm, motion, floor_bpm)
        if heard.is_lost:
            self._model = ArousalModel(self._settings.model)
        if heard.bpm is None or not self._model.is_known:
            return None
        explained = self._model.explained()
        return Weighed(
            explained,
            self._model.chance_above(threshold.bpm),
            self._model.chance_still_above(threshold.leave_bpm),
            self.has_motion(second),
            self._is_seated(explained),
        )

    def _is_seated(self, explained: Explained) -> bool:
        rules = self._settings
        return explained.movement_bpm < rules.sitting_work_bpm and self._model.standing() < rules.sitting_doubt

    def _forget_posture_without_motion(self, second: int, heard: Heard) -> None:
        """Taken to sit from now on: what was believed of the posture must not go on hiding a flood."""
        if self._model_knows_motion and heard.bpm is not None and not self.has_motion(second):
            self._model_knows_motion = False
            self._model = ArousalModel(self._settings.model)
