"""The measures: the metrics of a model's outputs, with the names under which they are logged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lernwerk import metrics
from lernwerk.metrics import Metric
from lernwerk.metrics.meaning import resolve_crossentropy
from lernwerk.training.outputs import Outputs, Shape

ACCURACY = (*metrics.ACCURACY, "Accuracy")  # names that are decided by the shapes
CROSSENTROPY = ("crossentropy", "ce")


class Measures:
    """What ``compile(metrics=..., weighted_metrics=...)`` says, once outputs and targets are known.

    ``metrics`` are names, functions, objects or lists of them for each output; a flat list goes
    to every output, or, with as many entries as outputs, entry by entry (as in Keras 3).
    """

    def __init__(self, given: Any, weighted: Any = None) -> None:
        self.given, self.weighted = _as_metrics(given), _as_metrics(weighted)
        self.resolved: list[tuple[int, Metric, bool]] = []  # output, metric, whether weighted
        self.outputs: Outputs | None = None
        self.own_names: dict[int, str] = {}  # of metrics, by id, before the outputs' stand in front

    def resolve(self, outputs: Outputs, targets: Sequence[Any], losses: Sequence[Any]) -> None:
        """Make the metrics; ``targets`` are shapes. Done once."""
        if self.outputs is not None:
            return
        self.outputs = outputs
        for given, weighted in ((self.given, False), (self.weighted, True)):
            for index, listed in enumerate(_for_outputs(given, outputs)):
                for identifier in listed:
                    found = _resolved(identifier, targets[index], outputs.shapes[index],
                                      losses[index])  # fmt: skip
                    self.own_names[id(found)] = found.name
                    found.name = outputs.label(index, found.name)
                    self.resolved.append((index, found, weighted))

    @property
    def asked(self) -> bool:
        """Whether there are any."""
        return bool(self.given or self.weighted)

    @property
    def metrics(self) -> list[Metric]:
        """The metrics in the order of the logs: output by output."""
        ordered = sorted(self.resolved, key=lambda entry: entry[0])
        return [metric for _, metric, _ in ordered]

    def update(
        self, targets: Sequence[Any], predictions: Sequence[Any], weights: Sequence[Any]
    ) -> None:
        """Take in a batch."""
        for index, metric, weighted in self.resolved:
            y, prediction = targets[index], predictions[index]
            weight = weights[index] if weighted else None
            if weight is None:
                metric.update_state(y, prediction)
            else:
                metric.update_state(y, prediction, sample_weight=weight)


def _as_metrics(given: Any) -> Any:
    if given is None:
        return []
    if isinstance(given, dict) and "class_name" not in given:
        return {name: _listed(_as_metrics(each)) for name, each in given.items()}
    if isinstance(given, (list, tuple)):
        return [_as_metrics(each) if isinstance(each, (list, tuple, dict)) else _as_metric(each)
                for each in given]  # fmt: skip
    return _as_metric(given)


def _as_metric(each: Any) -> Any:
    if each is None or (isinstance(each, str) and each in (*ACCURACY, *CROSSENTROPY)):
        return each
    return metrics.as_metric(each)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _for_outputs(given: Any, outputs: Outputs) -> list[list[Any]]:
    """The identifiers for each output."""
    where = "compile, metrics"
    if isinstance(given, dict):
        return [_listed(each or []) for each in outputs.one_by_one(where, given)]
    listed = _listed(given)
    nested = any(isinstance(each, (list, dict)) for each in listed)
    if len(outputs) > 1 and (nested or len(listed) == len(outputs)):
        return [[] if each is None else _listed(each) for each in outputs.one_by_one(where, listed)]
    if nested:  # one output, written as a list of one list
        listed = [each for entry in listed for each in _listed(entry)]
    # Every output has objects of its own.
    return [listed if index == 0 else [_again(each) for each in listed]
            for index in range(len(outputs))]  # fmt: skip


def _again(metric: Any) -> Any:
    if not isinstance(metric, Metric):
        return metric
    return type(metric).from_config(metric.get_config())


def _resolved(identifier: Any, y: Shape, output: Shape, loss: Any) -> Metric:
    if identifier in CROSSENTROPY and isinstance(identifier, str):
        found = resolve_crossentropy(loss, y, output)
        found.name = identifier
        return found
    if not (isinstance(identifier, str) and identifier in ACCURACY):
        return identifier  # type: ignore[no-any-return]
    found = metrics.resolve_accuracy(loss, y, output)
    found.name = "accuracy" if identifier == "Accuracy" else identifier
    return found
