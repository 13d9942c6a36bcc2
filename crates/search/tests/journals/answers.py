"""What real Optuna 5.0.0 makes of journals: python answers.py > answers.json

First the journals in the folders beside this script, then hostile ones, each of which is written here as what it changes
in a small journal. Whatever Optuna refuses is `refused`.
"""

import glob
import json
import math
import os
import tempfile
import warnings

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

optuna.logging.set_verbosity(optuna.logging.CRITICAL)
warnings.simplefilter("ignore")

NAIVE, ZONED = "2026-01-02T03:04:05.678901", "2026-01-02T03:04:05.678901+09:00"
HALF = '"low": 0.0, "high": 1.0'


def line(code, **fields):
    return json.dumps({"op_code": code, "worker_id": "w", **fields}, separators=(",", ":"))


def study(name="s", directions=(1,), **fields):
    return line(0, study_name=name, directions=list(directions), **fields)


def trial(study_id=0, **fields):
    return line(4, study_id=study_id, **{"datetime_start": ZONED, **fields})


def done(*values, trial_id=0, state=1, time=ZONED):
    return line(6, trial_id=trial_id, state=state, values=list(values), datetime_complete=time)


def parameter(distribution, value, trial_id=0, name="x"):
    return line(5, trial_id=trial_id, param_name=name, param_value_internal=value, distribution=distribution)


def distribution(name, **attributes):
    return json.dumps({"name": name, "attributes": attributes})


def report(step, value, trial_id=0):
    return line(7, trial_id=trial_id, step=step, intermediate_value=value)


def attribute(code, fields, **ids):
    return line(code, **{"user_attr" if code in (2, 8) else "system_attr": fields}, **ids)


def complete(*values, attrs=None, **fields):
    one = {"value": values[0]} if len(values) == 1 else {"values": list(values)}
    return trial(state=1, datetime_complete=ZONED, system_attrs=attrs or {}, **one, **fields)


def whole(*lines):
    return "".join(text + "\n" for text in lines).encode("utf-8", "surrogatepass")


def without(key, text):
    fields = json.loads(text)
    del fields[key]
    return json.dumps(fields)


SMALL = [study(), trial(), parameter(distribution("FloatDistribution", low=0.0, high=1.0, log=False, step=None), 0.5), done(0.25)]
START = SMALL[:2]
uniform, log_uniform = (distribution(name, low=0.1, high=1.0) for name in ("UniformDistribution", "LogUniformDistribution"))
modern = distribution("FloatDistribution", low=0.1, high=1.0, log=False, step=None)
integers = distribution("IntDistribution", low=0, high=9, log=False, step=1)


def choices(*values):
    return distribution("CategoricalDistribution", choices=list(values))


def encodings():
    text = whole(*SMALL)
    yield "a byte-order mark before every line", b"".join(b"\xef\xbb\xbf" + part + b"\n" for part in text.split(b"\n")[:-1])
    yield "two byte-order marks", b"\xef\xbb\xbf" * 2 + text
    yield "UTF-16, high byte first", text.decode().encode("utf-16-be")
    yield "the same with a byte-order mark", b"\xfe\xff" + text.decode().encode("utf-16-be")
    yield "UTF-16, low byte first", text.decode().encode("utf-16-le")
    yield "UTF-32, high byte first", text.decode().encode("utf-32-be")
    named = json.dumps({"op_code": 0, "worker_id": "w", "study_name": "r\u00e9sum\u00e9 \U0001f980", "directions": [1]}, ensure_ascii=False)
    yield "letters as they are", whole(named)
    yield "letters in UTF-16", whole(named).decode().encode("utf-16-be")
    yield "Latin-1", (named.replace("\U0001f980", "") + "\n").encode("latin-1")
    yield "Latin-1 in the last line", whole(*SMALL) + b'{"op_code":0,"study_name":"\xe9","directions":[1]}\n'
    yield "half a surrogate pair in bytes", whole(study("a\udce9b"))
    yield "halves of surrogate pairs as escapes", whole(study(r"\ud83e\ud83e\udd80\udd80").replace("\\\\", "\\"))
    yield "a cut escape", whole(*SMALL[:1]) + b'{"op_code":0,"study_name":"\\ud8"}\n' + whole(*SMALL[1:])
    yield "a control character in a string", whole(study("a\tb").replace("\\t", "\t"), *SMALL[1:])
    yield "control characters as escapes", whole(study("a\tb\n\x1b[31m\x7f"))


