"""The rules of the house that can be read from the files: imports, names, sizes, start-up."""

from __future__ import annotations

import ast
import importlib
import inspect
import os
import re
import statistics
import subprocess
import sys
import types
from pathlib import Path

import pytest

import lernwerk

ROOT = Path(lernwerk.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))

# The table of docs/design.md: a row imports only rows above it (and itself).
ROWS = (
    ("errors", "settings", "language", "names", "registration", "configurable", "legacy"),
    ("ops",),
    ("core",),
    ("engines",),
    (
        "activations", "constraints", "initializers", "regularizers", "losses", "metrics",
        "mixed_precision", "config", "layers", "optimizers", "random", "backend",
    ),
    ("callbacks", "training", "models"),
    ("datasets", "utils", "preprocessing", "saving"),
    ("applications",),
    ("plots", "glossary"),
    ("classics",),
    ("job",),
    ("recipes",),
    ("compat",),
    ("cli", "__main__"),
)  # fmt: skip
ROW_OF = {package: number for number, row in enumerate(ROWS) for package in row}
# Imports against the order; each only inside a function ("lazily"), with its reason.
LAZY = {
    ("ops", "core"): "keras.ops has functions that make Tensors; arrays stay arrays elsewhere",
    ("ops", "activations"): "keras.ops has the activations too, which are composites on Tensors",
    (
        "models",
        "saving",
    ): "model.save and load_model are methods and names that Keras's users expect",
}
# What may be imported by anyone, because it is used so.
FOR_ANYONE = {"lernwerk.utils.atomic", "lernwerk.utils.packing", "lernwerk.utils.pydataset"}

LONGEST_FILE, LONGEST_FUNCTION = 520, 60
LONG_FILES: dict[str, str] = {}
LONG_FUNCTIONS: dict[str, str] = {}
HEAVY = ("pandas", "matplotlib", "sklearn", "scipy", "rich", "h5py", "PIL", "fastparquet", "typer")
SLOWEST_IMPORT = 0.25  # seconds of processor time
# Paths of one machine and marks that writing tools leave have no place in a package.
FOREIGN = re.compile(
    r"(?<![\w.])/(?:tmp|root|home|work|mnt|Users)/|generated (?:by|with)|co-authored-by|as an ai\b",
    re.IGNORECASE,
)
# The only hosts that the package may name: data sets, formats, papers and Keras's pages.
HOSTS = {
    "yann.lecun.com", "storage.googleapis.com", "ossci-datasets.s3.amazonaws.com", "www.w3.org",
    "doi.org", "keras.io", "www4.stat.ncsu.edu", "www.cs.toronto.edu", "s3.amazonaws.com",
    "fashion-mnist.s3-website.eu-central-1.amazonaws.com",
    "archive.ics.uci.edu",
    "localhost:9000",  # where Keras's RemoteMonitor sends to by default
}  # fmt: skip
HOST = re.compile(r"https?://([^/\s\"')>]+)")


def name_of(path):
    return str(path.relative_to(ROOT))


def package_of(path):
    return path.relative_to(ROOT).with_suffix("").parts[0]


def modules(node):
    """The modules of this package that an import statement names."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names if alias.name.startswith("lernwerk.")]
    if not isinstance(node, ast.ImportFrom):
        return []
    assert node.level == 0, "imports are absolute"
    if node.module == "lernwerk":
        return [f"lernwerk.{alias.name}" for alias in node.names]
    if not (node.module or "").startswith("lernwerk."):
        return []
    full = [f"{node.module}.{alias.name}" for alias in node.names]
    return [each if each in FOR_ANYONE else node.module for each in full]


def imports(path):
    """Each import of this package's modules: the module, and whether it is inside a function."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inner = {
        id(child)
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        for child in ast.walk(node)
    }
    for node in ast.walk(tree):
        for module in modules(node):
            yield module, id(node) in inner


def violations(path):
    source = package_of(path)
    for module, inside in imports(path):
        target = module.split(".")[1]
        if target == source or module in FOR_ANYONE or target not in ROW_OF:
            continue
        allowed = ROW_OF[target] <= ROW_OF[source] or (inside and (source, target) in LAZY)
        if not allowed:
            yield f"{name_of(path)} imports {module}"


