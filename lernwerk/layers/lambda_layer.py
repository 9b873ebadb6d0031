"""Lambda: a function of the caller's as a layer. Files hold no functions, only their names."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Self

from lernwerk import activations
from lernwerk.configurable import function_form, to_config
from lernwerk.errors import ArgumentError, UsageError
from lernwerk.layers.layer import Layer
from lernwerk.registration import own_object

_ADVICE = (
    "A file holds data only. Write the function as a layer, class MyLayer(layers.Layer) with"
    " def call(self, inputs), and load with custom_objects={'MyLayer': MyLayer}."
)


class Lambda(Layer):
    """A function as a layer: ``Lambda(lambda x: x ** 2)``.

    y = function(x, **arguments)

    The function gets ``mask`` and ``training`` where it has arguments of these names. ``mask`` is
    the mask of the output, or a function of inputs and mask that gives it. ``output_shape`` may be
    given, as Keras asks for it at times; here the shape is always that of what comes out.

    Shapes: x (*s) -> y (*r)
    Source: https://keras.io/api/layers/core_layers/lambda/
    Differs: a file keeps the name of the function, never its code. Whoever loads the file gives a
    function of that name by ``custom_objects``, or has registered it; a lambda is not written.
    """

    integer_inputs = True

    def __init__(
        self,
        function: Callable[..., Any],
        output_shape: Any = None,
        mask: Any = None,
        arguments: Mapping[str, Any] | None = None,
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        if not callable(function):
            raise ArgumentError(
                self.name, "a function", repr(function)[:60], "Lambda(lambda x: x ** 2)"
            )
        self.function = function
        self.output_shape_given = output_shape
        self.mask = mask
        self.arguments = dict(arguments or {})
        self._offered = _names(function)

    def call(self, inputs: Any, training: bool = False, mask: Any = None) -> Any:
        """y = function(x, **arguments)"""
        offered = {"training": training, "mask": mask}
        wanted = {name: offered[name] for name in offered if name in self._offered}
        return self.function(inputs, **self.arguments, **wanted)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The mask that was given, or what the function that was given makes of the input's."""
        return self.mask(inputs, mask) if callable(self.mask) else self.mask

    def get_config(self) -> dict[str, Any]:
        """The arguments, the function by its name; UsageError for a lambda."""
        if callable(self.mask) or callable(self.output_shape_given):
            raise UsageError(f"{self.name}.get_config", "no functions", "one", _ADVICE)
        optional = {"output_shape": self.output_shape_given, "mask": self.mask}
        return {
            **super().get_config(),
            "function": _written(self.name, self.function),
            **{name: to_config(value) for name, value in optional.items() if value is not None},
        }

    @classmethod
    def parameters(cls) -> list[str]:
        """The names of the arguments that are attributes; get_config writes the others."""
        return [n for n in super().parameters() if n not in ("output_shape", "mask")]

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """The layer of a config whose function is a known one, or one of the user's."""
        given = config.get("function")
        function = given if callable(given) else _known(given)
        return cls(**{**config, "function": function})


def _names(function: Callable[..., Any]) -> frozenset[str]:
    """The names of a function's arguments; none where Python cannot tell, as for NumPy's."""
    try:
        return frozenset(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return frozenset()


def _written(where: str, function: Any) -> dict[str, Any]:
    """A function by its name, under which the reader has to give it again."""
    name = str(getattr(function, "__name__", ""))
    if not name.isidentifier():
        raise UsageError(f"{where}.get_config", "a function with a name", repr(name), _ADVICE)
    form = function_form(function)
    if isinstance(form, dict):
        return form
    return {
        "module": "builtins", "class_name": "function", "config": form,
        "registered_name": "function",
    }  # fmt: skip


def _known(written: Any) -> Any:
    """The function that a name stands for; nothing else is read from a config."""
    name = written.get("config") if isinstance(written, dict) else written
    own = own_object(name)
    if own is not None:
        return own
    if not isinstance(name, str) or name not in activations.NAMES:
        raise UsageError("Lambda.from_config", "the name of a known function",
                         repr(written)[:80], _ADVICE)  # fmt: skip
    return activations.NAMES[name]
