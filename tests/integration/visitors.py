"""People at the doors of the running app."""

from contextlib import contextmanager

from starlette.responses import Response
from starlette.routing import WebSocketRoute
from starlette.testclient import TestClient, WebSocketDenialResponse

from api.app import create_app

ORIGIN = "http://127.0.0.1"


@contextmanager
def running(service, *, app=None, **client):
    """The app over `service` (or this one), begun. Every visitor speaks to the event loop of its first one, who comes as `client` says."""
    app = app or create_app(service)
    with TestClient(app, base_url=ORIGIN, **client) as first:
        app.state.first = first
        yield app


def visitor(app, **headers):
    """Somebody whose requests come from the app's own pages."""
    return bare_visitor(app, {"origin": ORIGIN} | headers)


def bare_visitor(app, headers, **comes):
    """A client of the running app, with these headers and no other; `comes` says from where."""
    client = TestClient(app, base_url=ORIGIN, headers=headers, follow_redirects=False, **comes)
    client.portal = app.state.first.portal
    return client


def opened(client, path):
    """What a WebSocket there is answered: the refusal, or 101, after which it is closed again."""
    try:
        with client.websocket_connect(f"ws://127.0.0.1{path}"):
            answer = Response(status_code=101)
            answer.text = ""
            return answer
    except WebSocketDenialResponse as refusal:
        return refusal


def newcomer(app, **headers):
    """Somebody who has just begun."""
    client = visitor(app, **headers)
    assert client.post("/welcome").status_code == 303
    return client


def routes(app):
    """Every route of the app, as method and path; a WebSocket's method is called WEBSOCKET."""

    def found(known):
        for route in known:
            if (router := getattr(route, "original_router", None)) is not None:
                yield from found(router.routes)
            elif hasattr(route, "methods"):
                yield from ((method, route.path) for method in route.methods - {"HEAD"})
            elif isinstance(route, WebSocketRoute):
                yield "WEBSOCKET", route.path

    return set(found(app.routes))


def is_problem(answer, status):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == status
    assert told["detail"]
    return told["detail"]


def code_of(client, *, for_other=True):
    return client.post("/api/pair/code", json={"for_other": for_other}).json()


def come_in(app, code, name="Jonas"):
    client = visitor(app)
    answer = client.post("/join", json={"code": code, "name": name})
    return client, answer


def talk_of(client):
    return client.get("/api/pair").json()["talk_id"]
