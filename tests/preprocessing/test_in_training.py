"""Layers, generators and data sets of this area inside ``fit``, ``evaluate`` and ``predict``."""

from __future__ import annotations

from typing import Any

import numpy as np

from lernwerk import Input, Model, Sequential, layers, utils
from lernwerk.preprocessing.image import ImageDataGenerator


def data() -> tuple[Any, Any]:
    random = np.random.default_rng(0)
    y = np.arange(60) % 2
    return (random.uniform(0, 90, (60, 6, 6, 1)) + 160 * y[:, None, None, None]).astype(
        "float32"
    ), y


def network(*first: Any) -> Sequential:
    utils.set_random_seed(1)
    model = Sequential([Input((6, 6, 1)), *first, layers.Rescaling(1 / 255), layers.Flatten(),
                        layers.Dense(1, activation="sigmoid")])  # fmt: skip
    model.compile("adam", "binary_crossentropy")
    return model


def test_variations_act_in_training_only() -> None:
    x, y = data()
    varied = Sequential([layers.RandomFlip(), layers.RandomRotation(0.1), layers.RandomZoom(0.2),
                         layers.RandomTranslation(0.1, 0.1),
                         layers.RandomBrightness(0.1)])  # fmt: skip
    assert (varied(x[:4]).numpy() != x[:4]).any()  # outside of a model, to look at
    model = network(varied)
    losses = model.fit(x, y, epochs=8, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    np.testing.assert_array_equal(model.predict(x[:4]), model.predict(x[:4]))
    again = network(Sequential([type(each).from_config(each.get_config())
                                for each in varied.layers]))  # fmt: skip
    assert again.fit(x, y, epochs=1, verbose=0).history["loss"] != losses[:1]


def test_generators_of_pictures() -> None:
    x, y = data()
    generator = ImageDataGenerator(horizontal_flip=True, rotation_range=10, validation_split=0.25)
    train = generator.flow(x, y, batch_size=8, seed=1, subset="training")
    held = generator.flow(x, y, batch_size=8, shuffle=False, subset="validation")
    model = network()
    history = model.fit(train, epochs=6, validation_data=held, verbose=0).history
    assert history["val_loss"][-1] < history["val_loss"][0]
    assert model.predict(held).shape == (15, 1)
    assert model.fit(train, steps_per_epoch=2, epochs=2, verbose=0).history["loss"]


def test_data_sets() -> None:
    x, y = data()
    dataset = utils.Dataset.from_tensor_slices((x, y)).shuffle(60, seed=1).batch(10)
    model = network()
    history = model.fit(dataset.map(lambda x, y: (x, y)), epochs=6, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    assert model.predict(dataset).shape == (60, 1)
    ordered = utils.Dataset.from_tensor_slices((x, y)).batch(10)
    np.testing.assert_allclose(model.evaluate(ordered, verbose=0), model.evaluate(x, y, verbose=0),
                               rtol=1e-5)  # fmt: skip
    assert len(model.fit(ordered.repeat(), steps_per_epoch=3, epochs=2, verbose=0).epoch) == 2


class Counting(utils.PyDataset):
    """Batches that count the beginnings and ends of epochs."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int) -> Any:
        x, y = data()
        return x[index * 20 : index * 20 + 20], y[index * 20 : index * 20 + 20]

    def on_epoch_begin(self) -> None:
        self.seen.append("begin")

    def on_epoch_end(self) -> None:
        self.seen.append("end")


def test_a_pydataset_is_told_of_epochs() -> None:
    dataset = Counting()
    network().fit(dataset, epochs=2, verbose=0)
    assert dataset.seen == ["begin", "end"] * 2


def test_categories_in_a_functional_model() -> None:
    numbers = Input((3,), dtype="int32")
    rows = layers.CategoryEncoding(4, "count")(layers.IntegerLookup(vocabulary=[7, 5, 9])(numbers))
    model = Model(numbers, rows)
    assert model.predict(np.array([[7, 7, 9], [1, 5, 5]])).tolist() == [[0, 2, 0, 1], [1, 0, 2, 0]]
