"""A finished recording's analysis, told: as JSON, in the terminal, and as a page that needs nothing from outside."""
