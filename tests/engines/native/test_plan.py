"""Plans of the native engine: epochs, failures, shared Variables, copies, threads and processes."""

from __future__ import annotations

import copy
import ctypes
import pickle
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from lernwerk import layers, ops, settings
from lernwerk.core import RandomStream, Variable, compiled, gradient
from lernwerk.engines.native.homes import Home, adjoin, allocated, home_of
from lernwerk.errors import DataError
from lernwerk.models import Sequential
from lernwerk.optimizers import SGD, Adam
from lernwerk.utils import set_random_seed


@pytest.fixture(autouse=True)
def native() -> Iterator[None]:
    """Every test of this file runs on the native engine."""
    settings.set("engine", "native")
    yield
    settings.set("engine", None)
    settings.set("threads", None)


def numbers(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


X, Y = numbers(37, 5), numbers(37, 2, seed=1)


def training() -> tuple[Any, list[Variable]]:
    """A step with weights, momenta, dropout, a total, and a node that has no kernel."""
    w, b = Variable(numbers(5, 2, seed=2)), Variable(np.zeros(2, np.float32))
    total, count = Variable(np.float32(0)), Variable(np.int64(0))
    stream = RandomStream(3)
    optimizer = Adam(0.01)

    def step(x: Any, y: Any) -> Any:
        kept = ops.dropout(x, stream.next(), rate=0.25)
        middle = ops.sort(kept, axis=0)  # computed by its definition
        error = middle @ w + b - y
        loss = (error * error).mean()
        optimizer.apply(gradient(loss, [w, b]), [w, b])
        total.assign_add(loss)
        count.assign_add(1)
        return loss, error, x

    return step, [w, b, total, count, stream.state, *optimizer.variables]


def values(variables: list[Variable]) -> list[Any]:
    return [v.numpy().copy() for v in variables]


def assert_equal(found: Any, expected: Any) -> None:
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_array_equal(a, b, strict=True)


ORDERS = {
    "shuffled": np.random.default_rng(5).permutation(37),
    "in order": np.arange(37),
    "backwards": np.arange(37)[::-1],
    "repeated": np.arange(37) // 5,
    "partly in order": np.r_[np.arange(10, 30), np.arange(17)[::-1]],
    "short numbers": np.arange(37, dtype=np.int32),
}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
@pytest.mark.parametrize("batch", [1, 5, 36])
def test_an_epoch_is_a_loop_of_runs(order: Any, batch: int) -> None:
    step, variables = training()
    loss, error, x = compiled(step).over((X, Y), order, batch)
    step, others = training()
    single = compiled(step)
    results = [
        single(X[rows], Y[rows])
        for rows in (order[i : i + batch] for i in range(0, 37 - batch + 1, batch))
    ]
    assert_equal([loss.numpy()], [np.array([r[0].numpy() for r in results])])
    assert_equal([error.numpy()], [np.concatenate([r[1].numpy() for r in results])])
    assert_equal([x.numpy()], [X[order[: 37 // batch * batch]]])
    assert_equal(values(variables), values(others))


def rows_in_many_orders() -> Any:
    """600 rows in batches of 40: some shuffled, some in order, some repeated."""
    random = np.random.default_rng(5)
    parts = [random.permutation(600)[:400], np.arange(200, 320), random.permutation(600),
             np.arange(40), np.full(80, 7), random.permutation(600)[:100]]  # fmt: skip
    return np.concatenate(parts)


# Batches of 144 kB: other threads bring the rows of the next step while one runs.
WIDE = numbers(600, 900, seed=6)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_large_rows_of_an_epoch(threads: int) -> None:
    settings.set("threads", threads)
    order, w = rows_in_many_orders(), numbers(900, 8)
    function = compiled(lambda x, i: (x + 0, i + 0, x @ w))
    for _ in range(3):
        x, i, y = function.over((WIDE, np.arange(600)), order, 40)
        taken = order[: len(order) // 40 * 40]
        assert_equal([x.numpy(), i.numpy()], [WIDE[taken], taken])
        np.testing.assert_allclose(y.numpy(), WIDE[taken] @ w, rtol=1e-4, atol=1e-4)


def test_large_rows_of_two_epochs_at_once() -> None:
    settings.set("threads", 2)
    functions = [compiled(lambda x: x + 0), compiled(lambda x: x * 2)]
    orders = [rows_in_many_orders(), rows_in_many_orders()[::-1].copy()]
    found: dict[int, bool] = {}

    def work(i: int) -> None:
        taken = orders[i][: len(orders[i]) // 40 * 40]
        wanted = WIDE[taken] * (i + 1)
        results = [functions[i].over((WIDE,), orders[i], 40).numpy() for _ in range(20)]
        found[i] = all(np.array_equal(each, wanted) for each in results)

    workers = [threading.Thread(target=work, args=(i,)) for i in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert found == {0: True, 1: True}


def test_an_epoch_of_large_rows_that_fails() -> None:
    """The rows of the next step are under way when this one ends with an error."""
    settings.set("threads", 2)
    table = numbers(5, 3)
    function = compiled(lambda x, i: x.sum() + ops.gather(table, i).sum())
    index = np.arange(600) % 5
    index[300] = 9
    order = np.random.default_rng(1).permutation(600)
    for _ in range(10):
        with pytest.raises(DataError):
            function.over((WIDE, index), order, 40)
        assert function.over((WIDE, index % 5), order, 40).shape == (15,)


@pytest.mark.parametrize("row", [37, -1, 2**40])
def test_rows_beyond_the_data_change_nothing(row: int) -> None:
    step, variables = training()
    function = compiled(step)
    function.over((X, Y), np.arange(37), 5)
    before = values(variables), [v.version for v in variables]
    order = np.arange(37)
    order[20] = row
    with pytest.raises(IndexError, match=r"^expected rows in \[0, 36\], got "):
        function.over((X, Y), order, 5)
    assert_equal(values(variables), before[0])
    assert [v.version for v in variables] == before[1]


def test_no_rows_and_no_steps() -> None:
    step, variables = training()
    before = values(variables)
    for data in ((X, Y), (X[:0], Y[:0])):
        loss, error, _ = compiled(step).over(data, np.arange(0), 5)
        assert (loss.shape, error.shape) == ((0,), (0, 2))
    assert_equal(values(variables), before)


# ---- failures


def looking_up() -> tuple[Any, list[Variable]]:
    """Training of a table; the index may lie outside of it."""
    table, other = Variable(numbers(4, 3)), Variable(numbers(4, 3, seed=1))
    momentum, count = Variable(np.zeros((4, 3), np.float32)), Variable(np.int32(0))

    def step(i: Any) -> Any:
        count.assign_add(1)
        other.assign(other * 0.5)  # before the node that fails, and not by way of it
        chosen = ops.gather(table, i)
        (g,) = gradient((chosen * chosen).sum(), [table])
        momentum.assign(0.9 * momentum + g)
        table.assign_sub(0.1 * momentum)
        return ops.gather(other, i).sum()

    return step, [table, other, momentum, count]


def test_a_definition_that_raises_leaves_all_variables() -> None:
    step, variables = looking_up()
    function = compiled(step)
    function(np.array([0, 3]))
    before = values(variables), [v.version for v in variables]
    with pytest.raises(DataError) as expected:
        ops.gather(variables[0], np.array([0, 4]))
    for _ in range(2):
        with pytest.raises(DataError) as found:
            function(np.array([0, 4]))
        assert str(found.value) == str(expected.value)
    assert_equal(values(variables), before[0])
    assert [v.version for v in variables] == before[1]
    function(np.array([1, 2]))
    assert variables[3].item() == 2


def test_an_epoch_that_fails_keeps_its_finished_steps() -> None:
    step, variables = looking_up()
    order = np.arange(6)
    with pytest.raises(DataError):
        compiled(step).over((np.array([0, 1, 2, 3, 9, 1]),), order, 2)
    step, others = looking_up()
    compiled(step).over((np.array([0, 1, 2, 3]),), np.arange(4), 2)
    assert_equal(values(variables), values(others))


def test_the_first_failing_step_of_an_epoch_changes_no_version() -> None:
    step, variables = looking_up()
    with pytest.raises(DataError):
        compiled(step).over((np.array([9, 1]),), np.arange(2), 2)
    assert [v.version for v in variables] == [0] * 4


def test_an_index_out_of_range_in_the_training_of_a_model() -> None:
    model = Sequential([layers.Input((2,), dtype="int32"), layers.Embedding(5, 3), layers.Flatten(),
                        layers.Dense(1)])  # fmt: skip
    model.compile(optimizer="adam", loss="mse")
    x, y = np.array([[0, 4], [1, 2]]), np.zeros((2, 1), np.float32)
    model.fit(x, y, verbose=0)
    before = values(model.state_variables)
    with pytest.raises(DataError):
        model.fit(np.array([[0, 5], [1, 2]]), y, verbose=0)
    after = values(model.weights)
    assert_equal(after, before[: len(after)])
    model.fit(x, y, verbose=0)


# ---- Variables


def test_assignments_between_runs_are_seen() -> None:
    v, w = Variable(numbers(3, 4)), Variable(numbers(3, 4, seed=1))

    def function() -> Any:
        v.assign(v * 0.5 + w)
        w.assign(w * 0.5 + v)
        return v + w

    step = compiled(function)
    for i in range(3):
        step()
        v.assign(np.full((3, 4), i))
        w.assign(v)
        found = step().numpy()
        np.testing.assert_allclose(found, np.full((3, 4), 1.5 * i + (0.5 * i + 1.5 * i)))
        np.testing.assert_array_equal(v.numpy() + w.numpy(), found)


def test_what_numpy_gave_stays() -> None:
    v = Variable(np.zeros(5, np.float32))
    step = compiled(lambda: v.assign_add(1.0).read())
    seen = []
    for _ in range(4):
        result = step()
        seen.append((v.numpy(), result.numpy(), v.read().numpy()))
    for i, arrays in enumerate(seen):
        for array in arrays:
            assert array.tolist() == [i + 1.0] * 5


def test_two_functions_share_variables() -> None:
    step, variables = training()
    train = compiled(step)
    predict = compiled(lambda x: x @ variables[0] + variables[1])
    for i in range(3):
        found = predict(X).numpy()
        expected = X @ variables[0].numpy() + variables[1].numpy()
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
        train(X[i:], Y[i:])


def two_optimizers(engine: str) -> list[Any]:
    """Parts of a network trained in turn: groups of weights that overlap, and all of them."""
    settings.set("engine", engine)
    weights = [Variable(numbers(4, 4, seed=i)) for i in range(5)]
    groups = [[0, 1, 2], [4, 3, 1], [4, 3, 2, 1, 0], [1, 2]]
    optimizers = [SGD(0.01, momentum=0.9), Adam(0.01), SGD(0.01), Adam(0.02)]

    def network(x: Any) -> Any:
        for w in weights:
            x = ops.tanh(x @ w)
        return (x * x).sum()

    steps = []
    for group, optimizer in zip(groups, optimizers, strict=True):
        chosen = [weights[i] for i in group]

        def step(x: Any, chosen: Any = chosen, optimizer: Any = optimizer) -> Any:
            loss = network(x)
            optimizer.apply(gradient(loss, chosen), chosen)
            return loss

        steps.append(compiled(step))
    losses = [step(numbers(6, 4, seed=9)).item() for _ in range(3) for step in steps]
    return [
        np.float32(losses),
        *values(weights),
        *(v.numpy() for o in optimizers for v in o.variables),
    ]


def test_optimizers_move_the_homes_of_their_weights() -> None:
    for a, b in zip(two_optimizers("native"), two_optimizers("numpy"), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


def test_homes_that_touch_by_chance_are_not_side_by_side() -> None:
    memory = allocated(128, "a test")
    pieces = [(ctypes.c_char * 64).from_address(memory.ctypes.data + at) for at in (0, 64)]
    variables = [Variable(np.full(3, i, np.float32)) for i in range(2)]
    for each, piece in zip(variables, pieces, strict=True):
        each.home = Home(each, np.frombuffer(piece, np.uint8))
    adjoin({variables[0]: 0, variables[1]: 64})
    homes = [home_of(each) for each in variables]
    assert homes[1].address == homes[0].address + 64
    assert homes[0].address != memory.ctypes.data
    before = [home.address for home in homes]
    adjoin({variables[0]: 0, variables[1]: 64})
    assert [home_of(each).address for each in variables] == before
    assert [each.numpy().tolist() for each in variables] == [[0] * 3, [1] * 3]


# ---- models


def model_and_data(seed: int = 1) -> tuple[Any, Any, Any]:
    set_random_seed(seed)
    model = Sequential(
        [layers.Input((5,)), layers.Dense(16, activation="relu"), layers.Dropout(0.2),
         layers.BatchNormalization(), layers.Dense(2)]
    )  # fmt: skip
    model.compile(optimizer="adam", loss="mse", metrics=["mae"])
    return model, X, Y


def fit(model: Any, epochs: int = 1) -> None:
    model.fit(X, Y, epochs=epochs, batch_size=8, verbose=0)


@pytest.mark.parametrize(
    "copied",
    [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))],
    ids=["copy", "pickle"],
)
@pytest.mark.parametrize("engine", ["native", "numpy"])
def test_a_trained_model_can_be_copied(copied: Any, engine: str) -> None:
    settings.set("engine", engine)
    model, *_ = model_and_data()
    fit(model)
    twin = copied(model)
    assert_equal([twin.predict(X, verbose=0)], [model.predict(X, verbose=0)])
    before = values(model.weights)
    fit(twin)
    assert_equal(values(model.weights), before)
    fit(model)
    assert_equal(values(model.weights), values(twin.weights))


@pytest.mark.parametrize("optimizer", [SGD, Adam])
def test_large_weights_change_behind_their_gradient(optimizer: Any) -> None:
    x, y = numbers(50, 301), numbers(50, 120, seed=1)

    def trained() -> tuple[Any, list[Variable]]:
        w, b = Variable(numbers(301, 120, seed=2)), Variable(np.zeros(120, np.float32))
        rule = optimizer(0.01)

        def step(x: Any, y: Any) -> Any:
            error = ops.tanh(x @ w + b) - y
            loss = (error * error).mean()
            rule.apply(gradient(loss, [w, b]), [w, b])
            return loss

        function = compiled(step)
        for _ in range(3):
            function(x, y)
        return function, [w, b, *rule.variables]

    function, variables = trained()
    kernels = [each.step.kernel for each in function.plan_for(x, y)[1].instructions]
    assert "matmul" not in kernels
    assert kernels.count("matmul_fused") == 2
    settings.set("engine", "numpy")
    for one, other in zip(values(variables), values(trained()[1]), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-4)


def test_two_models_in_two_threads() -> None:
    def made() -> list[Any]:
        models = [model_and_data(seed)[0] for seed in (1, 2)]
        wide = numbers(600, 300)
        functions = []
        for i in range(2):  # large enough that both want the pool
            w = Variable(numbers(300, 300, seed=i))

            def step(w: Variable = w) -> Any:
                loss = ops.tanh(ops.tanh(wide @ w) @ w).mean()
                w.assign_sub(0.1 * gradient(loss, [w])[0])
                return loss

            functions.append((compiled(step), w))
        return [*zip(models, functions, strict=True)]

    def work(model: Any, function: Any) -> None:
        fit(model, 3)
        for _ in range(5):
            function[0]()

    settings.set("threads", 2)
    alone, together = made(), made()
    for each in alone:
        work(*each)
    workers = [threading.Thread(target=work, args=each) for each in together]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for (model, function), (other, second) in zip(alone, together, strict=True):
        assert_equal(values(model.weights), values(other.weights))
        assert_equal([function[1].numpy()], [second[1].numpy()])


def test_one_function_in_two_threads() -> None:
    function = compiled(lambda x: ops.tanh(x * 2).sum())
    inputs = [np.full(100_000, i / 10, np.float32) for i in range(4)]
    expected = [function(x).item() for x in inputs]
    found: dict[int, list[float]] = {}

    def work(i: int) -> None:
        found[i] = [function(inputs[i]).item() for _ in range(20)]

    workers = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert found == {i: [expected[i]] * 20 for i in range(4)}


def test_the_number_of_threads_may_change_while_plans_run() -> None:
    """Another thread asks for many more threads than a running plan has scratch memory for."""
    wide, w = numbers(2000, 64), numbers(64, 64, seed=1)

    def made() -> Any:
        return compiled(lambda x: ops.tanh(x @ w).sum())

    settings.set("threads", 1)
    expected = made()(wide).item()
    found: list[float] = []

    def work(count: int) -> None:
        for _ in range(30):
            settings.set("threads", count)
            found.append(made()(wide).item())

    workers = [threading.Thread(target=work, args=(count,)) for count in (1, 2, 7)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert set(found) == {expected}
    assert len(found) == 90
