"""Which door opens to whom: one table of every route, beside the table of roles. Read by `test_who_may.py`.

A role is somebody with what they would name: Mira's own things, so that whoever opens a door gets hers or nothing.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    """Who comes to a door, and what of Mira's they name."""

    NOBODY = "nobody"
    MIRA = "the wearer"
    JONAS_IN = "the partner in the talk"
    JONAS_OUT = "the partner, of a talk that they were not in"
    LENA = "a wearer who has nothing to do with her"
    FULL = "a clinician who is shown everything, with words"
    PARTIAL = "a clinician who is shown another entry, without words"
    EXPIRED = "a clinician whose time is over"
    REVOKED = "a clinician from whom it was taken back"
    ENDED = "a clinician with whom it has ended"
    ADMITTED = "a clinician who is admitted and shown nothing"
    ANOTHERS = "another wearer's clinician"
    TOKEN_JOURNAL_READ = "her program, journal:read"
    TOKEN_JOURNAL_WRITE = "her program, journal:write"
    TOKEN_BODY_READ = "her program, body:read"
    TOKEN_EXPORT = "her program, export"
    TOKEN_TALK = "her program, talk"
    TOKEN_OF_LENA = "Lena's program, every scope"
    TOKEN_REVOKED = "a program whose token is revoked"


R = Role
EVERYBODY = frozenset(Role)
TOKENS = frozenset(role for role in Role if role.name.startswith("TOKEN"))
WEARERS = frozenset({R.MIRA, R.JONAS_IN, R.JONAS_OUT, R.LENA})
CLINICIANS = frozenset({R.FULL, R.PARTIAL, R.EXPIRED, R.REVOKED, R.ENDED, R.ADMITTED, R.ANOTHERS})
PERSONS = WEARERS | CLINICIANS
ANYBODY = EVERYBODY - TOKENS
"""Pages that need no account; a program has no business there either."""
HERS = frozenset({R.MIRA})
BOTH = frozenset({R.MIRA, R.JONAS_IN})
PAIR = frozenset({R.MIRA, R.JONAS_IN, R.JONAS_OUT})
SHOWN = frozenset({R.FULL, R.PARTIAL})
STILL_ADMITTED = frozenset({R.FULL, R.PARTIAL, R.EXPIRED, R.REVOKED, R.ADMITTED})
TALKS = frozenset({R.TOKEN_TALK, R.TOKEN_OF_LENA})
READS = frozenset({R.TOKEN_JOURNAL_READ, R.TOKEN_OF_LENA})
WRITES = frozenset({R.TOKEN_JOURNAL_WRITE, R.TOKEN_OF_LENA})
BODY = frozenset({R.TOKEN_BODY_READ, R.TOKEN_OF_LENA})
EXPORTS = frozenset({R.TOKEN_EXPORT, R.TOKEN_OF_LENA})
LENAS = frozenset({R.TOKEN_OF_LENA})


@dataclass(frozen=True)
class Door:
    """A route.

    Attributes:
        opens_to: whom it does not refuse; with what is their own, or what they are shown. All others get 401, 403 or 404.
        body: what is sent: as JSON, or, as a text, the fields of a form.
        uses_up: who is let in changes what the next would find.
        by_code: it asks for a secret instead of a person, and refuses whoever has none.
    """

    opens_to: frozenset[Role]
    body: Any = None
    uses_up: bool = False
    by_code: bool = False


NOTHING: dict[str, Any] = {}
STEP = {"suggestion_id": "s"}
SECRET = Door(ANYBODY, by_code=True)


def page(opens_to: frozenset[Role] = WEARERS) -> Door:
    """A page, which no token opens."""
    return Door(opens_to)


def step(body: Any = NOTHING, *, uses_up: bool = False) -> Door:
    """A step in a talk."""
    return Door(BOTH | TALKS - LENAS, body, uses_up=uses_up)


