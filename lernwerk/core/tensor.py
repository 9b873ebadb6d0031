"""The eager and traced Tensor: a value, and the operation that made it.

In eager use ``value`` is a NumPy array; while a function is traced it is a ``Symbol`` of the graph.
Code over Tensors cannot tell the difference. Every operation passes through ``apply``; there is no
other place where values are computed or nodes are recorded.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, cast

import numpy as np

from lernwerk import ops
from lernwerk.core import autocast
from lernwerk.core.graph import Symbol
from lernwerk.core.operators import Operators
from lernwerk.core.tracer import current_scope, current_tracer
from lernwerk.errors import DtypeError, ShapeError, UsageError
from lernwerk.ops.primitive import Array, Dtype, Primitive, Spec

DEFAULT_FLOAT = np.dtype(np.float32)
_serials = itertools.count()


class Application:
    """One use of a primitive: what went in and came out, when (``serial``), for which layer."""

    __slots__ = ("attributes", "inputs", "outputs", "primitive", "scope", "serial")

    def __init__(
        self,
        primitive: Primitive,
        inputs: tuple[Tensor, ...],
        attributes: dict[str, Any],
        outputs: tuple[Any, ...],
    ) -> None:
        self.primitive = primitive
        self.inputs = inputs
        self.attributes = attributes
        # The bare values, not Tensors: a Tensor refers to its application, and a cycle would keep
        # whole tapes alive until the garbage collector runs.
        self.outputs = outputs
        self.serial = next(_serials)
        self.scope = current_scope()

    def tensor(self, index: int) -> Tensor:
        """The output of that index as a Tensor with this application as its origin."""
        return Tensor._made(self.outputs[index], self, index)


class Tensor(Operators):
    """A number, vector, matrix or larger array that remembers the operation that made it.

    Shapes: as of the array given; dtype float32 for Python floats, the array's own otherwise.
    """

    __slots__ = ("_value", "index", "mask", "origin", "source")
    __array_priority__ = 100  # so that ndarray + Tensor asks the Tensor

    def __init__(self, value: Any, dtype: Any = None) -> None:
        self._value: Any = to_array(value, dtype)
        self.origin: Application | None = None
        self.index = 0
        self.source: Any = None  # the Variable of which this is a reading
        self.mask: Any = None  # which steps count: set and read by layers

    @classmethod
    def _made(cls, value: Any, origin: Application | None, index: int = 0) -> Tensor:
        tensor = Tensor.__new__(Tensor)
        tensor._value = value
        tensor.origin = origin
        tensor.index = index
        tensor.source = None
        tensor.mask = None
        return tensor

    @property
    def value(self) -> Any:
        """The NumPy array, or the graph's symbol while tracing."""
        return self._value

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes."""
        return tuple(self.value.shape)

    @property
    def dtype(self) -> Dtype:
        """The type of the numbers."""
        return cast(Dtype, self.value.dtype)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return int(np.prod(self.shape))

    @property
    def traced(self) -> bool:
        """Whether the value is a symbol of a graph that is being traced."""
        return isinstance(self.value, Symbol)

    def read(self) -> Tensor:
        """The Tensor itself; of a Variable, its present value."""
        return self

    def numpy(self) -> Array:
        """The value as a NumPy array; raises UsageError while a function is traced."""
        value = self.value
        if isinstance(value, Symbol):
            raise UsageError(
                "numpy()",
                "a tensor with a value",
                f"the symbol {value.label} of a traced function",
                "Inside a compiled function values do not exist yet: use operations only, or run"
                " it without compiled() (in Keras: run_eagerly=True).",
            )
        return cast(Array, value)

    def item(self) -> Any:
        """The only element as a Python number."""
        array = self.numpy()
        if array.size != 1:
            raise ShapeError(
                "item()", "a tensor with one element", array.shape,
                "Reduce it first, for example with .sum(), ops.all(x) or ops.any(x).",
            )  # fmt: skip
        return array.item()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.array(self.numpy(), dtype=dtype, copy=copy)

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __bool__(self) -> bool:
        return bool(self.item())

    def __len__(self) -> int:
        if not self.shape:
            raise DtypeError("len()", "a tensor with axes", "one of shape ()")
        return self.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        return (self[i] for i in range(len(self)))

    def __format__(self, form: str) -> str:
        return format(self.item(), form) if form and not self.traced else str(self)

    def __repr__(self) -> str:
        if self.traced:
            return f"<Tensor {self.value.label}: {self.dtype} {self.shape}>"
        made = f", made by {self.origin.primitive.name}" if self.origin else ""
        return f"Tensor({np.array2string(self.numpy(), separator=', ')}, {self.dtype}{made})"

    @staticmethod
    def __primitive__(
        primitive: Primitive, inputs: Sequence[Any], attributes: dict[str, Any]
    ) -> Any:
        return apply(primitive, inputs, attributes)

    def __getitem__(self, key: Any) -> Tensor:
        from lernwerk.core.indexing import get_item

        return get_item(self, key)

    def astype(self, dtype: Any) -> Tensor:
        """The same numbers in another type."""
        return cast(Tensor, ops.cast(self, dtype=np.dtype(dtype).name))

    def reshape(self, *shape: Any) -> Tensor:
        """The same numbers in another shape; one length may be -1."""
        lengths = shape[0] if len(shape) == 1 and isinstance(shape[0], (tuple, list)) else shape
        return cast(Tensor, ops.reshape(self, shape=tuple(lengths)))

    def transpose(self, *axes: Any) -> Tensor:
        """The axes in another order; reversed without arguments."""
        order = axes[0] if len(axes) == 1 and isinstance(axes[0], (tuple, list)) else axes
        return cast(Tensor, ops.transpose(self, axes=tuple(order) or None))

    @property
    def T(self) -> Tensor:
        """The axes reversed."""
        return self.transpose()

    def _by_numpy(self, name: str, **options: Any) -> Any:
        """What ``np.mean(tensor)`` asks the tensor for: an array, as NumPy's functions give."""
        return getattr(self.numpy(), name)(**options)

    def sum(self, axis: Any = None, keepdims: bool = False, **numpy: Any) -> Tensor:
        """The sum over the axes given, or over all."""
        if numpy:
            return self._by_numpy("sum", axis=axis, keepdims=keepdims, **numpy)
        return cast(Tensor, ops.sum(self, axis=axis, keepdims=keepdims))

    def mean(self, axis: Any = None, keepdims: bool = False, **numpy: Any) -> Tensor:
        """The mean over the axes given, or over all."""
        if numpy:
            return self._by_numpy("mean", axis=axis, keepdims=keepdims, **numpy)
        return cast(Tensor, ops.mean(self, axis=axis, keepdims=keepdims))

    def max(self, axis: Any = None, keepdims: bool = False, **numpy: Any) -> Tensor:
        """The largest element over the axes given, or over all."""
        if numpy:
            return self._by_numpy("max", axis=axis, keepdims=keepdims, **numpy)
        return cast(Tensor, ops.max(self, axis=axis, keepdims=keepdims))

    def min(self, axis: Any = None, keepdims: bool = False, **numpy: Any) -> Tensor:
        """The smallest element over the axes given, or over all."""
        if numpy:
            return self._by_numpy("min", axis=axis, keepdims=keepdims, **numpy)
        return cast(Tensor, ops.min(self, axis=axis, keepdims=keepdims))


