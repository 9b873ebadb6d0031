"""``lernwerk run`` with programs: as Python would run them, in the spelling of any year."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import start

# What Keras 1 programs looked like in 2016.
OLD = """
import numpy as np
np.random.seed(1337)
import tensorflow as tf
config = tf.ConfigProto()
config.gpu_options.allow_growth = True
from keras import backend as K
K.set_session(tf.Session(config=config))
from keras.models import Sequential
from keras.layers.core import Dense, Dropout, Activation, Flatten
from keras.layers import Convolution2D, MaxPooling2D
from keras.layers.normalization import BatchNormalization
from keras.optimizers import SGD
from keras.regularizers import l2
from keras.utils import np_utils

x = np.random.rand(40, 8, 8, 1)
y = np_utils.to_categorical(np.arange(40) % 2, 2)
model = Sequential()
model.add(Convolution2D(4, 3, 3, border_mode='same', input_shape=(8, 8, 1)))
model.add(Activation('relu'))
model.add(BatchNormalization())
model.add(MaxPooling2D(pool_size=(2, 2)))
model.add(Flatten())
model.add(Dense(output_dim=8, init='uniform', W_regularizer=l2(0.01), activation='relu'))
model.add(Dropout(p=0.2))
model.add(Dense(2, activation='softmax'))
model.compile(loss='categorical_crossentropy', optimizer=SGD(lr=0.05, decay=1e-6, momentum=0.9,
              nesterov=True), metrics=['accuracy'])
history = model.fit(x, y, batch_size=10, nb_epoch=2, verbose=0, validation_split=0.2)
print(len(history.history['acc']), len(history.history['val_acc']))
print(model.predict_classes(x[:3]).shape)
get = K.function([model.layers[0].input, K.learning_phase()], [model.layers[3].output])
print(get([x[:2], 0])[0].shape)
print(model.count_params())
"""

NEW = """
import sys
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

tf.random.set_seed(int(sys.argv[1]))
inputs = keras.Input(shape=(3,))
hidden = layers.Dense(8, activation="relu")(inputs)
outputs = layers.Dense(1)(hidden)
model = keras.Model(inputs, outputs)
model.compile(optimizer=keras.optimizers.Adam(learning_rate=0.01), loss="mse", metrics=["mae"])
x = np.ones((32, 3), "float32")
history = model.fit(x, x.sum(axis=1), epochs=3, verbose=0)
print(sorted(history.history), __name__, sys.argv[1:])
for p in model.predict(x[:2], verbose=0):
    print(p.shape)
