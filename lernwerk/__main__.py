"""``python -m lernwerk`` is the command line."""

from lernwerk.cli import main

if __name__ == "__main__":
    main()
