"""Two workers on one PostgreSQL: two of the whole app, each with its own event loop, connections and memory."""

from contextlib import ExitStack, contextmanager

from api.app import build
from api.routes.auth import COOKIE
from api.settings import Settings
from tests.integration.visitors import code_of, come_in, newcomer, running, visitor


class TwoWorkers:
    """`a` and `b`; Mira began at `a`."""

    def __init__(self, a, b):
        self.a, self.b = a, b
        self.mira = newcomer(a)

    def at(self, worker, client):
        """The same person's page, which the other worker answers."""
        page = visitor(worker)
        page.cookies.set(COOKIE, client.cookies[COOKIE])
        return page

    def partner(self):
        """Jonas, who came in at `a`."""
        client, answer = come_in(self.a, code_of(self.mira)["code"])
        assert answer.status_code == 200, answer.text
        return client


@contextmanager
def two_workers(folder, address):
    with ExitStack() as stack:
        apps = [
            stack.enter_context(running(build(Settings(data_dir=folder / "data", database=address)))) for _ in range(2)
        ]
        yield TwoWorkers(*apps)
