"""XML read piece by piece, however large, by the standard library's expat; what could harm is refused.

An entity that a file defines itself is how a few bytes unpack to gigabytes or reach for other files, and no recording
needs one: the first such definition ends the reading. Tags of a megabyte and a thousand levels do, too.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple
from xml.parsers import expat

from sensing.formats.content import Content
from sensing.formats.recorded import BadRecording

_LONGEST_TAG_BYTES = 1 << 20
_DEEPEST = 1000
_LONGEST_TEXT = 1000
_ROOT = re.compile(r"<!DOCTYPE\s+([\w.:-]+)|<([A-Za-z_][\w.:-]*)")
_CUT_OFF = {
    expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS],
    expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN],
    expat.errors.codes[expat.errors.XML_ERROR_PARTIAL_CHAR],
}


class Element(NamedTuple):
    """A tag that began or ended.

    Attributes:
        line: where.
        name: without its namespace's prefix.
        began: whether it began.
        attributes: of a tag that began.
        text: of a tag that ended: what stood in it since the last tag.
    """

    line: int
    name: str
    began: bool
    attributes: dict[str, str]
    text: str


def root_of(content: Content) -> str | None:
    """The name of the outermost tag, without prefix; None for what is not XML."""
    if not content.beginning.lstrip().startswith("<"):
        return None
    found = _ROOT.search(content.beginning)
    return _local(found[1] or found[2]) if found else None


def elements(content: Content, wanted: frozenset[str]) -> Iterator[Element]:
    """The tags named in `wanted`, as they begin and end. Raises `BadRecording`."""
    parser = expat.ParserCreate()
    reader = _Reader(content, parser, wanted)
    fed = 0
    try:
        for chunk in content.chunks():
            parser.Parse(chunk, False)  # noqa: FBT003  expat's own: not the last piece
            fed += len(chunk)
            if fed - max(parser.CurrentByteIndex, 0) > _LONGEST_TAG_BYTES:
                raise content.bad(parser.CurrentLineNumber, "holds a tag longer than 1 MB; that is no recording")
            yield from reader.taken()
        parser.Parse(b"", True)  # noqa: FBT003  expat's own: the last piece
    except BadRecording:
        raise
    except (LookupError, ValueError):  # Python looks for whatever encoding the first line names
        raise content.bad(1, "names an encoding that cannot be read; save it as UTF-8") from None
    except expat.ExpatError as error:
        cut = "; the file may be cut off" if error.code in _CUT_OFF else ""
        why = expat.ErrorString(error.code) or "it cannot be read"
        raise content.bad(error.lineno, f"is not well-formed XML: {why}{cut}") from None
    yield from reader.taken()


class _Reader:
    """Collects what the parser meets between two pieces."""

    def __init__(self, content: Content, parser: expat.XMLParserType, wanted: frozenset[str]) -> None:
        self._content = content
        self._parser = parser
        self._wanted = wanted
        self._found: list[Element] = []
        self._text = ""
        self._depth = 0
        parser.buffer_text = True
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._hear
        parser.EntityDeclHandler = self._refuse

    def taken(self) -> list[Element]:
        found, self._found = self._found, []
        return found

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self._text = ""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._bad("is nested deeper than any recording")
        self._take(name, attributes, began=True)

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._take(name, {}, began=False)
        self._text = ""

    def _take(self, name: str, attributes: dict[str, str], *, began: bool) -> None:
        if (local := _local(name)) in self._wanted:
            text = "" if began else self._text.strip()
            self._found.append(Element(self._parser.CurrentLineNumber, local, began, attributes, text))

    def _hear(self, text: str) -> None:
        if len(self._text) < _LONGEST_TEXT:
            self._text += text[:_LONGEST_TEXT]

    def _refuse(self, *_: object) -> None:
        raise self._bad("defines an XML entity; no recording needs one, and it can do harm")

    def _bad(self, reason: str) -> BadRecording:
        return self._content.bad(self._parser.CurrentLineNumber, reason)


def _local(name: str) -> str:
    return name.rsplit(":", 1)[-1]
