"""Text in the cells of tables that leave as files."""


def harmless(cell: str) -> str:
    """A spreadsheet would run a cell that begins like a formula (OWASP, CSV injection).

    >>> harmless("=1+1"), harmless("slow")
    ("'=1+1", 'slow')
    """
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
