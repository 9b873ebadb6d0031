"""The compiled module for this processor, loaded once, with OpenBLAS handed to it."""

from __future__ import annotations

import ctypes
import functools
import importlib
import importlib.util
import os
from pathlib import Path
from typing import Any

from lernwerk import settings


def target() -> str:
    """The best instruction set that this processor runs: avx512, avx2 or baseline."""
    found: str = importlib.import_module("lernwerk.engines.native._processor").target()
    return found


@functools.cache
def extension() -> Any:
    """The build of the C++ engine that fits the processor; ImportError where there is none."""
    folder, name = settings.get("native"), f"_engine_{target()}"
    module = _loaded(name, folder) if folder else importlib.import_module(f"{__package__}.{name}")
    module.use_blas(*_products())
    return module


def _loaded(name: str, folder: Path) -> Any:
    """The module of that name from another folder: a build for debugging."""
    path = next(folder.glob(f"{name}.*"), None)
    if path is None:
        raise ImportError(f"LERNWERK_NATIVE: expected a module {name} in {folder}, got none.")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _products() -> tuple[int, int]:
    """The addresses of OpenBLAS's products in single and double precision.

    The library's own threads are switched off: the engine calls it from each thread of its pool.
    """
    import scipy_openblas32

    folder = Path(scipy_openblas32.get_lib_dir())
    library = ctypes.CDLL(str(next(folder.glob("*scipy_openblas*"))))
    library.scipy_openblas_set_num_threads(1)
    sgemm, dgemm = library.scipy_cblas_sgemm, library.scipy_cblas_dgemm
    return _address(sgemm), _address(dgemm)


def _address(function: Any) -> int:
    return ctypes.cast(function, ctypes.c_void_p).value or 0


@functools.cache
def usable_cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
