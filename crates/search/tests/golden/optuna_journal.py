"""Writes optuna_journal.jsonl with real Optuna 5.0.0: python optuna_journal.py > optuna_journal.jsonl

Times and workers are replaced, so that the file is the same on every run.
"""

import os
import re
import tempfile
from datetime import datetime, timezone

import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.study import StudyDirection
from optuna.trial import TrialState, create_trial

optuna.logging.set_verbosity(optuna.logging.ERROR)
path = os.path.join(tempfile.mkdtemp(), "journal.log")
storage = JournalStorage(JournalFileBackend(path))

first = storage.create_new_study([StudyDirection.MINIMIZE], "first")
storage.create_new_trial(first)
second = storage.create_new_study([StudyDirection.MAXIMIZE], "second")
storage.delete_study(first)
storage.create_new_study([StudyDirection.MINIMIZE, StudyDirection.NOT_SET], "third")
storage.set_study_user_attr(second, "ints", [1, 10**20, -0.0, float("nan")])
storage.set_study_system_attr(second, "of Optuna", {"deep": {"er": None}})

x = FloatDistribution(1e-5, 1.0, log=True)
n = IntDistribution(1, 9, step=2)
c = CategoricalDistribution([True, None, "a \u00e9", 2, 0.5, float("inf")])

trial = storage.create_new_trial(second)
for name, distribution, value in [("x", x, 0.1), ("n", n, 5), ("c", c, None)]:
    storage.set_trial_param(trial, name, distribution.to_internal_repr(value), distribution)
storage.set_trial_user_attr(trial, "text", '\u00e9\U0001f980 "NaN"')
storage.set_trial_system_attr(trial, "of Optuna", 1)
storage.set_trial_state_values(trial, TrialState.COMPLETE, [float("inf")])

trial = storage.create_new_trial(second)
storage.set_trial_intermediate_value(trial, 10, float("-inf"))
storage.set_trial_intermediate_value(trial, 0, 0.2)
storage.set_trial_intermediate_value(trial, 0, 0.1)
storage.set_trial_state_values(trial, TrialState.PRUNED, None)

moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
failed = create_trial(state=TrialState.FAIL, params={"x": 0.5}, distributions={"x": x}, intermediate_values={3: 1.5})
storage.create_new_trial(second, failed)
study = optuna.load_study(study_name="second", storage=storage)
study.enqueue_trial({"x": 0.25}, user_attrs={"queued": True})

trial = storage.create_new_trial(second)
# Two lines that Optuna passes over: a second study of a name, and a change of a finished trial, both of others.
other = JournalFileBackend(path)
other.append_logs([{"op_code": 0, "worker_id": "other", "study_name": "second", "directions": [1]}])
other.append_logs([{"op_code": 8, "worker_id": "other", "trial_id": 1, "user_attr": {"text": "late"}}])
# And a kind of parameter that does not fit the earlier ones of its name.
other.append_logs(
    [
        {
            "op_code": 5,
            "worker_id": "other",
            "trial_id": trial,
            "param_name": "x",
            "param_value_internal": 3.0,
            "distribution": optuna.distributions.distribution_to_json(n),
        }
    ]
)
assert not study.trials[4].params and study.trials[0].user_attrs["text"] != "late"

text = open(path, encoding="utf-8").read()
text = re.sub(r'("worker_id":")[0-9a-f-]{36}-\d+"', r'\1python"', text)
times = re.compile(r'"datetime_(start|complete)":"[^"]*"')
text = times.sub(lambda m: f'"datetime_{m[1]}":"2026-01-02T03:04:0{5 + (m[1] == "complete")}.00000{int(m[1] == "complete")}+00:00"', text)
print(text, end="")
