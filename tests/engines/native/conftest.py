"""Where the native engine was not built, there is nothing to test; CI makes sure that it was."""

from lernwerk.core.engine import engine_names

collect_ignore_glob = [] if "native" in engine_names() else ["test_*.py"]
