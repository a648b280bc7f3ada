"""Every door: HTTP, live stream, pages and command line. `api.app.build` wires the floors together."""
