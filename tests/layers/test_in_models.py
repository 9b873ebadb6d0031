"""The layers in functional and sequential models, as Keras has them: numbers, masks, training."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import lernwerk

RANDOM = np.random.default_rng(0)
WORDS = RANDOM.integers(0, 9, (32, 6)).astype("int32")
FEATURES = RANDOM.normal(size=(32, 5)).astype("float32")
LABELS = RANDOM.integers(0, 3, 32).astype("int32")


def branches(package: Any) -> Any:
    """Sequences with masks and features, merged in all ways."""
    kinds = package.layers
    words, features = package.Input((6,), dtype="int32"), package.Input((5,))
    e = kinds.Embedding(9, 4, mask_zero=True)(words)
    e = kinds.SpatialDropout1D(0.0)(kinds.BatchNormalization()(e))
    merged = kinds.Multiply()([kinds.Maximum()([e, kinds.Dense(4)(e)]), e])
    s = kinds.LSTM(4)(kinds.Concatenate(axis=1)([merged, e]))
    d = kinds.LayerNormalization()(kinds.PReLU("ones")(kinds.Dense(4)(features)))
    z = kinds.concatenate([
        kinds.add([s, d]), kinds.subtract([s, d]), kinds.average([s, d]), kinds.minimum([s, d]),
        kinds.dot([s, d], axes=1), kinds.Lambda(lambda t: t[:, :2] * 2.0)(s),
    ])  # fmt: skip
    z = kinds.RMSNormalization()(kinds.UnitNormalization()(kinds.Identity()(z)))
    z = kinds.ActivityRegularization(0.01, 0.02)(z)
    y = kinds.Dense(3, "softmax", kernel_constraint="max_norm")(z)
    return package.Model([words, features], y)


def pictures(package: Any) -> Any:
    """Normalisations behind convolutions."""
    kinds = package.layers
    return package.Sequential([
        package.Input((6, 6, 2)), kinds.Conv2D(4, 3), kinds.GroupNormalization(2),
        kinds.LeakyReLU(0.1), kinds.Conv2D(4, 3, use_bias=False), kinds.BatchNormalization(axis=1),
        kinds.ELU(), kinds.LayerNormalization(axis=[1, 2, 3]), kinds.Flatten(),
        kinds.EinsumDense("ab,bc->ac", 3, bias_axes="c"), kinds.Softmax(),
    ])  # fmt: skip


def twins(keras: Any, build: Any, **settings: Any) -> list[Any]:
    """Our model and Keras's with the same weights, compiled."""
    models = [build(lernwerk), build(keras)]
    for model, package in zip(models, (lernwerk, keras), strict=True):
        model.compile(package.optimizers.SGD(0.1), "sparse_categorical_crossentropy", **settings)
    mine, real = models
    assert [w.name for w in mine.weights] == [w.name for w in real.weights]
    mine.set_weights([np.array(each) for each in real.get_weights()])
    return models


def assert_same_weights(mine: Any, real: Any) -> None:
    for one, other in zip(mine.get_weights(), real.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-3, atol=2e-5)


def test_merging_layers_in_a_functional_model(keras: Any) -> None:
    mine, real = twins(keras, branches)
    x = [WORDS, FEATURES]
    expected = real.predict(x, verbose=0)
    np.testing.assert_allclose(mine.predict(x, verbose=0), expected, rtol=2e-4, atol=1e-6)
    for _ in range(2):
        loss, wanted = mine.train_on_batch(x, LABELS), real.train_on_batch(x, LABELS)
        np.testing.assert_allclose(loss, wanted, rtol=2e-4)
    assert_same_weights(mine, real)


def test_normalisations_of_pictures_in_a_sequential_model(keras: Any) -> None:
    mine, real = twins(keras, pictures)
    x = RANDOM.normal(size=(32, 6, 6, 2)).astype("float32")
    expected = real.predict(x, verbose=0)
    np.testing.assert_allclose(mine.predict(x, verbose=0), expected, rtol=2e-4, atol=1e-6)
    for model in (mine, real):
        model.fit(x, LABELS, batch_size=8, epochs=1, shuffle=False, verbose=0)
    assert_same_weights(mine, real)
    np.testing.assert_allclose(
        mine.predict(x, verbose=0), real.predict(x, verbose=0), rtol=2e-3, atol=1e-5
    )


def test_the_penalty_of_the_activity_does_not_depend_on_the_batch(keras: Any) -> None:
    def build(package: Any) -> Any:
        kinds = package.layers
        return package.Sequential([
            package.Input((5,)), kinds.ActivityRegularization(0.1, 0.2),
            kinds.Dense(3, "softmax", activity_regularizer="l2"),
        ])  # fmt: skip

    mine, real = twins(keras, build)
    for rows in (32, 4):
        wanted = real.evaluate(FEATURES[:rows], LABELS[:rows], batch_size=rows, verbose=0)
        found = mine.evaluate(FEATURES[:rows], LABELS[:rows], batch_size=rows, verbose=0)
        np.testing.assert_allclose(found, wanted, rtol=2e-4)


@pytest.mark.parametrize("engine", ["numpy", "native"])
@pytest.mark.parametrize(
    "name", ["AlphaDropout", "GaussianDropout", "GaussianNoise", "SpatialDropout1D"]
)
def test_noise_is_the_same_in_compiled_training(name: str, engine: str) -> None:
    """Compiled steps draw what eager calls of the same seed draw."""
    from lernwerk.core.compiled import compiled
    from lernwerk.core.engine import engine_names

    if engine not in engine_names():
        pytest.skip("the native engine is not built")
    layer, eager = (getattr(lernwerk.layers, name)(0.3, seed=3) for _ in range(2))
    x = RANDOM.normal(size=(4, 6, 3)).astype("float32")
    lernwerk.settings.set("engine", engine)
    try:
        step = compiled(lambda x: layer(x, training=True))
        for _ in range(2):
            np.testing.assert_allclose(
                step(x).numpy(), eager(x, training=True).numpy(), rtol=1e-5, atol=1e-5
            )
    finally:
        lernwerk.settings.set("engine", None)


def test_a_mask_reaches_a_layer_behind_merged_sequences(keras: Any) -> None:
    def build(package: Any) -> Any:
        kinds = package.layers
        a, b = package.Input((6, 3)), package.Input((6, 3))
        merged = kinds.Add()([kinds.Masking()(a), kinds.Masking()(b)])
        return package.Model([a, b], kinds.GlobalAveragePooling1D()(merged))

    a, b = RANDOM.normal(size=(2, 4, 6, 3)).astype("float32")
    a[:, 4:] = b[:, 3:] = 0
    mine, real = build(lernwerk), build(keras)
    expected = np.asarray(real([a, b]))
    np.testing.assert_allclose(mine.predict([a, b], verbose=0), expected, rtol=2e-4, atol=1e-6)
