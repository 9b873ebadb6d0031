"""From a file's config to objects: layers, initializers, regularizers, losses, metrics, optimizers.

Reading a config imports nothing and runs nothing: a class is one of this package's own or one that
the caller gave. Keras's options that are at "off" and unknown here are dropped, in this place only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lernwerk import losses, metrics
from lernwerk.configurable import Configurable, find_class, serialize
from lernwerk.errors import FileError, nearest
from lernwerk.layers.layer import Layer
from lernwerk.models.model import Model
from lernwerk.models.sequential import Sequential
from lernwerk.saving.building import Budget, check_input, measured

Custom = Mapping[str, Any]

# Keras's options that ask for nothing at these values; None asks for nothing anywhere.
_INERT: Mapping[str, tuple[Any, ...]] = {
    "ema_momentum": (0.99,),
    "is_legacy_optimizer": (False,),
    "jit_compile": (False, True),
    "use_ema": (False,),
    "dtype": ("float32",),
}
_INNER = (
    "initializers",
    "regularizers",
    "constraints",
    "layers",
)  # families that stand inside a layer's config
_CODE = ("Lambda", "__lambda__", "__numpy__")
_FAMILIES = (
    "layers", "initializers", "regularizers", "constraints", "losses", "metrics", "optimizers",
)  # fmt: skip


def refuse_code(where: str, config: Any) -> None:
    """Refuse a config with anything in it that would have to be executed."""
    pending = [config]
    while pending:
        each = pending.pop()
        if isinstance(each, dict):
            name = each.get("class_name")
            if name in _CODE[:2] or "__lambda__" in each:
                raise FileError(
                    where, "layers of known formulas", "a Lambda with code in the file",
                    "Write the function as a Layer subclass and give it by custom_objects.",
                )  # fmt: skip
            pending.extend(each.values())
        elif isinstance(each, list):
            pending.extend(each)


class Reader:
    """Makes objects from configs, the weights of layers within a budget."""

    def __init__(self, budget: Budget, custom_objects: Custom | None = None) -> None:
        self.where = budget.where  # the file, for messages
        self.budget = budget
        self.custom: Custom = dict(custom_objects or {})

    def object(self, config: Any, family: str) -> Any:
        """The object of a written form; values of other kinds are returned as they are."""
        if not (isinstance(config, dict) and "class_name" in config):
            return config
        found, inner = self._class(config, family), config.get("config")
        if not isinstance(inner, dict):
            raise FileError(self.where, f"the arguments of {found.__name__} as a dict", repr(inner))
        arguments = self._arguments(found, inner)
        if issubclass(found, Sequential):
            return self._sequential(found, arguments)
        return found.from_config(arguments)

    def _sequential(self, found: type[Sequential], arguments: dict[str, Any]) -> Sequential:
        """A model is built as soon as it knows its input, so both are watched beforehand."""
        layers = arguments["layers"] = self.layers(arguments.get("layers"))
        given = [each.given_input_shape for each in layers]
        shapes = [(None, *shape) for shape in given if shape is not None]
        for shape in (*shapes, arguments.get("build_input_shape")):
            if shape is not None:
                check_input(self.where, shape)
        with measured(layers, self.budget):
            return found.from_config(arguments)

    def _class(self, config: Mapping[str, Any], family: str) -> type[Configurable]:
        """The class that is meant: the caller's if the file says so, else this package's."""
        name, registered = config["class_name"], config.get("registered_name")
        if not isinstance(name, str):
            raise FileError(self.where, "the name of a class", repr(name))
        for key in (registered, str(registered).rpartition(">")[2], name):
            if isinstance(key, str) and key in self.custom:
                found: type[Configurable] = self.custom[key]
                return found
        module = config.get("module")
        if not isinstance(module, str) or module.partition(".")[0] != "keras":
            raise FileError(
                self.where, f"custom_objects with the class {name!r}", "none of this name",
                f"load_model(filepath, custom_objects={{'{name}': {name}}})",
            )  # fmt: skip
        if name in ("Sequential", "Functional", "Model"):
            if name != "Sequential":
                raise FileError(self.where, "a Sequential model", f"one of class {name!r}")
            return Sequential
        return find_class(family, name)

    def _arguments(self, found: type[Configurable], inner: Mapping[str, Any]) -> dict[str, Any]:
        arguments = {key: self._value(key, value) for key, value in inner.items()}
        if issubclass(found, Layer):  # a layer judges the options that it does not have
            return arguments
        known = found.parameters()
        return {key: v for key, v in arguments.items() if key in known or not _inert(key, v)}

    def _value(self, key: str, value: Any) -> Any:
        """An object inside a layer's config: an initializer, a regularizer, a function by name."""
        if isinstance(value, str) and key.endswith("activation") and value in self.custom:
            return self.custom[value]
        if not (isinstance(value, dict) and "class_name" in value):
            return value
        family = _family(value)
        if family in _INNER or value.get("registered_name") in self.custom:
            return self.object(value, family)
        return value

    def layers(self, listed: Any) -> list[Any]:
        """The layers of a Sequential."""
        if not isinstance(listed, list):
            raise FileError(self.where, "a list of layers", repr(listed)[:60])
        made = [self.object(each, "layers") for each in listed]
        for each in made:
            if not isinstance(each, Layer):
                raise FileError(self.where, "layers with a class_name", repr(each)[:60])
        return made

    def loss(self, config: Any) -> Any:
        """A loss for ``compile``: a name, an object, or a function of the caller's."""
        return self._named(config, "losses", losses.NAMES)

    def metric(self, config: Any) -> Any:
        """A metric for ``compile``."""
        known = {**metrics.NAMES, **losses.NAMES, "accuracy": None, "acc": None}
        return self._named(config, "metrics", known)

    def _named(self, config: Any, family: str, known: Mapping[str, Any]) -> Any:
        if isinstance(config, dict) and config.get("class_name") == "function":
            config = config.get("config")
        if isinstance(config, str) and config in self.custom:
            return self.custom[config]
        if isinstance(config, str) and config not in known:
            raise FileError(
                self.where, f"the name of one of the {family}", repr(config),
                f"{nearest(config, known)} A function of your own is given by custom_objects.",
            )  # fmt: skip
        return self.object(config, family)


