"""Pages from templates, with what every page needs."""

from pathlib import Path
from typing import TYPE_CHECKING

from fastapi.templating import Jinja2Templates

from api.words import names

if TYPE_CHECKING:
    from fastapi import Request
    from fastapi.responses import Response

    from api.service import Service
    from journal.people import Person

PAGE = Path(__file__).parent / "page"
STATIC = PAGE / "static"
templates = Jinja2Templates(directory=PAGE / "templates")
for said in (names.within, names.possessive, names.belongs_to, names.has):
    templates.env.filters[said.__name__] = said


def page(
    request: "Request", service: "Service", template: str, *, section: str, person: "Person | None", **context: object
) -> "Response":
    """Render a page for `person`; `section` is the part of the house it belongs to."""
    public_url = service.settings.public_url
    shared = {
        "simulated": service.settings.simulated,
        "speed": service.clock.speed,
        "person": person,
        "public_url": public_url,
        "this_computer": "this computer" if public_url is None else "the server",
    }
    return templates.TemplateResponse(request, template, {**shared, "section": section, **context})
