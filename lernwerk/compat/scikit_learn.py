"""``keras.wrappers.scikit_learn``: models as estimators of scikit-learn, as Keras once had them.

``KerasClassifier(build_fn, epochs=10)`` builds the model with ``build_fn`` and the arguments that
it knows, and gives the others to ``fit``, ``predict`` or ``evaluate``. scikit-learn itself is not
needed; its ``clone``, ``cross_val_score`` and ``GridSearchCV`` take these objects.
"""

from __future__ import annotations

import copy
import inspect
from typing import Any, ClassVar, Self

import numpy as np

from lernwerk.errors import ArgumentError, UsageError, nearest
from lernwerk.ops.primitive import Array
from lernwerk.utils import to_categorical


class _Estimator:
    """What classifier and regressor have in common."""

    _estimator_type: ClassVar[str]

    def __init__(self, build_fn: Any = None, **sk_params: Any) -> None:
        self.build_fn = build_fn
        self.sk_params = sk_params
        self._check_names(sk_params)

    def _builder(self) -> Any:
        return type(self).__call__ if self.build_fn is None else self.build_fn

    def _check_names(self, names: Any) -> None:
        known = {"nb_epoch"}
        for method in (self._builder(), *map(_method, ("fit", "predict", "evaluate"))):
            known |= set(inspect.signature(method).parameters)
        for name in names:
            if name not in known:
                raise ArgumentError(
                    type(self).__name__, "arguments of build_fn, fit, predict or evaluate",
                    repr(name), nearest(name, known),
                )  # fmt: skip

    def _chosen(self, function: Any, given: dict[str, Any] | None = None) -> dict[str, Any]:
        """Those of the arguments that a function has."""
        names = set(inspect.signature(function).parameters) - {"self", "x", "y"}
        names |= {"nb_epoch"} if "epochs" in names else set()
        chosen = {**self.sk_params, **(given or {})}
        if "epochs" in chosen:
            chosen.pop("nb_epoch", None)
        return {k: v for k, v in chosen.items() if k in names}

    # ---- as scikit-learn asks

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """All arguments."""
        return {"build_fn": self.build_fn, **self.sk_params}

    def set_params(self, **params: Any) -> Self:
        """Change arguments."""
        self.build_fn = params.pop("build_fn", self.build_fn)
        self._check_names(params)
        self.sk_params = {**self.sk_params, **params}
        return self

    def __sklearn_tags__(self) -> Any:
        from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

        mixin = ClassifierMixin if self._estimator_type == "classifier" else RegressorMixin
        return type("Tagged", (mixin, BaseEstimator), {})().__sklearn_tags__()

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "model")

    # ---- use

    def _built(self) -> Any:
        builder = self.build_fn if self.build_fn is not None else self
        names = set(inspect.signature(builder).parameters)
        known = {k: copy.deepcopy(v) for k, v in self.sk_params.items() if k in names}
        return builder(**known)

    def _fitted(self, x: Any, y: Any, keywords: dict[str, Any]) -> Any:
        options = self._chosen(_method("fit"), keywords)
        return self.model.fit(np.asarray(x), y, **options)

    def _known(self) -> Any:
        if not hasattr(self, "model"):
            raise UsageError(f"{type(self).__name__}.predict", "a fitted model", "none",
                             "Call fit(x, y) first.")  # fmt: skip
        return self.model

    def _predicted(self, x: Any, keywords: dict[str, Any]) -> Array:
        options = {"verbose": 0, **self._chosen(_method("predict"), keywords)}
        found: Array = self._known().predict(np.asarray(x), **options)
        return found


def _method(name: str) -> Any:
    from lernwerk.models import Model

    return getattr(Model, name)


class KerasClassifier(_Estimator):
    """A model that tells classes apart; labels may be of any kind."""

    _estimator_type = "classifier"

    def fit(self, x: Any, y: Any, **keywords: Any) -> Any:
        """Build and train the model; y are labels or one-hot rows. Returns the History."""
        labels = np.asarray(y)
        one_hot = labels.ndim == 2 and labels.shape[1] > 1
        flat = labels.argmax(axis=1) if one_hot else labels.reshape(-1)
        self.classes_ = np.arange(labels.shape[1]) if one_hot else np.unique(flat)
        self.n_classes_ = len(self.classes_)
        numbers = flat if one_hot else np.searchsorted(self.classes_, flat)
        self.model = self._built()
        rows = getattr(self.model.loss, "name", "") == "categorical_crossentropy"
        targets = to_categorical(numbers, self.n_classes_) if rows else numbers
        return self._fitted(x, targets, keywords)

    def predict_proba(self, x: Any, **keywords: Any) -> Array:
        """The probability of each class."""
        found = self._predicted(x, keywords)
        return np.hstack([1 - found, found]) if found.shape[1] == 1 else found

    def predict(self, x: Any, **keywords: Any) -> Array:
        """The most probable label."""
        return self.classes_[self.predict_proba(x, **keywords).argmax(axis=1)]

    def score(self, x: Any, y: Any, **keywords: Any) -> float:
        """The share of right labels."""
        labels = np.asarray(y)
        labels = labels.argmax(axis=1) if labels.ndim == 2 and labels.shape[1] > 1 else labels
        return float(np.mean(self.predict(x, **keywords) == labels.reshape(-1)))


class KerasRegressor(_Estimator):
    """A model that predicts numbers."""

    _estimator_type = "regressor"

    def fit(self, x: Any, y: Any, **keywords: Any) -> Any:
        """Build and train the model. Returns the History."""
        self.model = self._built()
        return self._fitted(x, np.asarray(y), keywords)

    def predict(self, x: Any, **keywords: Any) -> Array:
        """The numbers, as a vector where there is one for each row."""
        return np.squeeze(self._predicted(x, keywords), axis=-1)

    def score(self, x: Any, y: Any, **keywords: Any) -> float:
        """The negative loss, so that more is better."""
        options = {"verbose": 0, **self._chosen(_method("evaluate"), keywords)}
        found = self._known().evaluate(np.asarray(x), np.asarray(y), **options)
        return -float(found[0] if isinstance(found, list) else found)


__all__ = ["KerasClassifier", "KerasRegressor"]
