"""``tf.config``: devices and threads; see ``devices.py``."""

from lernwerk.compat.tensorflow.devices import (
    LogicalDeviceConfiguration,
    PhysicalDevice,
    VirtualDeviceConfiguration,
    enable_op_determinism,
    experimental_run_functions_eagerly,
    get_visible_devices,
    list_logical_devices,
    list_physical_devices,
    run_functions_eagerly,
    set_experimental_options,
    set_inter_op_parallelism_threads,
    set_intra_op_parallelism_threads,
    set_jit,
    set_logical_device_configuration,
    set_memory_growth,
    set_soft_device_placement,
    set_virtual_device_configuration,
    set_visible_devices,
)

__all__ = [
    "LogicalDeviceConfiguration", "PhysicalDevice", "VirtualDeviceConfiguration",
    "enable_op_determinism", "experimental_run_functions_eagerly", "get_visible_devices",
    "list_logical_devices", "list_physical_devices", "run_functions_eagerly",
    "set_experimental_options", "set_inter_op_parallelism_threads",
    "set_intra_op_parallelism_threads", "set_jit", "set_logical_device_configuration",
    "set_memory_growth", "set_soft_device_placement", "set_virtual_device_configuration",
    "set_visible_devices",
]  # fmt: skip