print(float(tf.reduce_mean(tf.square(model(x[:4]) - 3.0))) >= 0)
"""

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path) -> Call:
    """Run a program text by the command line in a process of its own."""

    def call(text: str, *words: str, before: tuple[str, ...] = (), **environment: str):
        (tmp_path / "program.py").write_text(text, encoding="utf-8")
        process = start("run", *before, "program.py", *words, cwd=tmp_path, **environment)
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err

    return call


def test_a_program_of_2016(run: Call) -> None:
    code, out, err = run(OLD)
    assert (code, out.splitlines()) == (0, ["2 2", "(3,)", "(2, 4, 4, 4)", "594"]), err
    note = err.splitlines()[-1]  # a training of eight steps may also be warned of
    assert note == (
        "Old names: tf.Session -> values exist at once, Convolution2D(4, 3, 3) ->"
        " Conv2D(4, (3, 3)), Conv2D(border_mode=) -> padding, Dense(output_dim=) -> units,"
        " Dense(init=) -> kernel_initializer, Dense(W_regularizer=) -> kernel_regularizer,"
        " Dropout(p=) -> rate, SGD(lr=) -> learning_rate, fit(nb_epoch=) -> epochs,"
        " acc -> accuracy, val_acc -> val_accuracy, predict_classes -> predict"
    )


def test_a_program_of_today(run: Call) -> None:
    code, out, err = run(NEW, "7", "--flag", "--out", "x")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "['loss', 'mae'] __main__ ['7', '--flag', '--out', 'x']", "(1,)", "(1,)", "True"
    ]  # fmt: skip


def test_the_seed_repeats_everything(run: Call) -> None:
    text = (
        "import random, numpy as np, keras\n"
        "print(random.random(), np.random.rand(), keras.layers.Dense(2)(np.ones((1, 2))).numpy())"
    )
    one, other = (run(text, before=("--seed", "3")) for _ in range(2))
    assert one[0] == 0 and one[1] == other[1]
    assert run(text, before=("--seed", "4"))[1] != one[1]


def test_exit_codes_are_pythons(run: Call) -> None:
    assert run("import sys; sys.exit(7)")[0] == 7
    code, _, err = run("import sys; sys.exit('not today')")
    assert (code, err) == (1, "not today\n")
    assert run("raise SystemExit")[0] == 0


def test_an_error_of_lernwerk_is_one_sentence_and_the_line(run: Call) -> None:
    text = "import numpy as np\nfrom keras import layers\n\ndef build():\n    return layers.Dense(-2)\n\nbuild()\n"  # noqa: E501
    code, out, err = run(text)
    assert (code, out) == (1, "")
    assert err == (
        '  File "program.py", line 5, in build\n    return layers.Dense(-2)\n'
        "ArgumentError: dense: expected units to be an integer >= 1, got -2.\n"
    )
    debug = run(text, LERNWERK_DEBUG="1")[2]
    assert "Traceback (most recent call last):" in debug and "layer.py" in debug


def test_other_errors_show_the_lines_of_the_program(run: Call) -> None:
    code, _, err = run("def f(x):\n    return 1 / x\n\nf(0)\n")
    assert code == 1
    shown = [line for line in err.splitlines() if set(line.strip()) - set("~^")]
    assert shown == [
        "Traceback (most recent call last):", '  File "program.py", line 4, in <module>',
        "    f(0)", '  File "program.py", line 2, in f', "    return 1 / x",
        "ZeroDivisionError: division by zero",
    ]  # fmt: skip


def test_errors_before_the_first_line(run: Call, tmp_path: Path) -> None:
    code, _, err = run("print('a'\n")
    assert code == 1
    assert err.startswith('  File "program.py", line 1')
    assert "SyntaxError" in err
    process = start("run", "nothing.py", cwd=tmp_path)
    assert (
        process.communicate()[1]
        == "Error: nothing.py: expected a program to run, got nothing there.\n"
    )
    assert process.returncode == 1


def test_a_missing_name_is_one_sentence(run: Call) -> None:
    code, _, err = run("from keras.layers import Dens\n")
    assert code == 1
    assert err.splitlines()[-1] == (
        "MissingModuleError: keras.layers.Dens: expected a name of Lernwerk's keras.layers, got one"
        " that is not part of it. Did you mean 'Dense'?"
    )


def test_the_programs_folder_is_on_the_path(run: Call, tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("from keras.layers import Dense\nUNITS = 3\n")
    assert run("import helper\nprint(helper.Dense(helper.UNITS).units)")[1] == "3\n"


def test_what_the_program_defines_can_be_pickled(run: Call) -> None:
    text = "import pickle\nclass A: pass\nprint(type(pickle.loads(pickle.dumps(A()))) is A)"
    assert run(text)[1] == "True\n"


FIGURES = """
import matplotlib.pyplot as plt
plt.plot([1, 2])
plt.show()
plt.figure()
plt.figure()
plt.show()
"""


def test_figures_are_written_where_they_cannot_be_shown(run: Call, tmp_path: Path) -> None:
    code, _, err = run(FIGURES, DISPLAY="", WAYLAND_DISPLAY="", MPLBACKEND="")
    assert code == 0
    assert err == "Figures: program-1.png, program-2.png, program-3.png\n"
    assert (tmp_path / "program-3.png").read_bytes().startswith(b"\x89PNG")


def test_figures_go_to_the_folder_given(run: Call, tmp_path: Path) -> None:
    code, _, err = run(FIGURES, before=("--out", "figures"), DISPLAY=":0")
    assert code == 0
    assert sorted(each.name for each in (tmp_path / "figures").iterdir()) == [
        "program-1.png", "program-2.png", "program-3.png"
    ]  # fmt: skip
    assert "figures/program-1.png" in err


def test_interruption(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text("import time\nprint('on', flush=True)\ntime.sleep(60)\n")
    process = start("run", "program.py", cwd=tmp_path)
    assert process.stdout is not None and process.stdout.readline() == "on\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, "Interrupted.\n")
