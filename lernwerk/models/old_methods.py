"""Methods of models that Keras 1 and 2 had: thin forms of those of today, each noted as old."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import numpy as np

from lernwerk import legacy
from lernwerk.errors import UsageError
from lernwerk.ops.primitive import Array


class OldMethods:
    """``fit_generator`` and its kin, ``predict_classes``, ``predict_proba``."""

    fit: Any
    evaluate: Any
    predict: Any

    @legacy.old_names
    def fit_generator(
        self, generator: Any, steps_per_epoch: int | None = None, epochs: int = 1,
        verbose: Any = "auto", callbacks: Any = None, validation_data: Any = None,
        validation_steps: int | None = None, validation_freq: int = 1, class_weight: Any = None,
        shuffle: bool = True, initial_epoch: int = 0, samples_per_epoch: int | None = None,
        nb_val_samples: int | None = None,
    ) -> Any:  # fmt: skip
        """Train on batches: ``fit(generator, ...)``. Keras 1 counted samples instead of steps."""
        legacy.note("fit_generator", "fit")
        if samples_per_epoch is not None:
            generator, steps_per_epoch = _steps("samples_per_epoch", generator, samples_per_epoch)
        if nb_val_samples is not None:
            validation_data, validation_steps = _steps(
                "nb_val_samples", validation_data, nb_val_samples
            )
        return self.fit(
            generator, steps_per_epoch=steps_per_epoch, epochs=epochs, verbose=verbose,
            callbacks=callbacks, validation_data=validation_data,
            validation_steps=validation_steps, validation_freq=validation_freq,
            class_weight=class_weight, shuffle=shuffle, initial_epoch=initial_epoch,
        )  # fmt: skip

    @legacy.old_names
    def evaluate_generator(
        self, generator: Any, steps: int | None = None, callbacks: Any = None, verbose: Any = 0,
        samples: int | None = None,
    ) -> Any:  # fmt: skip
        """Loss and metrics over batches: ``evaluate(generator, ...)``."""
        legacy.note("evaluate_generator", "evaluate")
        if samples is not None:
            generator, steps = _steps("val_samples", generator, samples)
        return self.evaluate(generator, steps=steps, callbacks=callbacks, verbose=verbose)

    @legacy.old_names
    def predict_generator(
        self, generator: Any, steps: int | None = None, callbacks: Any = None, verbose: Any = 0,
        samples: int | None = None,
    ) -> Any:  # fmt: skip
        """The outputs for batches: ``predict(generator, ...)``."""
        legacy.note("predict_generator", "predict")
        if samples is not None:
            generator, steps = _steps("val_samples", generator, samples)
        return self.predict(generator, steps=steps, callbacks=callbacks, verbose=verbose)

    def predict_proba(self, x: Any, batch_size: int | None = None, verbose: Any = 0) -> Array:
        """The outputs, which are probabilities: ``predict(x)``."""
        legacy.note("predict_proba", "predict")
        found: Array = self.predict(x, batch_size=batch_size, verbose=verbose)
        return found

    def predict_classes(self, x: Any, batch_size: int | None = None, verbose: Any = 0) -> Array:
        """The class numbers: the largest of several outputs, 1 where a single one is above 0.5."""
        legacy.note("predict_classes", "predict")
        found: Array = self.predict(x, batch_size=batch_size, verbose=verbose)
        if found.shape[-1] > 1:
            return found.argmax(axis=-1)
        return (found > 0.5).astype("int32")


def _steps(name: str, source: Any, samples: int) -> tuple[Any, int]:
    """The source and how many of its batches hold so many samples; looks at the first batch."""
    size = getattr(source, "batch_size", None)
    if size is None and hasattr(source, "__next__"):
        first = next(source)
        size, source = _rows(first), _again(first, source)
    if size is None and hasattr(source, "__getitem__"):
        size = _rows(source[0])
    if size is None:
        raise UsageError(
            "fit_generator", "a generator of batches", type(source).__name__,
            f"Give steps_per_epoch instead of {name}.",
        )  # fmt: skip
    legacy.note(f"fit_generator({name}=)", "steps")
    return source, -(-samples // int(size))


def _rows(batch: Any) -> int:
    while isinstance(batch, (list, tuple, dict)):
        batch = next(iter(batch.values())) if isinstance(batch, dict) else batch[0]
    return len(np.asarray(batch))


def _again(first: Any, source: Iterator[Any]) -> Iterator[Any]:
    return chain([first], source)
