"""What an operation is: one definition from which everything else follows.

A primitive holds, side by side, its forward form over an array namespace (NumPy, later
``jax.numpy``), its shape rule, its gradient rule written in operations, samples for the tests and
its source. Called with arrays it computes; called with objects that have a ``__primitive__`` method
(Tensors) it hands itself to them, so that the mathematics knows nothing of tapes and graphs.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, NamedTuple, TypeVar

import numpy as np

from lernwerk.errors import UnknownArgumentError, nearest
from lernwerk.ops.shape_line import Shape, ShapeLine

Array = np.ndarray[Any, np.dtype[Any]]
Dtype = np.dtype[Any]
ShapeRule = Callable[..., Any]
DtypeRule = Callable[..., Any]


# Results of shape rules that each operation remembers: more than the largest networks have.
MOST_INFERRED = 4096


class Spec(NamedTuple):
    """What is known of an array before it is computed."""

    shape: Shape
    dtype: Dtype


@dataclass(frozen=True)
class Sample:
    """One call of a primitive for the tests."""

    inputs: tuple[Any, ...]
    attributes: dict[str, Any] = field(default_factory=dict)


def sample(*inputs: Any, **attributes: Any) -> Sample:
    """A call of a primitive: ``sample(x, w, strides=(2, 2))``."""
    return Sample(inputs, attributes)


def namespace(*arrays: Any) -> ModuleType:
    """The module whose functions compute on these arrays: ``numpy`` or ``jax.numpy``."""
    for array in arrays:
        find = getattr(array, "__array_namespace__", None)
        if find is not None:
            module: ModuleType = find()
            return module
    return np


def _result_dtype(*dtypes: Dtype, **_: Any) -> Dtype:
    return np.result_type(*dtypes)


class Primitive:
    """An operation of the registry; see ``primitive`` for its parts."""

    def __init__(
        self,
        forward: Callable[..., Any],
        *,
        gradient: Callable[..., Any] | None,
        definition: Callable[..., Any] | None,
        samples: Callable[[np.random.Generator], Iterable[Sample]],
        source: str,
        shapes: ShapeRule | None,
        dtypes: DtypeRule | Any,
        broadcasts: bool,
    ) -> None:
        self.name = forward.__name__
        self.forward = forward
        self.gradient = gradient
        self.definition = definition
        self.samples = samples
        self.source = source
        self.broadcasts = broadcasts
        self.line = ShapeLine(inspect.getdoc(forward) or "")
        self._shapes = shapes
        self._dtypes = dtypes
        self._inferred: dict[Any, tuple[Spec, ...]] = {}
        parameters = inspect.signature(forward).parameters.values()
        self.defaults = {
            p.name: p.default for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY
        }
        self.inputs = [
            p.name for p in parameters if p.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
        ]
        self.arity = None if self.line.variadic else len(self.inputs)
        self.required = {n for n, value in self.defaults.items() if value is inspect._empty}
        self._keras_form: Callable[..., Any] | None = None
        self.__doc__ = forward.__doc__
        self.__name__ = forward.__name__
        self.__module__ = forward.__module__
        self.__wrapped__ = forward

    def __repr__(self) -> str:
        return f"<op {self.name}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return registered, (self.name,)

    @property
    def single(self) -> bool:
        """Whether the operation has one output, which is then returned without a tuple."""
        return len(self.line.outputs) == 1

    @property
    def joins(self) -> bool:
        """Whether the inputs take part with one common type, so that integers become floats."""
        return self.broadcasts or self._dtypes is _result_dtype

    def __call__(self, *inputs: Any, **attributes: Any) -> Any:
        given = attributes.keys()
        if len(inputs) != self.arity or not self.required <= given <= self.defaults.keys():
            if self._keras_form is not None:
                return self._keras_form(*inputs, **attributes)
            inputs, attributes = self._bound(inputs, attributes)
        for value in attributes.values():
            if type(value) is list:
                attributes = {name: plain(each) for name, each in attributes.items()}
        found = None
        for value in inputs:
            kind = type(value)
            record = getattr(kind, "__composite__", None)
            if record is not None:  # a symbolic tensor stands for all: nothing is computed yet
                return record(self, inputs, attributes)
            found = found or getattr(kind, "__primitive__", None)
            if kind in (list, tuple):
                from lernwerk.ops.common import as_array  # which needs this file

                return self(*map(as_array, inputs), **attributes)
        if found is not None:
            return found(self, inputs, attributes)
        return self.forward(*inputs, **attributes)

    def keras_form(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Also take Keras's arguments, where they differ: ``@pad.keras_form``.

        The function is called where the arguments are not those of this definition: more arrays
        than it has or other names.
        """
        self._keras_form = function
        return function

    def _bound(
        self, inputs: tuple[Any, ...], attributes: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments in the house's form: arrays positional, attributes by name.

        Further positional arguments are attributes in their order; one list stands for all arrays
        of an operation with any number of them; arrays may be given by name.
        """
        if self.arity is None:
            return _listed(inputs, attributes, list(self.defaults))
        named = dict(zip((*self.inputs, *self.defaults), inputs, strict=False))
        aliases = dict(zip(("x1", "x2"), self.inputs, strict=False))
        named |= {aliases.get(name, name): value for name, value in attributes.items()}
        unknown = named.keys() - {*self.inputs, *self.defaults}
        missing = {*self.inputs, *self.required} - named.keys()
        if len(inputs) > len(self.inputs) + len(self.defaults) or unknown or missing:
            raise self._unexpected(len(inputs), sorted(unknown), sorted(missing))
        arrays = tuple(named.pop(name) for name in self.inputs if name in named)
        return arrays, {name: plain(value) for name, value in named.items()}

    def _unexpected(
        self, count: int, unknown: Sequence[str], missing: Sequence[str]
    ) -> UnknownArgumentError:
        known = [*self.inputs, *self.defaults]
        if unknown:
            hint = nearest(unknown[0], known)
            return UnknownArgumentError(self.name, "known arguments", repr(unknown[0]), hint)
        expected = f"the argument {missing[0]!r}" if missing else f"at most {len(known)} arguments"
        got = "none" if missing else str(count)
        return UnknownArgumentError(self.name, expected, got, f"Known: {', '.join(known)}.")

    def infer(self, specs: Sequence[Spec], attributes: dict[str, Any]) -> tuple[Spec, ...]:
        """The specs of the outputs; raises the user's ShapeError where the inputs do not fit."""
        try:
            key = (*specs, *attributes.items())
            found = self._inferred.get(key)
        except TypeError:  # an attribute that is a list or an array
            return self._infer(specs, attributes)
        if found is None:
            if len(self._inferred) >= MOST_INFERRED:
                self._inferred.clear()
            found = self._inferred[key] = self._infer(specs, attributes)
        return found

    def _infer(self, specs: Sequence[Spec], attributes: dict[str, Any]) -> tuple[Spec, ...]:
        shapes = [tuple(spec.shape) for spec in specs]
        bound = self.line.bind(self.name, shapes, attributes, self.broadcasts)
        if self._shapes is None:
            results = self.line.result(bound)
        else:
            found = self._shapes(*shapes, **attributes)
            results = [tuple(found)] if self.single else [tuple(shape) for shape in found]
        dtypes = self._infer_dtypes([spec.dtype for spec in specs], attributes)
        return tuple(Spec(s, d) for s, d in zip(results, dtypes, strict=True))

    def _infer_dtypes(self, dtypes: Sequence[Dtype], attributes: dict[str, Any]) -> list[Dtype]:
        rule = self._dtypes
        found: Any = rule(*dtypes, **attributes) if inspect.isfunction(rule) else rule
        count = len(self.line.outputs)
        many = found if isinstance(found, (tuple, list)) else [found] * count
        return [np.dtype(each) for each in many]


def _listed(
    inputs: tuple[Any, ...], attributes: dict[str, Any], names: list[str]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arrays of ``concatenate([a, b], 1)`` or ``concatenate(a, b, axis=1)``."""
    listed = next((attributes[name] for name in ("xs", "x") if name in attributes), None)
    first = inputs[0] if inputs else listed
    if not isinstance(first, (list, tuple)):
        return inputs, attributes
    rest = dict(zip(names, inputs[1:], strict=False))
    if "axis" in names:
        rest.setdefault("axis", attributes.get("axis", 0))  # Keras's default
    return tuple(first), rest | {k: v for k, v in attributes.items() if k not in ("xs", "x")}


def plain(value: Any) -> Any:
    """An attribute as operations want it: tuples for lists, Python's integers for NumPy's."""
    if isinstance(value, (list, tuple)):
        return tuple(plain(each) for each in value)
    return value.item() if isinstance(value, np.integer) else value


def arrayed(value: Any) -> Any:
    """An array of nested lists, as a Tensor would be made of them; other values as they are."""
    if not isinstance(value, (list, tuple)):
        return value
    array = np.asarray(value)
    return array.astype({"f": np.float32, "i": np.int32}.get(array.dtype.kind, array.dtype))


REGISTRY: dict[str, Primitive] = {}
COMPOSITES: dict[str, Callable[..., Any]] = {}
_Function = TypeVar("_Function", bound=Callable[..., Any])


def registered(name: str) -> Primitive:
    """The primitive of that name."""
    return REGISTRY[name]


def primitive(
    *,
    samples: Callable[[np.random.Generator], Iterable[Sample]],
    source: str,
    gradient: Callable[..., Any] | None = None,
    definition: Callable[..., Any] | None = None,
    shapes: ShapeRule | None = None,
    dtypes: DtypeRule | Any = _result_dtype,
    broadcasts: bool = False,
) -> Callable[[Callable[..., Any]], Primitive]:
    """Turn a NumPy function into an operation of the registry.

    Arrays are positional, attributes keyword-only; the docstring holds formula and ``Shapes:``.

    ``gradient(g, y, *inputs, **attributes)`` returns one entry per input: a tensor, None where
    nothing flows back, or a function without arguments that is called only if that gradient is
    wanted. ``g`` is the gradient arriving at output ``y``; of several outputs both are tuples, and
    an output that nobody used has ``g[i] = None``. Broadcast axes are summed away by the caller.
    ``definition(*inputs, **attributes)`` is the same operation as a composite of simpler ones: the
    test's oracle, and the gradient where no rule is given.
    ``samples(random)`` yields calls for the tests (float64, away from kinks).
    ``shapes(*input_shapes, **attributes)`` computes output shapes where the ``Shapes:`` line alone
    cannot; ``dtypes`` is a dtype or a function of the inputs' dtypes.
    ``broadcasts`` marks elementwise operations with NumPy's broadcasting.
    """

    def register(forward: Callable[..., Any]) -> Primitive:
        made = Primitive(
            forward,
            gradient=gradient,
            definition=definition,
            samples=samples,
            source=source,
            shapes=shapes,
            dtypes=dtypes,
            broadcasts=broadcasts,
        )
        REGISTRY[made.name] = made
        return made

    return register


def composite(function: _Function) -> _Function:
    """Let symbolic tensors take part in a function made of several operations.

    Where an argument, or an element of a list among them, has ``__composite__`` (a tensor of a
    functional model), the call is handed to it as a whole and becomes one node; otherwise the
    function runs. ``COMPOSITES`` holds these functions by name, so that files can speak of them.
    """

    @functools.wraps(function)
    def call(*arguments: Any, **keywords: Any) -> Any:
        for leaf in _elements((*arguments, *keywords.values())):
            record = getattr(type(leaf), "__composite__", None)
            if record is not None:
                return record(call, arguments, keywords)
        return function(*arguments, **keywords)

    COMPOSITES[function.__name__] = call
    return call  # type: ignore[return-value]


def _elements(values: Iterable[Any]) -> Iterator[Any]:
    """The values, those in lists and tuples one by one."""
    for value in values:
        if isinstance(value, (list, tuple)):
            yield from _elements(value)
        else:
            yield value
