"""`flooding key`: the key that locks the journal's words: a copy on paper, a new one, and the way back."""

import typer

from api.cli.options import JournalFolder, Whose

app = typer.Typer(
    help="The key that locks the journal’s words: copy it, change it, bring it back.", no_args_is_help=True
)


@app.command("show")
def show(data: JournalFolder = None, person: Whose = None) -> None:
    """Show where the key is, and its recovery code to write down."""
    from api.cli.whose import opened, person_named
    from api.words.names import possessive
    from journal.recovery import code_of

    with opened(data) as journal:
        whose = person_named(journal, person)
        code = code_of(journal.keyring.current(whose.id))
        print(
            f"{possessive(whose.name)} words are locked. The key is in the file\n\n  {journal.keyring.path}\n\n"
            "Without this file nobody can read the words: not you, and not we. There is no other way in.\n"
            "Keep a copy where the journal is not: this code on paper brings the key back (flooding key recover).\n\n"
            f"  {code}\n\n"
            "Whoever has this code and a copy of the journal can read it. What the heart did is not locked with it.\n"
            "After `flooding key rotate` there is a new code, and copies of the journal from before still need this one."
        )


@app.command("rotate")
def rotate(data: JournalFolder = None, person: Whose = None) -> None:
    """Lock all words with a new key. If it is interrupted nothing is lost: run it again and it goes on."""
    from alerts.people import Actor
    from api.cli.whose import opened, person_named
    from journal import key_use
    from journal.recovery import code_of

    with opened(data) as journal:
        whose = person_named(journal, person)
        done = key_use.rotate(Actor(whose.id), journal.database, journal.keyring)
        again = " An interrupted change of the key is complete now." if done.resumed else ""
        print(
            f"{done.texts} texts are locked with a new key.{again}\n"
            "The old recovery code opens only copies of the journal from before. The new one, for paper:\n\n"
            f"  {code_of(journal.keyring.current(whose.id))}"
        )


@app.command("recover")
def recover(data: JournalFolder = None) -> None:
    """Bring a lost key back by its recovery code. The code is asked for, so that it stays out of the shell’s history."""
    from api.settings import read_settings
    from journal import key_use
    from journal.database import open_database
    from journal.keys import Keyring, usual_key_file

    settings = read_settings(data_dir=data)
    code = typer.prompt("Recovery code")
    keyring = Keyring(settings.key_file or usual_key_file(settings.data_dir))
    database = open_database(
        settings.data_dir, url=settings.database, upgrade=False
    )  # which may need the very key that is lost
    try:
        lacking = key_use.recover(database, keyring, code)
    finally:
        database.close()
    print(f"The key is back in {keyring.path}.")
    if lacking:
        print(f"The journal’s words need {lacking} more: type the next code with: flooding key recover")
