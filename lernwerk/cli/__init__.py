"""The command line: ``lernwerk train``, ``lernwerk predict``, ``lernwerk info``."""

from __future__ import annotations


def main() -> None:
    """Run the command line; the entry point of the package."""
    from lernwerk.cli.application import run

    run()
