"""The command line: ``lernwerk train``, ``predict``, ``graph``, ``recipes`` and so on."""

from __future__ import annotations


def main() -> None:
    """Run the command line; the entry point of the package."""
    from lernwerk.cli.application import run

    run()
