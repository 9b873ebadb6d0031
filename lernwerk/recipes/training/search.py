"""Searching hyper-parameters, and what mattered.

Learning rate, layers, neurons, dropout, batch size: nobody can work out the best values, but one
can try. Optuna proposes a set, the network is trained briefly, and from the accuracies on
validation digits Optuna learns where to look next.

Look at the chart of what mattered: first of all, the learning rate.

Step: 32
Source: J. Bergstra, R. Bardenet, Y. Bengio and B. Kégl 2011, Algorithms for hyper-parameter
    optimization, Advances in Neural Information Processing Systems 24; T. Akiba, S. Sano, T.
    Yanase, T. Ohta and M. Koyama 2019, Optuna: a next-generation hyperparameter optimization
    framework, KDD.
Needs: mnist, optuna
"""

# %%
import optuna

from lernwerk import Sequential, layers, optimizers
from lernwerk.datasets import mnist
from lernwerk.language import translate as _
from lernwerk.plots import style
from lernwerk.recipes import Run
from lernwerk.utils import set_random_seed

run = Run.current()
at_random, guided, rows, epochs = run.choose((60, 30, 3_000, 5), short=(4, 2, 500, 2))
(pixels, digits), _test = mnist.load_data()
images = pixels[: rows + 2_000].reshape(-1, 784) / 255
training = images[:rows], digits[:rows]
validation = images[rows:], digits[rows : rows + 2_000]

# %% [markdown]
# A trial: draw the values, build, train, give back the accuracy. Rates are drawn on a logarithmic
# scale, as 0.001 and 0.01 differ as much as 0.01 and 0.1.


# %%
def attempt(trial):
    rate = trial.suggest_float("learning_rate", 1e-5, 1.0, log=True)
    hidden = trial.suggest_int("hidden_layers", 1, 3)
    neurons = trial.suggest_int("neurons", 16, 256, log=True)
    dropout = trial.suggest_float("dropout", 0.0, 0.5)
    batch = trial.suggest_int("batch_size", 16, 256, log=True)

    set_random_seed(run.seed)
    model = Sequential([layers.Input((784,))])
    for _layer in range(hidden):
        model.add(layers.Dense(neurons, "relu"))
        model.add(layers.Dropout(dropout))
    model.add(layers.Dense(10, "softmax"))
    adam = optimizers.Adam(rate)
    model.compile(adam, "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(*training, batch_size=batch, epochs=epochs, verbose=0)
    return model.evaluate(*validation, verbose=0)[1]


# %% [markdown]
# The first trials are drawn at random, to see the whole space. Then Optuna draws where those were
# good (a tree-structured Parzen estimator).

# %%
optuna.logging.set_verbosity(optuna.logging.WARNING)
sampler = optuna.samplers.TPESampler(seed=run.seed, n_startup_trials=at_random)
study = optuna.create_study(direction="maximize", sampler=sampler)
for _trial in run.steps(range(at_random + guided), _("trial")):
    study.optimize(attempt, n_trials=1)
run.reach(_("accuracy of the best trial on validation digits"), study.best_value,
          at_least=run.choose(0.91, short=0.2), unit="%")  # fmt: skip
for name, value in study.best_params.items():
    print(_("best {name}: {value}").format(name=name, value=value))

# %% [markdown]
# What mattered? Only the trials drawn at random can say, since the others were all drawn where it
# is good. Optuna fits a forest of decision trees to them and splits the variance of the accuracy
# among the hyper-parameters (functional ANOVA).

# %%
drawn = optuna.create_study(direction="maximize")
drawn.add_trials(study.trials[:at_random])
importance = optuna.importance.get_param_importances(
    drawn, evaluator=optuna.importance.FanovaImportanceEvaluator(seed=run.seed)
)
run.reach(_("share of the learning rate"), importance["learning_rate"],
          at_least=run.choose(0.4, short=0.0), unit="%")  # fmt: skip

# %%
with style.styled():
    figure = style.new_figure(8.2, 3.1)
    left, right = figure.subplots(1, 2)
    names = {
        "learning_rate": _("learning rate"),
        "hidden_layers": _("hidden layers"),
        "neurons": _("neurons in a layer"),
        "dropout": _("dropout"),
        "batch_size": _("batch size"),
    }
    left.barh([names[each] for each in importance], list(importance.values()), color=style.POINTS)
    left.invert_yaxis()
    left.set(title=_("share in the variance of the accuracy"), xlim=(0, 1))
    for chosen, colour, label in (
        (study.trials[:at_random], style.TRAINING, _("at random")),
        (study.trials[at_random:], style.VALIDATION, _("guided")),
    ):
        rates = [each.params["learning_rate"] for each in chosen]
        right.plot(rates, [each.value for each in chosen], "o", ms=4, color=colour, label=label)
    right.set(xlabel=_("learning rate"), ylabel=_("accuracy on validation digits"), xscale="log")
    right.xaxis.set_major_formatter("{x:g}")
    figure.legend(*right.get_legend_handles_labels(), loc="outside right upper")
run.show("what_mattered", figure)