def lines():
    text = whole(*SMALL)
    yield "nothing", b""
    yield "CRLF", text.replace(b"\n", b"\r\n")
    yield "CR alone", text.replace(b"\n", b"\r")
    yield "spaces and tabs around lines", b"".join(b" \t" + part + b" \r\n" for part in text.split(b"\n")[:-1])
    yield "a blank last line", text + b"\n"
    yield "two blank last lines", text + b"\n\n"
    yield "a last line without its end", text[:-1]
    yield "half a last line", text[:-9]
    yield "a whole last line that is no JSON", text + b'{"op_co{"op_code":4}\n'
    yield "the same with half a line behind it", text + b'{"op_co{"op_code":4}\n{"op'
    yield "a last line of zeros", text + b"\0\0\0\0"
    yield "a whole last line of zeros", text + b"\0\0\0\0\n"
    yield "two values in a line", whole(SMALL[0] + SMALL[1], *SMALL[2:])
    yield "a list", whole("[]", *SMALL)
    yield "a last line that is a list", whole(*SMALL, "[]")
    yield "a key twice", whole(study().replace('"study_name"', '"study_name":"other","study_name"'))


def operations():
    for code in (4.0, "4", True, None, 10, 11, -1, [4]):
        yield f"op_code {json.dumps(code)}", whole(study(), study("t"), line(code, study_id=0, datetime_start=None, study_name="u", directions=[1]))
    for text in (*SMALL, report(0, 1.0), attribute(8, {"a": 1}, trial_id=0), attribute(2, {"a": 1}, study_id=0)):
        before = SMALL[: SMALL.index(text)] if text in SMALL else START
        yield f"no worker in {text[:12]}", whole(*before, without("worker_id", text))
    yield "no worker in a second study of a name", whole(study(), without("worker_id", study()))
    yield "no worker in a change of a finished trial", whole(*SMALL, without("worker_id", report(0, 1.0)))
    yield "a worker that is a number", whole(*(json.dumps({**json.loads(text), "worker_id": 7}) for text in SMALL))
    for given in (0.0, False, -1, 1, 0.5, None, "0", [0], 2**70):
        yield f"study {json.dumps(given)}", whole(study(), trial(given))
        yield f"trial {json.dumps(given)}", whole(*START, done(1.0, trial_id=given))
    yield "nonsense for a finished trial", whole(*SMALL, line(5, trial_id=0), line(6, trial_id=0), line(7, trial_id=0))
    yield "nonsense for an unknown study", whole(*SMALL, line(4, study_id=7), line(2, study_id=7))
    deleted = [study("gone"), trial(), line(1, study_id=0), study(), trial(1)]
    yield "a deleted study", whole(*deleted, done(1.0, trial_id=1), parameter("nonsense", 1.0, trial_id=7))
    yield "nonsense for a trial of a deleted study", whole(*deleted, parameter("nonsense", 1.0))


def studies():
    for name in (3, 0.5, None, True, ["a"], {"a": 1}, "", 2**70, "-x", "a,b"):
        yield f"study name {json.dumps(name)}", whole(study(name), trial(), done(1.0))
    yield "the same name as a number and a text", whole(study(3), study("3"), study(3.0), trial(1), done(1.0))
    yield "a name that is true and one that is 1", whole(study(True), study(1), trial(0), done(1.0))
    for directions in ([], [0], [2], [3], [1.0], ["1"], None, {}, [1, 0]):
        text = json.dumps({"op_code": 0, "study_name": "s", "directions": directions})
        yield f"directions {directions}", whole(text, complete(2.0), complete(1.0))
    yield "directions in a string", whole(study(directions="12"))
    for fields in ({}, {"a": 1, "b": 2}, [], None, "a"):
        yield f"an attribute {json.dumps(fields)}", whole(study(), attribute(2, fields, study_id=0))
    yield "deep", whole(study(), attribute(2, {"a": "x"}, study_id=0).replace('"x"', "[" * 900 + "]" * 900))
    yield "4300 digits", whole(study(), attribute(2, {"a": "x"}, study_id=0).replace('"x"', "9" * 4300))
    yield "4301 digits", whole(study(), attribute(2, {"a": "x"}, study_id=0).replace('"x"', "9" * 4301))
    for text in ("01", "1.", ".5", "-", "+1", "1e", "nan", "-NaN", "1e400", "-0", "-0.0", "1E+2", "0x1", "1_0", "'a'", "[1,]", '{"a":1,}'):
        yield f"an attribute {text}", whole(study(), attribute(2, {"a": "x"}, study_id=0).replace('"x"', text), study("t"))


