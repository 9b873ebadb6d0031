"""Bidirectional: a recurrent layer from the first step to the last, and one back."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any, Self

from lernwerk import ops
from lernwerk.configurable import deserialize, serialize
from lernwerk.core.tensor import Tensor
from lernwerk.errors import ArgumentError
from lernwerk.layers.layer import Layer
from lernwerk.layers.recurrent import with_states

_MERGES: dict[Any, Callable[[Any, Any], Any]] = {
    "concat": lambda forward, backward: ops.concatenate(forward, backward, axis=-1),
    "sum": lambda forward, backward: forward + backward,
    "mul": lambda forward, backward: forward * backward,
    "ave": lambda forward, backward: (forward + backward) / 2,
}
_EQUAL = ("stateful", "return_sequences", "return_state")  # in both directions


class Bidirectional(Layer):
    """A recurrent layer run forward, a second one run backward, their outputs merged.

    y[t] = merge(forward(x)[t], backward(x)[t])

    The two layers are new ones with the arguments of ``layer``; ``backward_layer`` is taken as it
    is. ``merge_mode`` is "concat", "sum", "mul", "ave", or None for both outputs one by one. With
    ``return_state`` the states of the forward layer and then those of the backward layer follow;
    ``initial_state`` has the same order. Sequences of outputs are zero in masked steps.

    Shapes: x (b, t, c) -> y (b, 2 units), or (b, t, 2 units) with return_sequences; units instead
    of 2 units where the outputs are not concatenated
    Weights: those of the forward layer, then those of the backward layer
    Source: Schuster & Paliwal 1997, IEEE Transactions on Signal Processing 45, 2673-2681
    Differs: several outputs are a list.
    """

    def __init__(
        self,
        layer: Any,
        merge_mode: str | None = "concat",
        weights: Any = None,
        backward_layer: Any = None,
        **keywords: Any,
    ) -> None:
        super().__init__(weights=weights, **keywords)
        where = f"{type(self).__name__}(...)"
        for each in (layer, backward_layer or layer):
            if not (isinstance(each, Layer) and hasattr(each, "go_backwards")):
                raise ArgumentError(
                    where, "a recurrent layer", repr(each)[:60],
                    "For example Bidirectional(LSTM(8)).",
                )  # fmt: skip
        if merge_mode not in (*_MERGES, None):
            known = ", ".join(map(repr, _MERGES))
            raise ArgumentError(where, f"merge_mode to be one of {known} or None", repr(merge_mode))
        name = layer.name
        self.forward_layer = fresh(layer, name=f"forward_{name.removeprefix('forward_')}")
        if backward_layer is None:
            backward_layer = fresh(
                layer, name=f"backward_{name.removeprefix('backward_')}", go_backwards=True
            )
        self.backward_layer = backward_layer
        self.merge_mode = merge_mode
        self._check_pair(where)
        self.stateful, self.return_sequences, self.return_state = (
            getattr(self.forward_layer, name) for name in _EQUAL
        )
        for each in (self.forward_layer, self.backward_layer):
            each.zero_output_for_mask = self.return_sequences
        if self.given_input_shape is None:  # Keras 1 gave it to the layer inside
            self.given_batch_size = layer.given_batch_size
            self.given_input_shape = layer.given_input_shape

    def _check_pair(self, where: str) -> None:
        forward, backward = self.forward_layer, self.backward_layer
        if forward.go_backwards == backward.go_backwards:
            raise ArgumentError(
                where, "one layer with go_backwards=False and one with True",
                f"{forward.go_backwards} in both",
            )  # fmt: skip
        for name in _EQUAL:
            if getattr(forward, name) != getattr(backward, name):
                raise ArgumentError(
                    where, f"the same {name} in both layers",
                    f"{getattr(forward, name)} and {getattr(backward, name)}",
                )  # fmt: skip

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Build both layers."""
        self.forward_layer.build_for(input_shape)
        self.backward_layer.build_for(input_shape)

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """The output; states behind the sequence in a list count as ``initial_state``."""
        arguments, keywords = with_states(arguments, keywords)
        return super().__call__(*arguments, **keywords)

    def call(
        self, sequences: Tensor, initial_state: Any = None, mask: Any = None, training: bool = False
    ) -> Any:
        """y = merge(forward(x), backward(x)), and the final states if asked for."""
        starts: list[dict[str, Any]] = [{}, {}]
        if initial_state is not None:
            half = len(initial_state) // 2
            starts = [{"initial_state": list(initial_state[:half])},
                      {"initial_state": list(initial_state[half:])}]  # fmt: skip
        forward = _listed(self.forward_layer(sequences, mask=mask, **starts[0]))
        backward = _listed(self.backward_layer(sequences, mask=mask, **starts[1]))
        there, back = forward[0], backward[0]
        if self.return_sequences:
            back = ops.flip(back, axes=(1,))
        y = [there, back] if self.merge_mode is None else _MERGES[self.merge_mode](there, back)
        if not self.return_state:
            return y
        return [*_listed(y), *forward[1:], *backward[1:]]

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The input's mask for sequences, None where only the last output is left."""
        mask = mask[0] if isinstance(mask, (list, tuple)) else mask
        if not self.return_sequences or mask is None:
            return None
        return [mask, mask] if self.merge_mode is None else mask

    def reset_state(self) -> None:
        """Begin the next batch with zeros, in both directions."""
        self.forward_layer.reset_state()
        self.backward_layer.reset_state()

    def reset_states(self) -> None:
        """Keras's older name of ``reset_state``."""
        self.reset_state()

    # ---- config

    @classmethod
    def parameters(cls) -> list[str]:
        """The names of the arguments; the layers are written by ``get_config``."""
        own = ("layer", "weights", "backward_layer")
        return [name for name in super().parameters() if name not in own]

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer."""
        layers = {"layer": self.forward_layer, "backward_layer": self.backward_layer}
        return super().get_config() | {name: serialize(each) for name, each in layers.items()}

    @classmethod
    def from_config(
        cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Self:
        """The layer that a config describes, its layers as objects or in their written form."""
        layers = {name: deserialize(config[name], "layers", custom_objects)
                  for name in ("layer", "backward_layer") if config.get(name)}  # fmt: skip
        return cls(**{**config, **layers})


def fresh(layer: Any, **changes: Any) -> Any:
    """A layer with the same arguments, but for those given, and weights of its own."""
    if not isinstance(layer, Layer):
        return copy.deepcopy(layer)  # a cell that is no layer
    arguments = {name: _fresh_parts(value) for name, value in layer._arguments().items()}
    if "dtype" in arguments:
        arguments["dtype"] = layer.dtype_policy
    if layer.activity_regularizer is not None:
        arguments["activity_regularizer"] = layer.activity_regularizer
    return type(layer)(**arguments | changes)


def _fresh_parts(value: Any) -> Any:
    """An argument, cells in it made anew."""
    if isinstance(value, (list, tuple)):
        return [_fresh_parts(each) for each in value]
    is_cell = isinstance(value, Layer) or (hasattr(value, "call") and hasattr(value, "state_size"))
    return fresh(value) if is_cell else value


def _listed(outputs: Any) -> list[Any]:
    return list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
