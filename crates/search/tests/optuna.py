"""Real Optuna at work on a journal of this crate: what tests/it/optuna.rs asks of it.

    python optuna.py dump JOURNAL STUDY            every field of every trial, on stdout, one line each
    python optuna.py optimize JOURNAL STUDY COUNT  adds COUNT trials: complete, pruned and failed ones
    python optuna.py mark JOURNAL STUDY COUNT      sets COUNT attributes of the study, one append each
    python optuna.py evaluate JOURNAL STUDY COUNT  evaluates COUNT trials that wait, as tests/it/optuna.rs does
"""

import json
import sys

# Off the path goes this script's own folder, where its name would hide the package.
sys.path.pop(0)

import optuna  # noqa: E402
from optuna.storages import JournalStorage  # noqa: E402
from optuna.storages.journal import JournalFileBackend  # noqa: E402


def dump(study):
    directions = [direction.name for direction in study.directions]
    head = {"name": study.study_name, "directions": directions, "metric_names": study.metric_names}
    print(json.dumps({**head, "user_attrs": study.user_attrs}))
    for trial in study.get_trials(deepcopy=False):
        distributions = trial.distributions.items()
        fields = {
            "state": trial.state.name,
            "values": trial.values or [],
            "parameters": trial.params,
            "reports": sorted(trial.intermediate_values.items()),
            "moments": [trial.datetime_start is not None, trial.datetime_complete is not None],
            "distributions": {name: [type(d).__name__, dict(sorted(d._asdict().items()))] for name, d in distributions},
            "user_attrs": trial.user_attrs,
        }
        print(json.dumps(fields))


class Diverged(Exception):
    pass


def objective(trial):
    choices = trial.study.get_trials()[0].distributions["activation"].choices
    # The same parameters in another order, with other ranges; Optuna does not allow other choices.
    activation = trial.suggest_categorical("activation", choices)
    units = trial.suggest_int("units", 2, 64)
    rate = trial.suggest_float("learning_rate", 1e-5, 1.0, log=True)
    trial.set_user_attr("note", {"by": "Optuna", "text": 'NaN "quoted" \u00e9\u2028', "list": [None, True, float("inf")]})
    for step in range(3):
        trial.report(rate * units / (step + 1), step)
    if trial.number % 4 == 1:
        raise optuna.TrialPruned
    if trial.number % 4 == 2:
        raise Diverged
    return float("-inf") if trial.number % 4 == 3 else rate * units + choices.index(activation)


def evaluate(trial):
    rate = trial.suggest_float("learning_rate", 1e-4, 1e-1, log=True)
    units = trial.suggest_int("units", 2, 62, step=4)
    activation = trial.suggest_categorical("activation", ["relu", None, True, 0.5, 3])
    dropout = trial.suggest_float("dropout", 0.0, 0.7, step=0.1) if activation in ("relu", None) else 0.7
    loss = rate * 10.0 + units / 64.0 + dropout
    for step in range(3):
        trial.report(loss / (step + 1), step)
    if trial.number % 23 == 5:
        raise Diverged
    return loss


def main():
    command, path, name, *count = sys.argv[1:]
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.load_study(
        study_name=name,
        storage=JournalStorage(JournalFileBackend(path)),
        sampler=optuna.samplers.TPESampler(seed=1),
    )
    if command == "dump":
        dump(study)
    elif command == "optimize":
        study.optimize(objective, n_trials=int(count[0]), catch=Diverged)
    elif command == "evaluate":
        study.optimize(evaluate, n_trials=int(count[0]), catch=Diverged)
    elif command == "mark":
        for number in range(int(count[0])):
            study.set_user_attr(f"mark {number}", number)
    else:
        sys.exit(f"unknown command {command}")


main()
