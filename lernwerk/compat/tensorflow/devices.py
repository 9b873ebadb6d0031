"""What programs ask of and tell about devices: there is one, the processor, without any setting."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple


class PhysicalDevice(NamedTuple):
    """A processor as TensorFlow describes it."""

    name: str
    device_type: str


_CPU = PhysicalDevice("/physical_device:CPU:0", "CPU")


def list_physical_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """The processor; no graphics cards."""
    return [_CPU] if device_type in (None, "CPU") else []


get_visible_devices = list_logical_devices = list_physical_devices


def list_local_devices(*_: Any) -> list[PhysicalDevice]:
    """The processor."""
    return [_CPU]


@contextmanager
def device(device_name: Any) -> Iterator[None]:
    """Accepted: everything runs on the processor."""
    yield


def _accepted(name: str, purpose: str) -> Any:
    def function(*arguments: Any, **keywords: Any) -> None:
        return None

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"Accepted, without effect: {purpose}."
    return function


set_memory_growth = _accepted("set_memory_growth", "memory of graphics cards")
set_visible_devices = _accepted("set_visible_devices", "which devices are used")
set_logical_device_configuration = _accepted("set_logical_device_configuration", "virtual devices")
set_virtual_device_configuration = set_logical_device_configuration
set_soft_device_placement = _accepted("set_soft_device_placement", "which devices are used")
enable_op_determinism = _accepted("enable_op_determinism", "results are always reproducible")
set_jit = _accepted("set_jit", "compiling with XLA")
set_experimental_options = _accepted("set_experimental_options", "passes of TensorFlow's graphs")


def run_functions_eagerly(run_eagerly: bool) -> None:
    """Run what ``tf.function`` marks as plain Python, to step through it."""
    from lernwerk.compat.tensorflow import functions

    functions.set_eagerly(run_eagerly)


experimental_run_functions_eagerly = run_functions_eagerly


def set_inter_op_parallelism_threads(num_threads: int) -> None:
    """Accepted, without effect: one operation runs at a time."""


def set_intra_op_parallelism_threads(num_threads: int) -> None:
    """How many threads compute; 0 for all."""
    from lernwerk.utils import set_threads

    if num_threads:
        set_threads(num_threads)


def VirtualDeviceConfiguration(*_: Any, **__: Any) -> None:
    """Accepted, without effect: virtual devices."""


LogicalDeviceConfiguration = VirtualDeviceConfiguration


def is_gpu_available(*_: Any, **__: Any) -> bool:
    """False: nothing here runs on graphics cards."""
    return False


def is_built_with_cuda() -> bool:
    """False: nothing here runs on graphics cards."""
    return False


def gpu_device_name() -> str:
    """No name: nothing here runs on graphics cards."""
    return ""


__all__ = [
    "LogicalDeviceConfiguration", "PhysicalDevice", "VirtualDeviceConfiguration", "device",
    "enable_op_determinism", "experimental_run_functions_eagerly", "get_visible_devices",
    "gpu_device_name", "is_built_with_cuda", "is_gpu_available", "list_local_devices",
    "list_logical_devices", "list_physical_devices", "run_functions_eagerly",
    "set_experimental_options", "set_inter_op_parallelism_threads",
    "set_intra_op_parallelism_threads", "set_jit", "set_logical_device_configuration",
    "set_memory_growth", "set_soft_device_placement", "set_virtual_device_configuration",
    "set_visible_devices",
]  # fmt: skip
