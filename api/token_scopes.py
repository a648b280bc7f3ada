"""What a program may reach with a token: every door that a scope opens, in one table.

What has no row is closed to tokens: all pages, accounts, pairs, agreements, sharing, erasing, channels, straps. A new route is
closed until somebody decides otherwise here.
"""

from journal.api_tokens import Scope

DOORS: dict[tuple[str, str], Scope] = {
    ("GET", "/api/entries"): Scope.JOURNAL_READ,
    ("GET", "/api/entries/{entry_id}/content"): Scope.JOURNAL_READ,
    ("POST", "/api/entries"): Scope.JOURNAL_WRITE,
    ("PUT", "/api/entries/{entry_id}/content"): Scope.JOURNAL_WRITE,
    ("DELETE", "/api/entries/{entry_id}/drafts/{draft_id}"): Scope.JOURNAL_WRITE,
    ("GET", "/api/entries/{entry_id}/timeline"): Scope.BODY_READ,
    ("GET", "/api/recordings"): Scope.BODY_READ,
    ("GET", "/api/fhir"): Scope.EXPORT,
    ("GET", "/api/open-mhealth"): Scope.EXPORT,
    ("GET", "/api/archive"): Scope.EXPORT,
    ("POST", "/api/talks"): Scope.TALK,
    ("GET", "/api/talks/{talk_id}"): Scope.TALK,
    ("GET", "/api/talks/{talk_id}/live"): Scope.TALK,
    ("POST", "/api/talks/{talk_id}/topic"): Scope.TALK,
    ("POST", "/api/talks/{talk_id}/suggestion/accept"): Scope.TALK,
    ("POST", "/api/talks/{talk_id}/suggestion/snooze"): Scope.TALK,
    ("POST", "/api/talks/{talk_id}/suggestion/dismiss"): Scope.TALK,
    ("POST", "/api/talks/{talk_id}/suggestion/acknowledge"): Scope.TALK,
    ("POST", "/api/talks/{talk_id}/suggestion/unsnooze"): Scope.TALK,
    ("POST", "/api/talks/{talk_id}/unsilence"): Scope.TALK,
    ("POST", "/api/talks/{talk_id}/mute"): Scope.TALK,
    ("POST", "/api/talks/{talk_id}/unmute"): Scope.TALK,
    ("POST", "/api/talks/{talk_id}/notice/{taken}"): Scope.TALK,
    ("POST", "/api/talks/{talk_id}/pause"): Scope.TALK,
    ("POST", "/api/talks/{talk_id}/pause/extend"): Scope.TALK,
    ("POST", "/api/talks/{talk_id}/pause/return"): Scope.TALK,
    ("POST", "/api/talks/{talk_id}/shared/raise"): Scope.TALK,
    ("POST", "/api/talks/{talk_id}/shared/acknowledge"): Scope.TALK,
    ("POST", "/api/talks/{talk_id}/shared/put-away"): Scope.TALK,
    ("POST", "/api/talks/{talk_id}/end"): Scope.TALK,
}

SCOPES_IN_WORDS = {
    Scope.JOURNAL_READ: "Read my journal",
    Scope.JOURNAL_WRITE: "Write into my journal",
    Scope.BODY_READ: "Read what my heart did",
    Scope.EXPORT: "Take everything along",
    Scope.TALK: "Follow my talks, and act in them",
}


def scope_for(method: str, path: str) -> Scope | None:
    """What a token has to be for at this route; None: no token opens it.

    >>> scope_for("GET", "/api/archive")
    <Scope.EXPORT: 'export'>
    >>> scope_for("POST", "/api/erase") is None
    True
    """
    return DOORS.get((method, path))
