"""What axe-core finds on a page: WCAG, and its best practices of structure."""

from axe_playwright_python.sync_playwright import Axe

SIZES = {"phone": {"width": 390, "height": 844}, "laptop": {"width": 1280, "height": 800}}


def violations(page):
    """Every violation on the page as it is now, in a form that a failing test can print."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [f"{each['id']}: {each['help']}: {[node['html'][:120] for node in each['nodes']]}" for each in found]


def violations_at_both_sizes(page):
    """The same on a phone and on a laptop, in both lights."""
    found = []
    for size, viewport in SIZES.items():
        page.set_viewport_size(viewport)
        for light in ("dark", "light"):
            page.emulate_media(color_scheme=light, reduced_motion="reduce")
            found += [f"{size} {light}: {each}" for each in violations(page)]
    return found
