"""Writes optuna.json with real Optuna 5.0.0 and scikit-learn 1.9.1: python optuna.py > optuna.json

Two studies of 300 random trials, one of a function of plain floats and one of every kind of parameter, and what
Optuna's evaluators make of them.
"""

import json
import math
import sys

# Off the path goes this script's own folder, where its name would hide the package.
sys.path.pop(0)

import optuna  # noqa: E402
from optuna.importance import (  # noqa: E402
    FanovaImportanceEvaluator,
    PedAnovaImportanceEvaluator,
    get_param_importances,
)

ACTIVATION = ["linear", "relu", "tanh", "sigmoid"]
OPTIMIZER = ["sgd", "rmsprop", "adam"]
NAMES = ["activation", "optimizer", "learning_rate", "units", "dropout", "layers"]


def objective(trial):
    activation = ACTIVATION.index(trial.suggest_categorical("activation", ACTIVATION))
    optimizer = OPTIMIZER.index(trial.suggest_categorical("optimizer", OPTIMIZER))
    rate = math.log10(trial.suggest_float("learning_rate", 1e-5, 1.0, log=True))
    units = trial.suggest_int("units", 4, 128)
    dropout = trial.suggest_float("dropout", 0.0, 0.5, step=0.1)
    layers = trial.suggest_int("layers", 1, 16, log=True)
    best_rate = [-0.7, -3.0, -2.4][optimizer]
    return (
        [0.0, 1.5, 2.5, 2.0][activation]
        + [0.6, 0.2, 0.0][optimizer]
        + 0.2 * (rate - best_rate) ** 2
        + 0.3 * math.log2(units / 48) ** 2
        + 2.0 * (dropout - 0.2) ** 2
        + 0.2 * abs(math.log2(layers) - 1.0)
    )


def floats(trial):
    a, b, c, d = (trial.suggest_float(name, -1.0, 2.0) for name in "abcd")
    return 3.0 * a + 2.0 * b * b + a * c + 0.1 * d


def random_study(objective):
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(objective, n_trials=300)
    return study


def importances(study, names, evaluator):
    found = get_param_importances(study, evaluator=evaluator)
    return [float(found[name]) for name in names]


def main():
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    studies = {}
    for key, names, function in [("floats", list("abcd"), floats), ("mixed", NAMES, objective)]:
        study = random_study(function)
        head = {
            "names": names,
            "ped_anova": importances(study, names, PedAnovaImportanceEvaluator()),
            "fanova": importances(study, names, FanovaImportanceEvaluator(seed=0)),
        }
        head = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in head.items())
        rows = ",\n".join(json.dumps([trial.params[name] for name in names] + [trial.value]) for trial in study.trials)
        studies[key] = f'{{{head},\n"trials": [\n{rows}\n]}}'
    print("{" + ",\n".join(f'"{key}": {text}' for key, text in studies.items()) + "}")


main()