def trials():
    for state in (0, 1, 2, 3, 4, 1.0, True, 5, -1, None, "1"):
        yield f"state {json.dumps(state)}", whole(*START, line(6, trial_id=0, state=state, values=[1.0], datetime_start=ZONED, datetime_complete=ZONED))
        yield f"state {json.dumps(state)} from the beginning", whole(study(), trial(state=state, value=1.0, datetime_complete=ZONED))
    for values in (None, [], [None], [True], [10**400], [float("nan")], [float("inf")], [1, 2], "ab", 1.0, [[1]]):
        yield f"values {json.dumps(values)[:20]}", whole(*START, line(6, trial_id=0, state=1, values=values, datetime_complete=ZONED))
        yield f"values {json.dumps(values)[:20]} from the beginning", whole(study(), trial(state=1, values=values))
    yield "no values", whole(*START, line(6, trial_id=0, state=1, datetime_complete=ZONED))
    yield "value and values", whole(study(), trial(state=1, value=1.0, values=[1.0]))
    for time in (NAIVE, "2026-01-02", "2026-01-02 03:04:05", "yesterday", "", None, 0):
        yield f"started {json.dumps(time)}", whole(study(), trial(datetime_start=time))
        yield f"ended {json.dumps(time)}", whole(*START, done(1.0, time=time))
        yield f"ended {json.dumps(time)} from the beginning", whole(study(), trial(state=1, value=1.0, datetime_complete=time))
    yield "no start", whole(study(), without("datetime_start", trial()))
    yield "no end", whole(*START, without("datetime_complete", done(1.0)))
    for step in (-1, 1.0, 1.5, None, True, "x", [1], 2**64 - 1):
        yield f"a report at step {json.dumps(step)}", whole(*START, report(1, 0.5), report(step, 0.25))
    for value in (None, 1, True, "x", [1], float("-inf"), 2**64 - 1):
        yield f"a report of {json.dumps(value)}", whole(*START, report(1, 0.5), report(1, value))
    for step in ("-1", " 7 ", "1_0", "+3", "007", "1.5", "x", ""):
        yield f"a report at step {step!r} from the beginning", whole(study(), trial(intermediate_values={step: 0.5, "2": None}))
    yield "queued by enqueue_trial", whole(study(), trial(datetime_start=None, state=4, system_attrs={"fixed_params": {"x": 1}}))
    queued = [study(), trial(datetime_start=None, state=4)]
    yield "queued and begun", whole(*queued, line(6, trial_id=0, state=0, values=None, datetime_start=NAIVE))
    yield "queued and begun without a time", whole(*queued, line(6, trial_id=0, state=0, values=None, datetime_start=None))
    yield "begun twice", whole(*START, line(6, trial_id=0, state=0))


