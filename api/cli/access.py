"""`flooding access`: whether the logs of who has read what are as they were written."""

import typer

from api.cli.options import JournalFolder

app = typer.Typer(help="The logs of who has read what: whether they are whole.", no_args_is_help=True)


@app.command("check")
def check(data: JournalFolder = None) -> None:
    """Check every wearer’s access log. Tells nothing of what was read. Ends with 1 where one was changed."""
    from alerts.people import SERVICE
    from api.cli.whose import opened
    from api.words.sharing import log_state

    with opened(data) as journal:
        names = {person.id: person.name for person in journal.people.everybody(SERVICE)}
        checked = journal.access_log.check_all(SERVICE)
    for log in checked:
        whose = names.get(log.owner_id, f"an account that is gone ({log.owner_id})")
        print(f"{whose}: {log.lines} lines. {log_state(log.fault, log.lines)}")
    if not checked:
        print("Nobody has read anything of anybody’s yet.")
    if any(log.fault for log in checked):
        raise SystemExit(1)
