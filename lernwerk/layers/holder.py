"""What a layer holds: weights, inner layers, random streams, penalties; and who of them learns.

The base of ``Layer`` that knows nothing of calls and shapes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from lernwerk import initializers, mixed_precision, regularizers
from lernwerk.configurable import Configurable
from lernwerk.core.random import RandomStream
from lernwerk.core.tensor import Tensor
from lernwerk.core.tracer import suspended
from lernwerk.core.variable import Variable
from lernwerk.errors import DataError, ShapeError, check_keywords
from lernwerk.layers.context import filler, learns
from lernwerk.layers.symbolic import KerasTensor, resolved
from lernwerk.layers.tracking import distinct, exchange, is_plain, may_hold, parts_of
from lernwerk.legacy import note
from lernwerk.metrics.metric import Metric
from lernwerk.ops.primitive import Array

_SHAPE_FIRST = (
    "shape", "initializer", "dtype", "trainable", "autocast", "regularizer", "constraint",
    "aggregation", "overwrite_with_gradient", "name",
)  # fmt: skip
_TRACKED = ((Variable, "_variables"), (RandomStream, "_streams"), (Metric, "_held_metrics"))
_KINDS = tuple(kind for kind, _ in _TRACKED)
# Attributes of Layer and Model themselves, which hold nothing that is the user's.
_OWN = (
    "_holders", "_variables", "_streams", "_held_metrics", "_call_losses", "_lasting_losses",
    "_loss_mean", "_objective", "_measures", "_steps", "_added_metrics", "_inbound_nodes", "name",
    "built",
)  # fmt: skip
_NAME_FIRST = ("name", "shape", "initializer")


class Holder(Configurable):
    """The attributes of a layer that are weights, layers and random streams."""

    name: str
    dtype_policy: mixed_precision.DTypePolicy

    def __init__(self, trainable: bool) -> None:
        self._holders: list[Any] = []  # layers, and containers of layers
        self._variables: list[Variable] = []
        self._streams: list[RandomStream] = []
        self._held_metrics: list[Metric] = []
        self._call_losses: list[Any] = []  # of the last call
        self._lasting_losses: list[Any] = []  # functions and symbolic tensors, for every call
        self._trainable = trainable

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in _OWN:
            self._track(value, vars(self).get(name))
        object.__setattr__(self, name, value)

    def _track(self, value: Any, old: Any = None) -> None:
        if is_plain(value, Holder, *_KINDS) and not isinstance(old, Holder):
            return  # numbers, names and the like, which are most of what is assigned
        if may_hold(value, Holder):
            exchange(vars(self).setdefault("_holders", []), old, value)
        elif isinstance(old, Holder):
            self._holders = [each for each in self._holders if each is not old]
        for kind, known in _TRACKED:
            kept = vars(self).setdefault(known, [])
            for each in parts_of(value, kind):
                exchange(kept, None, each)

    @property
    def _sublayers(self) -> list[Any]:
        """The layers in the attributes of this one, each once, in the order of the attributes."""
        found: dict[int, Any] = {}
        for each in vars(self).get("_holders", ()):
            if isinstance(each, Holder):
                found[id(each)] = each
            elif each:
                found |= {id(layer): layer for layer in parts_of(each, Holder)}
        return list(found.values())

    def _flattened(self) -> Iterator[Any]:
        """This layer and all inside it, each once."""
        seen: set[int] = set()
        waiting = [self]
        while waiting:
            layer = waiting.pop()
            if id(layer) not in seen:
                seen.add(id(layer))
                yield layer
                waiting.extend(reversed(layer._sublayers))

    # ---- weights

    def add_weight(self, *arguments: Any, **keywords: Any) -> Variable:
        """Make a weight: a Variable of this layer, filled by the initializer.

        Arguments as in Keras 3 (``shape``, ``initializer``, ``dtype``, ``trainable``, ``autocast``,
        ``regularizer``, ``constraint``, ``aggregation``, ``overwrite_with_gradient``, ``name``), or
        in the older order ``name, shape, initializer``. The default initializer is
        "glorot_uniform", for integers "zeros". Without ``autocast`` a weight is read in float32
        also in mixed precision.
        """
        old = bool(arguments) and isinstance(arguments[0], str)
        given = dict(zip(_NAME_FIRST if old else _SHAPE_FIRST, arguments, strict=False))
        check_keywords(f"{self.name}.add_weight", keywords, _SHAPE_FIRST)
        return self.make_weight(**given | keywords)

    def make_weight(
        self,
        shape: Any = (),
        initializer: Any = None,
        dtype: Any = None,
        trainable: bool | None = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        name: str | None = None,
        aggregation: str = "none",
        overwrite_with_gradient: bool = False,
    ) -> Variable:
        """The weight that ``add_weight`` makes; the last two concern several devices."""
        lengths = (shape,) if isinstance(shape, int) else tuple(shape or ())
        numbers = np.dtype(dtype or self.variable_dtype)
        usual = initializer or ("glorot_uniform" if numbers.kind == "f" else "zeros")
        chosen = filler(self, name or "variable", lengths, numbers, usual)
        with suspended():
            value = initializers.get(chosen)(lengths, dtype=numbers.name)
            variable = Variable(
                value, name=name or "variable", trainable=trainable is not False, autocast=autocast
            )
        variable.regularizer = regularizers.get(regularizer)
        variable.constraint = constraint_of(constraint)
        variable.path = f"{self.name}/{variable.name}"
        self._track(variable)
        return variable

    @property
    def variable_dtype(self) -> str:
        """The type of the weights."""
        return self.dtype_policy.variable_dtype

    @property
    def trainable(self) -> bool:
        """Whether an optimizer may change the weights.

        In a step of a compiled model it is what it was when the model was compiled.
        """
        return learns(self, self._trainable)

    @trainable.setter
    def trainable(self, value: bool) -> None:
        for layer in self._flattened():
            layer._trainable = bool(value)

    @property
    def trainable_variables(self) -> list[Variable]:
        """The weights that training changes."""
        return distinct(self._trained())

    def _trained(self) -> Iterator[Variable]:
        if self.trainable:
            yield from (variable for variable in self._variables if variable.trainable)
            for layer in self._sublayers:
                yield from layer._trained()

    @property
    def weights(self) -> list[Variable]:
        """All weights: the layer's own, trainable ones first, then those of its sublayers."""
        return distinct(self._all_weights())

    def _all_weights(self) -> Iterator[Variable]:
        yield from self._own_weights()
        for layer in self._sublayers:
            yield from layer._all_weights()

    @property
    def variables(self) -> list[Variable]:
        """All weights and the counters of the random streams."""
        return [*self.weights, *self.random_states]

    @property
    def trainable_weights(self) -> list[Variable]:
        """Keras's other name of ``trainable_variables``."""
        return self.trainable_variables

    @trainable_weights.setter
    def trainable_weights(self, weights: Iterable[Variable]) -> None:
        """Keras 1's way to say which of the layer's own weights learn: those in the list."""
        note("layer.trainable_weights = [...]", "add_weight")
        listed = list(weights)
        self._track(listed)
        for variable in self._variables:
            variable.trainable = any(variable is each for each in listed)

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The weights that training leaves alone."""
        changed = {id(variable) for variable in self.trainable_variables}
        return [variable for variable in self.weights if id(variable) not in changed]

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """Keras's other name of ``non_trainable_weights``."""
        return self.non_trainable_weights

    @property
    def random_states(self) -> list[Variable]:
        """The counters of the random streams of this layer and those inside it."""
        return [stream.state for layer in self._flattened() for stream in layer._streams]

    def count_params(self) -> int:
        """The number of numbers in all weights."""
        return sum(variable.size for variable in self.weights)

    def get_weights(self) -> list[Array]:
        """Copies of all weights as NumPy arrays."""
        return [variable.numpy().copy() for variable in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Assign all weights, in the order of ``weights``; nothing changes where one is wrong."""
        targets = self.weights
        if len(weights) != len(targets):
            raise DataError(f"{self.name}.set_weights", f"{len(targets)} arrays", len(weights))
        for variable, value in zip(targets, weights, strict=True):
            if np.shape(value) != variable.shape:
                raise ShapeError(variable.path, f"a value of shape {variable.shape}",
                                 np.shape(value))  # fmt: skip
        for variable, value in zip(targets, weights, strict=True):
            variable.assign(value)

    def save_own_variables(self, store: Any) -> None:
        """Put the layer's own weights into a mapping, by number; what a file keeps of it."""
        for number, variable in enumerate(self._own_weights()):
            store[str(number)] = variable.numpy()

    def load_own_variables(self, store: Any) -> None:
        """Take the layer's own weights from a mapping that ``save_own_variables`` filled."""
        targets = self._own_weights()
        if len(store) != len(targets):
            raise DataError(f"{self.name}.load_own_variables", f"{len(targets)} arrays", len(store))
        for number, variable in enumerate(targets):
            variable.assign(np.asarray(store[str(number)]))

    def _own_weights(self) -> list[Variable]:
        """The layer's own weights in the order of files: trainable ones first."""
        return sorted(self._variables, key=lambda variable: not variable.trainable)

    # ---- penalties

    def add_loss(self, losses: Any, inputs: Any = None) -> None:
        """Add numbers to the loss of the model.

        ``losses`` is a tensor computed in ``call``, a symbolic tensor of a functional model, a
        function without arguments, or a list of them. ``inputs`` is taken for Keras 1 and unused.
        """
        for each in losses if isinstance(losses, (list, tuple)) else [losses]:
            lasting = isinstance(each, KerasTensor) or callable(each)
            (self._lasting_losses if lasting else self._call_losses).append(each)

    @property
    def losses(self) -> list[Tensor]:
        """What is added to the loss: penalties of trainable weights, and what calls have added."""
        penalties = [
            v.regularizer(v) for v in self.trainable_variables if v.regularizer is not None
        ]
        added = [each for layer in self._flattened() for each in layer._added_losses()]
        return [*added, *penalties]

    def _added_losses(self) -> Iterator[Any]:
        yield from self._call_losses
        for each in self._lasting_losses:
            value = resolved(each() if callable(each) else each)
            yield value.mean() if value.ndim else value

    def _forget_call_losses(self) -> None:
        for layer in self._flattened():
            if layer._call_losses:
                layer._call_losses = []


def constraint_of(constraint: Any) -> Callable[..., Any] | None:
    """The constraint that a name, config, class or function means."""
    if constraint is None or (callable(constraint) and not isinstance(constraint, type)):
        return constraint  # type: ignore[no-any-return]
    from lernwerk import constraints

    return constraints.get(constraint)  # type: ignore[no-any-return]


def with_paths(holder: Holder, variables: Iterable[Variable]) -> None:
    """Name variables after the layer that holds them."""
    for variable in variables:
        variable.path = f"{holder.name}/{variable.name}"
