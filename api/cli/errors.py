"""The errors that a person can do something about: shown as one line, exit code 2."""

import sys
from collections.abc import Mapping

from api.printable import printable

KNOWN: dict[str, tuple[str, ...]] = {
    "alerts.not_now": ("NotNow",),
    "alerts.ports": ("TalkConflict",),
    "api.cli.account": ("NoInvitation",),
    "api.cli.whose": ("WhoseJournal",),
    "api.formats.fhir": ("FhirMissing",),
    "api.headless": ("DemoStuck",),
    "api.lan": ("NoHomeNetwork",),
    "api.many_processors": (
        "NoCluster",
        "NoDask",
        "WorkersGone",
    ),
    "api.server": ("CannotListen",),
    "api.settings": ("BadSetting",),
    "api.whole_file": ("CannotWrite",),
    "journal.archive_file": ("BadArchive",),
    "journal.errors": ("DatabaseError",),
    "journal.recovery": ("NotACode",),
    "journal.sealed": ("CannotUnseal",),
    "journal.writer": ("WriteFailed",),
    "sensing.no_radio": (
        "NoAdapter",
        "RadioStuck",
    ),
    "sensing.formats.recorded": ("BadRecording",),
}
"""Where they are defined. Each says itself what is wrong and what to do."""

BLUETOOTH: dict[str, tuple[str, ...]] = {"bleak.exc": ("BleakError",)}


def in_words(error: Exception) -> str | None:
    """`error` on one line; None for a fault of the program, which deserves its traceback."""
    if isinstance(error, loaded(KNOWN)):
        words = str(error)
    elif isinstance(error, loaded(BLUETOOTH)):
        words = f"Bluetooth reports: {error}. Try again; to see everything without a strap, try: flooding demo"
    elif isinstance(error, OSError):
        words = ": ".join(str(part) for part in (error.filename, error.strerror or error) if part)
    else:
        return None
    return printable(" ".join(words.split()))


def loaded(named: Mapping[str, tuple[str, ...]]) -> tuple[type[Exception], ...]:
    """Those whose module is loaded. No error is of a kind whose module is not, and loading them all takes seconds."""
    return tuple(
        getattr(sys.modules[module], name) for module, names in named.items() if module in sys.modules for name in names
    )
