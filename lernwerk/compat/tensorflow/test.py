"""``tf.test``: what programs ask about the machine."""

from lernwerk.compat.tensorflow.devices import (
    gpu_device_name,
    is_built_with_cuda,
    is_gpu_available,
)

__all__ = ["gpu_device_name", "is_built_with_cuda", "is_gpu_available"]
