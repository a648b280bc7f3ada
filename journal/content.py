"""What the wearer writes into an entry: the four elements of the aware journal, notes, tags, the disclosure, labels.

One value with a schema version, kept as one sealed text. Nothing in it is required: `Content()` is an empty page. The
body's data stands beside it and is never part of it.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from pydantic import AwareDatetime, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from alerts.suggestion import NotFlooding

SCHEMA_VERSION = 1
MOST_BYTES = 400_000
"""The whole content as JSON. Own choice: a novel's chapter a day, and no request that fills the memory."""

SUGGESTED_CATEGORIES = (
    "Feeling unheard", "Short answer", "Criticism", "Tone of voice", "Turning away", "Interrupted", "Broken promise",
    "Compared", "Plans", "Money", "Family",
)  # fmt: skip
SUGGESTED_PLACES = ("Throat", "Chest", "Jaw", "Stomach", "Hands", "Shoulders", "Head", "Back", "Legs", "Face")

Text = Annotated[str, Field(max_length=20_000)]
Line = Annotated[str, Field(max_length=500)]
Word = Annotated[str, Field(min_length=1, max_length=60)]
Seconds = Annotated[float, Field(ge=0, le=7 * 86_400, allow_inf_nan=False)]

_STRICT = ConfigDict(extra="forbid")


class BadContent(ValueError):
    """This is no entry's content. Says where and why; nothing was stored."""


class Response(StrEnum):
    """What one does when the alarm is on. Several can be true."""

    PURSUE = "pursue"
    WITHDRAW = "withdraw"
    ATTACK = "attack"
    FREEZE = "freeze"


@dataclass(frozen=True, slots=True)
class Trigger:
    """What happened just before: precise, as a camera would have seen it."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    text: Text = ""
    categories: Annotated[tuple[Word, ...], Field(max_length=20)] = ()
    when: Line = ""
    context: Text = ""


@dataclass(frozen=True, slots=True)
class BodyPlace:
    """Where in the body it was felt. `intensity` goes from 1 (a little) to 5; None: not said."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    place: Word
    intensity: Annotated[int, Field(ge=1, le=5, strict=True)] | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """The body, in places and in words."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    text: Text = ""
    places: Annotated[tuple[BodyPlace, ...], Field(max_length=40)] = ()


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What the wearer did, and what came of it."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    text: Text = ""
    responses: Annotated[tuple[Response, ...], Field(max_length=4)] = ()
    led_to: Text = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """A note at a moment of the timeline: `t_s` seconds after the recording began."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    t_s: Seconds
    text: Text


@dataclass(frozen=True, slots=True)
class CalmCheck:
    """Whether this is a calm moment for telling. None: not asked yet. True is the calm answer to each."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    not_in_conflict: bool | None = None
    nobody_tired: bool | None = None
    nobody_hungry: bool | None = None
    nobody_stressed: bool | None = None
    checked_at: AwareDatetime | None = None


@dataclass(frozen=True, slots=True)
class Disclosure:
    """The sentence that the wearer may tell the other, as they have edited it. Telling it is their own act."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    text: Text = ""
    calm: CalmCheck = CalmCheck()


@dataclass(frozen=True, slots=True)
class EpisodeLabel:
    """The wearer's word on a flood or near miss: the one that began at `began_t_s`. It stands beside the measurement."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    began_t_s: Seconds
    flooding: bool
    reason: NotFlooding | None = None
    text: Text = ""


@dataclass(frozen=True, slots=True)
class Content:
    """Everything that the wearer wrote into one entry."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    trigger: Trigger = Trigger()
    body: Body = Body()
    behaviour: Behaviour = Behaviour()
    resonance: Text = ""
    notes: Text = ""
    moments: Annotated[tuple[Moment, ...], Field(max_length=500)] = ()
    tags: Annotated[tuple[Word, ...], Field(max_length=40)] = ()
    disclosure: Disclosure = Disclosure()
    labels: Annotated[tuple[EpisodeLabel, ...], Field(max_length=500)] = ()

    @property
    def is_empty(self) -> bool:
        """Nothing is written yet."""
        return self == Content()


_CONTENT: TypeAdapter[Content] = TypeAdapter(Content)


def content_to_json(content: Content) -> str:
    """The content with its schema version, as it is sealed and exported.

    Raises `BadContent` when it is too much, or could not be read again.
    """
    text = f'{{"schema":{SCHEMA_VERSION},"content":{_CONTENT.dump_json(content).decode()}}}'
    if len(text.encode()) > MOST_BYTES:
        raise BadContent(f"this is more than one entry can hold ({MOST_BYTES // 1000} kB); write a second entry")
    content_from_json(text)
    return text


def content_from_json(text: str | bytes) -> Content:
    """What `content_to_json` wrote. Raises `BadContent`; a newer schema is one, too."""
    try:
        kept = _KEPT.validate_json(text)
    except ValidationError as error:
        raise BadContent(in_words(error)) from None
    if kept.schema != SCHEMA_VERSION:
        raise BadContent(
            f"a newer program wrote this (schema {kept.schema}, known up to {SCHEMA_VERSION}); upgrade the program"
        )
    return content_from(kept.content)


def content_from(told: object) -> Content:
    """A content told as JSON's own values. Raises `BadContent` with the place of each mistake."""
    try:
        return _CONTENT.validate_python(told)
    except ValidationError as error:
        raise BadContent(in_words(error)) from None


def content_as_json(content: Content) -> dict[str, Any]:
    """The content as JSON's own values."""
    told: dict[str, Any] = _CONTENT.dump_python(content, mode="json")
    return told


def in_words(error: ValidationError) -> str:
    """Each mistake and its place."""
    # Never the input: an error's text gets into logs, and the input is somebody's diary.
    return "; ".join(_one(one) for one in error.errors(include_input=False, include_url=False, include_context=False))


def _one(error: ErrorDetails) -> str:
    where = ".".join(str(part) for part in error["loc"]) or "content"
    return f"{where}: {error['msg']}"


@dataclass(frozen=True, slots=True)
class _Kept:
    """The content's wrapping, which every schema shares."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    schema: int
    content: dict[str, Any]


_KEPT: TypeAdapter[_Kept] = TypeAdapter(_Kept)