def parameters():
    wide = distribution("IntDistribution", low=0, high=2**64 - 1, log=False, step=1)
    for value in (0.0, 7.9, -7.9, 9.223372036854778e18, 1.8446744073709552e19, 1e30, 2**64 - 1, 2**63, True, "12", " 1_2 ", "x", None, float("nan"), float("inf"), [1]):
        yield f"{json.dumps(value)} as an integer", whole(*START, parameter(wide, value))
        yield f"{json.dumps(value)} as a float", whole(*START, parameter(modern, value))
        yield f"{json.dumps(value)} as a choice", whole(*START, parameter(choices("a", None, "", 2.5, 2**64), value))
    for index in (-1.0, -5.0, -6.0, 1.9, -0.9, 5.0):
        yield f"choice {index}", whole(*START, parameter(choices("a", None, "", 2.5, True), index))
    for values in ([], None, "abc", {"k": 1}, [[1, 2], {"a": None}], [float("nan"), float("inf")]):
        yield f"choices {json.dumps(values)}", whole(*START, parameter(distribution("CategoricalDistribution", choices=values), 0.0))
    old = {
        "UniformDistribution": dict(low=0.0, high=1.0),
        "LogUniformDistribution": dict(low=0.1, high=1.0),
        "DiscreteUniformDistribution": dict(low=0.0, high=1.0, q=0.25),
        "IntUniformDistribution": dict(low=0, high=9, step=3),
        "IntLogUniformDistribution": dict(low=1, high=9, step=1),
        "FloatDistribution": dict(low=0.0, high=1.0),
        "IntDistribution": dict(low=0, high=9),
    }
    for name, attributes in old.items():
        made = distribution(name, **attributes)
        yield name, whole(*START, parameter(made, 0.5))
        yield f"{name} from the beginning", whole(study(), trial(distributions={"x": made}, params={"x": 0.5}))
        for key in attributes:
            for value in (None, "1", -1, 0, 0.5, 2**64 - 1, float("nan"), float("inf"), True, []):
                yield f"{name}, {key} {json.dumps(value)}", whole(*START, parameter(distribution(name, **{**attributes, key: value}), 3.0))
            rest = {other: value for other, value in attributes.items() if other != key}
            yield f"{name} without {key}", whole(*START, parameter(distribution(name, **rest), 3.0))
        yield f"{name} and more", whole(*START, parameter(distribution(name, **attributes, more=1), 3.0))
        yield f"{name} and log", whole(*START, parameter(distribution(name, **attributes, log=True), 3.0))
    for short in (dict(type="float", low=0, high=1), dict(type="int", low=0, high=9, step=None), dict(type="categorical", choices=["a"]), dict(type="other")):
        yield f"the short form {short}", whole(*START, parameter(json.dumps(short), 0.0))
    for written in ("", "nonsense", "[]", "{}", None, {"name": "FloatDistribution"}, "\ufeff" + modern):
        yield f"a distribution {json.dumps(written)[:30]}", whole(*START, parameter(written, 0.5))
    pairs = [(modern, uniform), (uniform, log_uniform), (uniform, uniform), (integers, modern), (choices(True, "a"), choices(1, "a")),
             (choices("a", "b"), choices("b", "a")), (choices(float("nan")), choices(float("nan"))),
             (integers, distribution("IntDistribution", low=1, high=99, log=False, step=7))]
    for first, second in pairs:
        both = whole(study(), trial(), trial(), parameter(first, 0.0), parameter(second, 0.0, trial_id=1))
        yield f"{first} and then {second}", both
    yield "a value that stands for nothing where the distribution does not fit", whole(study(), trial(), trial(), parameter(modern, 0.5), parameter(integers, None, trial_id=1))
    for name in (3, None, "", "a\nb", ["x"]):
        yield f"a parameter {json.dumps(name)}", whole(*START, parameter(modern, 0.5, name=name))
    yield "a parameter without a distribution", whole(study(), trial(params={"x": 0.5}))
    yield "a distribution without a parameter", whole(study(), trial(distributions={"x": modern}))
    yield "a bad distribution without a parameter", whole(study(), trial(distributions={"x": "nonsense"}))


def choice():
    def constrained(*kept):
        values = (complete(float(place), attrs=attrs) for place, attrs in enumerate(kept))
        return whole(study(), *values)

    yield "no constraint is kept", constrained({"constraints": [1.0]}, {"constraints": [0.0, 0.5]})
    yield "the best keeps its constraints", constrained({"constraints": [-1.0]}, {"constraints": [1.0]})
    yield "the best has no constraint", constrained({}, {"constraints": [-1.0]})
    yield "the best breaks one, the next has none", constrained({"constraints": [1]}, {}, {"constraints": [-1.0]})
    yield "a constraint by name", constrained({"constraints:a": 1.0}, {"constraints:a": -1.0, "constraints:b": 0.0})
    yield "both spellings", constrained({"constraints": [-1.0], "constraints:a": 1.0}, {"constraints": [0]})
    yield "a name takes the place of a number", constrained({"constraints": [1.0], "constraints:0": -1.0}, {})
    yield "another attribute that begins so", constrained({"constraintsx": [1.0], "constraint:a": 1.0}, {})
    yield "a constraint that is NaN", constrained({"constraints": [float("nan"), 1.0]}, {"constraints": [float("nan")]}, {})
    yield "no constraints", constrained({"constraints": None}, {"constraints": []})
    yield "the largest of equals", whole(study(directions=[2]), complete(1.0), complete(2.0), complete(2.0))
    yield "infinities", whole(study(), complete(float("inf")), complete(1.0), complete(float("-inf")))
    yield "pruned and failed trials are none", whole(study(), trial(state=2, value=-1.0, datetime_complete=ZONED), trial(state=3), complete(1.0))

    two = study("front", [1, 2])
    points = [(1.0, 1.0), (0.0, 0.0), (1.0, 2.0), (1.0, 2.0), (2.0, 1.0), (float("inf"), float("inf")), (0.0, float("-inf"))]
    yield "a front with equals and infinities", whole(two, *(complete(*point) for point in points))
    yield "a front under constraints", whole(two, complete(0.0, 9.0, attrs={"constraints": [1.0]}), complete(1.0, 1.0), complete(2.0, 0.0, attrs={"constraints": [0.0]}))
    yield "no front", whole(two, trial())
    yield "three objectives", whole(study("front", [1, 1, 2]), *(complete(a, b, a - b) for a in (1.0, 2.0, 3.0) for b in (3.0, 1.0, 2.0)))
    yield "too few values for a front", whole(two, complete(1.0, 2.0), complete(1.0))


