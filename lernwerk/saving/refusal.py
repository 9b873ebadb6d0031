"""What is refused in a config before anything is made of it: code, and paths of other files.

A Lambda is taken only with a function that the caller gave by name; the code that Keras writes for
a lambda is never looked at.
"""

from __future__ import annotations

from typing import Any

from lernwerk.errors import FileError, UsageError
from lernwerk.registration import own_object

_ADVICE = (
    "Write the function as a Layer subclass and give it by custom_objects, "
    "or give the function itself under the layer's name: custom_objects={%r: function}."
)


def without_code(where: str, config: Any, safe_mode: bool = True) -> Any:
    """The config with the caller's functions in the place of code.

    Raises FileError for code that the caller gave nothing for, whatever ``safe_mode`` says.
    """
    if isinstance(config, (list, tuple)):
        return [without_code(where, each, safe_mode) for each in config]
    if not isinstance(config, dict):
        return config
    for key in ("vocabulary", "idf_weights"):
        if isinstance(config.get(key), str):
            raise FileError(where, f"a {key} in the file", f"the path {config[key]!r}"[:80],
                            "A file names no other files; save the layer again after adapt or "
                            "set_vocabulary.")  # fmt: skip
    if config.get("class_name") == "Lambda":
        config = {**config, "config": _with_given_function(config.get("config"))}
    if config.get("class_name") == "__lambda__" or "__lambda__" in config:
        raise _refusal(where, "lambda", safe_mode)
    found = {}
    for key, value in config.items():
        name = _name_of(config, key)
        if name is not None and _is_code(value):
            raise _refusal(where, name, safe_mode)
        found[key] = without_code(where, value, safe_mode)
    return found


def _name_of(config: dict[str, Any], key: str) -> str | None:
    """The name of the Lambda whose function stands under this key; None elsewhere."""
    name = config.get("name")
    return str(name) if key == "function" and "name" in config else None


def _is_code(value: Any) -> bool:
    """Keras's forms of a lambda: a dict, before Keras 3 a list or a text with the code first."""
    if isinstance(value, dict):
        return value.get("class_name") == "__lambda__"
    return isinstance(value, list)


def _with_given_function(inner: Any) -> Any:
    """The arguments of a Lambda; code in them gives way to the function given under its name."""
    if not isinstance(inner, dict):
        return inner
    dropped = ("module", "function_type", "output_shape_type", "output_shape_module", "mask_type",
               "mask_module")  # fmt: skip
    kept = {key: value for key, value in inner.items() if key not in dropped}
    given = own_object(inner.get("name"))
    if _is_code(inner.get("function")) and callable(given):
        kept["function"] = given
        if _is_code(kept.get("output_shape")) and inner.get("output_shape_type") == "lambda":
            kept["output_shape"] = None
    return kept


def _refusal(where: str, name: str, safe_mode: bool) -> FileError:
    unsafe = "" if safe_mode else "safe_mode=False runs no code either. "
    return FileError(where, "layers of known formulas", "a Lambda with code in the file",
                     unsafe + _ADVICE % name)  # fmt: skip


def check_written(config: Any) -> None:
    """Refuse to write a lambda, which no reader could make again."""
    pending = [config]
    while pending:
        each = pending.pop()
        if each == "<lambda>":
            raise UsageError(
                "save_model", "functions with a name", "a lambda",
                "Files hold no code: write def f(x): ... and give f when you load the model.",
            )  # fmt: skip
        if isinstance(each, (dict, list)):
            pending.extend(each.values() if isinstance(each, dict) else each)
