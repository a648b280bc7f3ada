"""What a page needs, put into the page: its modules as one script, its styles with their fonts, its icons.

Browsers load no module and no sprite from a `file:` page, so nothing may stay a reference to a file.
"""

import re
from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

STATIC = Path(__file__).parents[1] / "page" / "static"
FONTS = frozenset({"figtree"})
"""Of the vendored ones; the other is for people's own words, and a report holds none."""

_IMPORT = re.compile(r'^import \{\s*([^}]*?),?\s*\} from "\./([\w.]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:class|const|function) (\w+))", re.MULTILINE)
_LEFT_OVER = re.compile(r"^\s*(?:import|export)\b.*$", re.MULTILINE)
_FONT_FACE = re.compile(r"@font-face \{[^}]*?/vendor/(\w+)/[^}]*\}\n?")
_FONT_FILE = re.compile(r'url\("\.\./(vendor/[\w./-]+\.woff2)"\)')
_ICONS = "/static/icons.svg#"


class CannotBundle(ValueError):
    """A module is written in a way that is not foreseen here: a fault of the program, found by its tests."""


def script(entry: str) -> str:
    """The module `entry` and all that it imports, as one module without imports.

    Each module keeps a scope of its own. Icons are looked for in the page itself, see `icons`.

    Raises:
        CannotBundle: a module imports or exports otherwise than by `import { a } from "./b.js"` and `export` before a
            declaration, or two import each other.
    """
    scopes: dict[str, str] = {}
    _add(entry, scopes, ())
    return "const modules = {};\n" + "".join(scopes.values()).replace(_ICONS, "#")


def vendored_script(path: str) -> str:
    """A vendored script with its licence, which has to go where it goes."""
    return f"/*\n{_licence(path)}*/\n{_read(f'vendor/{path}')}"


def styles(sheets: Iterable[str]) -> str:
    """Style sheets as one, with the fonts that they use."""
    together = "\n".join(_read(sheet) for sheet in sheets)
    kept = _FONT_FACE.sub(lambda face: face.group() if face.group(1) in FONTS else "", together)
    licences = "".join(f"/*\n{_licence(f'{font}/')}*/\n" for font in sorted(FONTS))
    return licences + _FONT_FILE.sub(lambda file: f'url("{_data_url(file.group(1))}")', kept)


def icons() -> str:
    """The icons, to stand in the page."""
    return _read("icons.svg").replace("<svg ", "<svg hidden ", 1)


def source_hash(inlined: str) -> str:
    """How a content security policy names what stands between two tags."""
    return f"'sha256-{b64encode(sha256(inlined.encode()).digest()).decode()}'"


def _add(name: str, scopes: dict[str, str], importers: tuple[str, ...]) -> None:
    if name in scopes:
        return
    if name in importers:
        raise CannotBundle(f"{' → '.join((*importers, name))}: modules import one another")
    source = _read(f"js/{name}")
    for _, imported in _IMPORT.findall(source):
        _add(imported, scopes, (*importers, name))
    exported = _EXPORT.findall(source)
    body = _EXPORT.sub("", _IMPORT.sub(r'const { \1 } = modules["\2"];', source))
    if left := _LEFT_OVER.search(body):
        raise CannotBundle(f"{name}: {left.group().strip()}")
    scopes[name] = f'{{ // {name}\n{body}modules["{name}"] = {{ {", ".join(exported)} }};\n}}\n'


def _licence(path: str) -> str:
    return _read(f"vendor/{path.partition('/')[0]}/LICENSE")


def _data_url(path: str) -> str:
    return f"data:font/woff2;base64,{b64encode((STATIC / path).read_bytes()).decode()}"


def _read(path: str) -> str:
    return (STATIC / path).read_text(encoding="utf-8")
