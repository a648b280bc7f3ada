"""What axe-core finds on a page: WCAG 2.2 A and AA, and its best practices of structure."""

from axe_playwright_python.sync_playwright import Axe

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def violations(page):
    """Every violation on the page as it is now, in a form that a failing test can print."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}}).response["violations"]
    return [f"{each['id']}: {each['help']}: {[node['html'][:120] for node in each['nodes']]}" for each in found]
