"""The small tf: its functions against NumPy and SciPy, its tape, variables, functions, messages."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import special

from lernwerk import legacy
from lernwerk.core import Tensor
from lernwerk.errors import ShapeError

X = np.random.default_rng(2).normal(size=(3, 4)).astype("float32")
Y = np.random.default_rng(3).normal(size=(3, 4)).astype("float32")


@pytest.fixture
def tf(names: None) -> Any:
    import tensorflow

    return tensorflow


CALLS: list[tuple[Any, Any]] = [
    (lambda tf: tf.reduce_sum(X, axis=[0, 1]), X.sum()),
    (lambda tf: tf.reduce_mean(X, 1, True), X.mean(1, keepdims=True)),
    (lambda tf: tf.reduce_mean([1, 2, 4]), 2),
    (lambda tf: tf.reduce_max(X, axis=0, keep_dims=True), X.max(0, keepdims=True)),
    (lambda tf: tf.math.reduce_std(X), X.std()),
    (lambda tf: tf.math.reduce_variance(X, 1), X.var(1)),
    (lambda tf: tf.reduce_logsumexp(X, 1), special.logsumexp(X, 1)),
    (lambda tf: tf.argmax(X, 1), X.argmax(1)),
    (lambda tf: tf.argmax(X), X.argmax(0)),
    (lambda tf: tf.matmul(X, Y, transpose_b=True), X @ Y.T),
    (lambda tf: tf.tensordot(X, Y, [[1], [1]]), X @ Y.T),
    (lambda tf: tf.einsum("ij,ij->i", X, Y), (X * Y).sum(1)),
    (lambda tf: tf.cumsum(X, 1, exclusive=True), np.cumsum(X, 1) - X),
    (lambda tf: tf.cumsum(X, 1, reverse=True), np.cumsum(X[:, ::-1], 1)[:, ::-1]),
    (lambda tf: tf.add_n([X, Y, X]), X + Y + X),
    (lambda tf: tf.square(X) + tf.exp(Y) - tf.abs(X), X**2 + np.exp(Y) - abs(X)),
    (lambda tf: tf.math.squared_difference(X, Y), (X - Y) ** 2),
    (lambda tf: tf.maximum(X, 0.0), np.maximum(X, 0)),
    (lambda tf: tf.pow(tf.constant(2.0), 3), 8.0),
    (lambda tf: tf.cast([1.7, -1.7], tf.int32), [1, -1]),
    (lambda tf: tf.constant([1, 2, 3], shape=(3, 1)), [[1], [2], [3]]),
    (lambda tf: tf.constant(2.0, shape=[2, 2]), np.full((2, 2), 2.0)),
    (lambda tf: tf.convert_to_tensor([tf.constant(1.0), 2.0]), [1.0, 2.0]),
    (lambda tf: tf.reshape(X, [-1, 2]), X.reshape(-1, 2)),
    (lambda tf: tf.reshape(X, (tf.shape(X)[0] * 2, 2)), X.reshape(6, 2)),
    (lambda tf: tf.transpose(X, perm=[1, 0]), X.T),
    (lambda tf: tf.expand_dims(X, 0), X[None]),
    (lambda tf: tf.squeeze(X[None], axis=[0]), X),
    (lambda tf: tf.concat([X, Y], axis=1), np.concatenate([X, Y], 1)),
    (lambda tf: tf.stack([X, Y], axis=-1), np.stack([X, Y], -1)),
    (lambda tf: tf.unstack(X, axis=1)[2], X[:, 2]),
    (lambda tf: tf.split(X, [1, 3], axis=1)[1], X[:, 1:]),
    (lambda tf: tf.split(X, 2, 1)[0], X[:, :2]),
    (lambda tf: tf.slice(X, [1, 0], [-1, 2]), X[1:, :2]),
    (lambda tf: tf.tile(X, [2, 1]), np.tile(X, (2, 1))),
    (lambda tf: tf.repeat([1, 2], [2, 3]), [1, 1, 2, 2, 2]),
    (lambda tf: tf.pad(X, [[1, 0], [0, 2]], constant_values=1), np.pad(X, ((1, 0),
    (0, 2)), constant_values=1)),
    (lambda tf: tf.pad(X, [[1, 1], [1, 1]], "REFLECT"), np.pad(X, 1, mode="reflect")),
    (lambda tf: tf.reverse(X, [1]), X[:, ::-1]),
    (lambda tf: tf.one_hot([0, 2], 3), [[1, 0, 0], [0, 0, 1]]),
    (lambda tf: tf.one_hot([1], 2, on_value=5.0, off_value=-1.0), [[-1, 5]]),
    (lambda tf: tf.zeros([2, 3]), np.zeros((2, 3))),
    (lambda tf: tf.ones_like(X), np.ones_like(X)),
    (lambda tf: tf.fill([2], 7), [7, 7]),
    (lambda tf: tf.eye(2, batch_shape=[2]), np.stack([np.eye(2)] * 2)),
    (lambda tf: tf.range(2, 8, 3), [2, 5]),
    (lambda tf: tf.linspace(0.0, 1.0, 3), [0, 0.5, 1]),
    (lambda tf: tf.where(X > 0, X, 0.0), np.where(X > 0, X, 0)),
    (lambda tf: tf.where([True, False, True]), [[0], [2]]),
    (lambda tf: tf.gather(X, [2, 0]), X[[2, 0]]),
    (lambda tf: tf.gather(X, [[1], [0], [3]], batch_dims=1), np.take_along_axis(X, np.array([[1],
        [0], [3]]), 1)),
    (lambda tf: tf.gather_nd(X, [[0, 1], [2, 3]]), X[[0, 2], [1, 3]]),
    (lambda tf: tf.boolean_mask(X, [True, False, True]), X[[0, 2]]),
    (lambda tf: tf.scatter_nd([[1], [3]], [9, 10], [5]), [0, 9, 0, 10, 0]),
    (lambda tf: tf.tensor_scatter_nd_update(tf.zeros(4), [[1]], [5.0]), [0, 5, 0, 0]),
    (lambda tf: tf.sort([3, 1, 2], direction="DESCENDING"), [3, 2, 1]),
    (lambda tf: tf.unique([4, 2, 4])[0], [4, 2]),
    (lambda tf: tf.unique([4, 2, 4])[1], [0, 1, 0]),
    (lambda tf: tf.sequence_mask([1, 3], 4), [[1, 0, 0, 0], [1, 1, 1, 0]]),
    (lambda tf: tf.clip_by_value(X, -0.5, 0.5), X.clip(-0.5, 0.5)),
    (lambda tf: tf.clip_by_norm([3.0, 4.0], 1.0), [0.6, 0.8]),
    (lambda tf: tf.clip_by_global_norm([[3.0], [4.0]], 1.0)[0], [[0.6], [0.8]]),
    (lambda tf: tf.nn.softmax(X), special.softmax(X, -1)),
    (lambda tf: tf.nn.relu(X), np.maximum(X, 0)),
    (lambda tf: tf.nn.leaky_relu(X, alpha=0.1), np.where(X > 0, X, X * 0.1)),
    (lambda tf: tf.nn.sigmoid_cross_entropy_with_logits(labels=[1.0, 0.0], logits=[0.0, 0.0]),
        np.log([2, 2])),
    (lambda tf: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[1], logits=[[0.0, 0.0]]),
        np.log([2])),
    (lambda tf: tf.nn.l2_normalize([3.0, 4.0], 0), [0.6, 0.8]),
    (lambda tf: tf.nn.l2_loss([3.0, 4.0]), 12.5),
    (lambda tf: tf.nn.moments(X, [0])[1], X.var(0)),
    (lambda tf: tf.nn.top_k([1.0, 5.0, 3.0], k=2)[1], [1, 2]),
    (lambda tf: tf.nn.embedding_lookup(X, [2]), X[[2]]),
    (lambda tf: tf.linalg.norm(X), np.linalg.norm(X)),
    (lambda tf: tf.norm(X, axis=1), np.linalg.norm(X, axis=1)),
    (lambda tf: tf.linalg.inv([[2.0, 0.0], [0.0, 4.0]]), [[0.5, 0], [0, 0.25]]),
    (lambda tf: tf.linalg.band_part(tf.ones([3, 3]), -1, 0), np.tri(3)),
    (lambda tf: tf.linalg.diag_part([[1, 2], [3, 4]]), [1, 4]),
    (lambda tf: tf.math.confusion_matrix([0, 1, 1], [0, 0, 1]), [[1, 0], [1, 1]]),
    (lambda tf: tf.math.count_nonzero([0, 3, 4]), 2),
    (lambda tf: tf.map_fn(lambda x: x * 2, X), X * 2),
    (lambda tf: tf.scan(lambda a, x: a + x, [1.0, 2.0, 3.0]), [1, 3, 6]),
    (lambda tf: tf.while_loop(lambda i: i < 5, lambda i: [i + 2], [tf.constant(0)])[0], 6),
    (lambda tf: tf.cond(tf.constant(True), lambda: 1, lambda: 2), 1),
    (lambda tf: tf.image.flip_left_right(X[..., None]), X[:, ::-1, None]),
    (lambda tf: tf.image.rgb_to_grayscale(np.ones((2, 2, 3), "float32")),
        np.full((2, 2, 1), 0.9999)),
    (lambda tf: tf.image.crop_to_bounding_box(X[..., None], 1, 1, 2, 2), X[1:3, 1:3, None]),
    (lambda tf: tf.image.convert_image_dtype(np.array([[[255]]], "uint8"), tf.float32), [[[1.0]]]),
    (lambda tf: tf.image.per_image_standardization(X[..., None]),
    ((X - X.mean()) / X.std())[..., None]),
    (lambda tf: tf.image.rot90(X[..., None]), np.rot90(X)[..., None]),
    (lambda tf: tf.image.central_crop(np.arange(16.0).reshape(4, 4, 1), 0.5), [[[5], [6]], [[9],
        [10]]]),
    (lambda tf: tf.image.random_crop(X[..., None], (3, 4, 1)), X[..., None]),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(CALLS)))
def test_functions_are_numpys(tf: Any, number: int) -> None:
    call, expected = CALLS[number]
    found = np.asarray(call(tf))
    expected = np.asarray(expected)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=2e-5, atol=1e-6)


def test_random_tensors(tf: Any) -> None:
    tf.random.set_seed(3)
    first = tf.random.normal([1000], mean=2.0, stddev=3.0)
    tf.random.set_seed(3)
    np.testing.assert_array_equal(first, tf.random.normal([1000], mean=2.0, stddev=3.0))
    assert abs(float(first.mean()) - 2) < 0.5
    limited = tf.random.truncated_normal((5000,)).numpy()
    assert abs(limited).max() <= 2.0
    assert abs(limited.std() - 0.8796) < 0.03  # of the normal distribution cut at two deviations
    whole = tf.random.uniform((100,), 2, 5, dtype=tf.int32).numpy()
    assert set(whole) == {2, 3, 4}
    assert sorted(tf.random.shuffle(np.arange(9)).numpy()) == list(range(9))
    assert tf.random.categorical([[0.0, 50.0]], 4).numpy().tolist() == [[1, 1, 1, 1]]
    generator = tf.random.Generator.from_seed(1)
    assert not np.array_equal(generator.normal((3,)), generator.normal((3,)))


def test_variables(tf: Any) -> None:
    x = tf.Variable([1.0, 2.0], name="x")
    x.assign_add([1.0, 1.0])
    x.assign_sub(tf.constant([0.5, 0.5]))
    np.testing.assert_array_equal(x.numpy(), [1.5, 2.5])
    assert isinstance(x, tf.Variable)
    assert isinstance(x, tf.Tensor)
    assert isinstance(tf.keras.layers.Dense(1, input_shape=(2,)), tf.keras.layers.Layer)
    assert tf.Variable(3).dtype == tf.int32
    assert tf.Variable(lambda: tf.zeros((2,)), dtype=tf.float64).dtype == tf.float64
    assert tf.is_tensor(x)


def test_tape(tf: Any) -> None:
    w, b = tf.Variable([[2.0]]), tf.Variable([1.0])
    x = tf.constant([[3.0]])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = tf.matmul(x, w) + b
        loss = tf.reduce_sum(y**2)
    gw, gb = tape.gradient(loss, [w, b])
    assert float(gw) == 42.0 and float(gb) == 14.0
    assert float(tape.gradient(loss, x)) == 28.0
    assert tape.gradient(loss, {"b": b})["b"].shape == (1,)
    other = tf.Variable(1.0)
    assert tape.gradient(loss, other) is None
    zero = tape.gradient(loss, other, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    assert float(zero) == 0.0


def test_second_derivatives_and_jacobians(tf: Any) -> None:
    x = tf.Variable(2.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = x**3
        first = inner.gradient(y, x)
    assert float(outer.gradient(first, x)) == 12.0
    v = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = v * v
    np.testing.assert_array_equal(tape.jacobian(y, v), [[2, 0], [0, 4]])


def test_training_by_hand(tf: Any) -> None:
    """The usual loop: tape, optimizer, metric, under tf.function."""
    tf.random.set_seed(1)
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,))])
    optimizer, loss_of = tf.keras.optimizers.Adam(0.1), tf.keras.losses.MeanSquaredError()
    mean = tf.keras.metrics.Mean()
    x = np.random.default_rng(0).normal(size=(64, 2)).astype("float32")
    y = x @ np.float32([[1.0], [-2.0]])

    @tf.function
    def step(x: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = loss_of(y, model(x, training=True))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        mean.update_state(loss)
        return loss

    losses = [float(step(x, y)) for _ in range(80)]
    assert losses[-1] < 0.01 * losses[0]
    np.testing.assert_allclose(float(mean.result()), np.mean(losses), rtol=1e-4)
    assert not step._plain  # it was compiled


def test_a_function_that_asks_for_numbers_runs_plainly(tf: Any) -> None:
    @tf.function
    def doubled_if_positive(x: Any) -> Any:
        return x * 2 if x > 0 else x

    assert float(doubled_if_positive(tf.constant(3.0))) == 6.0
    assert float(doubled_if_positive(tf.constant(-3.0))) == -3.0


def test_function_as_method_and_with_options(tf: Any) -> None:
    class Counter(tf.Module):
        def __init__(self) -> None:
            self.total = tf.Variable(0.0)

        @tf.function(input_signature=[tf.TensorSpec(None, tf.float32)])
        def add(self, x: Any) -> Any:
            return self.total.assign_add(x)

    one, other = Counter(), Counter()
    one.add(tf.constant(2.0))
    one.add(tf.constant(3.0))
    other.add(tf.constant(1.0))
    assert (float(one.total), float(other.total)) == (5.0, 1.0)
    assert one.trainable_variables == (one.total,)


def test_what_is_only_accepted(tf: Any, capsys: Any) -> None:
    assert tf.config.list_physical_devices("GPU") == []
    assert tf.config.experimental.list_physical_devices("CPU")[0].device_type == "CPU"
    for gpu in tf.config.list_physical_devices():
        tf.config.experimental.set_memory_growth(gpu, True)
    with tf.device("/GPU:0"):
        assert not tf.test.is_gpu_available()
    tf.get_logger().setLevel("ERROR")
    tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.ERROR)
    tf.compat.v1.disable_eager_execution()
    assert tf.executing_eagerly()
    assert legacy.NOTES == {"tf.compat.v1.disable_eager_execution()": "no effect"}
    tf.print("sum", tf.constant([1, 2]))
    assert capsys.readouterr().err == "sum [1 2]\n"


def test_messages(tf: Any) -> None:
    with pytest.raises(ShapeError) as caught:
        tf.ensure_shape(X, (None, 5))
    assert str(caught.value) == "tf.ensure_shape: expected shape (None, 5), got (3, 4)."
    with pytest.raises(ShapeError) as box:
        tf.image.crop_to_bounding_box(X[..., None], 0, 0, 9, 2)
    assert str(box.value) == (
        "tf.image.crop_to_bounding_box: expected a box within (3, 4), got (9, 2)."
    )


def test_tensors_are_lernwerks(tf: Any) -> None:
    assert tf.Tensor is Tensor
    assert type(tf.constant(1.0) + 1) is Tensor


def test_an_own_train_step_gets_what_fit_was_given(tf: Any) -> None:
    seen = []

    class Own(tf.keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = tf.keras.layers.Dense(1)

        def call(self, x: Any) -> Any:
            return self.dense(x)

        def train_step(self, data: Any) -> Any:
            seen.append(type(data).__name__ if not isinstance(data, tuple) else len(data))
            x = data if not isinstance(data, tuple) else data[0]
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.square(self(x, training=True)))
            gradients = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
            return {"loss": loss}

    for given in ({}, {"y": Y[:, :1]}, {"y": Y[:, :1], "sample_weight": abs(X[:, 0])}):
        model = Own()
        model.compile("sgd")
        losses = model.fit(X, epochs=2, verbose=0, **given).history["loss"]
        assert losses[1] < losses[0]
    assert [*dict.fromkeys(seen)] == ["Tensor", 2, 3]


def test_pictures_in_files_and_other_sizes(tf: Any, tmp_path: Any) -> None:
    jax = pytest.importorskip("jax.image")
    pixels = np.random.default_rng(0).integers(0, 256, (6, 8, 3)).astype("uint8")
    tf.io.write_file(str(tmp_path / "a.png"), tf.io.encode_png(pixels))
    read = tf.image.decode_png(tf.io.read_file(str(tmp_path / "a.png")), channels=3)
    np.testing.assert_array_equal(read, pixels)
    resized = tf.image.resize(read, [3, 16])
    wanted = jax.resize(pixels.astype("float32"), (3, 16, 3), "bilinear", antialias=False)
    np.testing.assert_allclose(resized, wanted, rtol=1e-5, atol=1e-3)
    assert tf.image.resize(read, (3, 4), method="nearest").dtype == tf.uint8
    assert tf.image.resize_with_pad(read, 10, 10).shape == (10, 10, 3)


def test_convolution_and_pooling_with_tensorflows_lists(keras_of_tests: Any, tf: Any) -> None:
    x = np.random.default_rng(0).normal(size=(2, 6, 6, 3)).astype("float32")
    w = np.random.default_rng(1).normal(size=(3, 3, 3, 4)).astype("float32")
    y = tf.nn.conv2d(x, w, strides=[1, 2, 2, 1], padding="SAME")
    np.testing.assert_allclose(y, keras_of_tests.ops.conv(x, w, 2, "same"), rtol=1e-4, atol=1e-5)
    pooled = tf.nn.max_pool2d(x, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="VALID")
    np.testing.assert_array_equal(pooled, x.reshape(2, 3, 2, 3, 2, 3).max((2, 4)))


def test_data_sets(tf: Any) -> None:
    data = tf.data.Dataset.from_tensor_slices((X, Y)).map(lambda x, y: (x * 2, y)).batch(2)
    (x, y), *_ = data.prefetch(tf.data.AUTOTUNE)
    np.testing.assert_allclose(x, X[:2] * 2)
    np.testing.assert_array_equal(y, Y[:2])


def test_summaries_are_written(tf: Any, tmp_path: Any) -> None:
    writer = tf.summary.create_file_writer(str(tmp_path))
    with writer.as_default():
        tf.summary.scalar("loss", 0.5, step=1)
    writer.close()
    assert any(path.stat().st_size for path in tmp_path.iterdir())
