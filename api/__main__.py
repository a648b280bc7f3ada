"""`python -m api` is `flooding`."""

from api.cli import main

main()
