"""The gradient: one reverse walk over the operations that made a Tensor.

Each operation contributes its own rule, written in operations, so that the same walk serves eager
Tensors, traced ones and gradients of gradients. This file holds only the chain rule: visit the
operations from the last to the first, multiply by the local gradient, add where paths meet.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from contextlib import nullcontext
from typing import Any

from lernwerk import ops
from lernwerk.core.tensor import Application, Tensor, as_tensor
from lernwerk.core.tracer import scope
from lernwerk.errors import DtypeError, ShapeError

_EVERYTHING = -1


def gradient(
    output: Any, sources: Sequence[Any], output_gradient: Any = None
) -> list[Tensor | None]:
    """The gradients of ``output`` with respect to each of ``sources``.

    dL/ds = sum over all paths from s to L of the product of the local gradients on the path.

    Shapes: each gradient has the shape of its source. ``output_gradient`` (the gradient arriving at
    the output) is 1 for a scalar and must be given otherwise. A source from which no path leads to
    the output gets None.
    Raises ShapeError for an output that is not a scalar, DtypeError for one that is not a float and
    for sources that are no tensors.
    Source: Linnainmaa 1976, BIT 16, 146-160.
    """
    target = as_tensor(output)
    if target.dtype.kind != "f":
        raise DtypeError("gradient", "a float output", str(target.dtype))
    _check_sources(sources)
    if output_gradient is None:
        if target.size != 1:
            raise ShapeError(
                "gradient", "a scalar output", target.shape,
                "Reduce it, for example loss.mean(), or give output_gradient of its shape.",
            )  # fmt: skip
        output_gradient = ops.broadcast_to(as_tensor(1.0, target.dtype), shape=target.shape)
    arriving = as_tensor(output_gradient, target.dtype)
    if arriving.shape != target.shape:
        raise ShapeError("gradient", f"output_gradient of shape {target.shape}", arriving.shape)
    return walk([target], [arriving], sources, _EVERYTHING)


def _check_sources(sources: Sequence[Any]) -> None:
    """Refuse a single tensor, which would be taken row by row, and things that are no tensors."""
    single = isinstance(sources, Tensor)
    foreign = [each for each in sources if not isinstance(each, Tensor)] if not single else []
    if single or foreign:
        raise DtypeError(
            "gradient", "a list of tensors as sources",
            "one tensor" if single else f"a list with {type(foreign[0]).__name__}",
            "gradient(loss, [x]) with x a Tensor or a Variable",
        )  # fmt: skip


def walk(
    outputs: Sequence[Tensor],
    arriving: Sequence[Tensor | None],
    sources: Sequence[Any],
    since: int,
) -> list[Tensor | None]:
    """Walk back from the outputs over the operations made after number ``since``."""
    wanted = {key_of(source) for source in sources}
    relevant = _relevant(_ancestors(outputs, since), wanted)
    gradients: dict[Hashable, Tensor] = {}
    for tensor, g in zip(outputs, arriving, strict=True):
        if g is not None:
            _accumulate(gradients, key_of(tensor), g)
    for application in reversed(relevant.values()):
        _step_back(application, gradients, wanted, relevant)
    return [gradients.get(key_of(source)) for source in sources]


def key_of(tensor: Any) -> Hashable:
    """What identifies a value on the tape: its operation and output, its Variable, or itself."""
    if tensor.origin is not None:
        return id(tensor.origin), tensor.index
    return id(tensor) if tensor.source is None else id(tensor.source)


def _ancestors(outputs: Sequence[Tensor], since: int) -> list[Application]:
    """All operations that the outputs depend on, in the order in which they were made."""
    found: dict[int, Application] = {}
    waiting = [tensor.origin for tensor in outputs]
    while waiting:
        application = waiting.pop()
        if application and application.serial > since and application.serial not in found:
            found[application.serial] = application
            waiting.extend(tensor.origin for tensor in application.inputs)
    return [found[serial] for serial in sorted(found)]


def _relevant(applications: Sequence[Application], wanted: set[Hashable]) -> dict[int, Application]:
    """Those operations that lie on a path from a source to the output, keyed by identity."""
    relevant: dict[int, Application] = {}
    for application in applications:
        if any(_leads_back(tensor, wanted, relevant) for tensor in application.inputs):
            relevant[id(application)] = application
    return relevant


def _leads_back(tensor: Tensor, wanted: set[Hashable], relevant: dict[int, Application]) -> bool:
    return key_of(tensor) in wanted or id(tensor.origin) in relevant


def _step_back(
    application: Application,
    gradients: dict[Hashable, Tensor],
    wanted: set[Hashable],
    relevant: dict[int, Application],
) -> None:
    """Carry the gradients of an operation's outputs on to its inputs."""
    count = len(application.outputs)
    keys = [(id(application), index) for index in range(count)]
    # What no source waits for is forgotten, so that only the front of the walk is in memory.
    arriving = [(gradients.get if k in wanted else gradients.pop)(k, None) for k in keys]
    if all(g is None for g in arriving):
        return
    layer = application.scope
    with scope(f"{layer}/gradient") if layer else nullcontext():
        entries = input_gradients(application, arriving)
        for tensor, entry in zip(application.inputs, entries, strict=True):
            if tensor.dtype.kind == "f" and _leads_back(tensor, wanted, relevant):
                g = entry() if callable(entry) else entry
                if g is not None:
                    _accumulate(gradients, key_of(tensor), _fitted(g, tensor))


def input_gradients(application: Application, arriving: Sequence[Tensor | None]) -> Sequence[Any]:
    """The operation's own rule, or the gradient of its definition where it has none."""
    primitive = application.primitive
    if primitive.gradient is None:
        return _gradients_of_definition(application, arriving)
    outputs = tuple(application.tensor(i) for i in range(len(application.outputs)))
    g, y = (arriving[0], outputs[0]) if primitive.single else (tuple(arriving), outputs)
    entries: Sequence[Any] = primitive.gradient(g, y, *application.inputs, **application.attributes)
    return entries


def _gradients_of_definition(
    application: Application, arriving: Sequence[Tensor | None]
) -> Sequence[Any]:
    definition = application.primitive.definition
    if definition is None:  # comparisons, integers: nothing flows back
        return [None] * len(application.inputs)
    copies = [ops.identity(tensor) for tensor in application.inputs]
    since = min(copy.origin.serial for copy in copies) - 1
    results = definition(*copies, **application.attributes)
    outputs = [results] if application.primitive.single else list(results)
    return walk(outputs, arriving, copies, since)


def _accumulate(gradients: dict[Hashable, Tensor], key: Hashable, g: Tensor) -> None:
    known = gradients.get(key)
    gradients[key] = g if known is None else ops.add(known, g)


def _fitted(g: Any, tensor: Tensor) -> Tensor:
    """The gradient in its tensor's shape and type: broadcast axes are summed away."""
    g = as_tensor(g)
    if g.shape != tensor.shape:
        g = ops.sum_to(g, shape=tensor.shape)
    return g if g.dtype == tensor.dtype else g.astype(tensor.dtype)
