"""The command line: ``lernwerk train``, ``predict``, ``graph``, ``run``, ``recipes``, ``info``."""

from __future__ import annotations


def main() -> None:
    """Run the command line; the entry point of the package."""
    from lernwerk.cli.application import run

    run()
