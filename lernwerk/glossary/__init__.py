"""The terms of the field in English and German, each in a sentence or two of both languages.

They are data: one TOML file for each area beside this file, ``lernwerk glossary TERM`` prints one
and docs/glossary.md has all of them.
"""

from lernwerk.glossary.terms import AREAS, Term, term, terms

__all__ = ["AREAS", "Term", "term", "terms"]
