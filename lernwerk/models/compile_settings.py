"""The arguments of ``compile`` in Keras's written form, and a model compiled with them again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lernwerk import losses, metrics, optimizers
from lernwerk.configurable import Configurable, function_form, serialize
from lernwerk.errors import DataError, nearest
from lernwerk.registration import own_object

_HINT = "load_model(filepath, compile=False) opens it without them."
_NAMES: Mapping[str, Any] = {**metrics.NAMES, **losses.NAMES}
_DECIDED = ("accuracy", "acc", "Accuracy", "crossentropy", "ce")  # by loss and shapes


def written_settings(model: Any) -> dict[str, Any]:
    """What the model was compiled with."""
    measures, objective = model._measures, model._objective
    own_names = measures.own_names

    def written(value: Any) -> Any:
        return _written(value, own_names.get(id(value)))

    return {
        "optimizer": serialize(model.optimizer),
        "loss": _each(objective.loss, written),
        "loss_weights": _each(objective.loss_weights, _number),
        "metrics": _each(measures.given, written) or None,
        "weighted_metrics": _each(measures.weighted, written) or None,
        "run_eagerly": bool(model._steps is not None and model._steps.run_eagerly),
        "steps_per_execution": 1,
        "jit_compile": "auto",
    }


def _each(given: Any, function: Callable[[Any], Any]) -> Any:
    """The function applied to everything in lists and dicts by name."""
    if isinstance(given, dict) and "class_name" not in given:
        return {name: _each(value, function) for name, value in given.items()}
    if isinstance(given, (list, tuple)):
        return [_each(value, function) for value in given]
    return None if given is None else function(given)


def _written(value: Any, name: str | None) -> Any:
    """A loss or metric: a function by its name, an object in its written form."""
    if type(value) is losses.LossFunctionWrapper and not value.arguments:
        return function_form(value.fn)
    plain = type(value) is metrics.MeanMetricWrapper and not value.arguments
    if plain and hasattr(value.fn, "__name__"):
        return function_form(value.fn)
    if not isinstance(value, Configurable):
        return value
    form = serialize(value)
    return form if name is None else {**form, "config": {**form["config"], "name": name}}


def _number(value: Any) -> float:
    return float(value)


# ---- reading


def compile_with(model: Any, settings: Any) -> None:
    """Compile a model with written settings, Keras's or ours."""
    if not isinstance(settings, dict):
        raise DataError("compile settings", "a dict", repr(settings)[:60], _HINT)
    form = settings.get("optimizer")
    model.compile(
        optimizer=None if form is None else optimizers.deserialize(form),
        loss=_each(settings.get("loss"), _loss),
        loss_weights=_each(settings.get("loss_weights"), _weight),
        metrics=_metrics(settings.get("metrics")),
        weighted_metrics=_metrics(settings.get("weighted_metrics")),
        run_eagerly=settings.get("run_eagerly") is True,
    )


def _metrics(given: Any) -> Any:
    if not (given is None or isinstance(given, (str, list, dict))):
        raise DataError("compile settings", "a list of metrics", repr(given)[:60], _HINT)
    return _each(given, _metric)


def _loss(config: Any) -> Any:
    found = _named(config, "losses", losses.NAMES)
    return losses.deserialize(found) if isinstance(found, dict) else found


def _metric(config: Any) -> Any:
    found = _named(config, "metrics", {**_NAMES, **dict.fromkeys(_DECIDED)})
    return metrics.deserialize(found) if isinstance(found, dict) else found


def _named(config: Any, family: str, known: Mapping[str, Any]) -> Any:
    """A name that is known, the user's function of that name, or the written form as it is."""
    if isinstance(config, dict) and config.get("class_name") == "function":
        config = config.get("config")
    if isinstance(config, dict):
        return config
    own = own_object(config)
    if own is not None:
        return own
    if not isinstance(config, str) or config not in known:
        raise DataError(
            "compile settings", f"the name of one of the {family}", repr(config),
            f"{nearest(str(config), known)} A function of your own is given by custom_objects.",
        )  # fmt: skip
    return config


def _weight(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise DataError("compile settings", "loss_weights of numbers", repr(value)[:60], _HINT)
    return float(value)