def test_every_package_has_its_row():
    assert {package_of(path) for path in FILES} - {"__init__"} == set(ROW_OF)


@pytest.mark.parametrize("path", [p for p in FILES if p.parent != ROOT or p.stem != "__init__"], ids=name_of)  # noqa: E501  # fmt: skip
def test_a_row_imports_only_rows_above_it(path):
    assert not list(violations(path)), "move it, or import it the other way round"


def test_the_order_check_sees_what_it_should():
    tree = ast.parse(
        "def f():\n    from lernwerk.utils.atomic import write\nimport lernwerk.job.run"
    )
    found = [module for node in ast.walk(tree) for module in modules(node)]
    assert sorted(found) == ["lernwerk.job.run", "lernwerk.utils.atomic"]


def test_lazy_imports_are_still_needed():
    found = {
        (package_of(path), module.split(".")[1])
        for path in FILES
        for module, inside in imports(path)
        if inside
    }
    assert set(LAZY) <= found


def packages():
    # A recipe is a program: importing it would run it.
    files = [path for path in FILES if path.parent.parent != ROOT / "recipes"]
    found = {path.parent if path.stem == "__init__" else path for path in files}
    names = {".".join(path.relative_to(ROOT.parent).with_suffix("").parts) for path in found}
    return sorted(name for name in names if "." in name)


@pytest.mark.parametrize("name", packages())
def test_public_names_exist_and_are_documented(name):
    module = importlib.import_module(name)
    public = getattr(module, "__all__", ())
    assert len(public) == len(set(public))
    for each in public:
        value = getattr(module, each)
        if callable(value) or isinstance(value, types.ModuleType):
            assert (inspect.getdoc(value) or "").strip(), f"{name}.{each} has no docstring"


def test_the_public_face_exists_and_is_documented():
    for name in lernwerk.__all__:
        value = getattr(lernwerk, name)
        assert name == "__version__" or (inspect.getdoc(value) or "").strip(), name
    assert set(lernwerk.__all__) <= set(dir(lernwerk))
    with pytest.raises(AttributeError, match=r"^module 'lernwerk' has no attribute 'layerz'$"):
        _ = lernwerk.layerz


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_modules_are_documented_and_of_readable_size(path):
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    name = name_of(path)
    assert (ast.get_docstring(tree) or "").strip(), "a module opens with what it is"
    assert len(text.splitlines()) <= LONGEST_FILE or name in LONG_FILES
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = (node.end_lineno or 0) - node.lineno + 1
            where = f"{name}:{node.name}"
            assert lines <= LONGEST_FUNCTION or where in LONG_FUNCTIONS, f"{where}: {lines} lines"


def test_exceptions_from_the_sizes_are_still_needed():
    for name in LONG_FILES:
        assert len((ROOT / name).read_text(encoding="utf-8").splitlines()) > LONGEST_FILE
    for where in LONG_FUNCTIONS:
        name, _, function = where.partition(":")
        tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
        assert any(getattr(node, "name", "") == function for node in ast.walk(tree))


@pytest.mark.parametrize("path", sorted(p for p in ROOT.rglob("*") if p.is_file() and p.suffix in {".py", ".html", ".css", ".js", ".svg", ".md", ".toml", ".txt", ".json"}), ids=name_of)  # noqa: E501  # fmt: skip
def test_files_name_no_machine_and_no_tool(path):
    text = path.read_text(encoding="utf-8")
    assert not FOREIGN.findall(text)
    assert set(HOST.findall(text)) <= HOSTS


def fresh(code):
    """The output of a fresh process that has only this tree on its path."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT.parent)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True
    )
    assert not done.stderr
    return done.stdout


def test_the_start_imports_nothing_heavy():
    code = "import sys, lernwerk; lernwerk.Sequential; lernwerk.layers; print(*sys.modules)"
    loaded = {module.split(".")[0] for module in fresh(code).split()}
    assert not loaded.intersection(HEAVY)


def test_the_start_is_fast():
    """Processor time, which other processes on the machine do not lengthen much."""
    code = (
        "import time; start = time.process_time(); import lernwerk;"
        "print(time.process_time() - start)"
    )
    seconds = statistics.median(float(fresh(code)) for _ in range(5))
    assert seconds < SLOWEST_IMPORT