class Constant(Tensor):
    """A Python number that took part in an operation; nobody asks for its gradient."""

    __slots__ = ()


def to_array(value: Any, dtype: Any = None) -> Any:
    """A NumPy array of the value: Python floats become float32, arrays keep their type."""
    if isinstance(value, Tensor):
        value = value.value
    if isinstance(value, Symbol):
        return value
    try:
        array = np.asarray(value, dtype=dtype)
    except (ValueError, TypeError, OverflowError) as error:  # uneven rows, text, too large a number
        raise _not_numbers(str(error), value) from None
    if array.dtype.kind in "cUSOmM":
        raise _not_numbers(str(array.dtype), value)
    if dtype is None and not hasattr(value, "dtype"):
        return array.astype(_default_dtype(array), copy=False)
    return array


def _not_numbers(found: str, value: Any) -> DtypeError:
    return DtypeError(
        "Tensor", "numbers", f"{found} ({str(value)[:60]!r})",
        "Convert it first, for example x = np.asarray(x, dtype='float32').",
    )  # fmt: skip


def _default_dtype(array: Array) -> Dtype:
    """The type of Python numbers: float32 for floats, int32 for integers that fit into it."""
    if array.dtype.kind == "f":
        return DEFAULT_FLOAT
    if array.dtype.kind not in "iu":
        return array.dtype
    limits = np.iinfo(np.int32)
    fits = not array.size or (array.min() >= limits.min and array.max() <= limits.max)
    return np.dtype(np.int32) if fits else array.dtype


