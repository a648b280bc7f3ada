"""The outer wall: who may talk to this server at all. Pure ASGI, so streams pass through untouched."""

from collections.abc import Iterable
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

PAGE_HEADERS = {
    "content-security-policy": (
        "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}

TLS_SCHEMES = {"http": "https", "websocket": "wss"}
ONLY_TLS = "max-age=31536000"  # a year; RFC 6797

NO_STORE = {"cache-control": "no-store"}


class OwnOriginOnly:
    """Refuse writes and sockets that another site's page started (CSRF, DNS rebinding).

    A browser sends `Origin` with every write, and `Sec-Fetch-Site` beside it; a program sends neither and carries no
    cookie it did not mean to send. Sources: Fetch Standard, "Origin header"; OWASP CSRF cheat sheet.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"http", "websocket"} and not is_own(scope):
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
                return
            refusal = JSONResponse(
                {"title": "Forbidden", "status": 403, "detail": "This request came from another site."},
                status_code=403,
                media_type="application/problem+json",
            )
            await refusal(scope, receive, send)
            return
        await self.app(scope, receive, send)


def is_own(scope: Scope) -> bool:
    """Whether a request may act here: it reads, or it comes from our own page or from no page."""
    if scope["type"] == "http" and scope["method"] in SAFE_METHODS:
        return True
    headers = Headers(scope=scope)
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    # "null" is what our own form sends under `Referrer-Policy: no-referrer`, and what a sandboxed stranger sends too:
    # then only the browser's word for the site counts.
    if origin not in {None, "null"}:
        own = f"{scope['scheme'].replace('ws', 'http')}://{headers.get('host')}"
        return origin == own and site in {None, "same-origin", "none"}
    return site in {"same-origin", "none"} or (site is None and origin is None)


class BehindProxy:
    """For a service that others reach through a proxy which speaks TLS: every request came by TLS, whatever the proxy forgets to say.

    Where it came from the proxy tells (`X-Forwarded-For`), and only one at a known address is believed.
    """

    def __init__(self, app: ASGIApp, *, proxies: str) -> None:
        self._known = ProxyHeadersMiddleware(_by_tls(app), trusted_hosts=proxies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._known(scope, receive, send)  # type: ignore[arg-type]  # uvicorn's own names for the same things


def _by_tls(app: ASGIApp) -> Any:  # noqa: ANN401  see above
    async def by_tls(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_rule(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["strict-transport-security"] = ONLY_TLS
            await send(message)

        if scope["type"] in TLS_SCHEMES:
            scope["scheme"] = TLS_SCHEMES[scope["type"]]
        await app(scope, receive, send_with_rule)

    return by_tls


class QuietHeaders:
    """Set the headers that keep a page ours and out of caches: a shared phone's back button shows nobody's journal."""

    def __init__(self, app: ASGIApp, *, cached_paths: Iterable[str] = ("/static/",)) -> None:
        self.app = app
        self.cached_paths = tuple(cached_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        keep = scope["path"].startswith(self.cached_paths)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in PAGE_HEADERS.items():
                    headers[name] = value
                headers["cache-control"] = "no-cache" if keep else "no-store"
            await send(message)

        await self.app(scope, receive, send_with_headers)
