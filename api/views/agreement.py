"""What the two agreed, as the page takes it."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from alerts.agreement import Own, Side, Terms, Version, draft, in_force
from api.views.pause import PHRASES
from api.words.agreement import changes, standing, written_on
from journal.pairs import Pair

Line = Annotated[str, Field(max_length=2000)]
"""Text; what is too long to remember is said by the terms. Where a length is asked for, half a character is refused, too."""

Lines = list[Line]
_USUAL = Terms()


class OwnView(BaseModel):
    """What one of the two brings."""

    meanwhile: Lines = []
    opening: Lines = []
    phrases: Lines = []

    def own(self) -> Own:
        """As it is kept."""
        return Own(kept(self.meanwhile), kept(self.opening), kept(self.phrases))


class TermsView(BaseModel):
    """A version's words and numbers. Empty lines are left out."""

    word: Line = ""
    gesture: Line = ""
    emoji: Line = ""
    pause_min: int = _USUAL.pause_min
    cap_min: int = _USUAL.cap_min
    returning: Line = ""
    neither: Lines = []
    first: OwnView = OwnView()
    second: OwnView = OwnView()

    def terms(self) -> Terms:
        """As it is kept. Raises `BadTerms`."""
        return Terms(
            word=self.word.strip(),
            gesture=self.gesture.strip(),
            emoji=self.emoji.strip(),
            pause_min=self.pause_min,
            cap_min=self.cap_min,
            returning=self.returning.strip(),
            neither=kept(self.neither),
            first=self.first.own(),
            second=self.second.own(),
        )


class VersionView(BaseModel):
    """One version, and who has said yes to it."""

    number: int
    terms: TermsView
    written_by: Side
    written_at: datetime
    first_yes_at: datetime | None
    second_yes_at: datetime | None
    withdrawn_at: datetime | None
    withdrawn_by: Side | None


class AgreementView(BaseModel):
    """What holds, what waits for a yes, and all that there was."""

    in_force: VersionView | None
    draft: VersionView | None
    history: list[VersionView]


def kept(lines: Lines) -> tuple[str, ...]:
    """The lines that have something in them."""
    return tuple(line.strip() for line in lines if line.strip())


def version_view(version: Version | None) -> VersionView | None:
    """A version as the page takes it; None where there is none."""
    return None if version is None else VersionView.model_validate(version, from_attributes=True)


def agreement_view(history: list[Version]) -> AgreementView:
    """The whole history as the page takes it."""
    views = [view for view in map(version_view, history) if view]
    return AgreementView(in_force=version_view(in_force(history)), draft=version_view(draft(history)), history=views)


def agreement_page(pair: Pair | None, history: list[Version]) -> dict[str, Any]:
    """Everything that the agreement's page shows."""
    if pair is None:
        return {"pair": None}
    holds, waits = in_force(history), draft(history)
    told = agreement_view(history).model_dump(mode="json")
    newest = history[-1].terms if history else _USUAL
    return {
        "pair": pair,
        "side": pair.side.value,
        "names": {side.value: pair.called(side) for side in Side},
        "shown": told["draft"] or told["in_force"],
        "holds": told["in_force"],
        "draft": told["draft"],
        "changes": changes(holds.terms, waits.terms, pair) if holds and waits else [],
        "usual_phrases": PHRASES,
        "start": TermsView.model_validate(newest, from_attributes=True).model_dump(),
        "history": [
            {**view, "day": written_on(version), "told": standing(version, holds, waits)}
            for view, version in zip(told["history"], history, strict=True)
        ],
    }