def as_tensor(value: Any, dtype: Any = None) -> Tensor:
    """A Tensor of the value; the same object where it already is one of that type."""
    if isinstance(value, Tensor):
        value = value.read()
        return value if dtype is None or value.dtype == dtype else value.astype(dtype)
    return Tensor(value, dtype)


def apply(primitive: Primitive, inputs: Sequence[Any], attributes: dict[str, Any]) -> Any:
    """Compute a primitive on Tensors, or record it in the graph being traced."""
    if autocast.is_active() and primitive.name in autocast.PRODUCTS:
        return autocast.product(primitive, [as_tensor(value) for value in inputs], attributes)
    tensors = tuple(_promoted(primitive, inputs))
    values = tuple(tensor.value for tensor in tensors)
    merged = {**primitive.defaults, **attributes}
    specs = primitive.infer([Spec(t.shape, t.dtype) for t in tensors], merged)
    tracer = current_tracer()
    if tracer is not None and any(isinstance(value, Symbol) for value in values):
        results: tuple[Any, ...] = tracer.record(primitive, values, merged, specs)
    else:
        results = _compute(primitive, values, merged)
    application = Application(primitive, tensors, merged, results)
    made = tuple(application.tensor(i) for i in range(len(results)))
    return made[0] if primitive.single else made


def _compute(
    primitive: Primitive, values: tuple[Any, ...], attributes: dict[str, Any]
) -> tuple[Any, ...]:
    if any(isinstance(value, Symbol) for value in values):
        raise UsageError(
            primitive.name, "tensors of the function that is running",
            "a tensor kept from a traced function",
            "Return it from the compiled function, or assign it to a Variable.",
        )  # fmt: skip
    with np.errstate(all="ignore"):  # overflow and NaN are values here; the doctor looks for them
        result = primitive.forward(*values, **attributes)
    return (np.asarray(result),) if primitive.single else tuple(np.asarray(r) for r in result)


def _promoted(primitive: Primitive, inputs: Sequence[Any]) -> Iterator[Tensor]:
    """The inputs as Tensors of fitting types: Python numbers adapt, floats win over integers."""
    tensors = [None if _is_weak(value) else as_tensor(value) for value in inputs]
    floats = [t.dtype for t in tensors if t is not None and t.dtype.kind == "f"]
    if not floats and any(isinstance(value, float) and _is_weak(value) for value in inputs):
        floats = [DEFAULT_FLOAT]
    target = np.result_type(*floats) if floats else None
    for value, tensor in zip(inputs, tensors, strict=True):
        if tensor is None:
            yield Constant(value, _weak_dtype(value, target, tensors))
        elif primitive.joins and target is not None and tensor.dtype.kind in "iuf":
            yield as_tensor(tensor, target)
        else:
            yield tensor


def _is_weak(value: Any) -> bool:
    return isinstance(value, (bool, int, float)) and not isinstance(value, np.generic)


def _weak_dtype(value: Any, target: Dtype | None, tensors: Sequence[Tensor | None]) -> Dtype:
    if isinstance(value, bool):
        return np.dtype(bool)
    if target is not None:
        return target
    known = [t.dtype for t in tensors if t is not None and t.dtype.kind in "iu"]
    return np.result_type(*known) if known else np.dtype(np.int32)