def _family(config: Mapping[str, Any]) -> str:
    module = config.get("module")
    parts = module.split(".") if isinstance(module, str) else []
    return next((part for part in parts if part in _FAMILIES), "")


def _inert(key: str, value: Any) -> bool:
    return value is None or value in _INERT.get(key, ())


def model_config(model: Model) -> dict[str, Any]:
    """The written form of a model with what it was built and compiled for."""
    config = serialize(model)
    config["build_config"] = {"input_shape": config["config"].get("build_input_shape")}
    if model.optimizer is not None:
        config["compile_config"] = compile_config(model)
    return config


def compile_config(model: Any) -> dict[str, Any]:
    """The arguments of ``compile``, in Keras's form."""
    return {
        "optimizer": serialize(model.optimizer),
        "loss": _written(model.loss),
        "loss_weights": None,
        "metrics": [_written(each) for each in _flat(model._measures.given)] or None,
        "weighted_metrics": None,
        "run_eagerly": bool(model._steps is not None and model._steps.run_eagerly),
        "steps_per_execution": 1,
        "jit_compile": "auto",
    }


def _flat(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]


def _written(value: Any) -> Any:
    """A loss or metric as a name where it is a function, else as an object's written form."""
    if type(value) in (losses.LossFunctionWrapper, metrics.MeanMetricWrapper):
        return value.fn.__name__
    if isinstance(value, Configurable):
        return serialize(value)
    return getattr(value, "__name__", value)


def compile_from(model: Model, settings: Any, reader: Reader) -> None:
    """Compile a model with the settings in a file, Keras's or ours."""
    hint = "load_model(filepath, compile=False) opens it without them."
    if not isinstance(settings, dict):
        raise FileError(reader.where, "compile settings as a dict", repr(settings)[:60], hint)
    for name in ("loss_weights", "weighted_metrics"):
        if settings.get(name):
            raise FileError(reader.where, f"compile settings without {name}",
                            repr(settings[name])[:60], hint)  # fmt: skip
    listed = settings.get("metrics") or []
    if not isinstance(listed, list) or not all(isinstance(each, (str, dict)) for each in listed):
        raise FileError(reader.where, "a list of metrics", repr(listed)[:60], hint)
    model.compile(
        optimizer=reader.object(settings.get("optimizer"), "optimizers"),
        loss=reader.loss(settings.get("loss")),
        metrics=[reader.metric(each) for each in listed],
        run_eagerly=settings.get("run_eagerly") is True,
    )