def plain(value):
    """A value as the test has it: half a surrogate pair as its escape, an integer beyond 64 bits as its digits."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, (list, tuple, dict)):
        return json.dumps(value, separators=(",", ":"))
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return str(value)
    return value


def number(value):
    if not isinstance(value, (bool, int, float)):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def name(value):
    return plain(value) if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def best(found):
    """The number of the best trial or those on the Pareto front; none where Optuna gives none, or stumbles over a value that
    is no number; an error where values and objectives do not match."""
    try:
        if len(found.directions) > 1:
            return [trial.number for trial in found.best_trials]
        trial = found._get_best_trial(deepcopy=False)
        return None if math.isnan(number(trial.value)) else trial.number
    except ValueError as error:
        return "error" if "must be identical" in str(error) else None
    except (TypeError, IndexError, RuntimeError):
        return None if len(found.directions) == 1 else "error"


def answer(journal):
    folder = tempfile.mkdtemp()
    path = os.path.join(folder, "journal.log")
    with open(path, "wb") as file:
        file.write(journal)
    try:
        storage = JournalStorage(JournalFileBackend(path))
    except Exception:
        return "refused"
    answers = []
    # Not the public copies: copying an attribute that is nested deeply takes more recursion than reading it.
    for frozen in storage._replay_result.get_all_studies():
        found = object.__new__(optuna.study.Study)
        found._study_id, found._storage, found._directions = frozen._study_id, storage, frozen.directions
        found._thread_local = optuna.study.study._ThreadLocalStudyAttribute()
        trials = []
        for trial in storage.get_all_trials(frozen._study_id, deepcopy=False):
            reports = trial.intermediate_values.items()
            reports = {step: value for step, value in reports if isinstance(value, (bool, int, float))}
            reports = {int(step): number(value) for step, value in reports.items() if not isinstance(step, (str, type(None))) and step == int(step)}
            trials.append({
                "state": trial.state.name,
                "values": [number(value) for value in trial.values or []],
                "parameters": {name(key): plain(value) for key, value in trial.params.items()},
                "reports": [[step, value] for step, value in sorted(reports.items()) if step < 2**63],
                "moments": [trial.datetime_start is not None, trial.datetime_complete is not None],
            })
        answers.append({
            "name": name(frozen.study_name),
            "directions": [direction.name for direction in frozen.directions],
            "best": best(found),
            "trials": trials,
        })
    return answers


def main():
    assert optuna.__version__ == "5.0.0", optuna.__version__
    os.chdir(os.path.dirname(os.path.abspath(__file__)))
    print("[")
    for path in sorted(glob.glob("optuna-*/*.log")):
        with open(path, "rb") as file:
            print(json.dumps({"journal": path, "answer": answer(file.read())}) + ",")
    groups = (encodings, lines, operations, studies, trials, parameters, choice)
    hostile = [case for group in groups for case in group()]
    for place, (what, journal) in enumerate(hostile):
        # Every byte as the letter of its number.
        case = {"what": what, "bytes": journal.decode("latin-1"), "answer": answer(journal)}
        print(json.dumps(case) + ("," if place + 1 < len(hostile) else ""))
    print("]")


if __name__ == "__main__":
    main()