DOORS: dict[tuple[str, str], Door] = {
    # Open to everybody, or to whoever has a secret.
    ("GET", "/"): page(ANYBODY),
    ("GET", "/welcome"): page(ANYBODY),
    ("POST", "/welcome"): SECRET,
    ("GET", "/join"): page(ANYBODY),
    ("GET", "/join/{code}"): page(ANYBODY),
    ("POST", "/join"): Door(ANYBODY, {"code": "NO-SUCH-CODE"}, by_code=True),
    ("POST", "/way-back"): Door(ANYBODY, {"words": "no such words"}, by_code=True),
    ("GET", "/sign-in"): page(ANYBODY),
    ("POST", "/sign-in"): Door(ANYBODY, {"sign_in_name": "mira", "password": "not this one"}, by_code=True),
    ("POST", "/sign-in/passkey/ask"): SECRET,
    ("POST", "/sign-in/passkey"): Door(ANYBODY, {"credential": {}}, by_code=True),
    ("GET", "/how"): page(ANYBODY),
    ("GET", "/help"): page(ANYBODY),
    ("GET", "/health/live"): page(ANYBODY),
    ("GET", "/health/ready"): page(ANYBODY),
    ("GET", "/api/openapi.json"): page(EVERYBODY),
    # Everybody's own account.
    ("GET", "/account"): page(PERSONS),
    ("GET", "/api/account"): Door(PERSONS),
    ("POST", "/sign-out"): Door(PERSONS, uses_up=True),
    ("POST", "/api/account/name"): Door(PERSONS, {"name": "Another"}),
    ("POST", "/api/account/password"): Door(
        PERSONS, {"sign_in_name": "a name", "password": "a quiet evening at home"}, uses_up=True
    ),
    ("POST", "/api/account/way-back"): Door(PERSONS, NOTHING, uses_up=True),
    ("POST", "/api/account/sign-out"): Door(PERSONS, NOTHING, uses_up=True),
    ("POST", "/api/account/devices/{device_id}/sign-out"): Door(HERS, NOTHING, uses_up=True),
    ("POST", "/api/account/close"): Door(CLINICIANS, NOTHING, uses_up=True),
    ("POST", "/api/account/tokens"): Door(WEARERS, {"name": "Lamp", "scopes": ["talk"], "lasts_days": 1}),
    ("POST", "/api/account/tokens/{token_id}/revoke"): Door(HERS, NOTHING, uses_up=True),
    ("POST", "/api/account/passkeys/ask"): Door(PERSONS, NOTHING),
    ("POST", "/api/account/passkeys"): Door(PERSONS, {"name": "Phone", "credential": NOTHING}),
    ("POST", "/api/account/passkeys/{passkey_id}/name"): Door(HERS, {"name": "Phone"}, uses_up=True),
    ("POST", "/api/account/passkeys/{passkey_id}/remove"): Door(HERS, NOTHING, uses_up=True),
    # Talks.
    ("GET", "/talk"): page(),
    ("POST", "/talk"): Door(WEARERS),
    ("POST", "/api/talks"): Door(WEARERS | TALKS, NOTHING),
    ("GET", "/api/talks/{talk_id}"): step(None),
    ("GET", "/api/talks/{talk_id}/live"): step(None),
    ("WEBSOCKET", "/api/talks/{talk_id}/strap"): Door(BOTH),
    ("POST", "/api/talks/{talk_id}/topic"): step(),
    ("POST", "/api/talks/{talk_id}/suggestion/accept"): step(STEP),
    ("POST", "/api/talks/{talk_id}/suggestion/snooze"): step(STEP),
    ("POST", "/api/talks/{talk_id}/suggestion/dismiss"): step(STEP),
    ("POST", "/api/talks/{talk_id}/suggestion/acknowledge"): step(STEP),
    ("POST", "/api/talks/{talk_id}/suggestion/unsnooze"): step(),
    ("POST", "/api/talks/{talk_id}/unsilence"): step(),
    ("POST", "/api/talks/{talk_id}/mute"): step(),
    ("POST", "/api/talks/{talk_id}/unmute"): step(),
    ("POST", "/api/talks/{talk_id}/notice/{taken}"): step({"notice_id": "n"}),
    ("POST", "/api/talks/{talk_id}/pause"): step(),
    ("POST", "/api/talks/{talk_id}/pause/extend"): step({"minutes": 10}),
    ("POST", "/api/talks/{talk_id}/pause/return"): step(),
    ("POST", "/api/talks/{talk_id}/shared/raise"): step(),
    ("POST", "/api/talks/{talk_id}/shared/acknowledge"): step({"shared_id": "s"}),
    ("POST", "/api/talks/{talk_id}/shared/put-away"): step({"shared_id": "s"}),
    ("POST", "/api/talks/{talk_id}/end"): step(uses_up=True),
    # Straps.
    ("GET", "/api/straps"): Door(WEARERS),
    ("GET", "/api/straps/nearby"): Door(WEARERS),
    ("PUT", "/api/straps"): Door(WEARERS, {"device_id": "AA:BB", "name": "HRM"}),
    ("DELETE", "/api/straps/{device_id}"): Door(HERS, uses_up=True),
    # Two.
    ("GET", "/two"): page(),
    ("GET", "/api/pair"): Door(WEARERS),
    ("POST", "/api/pair"): Door(WEARERS, {"name": "Kim"}),
    ("POST", "/api/pair/name"): Door(WEARERS, {"name": "Kim"}),
    ("POST", "/api/pair/yes"): Door(PAIR, NOTHING),
    ("POST", "/api/pair/no"): Door(PAIR, NOTHING),
    ("POST", "/api/pair/leave"): Door(PAIR, NOTHING, uses_up=True),
    ("POST", "/api/pair/code"): Door(WEARERS, {"for_other": False}),
    ("POST", "/api/pair/way-back"): Door(WEARERS, NOTHING, uses_up=True),
    ("GET", "/agreement"): page(),
    ("GET", "/api/agreement"): Door(WEARERS),
    ("POST", "/api/agreement"): Door(PAIR, {"word": "Lighthouse", "pause_min": 20}),
    ("POST", "/api/agreement/{number}/yes"): Door(PAIR, NOTHING),
    ("POST", "/api/agreement/withdraw"): Door(PAIR, NOTHING, uses_up=True),
    ("GET", "/turn-to"): page(),
    ("GET", "/api/turn-to"): Door(WEARERS),
    ("POST", "/api/turn-to"): Door(WEARERS, {"name": "Ana", "how": ""}),
    ("POST", "/api/turn-to/{someone_id}/remove"): Door(HERS, NOTHING, uses_up=True),
    # The journal.
    ("GET", "/journal"): page(),
    ("GET", "/entries/{entry_id}"): page(HERS),
    ("GET", "/entries/{entry_id}/as-shown"): page(HERS),
    ("GET", "/api/entries"): Door(WEARERS | READS),
    ("POST", "/api/entries"): Door(WEARERS | WRITES, NOTHING),
    ("GET", "/api/entries/{entry_id}/timeline"): Door(HERS | BODY - LENAS),
    ("POST", "/api/entries/{entry_id}/curve"): Door(HERS, {"shown": False}),
    ("GET", "/api/entries/{entry_id}/content"): Door(HERS | READS - LENAS),
    ("PUT", "/api/entries/{entry_id}/content"): Door(HERS | WRITES - LENAS, {"version": 1, "tab": "t", "content": {}}),
    ("DELETE", "/api/entries/{entry_id}/drafts/{draft_id}"): Door(HERS | WRITES - LENAS),
    ("GET", "/review"): page(),
    ("GET", "/review/patterns"): page(),
    ("GET", "/review/how"): page(ANYBODY),
    ("POST", "/review/check"): Door(WEARERS, NOTHING),
    ("GET", "/more"): page(),
    # Channels.
    ("GET", "/channels"): page(),
    ("GET", "/api/channels"): Door(WEARERS),
    ("POST", "/api/channels"): Door(WEARERS, {"kind": "webhook", "address": "json://127.0.0.1/"}),
    ("POST", "/api/channels/{channel_id}/test"): Door(HERS, NOTHING),
    ("POST", "/api/channels/{channel_id}/remove"): Door(HERS, NOTHING, uses_up=True),
    # One's own data.
    ("GET", "/data"): page(),
    ("GET", "/api/recordings"): Door(WEARERS | BODY),
    ("POST", "/api/erase/preview"): Door(HERS, {"what": "entry", "id": "{entry_id}"}),
    ("POST", "/api/erase"): Door(HERS, {"what": "entry", "id": "{entry_id}", "token": "none"}),
    ("GET", "/api/archive"): Door(WEARERS | EXPORTS),
    ("POST", "/api/archive"): Door(WEARERS, NOTHING),
    ("GET", "/api/fhir"): Door(WEARERS | EXPORTS),
    ("GET", "/api/open-mhealth"): Door(WEARERS | EXPORTS),
    # Sharing.
    ("GET", "/sharing"): page(),
    ("GET", "/api/sharing"): Door(WEARERS),
    ("GET", "/api/sharing/log"): Door(WEARERS),
    ("POST", "/api/sharing/invitations"): Door(WEARERS, {"called": "T"}),
    ("POST", "/api/sharing/{admission_id}/show"): Door(HERS, {"entry_id": "{entry_id}", "with_words": False}),
    ("POST", "/api/sharing/grants/{grant_id}/hide"): Door(HERS, NOTHING, uses_up=True),
    ("POST", "/api/sharing/{admission_id}/end"): Door(frozenset({R.MIRA}), NOTHING, uses_up=True),
    ("POST", "/sharing/clinics"): Door(WEARERS, "address=nowhere&code=x&agree=yes"),
    ("POST", "/sharing/clinics/{link_id}/switch"): Door(HERS, "on=no"),
    ("POST", "/sharing/clinics/{link_id}/now"): Door(HERS, ""),
    # What comes from a client's home: by a token of its own, which is no person's.
    ("POST", "/clients/publication"): Door(CLINICIANS, "called=Kim"),
    ("POST", "/api/publish/begin"): Door(ANYBODY, {"code": "NO-SUCH-CODE", "token_sha256": "0" * 64}, by_code=True),
    ("POST", "/api/publish/looks"): Door(ANYBODY, {"place": 0}, by_code=True),
    ("POST", "/api/publish/list"): Door(ANYBODY, {"number": 1, "grants": [], "items": {}}, by_code=True),
    ("PUT", "/api/publish/items/{item_id}"): Door(ANYBODY, {}, by_code=True),
    ("POST", "/api/publish/end"): Door(ANYBODY, NOTHING, by_code=True),
    # What clinicians read.
    ("GET", "/looks"): page(CLINICIANS),
    ("GET", "/clients/{wearer_id}/entries"): page(STILL_ADMITTED),
    ("GET", "/clients/{wearer_id}/entries/{entry_id}"): page(frozenset({R.FULL})),
    ("GET", "/clients"): page(CLINICIANS),
    ("GET", "/clients/how"): page(CLINICIANS),
    ("GET", "/clients/{wearer_id}"): page(SHOWN),
    ("GET", "/clients/{wearer_id}/compare"): page(SHOWN),
    ("GET", "/clients/{wearer_id}/report"): page(SHOWN),
    ("POST", "/clients/appointment"): Door(frozenset({R.FULL}), "admission={admission_id}&when=2026-12-01T09:00"),
    ("GET", "/api/clients"): Door(CLINICIANS),
    ("GET", "/api/clients/{wearer_id}/trends"): Door(SHOWN),
    ("GET", "/api/clients/{wearer_id}/compare"): Door(SHOWN),
    ("GET", "/api/clients/{wearer_id}/csv"): Door(SHOWN),
    ("GET", "/api/clients/{wearer_id}/fhir"): Door(SHOWN),
    ("GET", "/trends"): page(),
    ("POST", "/api/clients/accept"): Door(CLINICIANS, {"code": "NO-SUCH-CODE"}, by_code=True),
    ("POST", "/api/clients/{wearer_id}/leave"): Door(STILL_ADMITTED, NOTHING, uses_up=True),
    ("GET", "/api/clients/{wearer_id}/entries"): Door(SHOWN),
    ("GET", "/api/clients/{wearer_id}/entries/{entry_id}"): Door(frozenset({R.FULL})),
    ("GET", "/api/clients/{wearer_id}/live"): Door(SHOWN),
    ("GET", "/api/clients/{wearer_id}/notes"): Door(CLINICIANS),
    ("POST", "/api/clients/{wearer_id}/notes"): Door(STILL_ADMITTED, {"text": "x", "for_wearer": False}),
    ("POST", "/api/notes/{note_id}"): Door(frozenset({R.FULL}), {"text": "x", "for_wearer": False}),
    ("POST", "/api/notes/{note_id}/erase"): Door(frozenset({R.FULL}), NOTHING, uses_up=True),
}
