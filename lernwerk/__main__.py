"""``python -m lernwerk`` is the command line."""

from lernwerk.cli import main

main()
