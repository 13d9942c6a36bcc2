#!/usr/bin/env python3
"""A study on a Redis server shared by processes of ours and Optuna's: kills, a full memory, cut networks. Each claim of
the README's "More than one machine" is one function here. It makes network namespaces, so it runs as root.

    target/optuna/bin/python .ci/redis.py           every test; Optuna 5, its dashboard and redis are in that environment
    target/optuna/bin/python .ci/redis.py kills     those whose name contains this
"""

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# Off the path goes this script's own folder, where its name would hide the package.
sys.path.pop(0)

import optuna  # noqa: E402
import redis  # noqa: E402

warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
ROOT = Path(__file__).resolve().parent.parent
BINARIES = ROOT / "target/release"
SCRIPT = (ROOT / "crates/search/src/storage/append.lua").read_text()
STUDY = "random-search"
PASSWORD = "correct-horse"
# A trial takes a millisecond; what is measured does not matter here.
QUICK = ["training.epochs=2", "search.repeats=1", "search.round=16", "search.validation_split=null", "search.trials=300"]
DICE = random.Random(16)
LOST = "lines that had been read are gone"


class Server:
    """A redis-server that loses nothing when it is killed."""

    def __init__(self, place, host="127.0.0.1", before=()):
        self.host, self.before, self.place = host, list(before), place / "redis"
        self.place.mkdir()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address, self.extra = f"redis://{host}:{self.port}/0", {}
        self.url = self.address.replace("//", f"//:{PASSWORD}@")
        self.start()

    def start(self):
        options = {"bind": self.host, "port": self.port, "requirepass": PASSWORD, "save": "", "dir": self.place,
                   "appendonly": "yes", "appendfsync": "always", **self.extra}
        words = [word for key, value in options.items() for word in (f"--{key}", str(value))]
        self.process = subprocess.Popen([*self.before, "redis-server", *words], stdout=subprocess.DEVNULL)
        while self.cli("ping") != "PONG":
            assert self.process.poll() is None, "redis-server has ended"
            time.sleep(0.02)
        self.client = redis.Redis.from_url(self.url)

    def cli(self, *words):
        """The answer as text, also from within a namespace."""
        command = [*self.before, "redis-cli", "-h", self.host, "-p", str(self.port), "-a", PASSWORD, *words]
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def lines(self):
        last = int(self.client.get(":log_number") or -1)
        return [json.loads(line) for line in self.client.mget([f":log:{n}" for n in range(last + 1)])] if last >= 0 else []

    def trials(self):
        return sum(line["op_code"] == 4 for line in self.lines())

    def wait_for(self, trials):
        while self.trials() < trials:
            time.sleep(0.02)


def start(name, *arguments, url=None, before=(), **options):
    environment = {**os.environ, **({"TUNEBOOK_STORAGE": url} if url else {})}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "env": environment, **options}
    return subprocess.Popen([*before, BINARIES / name, *map(os.fspath, arguments)], **pipes)


def end(child, code=0):
    output, errors = child.communicate(timeout=180)
    assert child.returncode == code, f"{child.args}: {child.returncode}, not {code}: {errors}"
    assert PASSWORD not in output + errors, "a password is said"
    return output + errors


def search(out, url=None, sets=QUICK, **options):
    """A run of the search into the folder `out`, its study on the server if there is one."""
    sets = [word for key in sets for word in ("--set", key)]
    return start(STUDY, "--quiet", "--out", out, *sets, *(["--journal", "env"] if url else []), url=url, **options)


def alone(place, sets=QUICK):
    """The report of one process that keeps its study in a file."""
    out = place / "alone"
    end(search(out, sets=sets))
    return out


def same_reports(one, other):
    """Whether every file that is digested is the same."""
    assert (one / "SHA256SUMS").read_text() == (other / "SHA256SUMS").read_text(), f"{one} and {other} differ"
    assert (one / "trials.csv").read_bytes() == (other / "trials.csv").read_bytes()


def without_times(journal):
    """Its lines but for moments and workers; in any order, since several processes tell at once."""
    hidden = {"worker_id", "datetime_start", "datetime_complete"}
    lines = (json.loads(line) for line in journal.read_text().splitlines())
    return sorted(json.dumps({key: value for key, value in line.items() if key not in hidden}) for line in lines)


def load(url):
    storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalRedisBackend(url))
    return optuna.load_study(study_name=STUDY, storage=storage, sampler=optuna.samplers.RandomSampler())


def python_worker(url, trials):
    """A worker of Optuna's own: adds a sixteenth of the trials, and leaves the last tenth to others."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = load(url)
    space = study.get_trials(deepcopy=False)[0].distributions

    def objective(trial):
        for name, distribution in space.items():
            trial._suggest(name, distribution)
        return -1000.0 - trial.number

    for _ in range(trials // 16):
        if len(study.get_trials(deepcopy=False)) < trials * 9 // 10:
            study.optimize(objective, n_trials=1)


def mixed(place, url, server, trials):
    """Four processes of ours and four of Optuna's make `trials`; what is wrong with them afterwards."""
    end(search(place / "begun", url, [*QUICK[:-1], "search.trials=16"]))
    theirs = [subprocess.Popen([sys.executable, __file__, "worker", server.url, str(trials)]) for _ in range(4)]
    server.wait_for(20)
    sets = [*QUICK[:-1], f"search.trials={trials}"]
    ours = [search(place / f"ours-{number}", url, sets) for number in range(4)]
    assert [child.wait(timeout=180) for child in theirs] == [0] * 4
    said = "".join(end(child) for child in ours)
    lines = server.lines()
    ended = [line["trial_id"] for line in lines if line["op_code"] == 6 and line["state"] in (1, 2, 3)]
    created = sum(line["op_code"] == 4 for line in lines)
    found = load(server.url).get_trials(deepcopy=False)
    by_optuna = [trial.number for trial in found if trial.value == -1000.0 - trial.number]
    print(f"  {created} trials, {len(by_optuna)} of them Optuna's, {len(lines)} lines")
    wrong = []
    if [trial.number for trial in found] != list(range(trials)) or created != trials:
        wrong.append("numbers with gaps")
    if any(trial.state.name != "COMPLETE" for trial in found):
        wrong.append("a trial is lost")
    if sorted(ended) != list(range(trials)):
        wrong.append("a trial is told twice")
    if LOST in said:
        wrong.append("an append that failed was taken for one that had not")
    assert len(by_optuna) > trials // 20, "Optuna had no part in it"
    return wrong


def a_thousand_trials_of_ours_and_optunas(place):
    with Server(place) as server:
        assert mixed(place, server.url, server, 1000) == []
        # Ours are the ones that one process makes.
        sets = [*QUICK[:-1], "search.trials=1000"]
        rows = {row.split(",")[0]: row for row in (alone(place, sets) / "trials.csv").read_text().splitlines()}
        table = (place / "ours-0/trials.csv").read_text().splitlines()
        found = [row for row in table if row[0].isalpha() or f",{-1000.0 - int(row.split(',')[0])}," not in row]
        other = [row for row in found if rows[row.split(",")[0]] != row]
        assert len(found) > 600 and not other, (len(found), other[:3])
        assert "Another program added" in (place / "ours-0/report.md").read_text()


def a_script_that_returns_the_length_alone_is_found_out(place):
    """The same through a proxy that replaces the script: whoever sees only how many lines there are now takes as many lines
    of somebody else's for its own."""
    wrong = SCRIPT.replace("then return {0, last} end", "then return {last == ARGV[2] + #ARGV - 2 and 1 or 0, last} end")
    right, wrong = ((f"${len(script)}\r\n{script}\r\n").encode() for script in (SCRIPT, wrong))
    assert right != wrong
    listener = socket.create_server(("127.0.0.1", 0))
    replaced = []

    def pass_on(source, target):
        while data := source.recv(1 << 20):
            replaced.append(data.count(right))
            target.sendall(data.replace(right, wrong))
        target.shutdown(socket.SHUT_RDWR)

    def serve(port):
        while True:
            client, _ = listener.accept()
            upstream = socket.create_connection(("127.0.0.1", port))
            for pair in [(client, upstream), (upstream, client)]:
                threading.Thread(target=quietly(pass_on), args=pair, daemon=True).start()

    with Server(place) as server:
        threading.Thread(target=quietly(serve), args=(server.port,), daemon=True).start()
        proxied = server.url.replace(str(server.port), str(listener.getsockname()[1]))
        found = mixed(place, proxied, server, 300)
        assert any(replaced), "no script went through the proxy"
        assert found, "the wrong script passes the test"
        print(f"  with the wrong script: {', '.join(found)}")
    listener.close()


def quietly(function):
    """A thread of a proxy ends with its sockets."""
    def run(*arguments):
        try:
            function(*arguments)
        except OSError:
            pass
    return run


def one_two_and_eight_processes_leave_the_same_journal_and_report(place):
    expected = alone(place)
    with Server(place) as server:
        for count in [1, 2, 8]:
            server.client.flushdb()
            outs = [place / f"{count}-{number}" for number in range(count)]
            for child in [search(out, server.url) for out in outs]:
                end(child)
            copy = place / f"{count}.log"
            end(start("tunebook", "study", "copy", "env", copy, url=server.url))
            assert without_times(copy) == without_times(expected / "records/journal.log")
            for out in outs:
                same_reports(out, expected)
                # A process may see the end before another one has told its last trial to the report that it writes.
                assert without_times(out / "records/journal.log") == without_times(copy)
        # As it is committed, with repeats and held-out data, but for its length.
        few = ["search.trials=24"]
        shutil.rmtree(expected)
        server.client.flushdb()
        expected = alone(place, few)
        outs = [place / f"whole-{number}" for number in range(4)]
        for child in [search(out, server.url, few) for out in outs]:
            end(child)
        for out in outs:
            same_reports(out, expected)
            assert (out / "trials_validation.csv").read_bytes() == (expected / "trials_validation.csv").read_bytes()


def fifty_kills_of_workers(place):
    sets = [*QUICK[:-1], "search.trials=1500"]
    expected = alone(place, sets)
    with Server(place) as server:
        workers = [search(place / f"{number}", server.url, sets) for number in range(4)]
        server.wait_for(8)
        kills = 0
        while kills < 50:
            number = DICE.randrange(4)
            time.sleep(DICE.uniform(0.0, 0.1))
            worker = workers[number]
            worker.kill()
            worker.communicate()
            kills += worker.returncode == -signal.SIGKILL
            # As if half a minute had passed: nobody renews the key of the dead.
            for key in server.client.keys(f"tunebook:tunebook-{worker.pid}-*"):
                server.client.pexpire(key, 20)
            if worker.returncode == 0 and server.trials() == 1500:
                server.client.flushdb()
            workers[number] = search(place / f"{number}", server.url, sets)
        for worker in workers:
            end(worker)
        for number in range(4):
            same_reports(place / f"{number}", expected)
        ended = [line["trial_id"] for line in server.lines() if line["op_code"] == 6 and line["state"] in (1, 2, 3)]
        assert sorted(ended) == list(range(1500)), "a trial is told twice or lost"


def ten_kills_of_the_server_and_a_full_memory(place):
    sets = [*QUICK[:-1], "search.trials=1500"]
    expected = alone(place, sets)
    with Server(place) as server:
        workers = [search(place / f"{number}", server.url, sets) for number in range(3)]
        while len(server.client.keys("tunebook:*")) < 3:
            time.sleep(0.02)
        for kill in range(10):
            server.wait_for(8 + 60 * kill)
            before = server.lines()
            server.kill()
            time.sleep(DICE.uniform(0.0, 0.3))
            server.start()
            assert server.lines()[:len(before)] == before, "the server lost what it had answered"
        server.client.config_set("maxmemory", 1)
        time.sleep(3)
        full = server.trials()
        time.sleep(0.5)
        assert server.trials() == full < 1500
        server.client.config_set("maxmemory", 0)
        said = [end(worker) for worker in workers]
        assert any("cannot append: OOM command not allowed when used memory > 'maxmemory'; trying again for 90 s\n" in text for text in said), said
        for number in range(3):
            assert LOST not in said[number]
            same_reports(place / f"{number}", expected)


def a_server_that_stays_away_is_an_error_and_no_loss(place):
    sets = [*QUICK[:-1], "search.trials=100000"]
    with Server(place) as server:
        worker = search(place / "out", server.url, sets)
        server.wait_for(20)
        server.kill()
        errors = end(worker, code=74).splitlines()
        address = server.address
        assert len(errors) == 2 and errors[0].startswith(f"{address}: cannot ") and errors[0].endswith("for 90 s"), errors
        assert errors[1].startswith(f"error: {address}: cannot "), errors
        server.start()
        expected = alone(place)
        end(search(place / "out", server.url))
        rows = [(out / "trials.csv").read_text() for out in (expected, place / "out")]
        assert rows[0] == rows[1]


def workers_that_are_cut_off(place):
    """A bridge in a namespace of its own, the server on it, and two workers that it connects; one is cut off for 2 s, then
    for 40 s, which is longer than a worker's key lives."""
    def ip(*words):
        subprocess.run(["ip", *words], check=True)
    names = [f"tunebook-{os.getpid()}-{end}" for end in ("hub", "one", "two")]
    hub = names[0]
    sets = [*QUICK[:-1], "search.trials=1200"]
    expected = alone(place, sets)
    try:
        for name in names:
            ip("netns", "add", name)
            ip("-n", name, "link", "set", "lo", "up")
        ip("-n", hub, "link", "add", "bridge", "type", "bridge")
        ip("-n", hub, "addr", "add", "10.99.0.1/24", "dev", "bridge")
        ip("-n", hub, "link", "set", "bridge", "up")
        for number, name in enumerate(names[1:], 2):
            ip("-n", hub, "link", "add", f"to{number}", "type", "veth", "peer", "name", "eth0", "netns", name)
            ip("-n", hub, "link", "set", f"to{number}", "master", "bridge", "up")
            ip("-n", name, "addr", "add", f"10.99.0.{number}/24", "dev", "eth0")
            ip("-n", name, "link", "set", "eth0", "up")
        def inside(name):
            return ["ip", "netns", "exec", name]
        with Server(place, "10.99.0.1", inside(hub)) as server:
            def lines():
                return int(server.cli("get", ":log_number") or 0)
            workers = [search(place / name, server.url, sets, before=inside(name)) for name in names[1:]]
            for seconds in [2, 40]:
                begun = lines()
                while lines() < begun + 200:
                    time.sleep(0.02)
                ip("-n", hub, "link", "set", "to2", "down")
                time.sleep(seconds)
                ip("-n", hub, "link", "set", "to2", "up")
            said = [end(worker) for worker in workers]
            assert "trying again for 90 s" in said[0] and "trying" not in said[1], said
            for name in names[1:]:
                same_reports(place / name, expected)
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", name], stderr=subprocess.DEVNULL)


def optuna_and_its_dashboard_read_a_study(place):
    with Server(place) as server:
        end(search(place / "out", server.url))
        study = load(server.url)
        assert study.metric_names == ["log10_accuracy"] and len(study.trials) == 300
        rows = (place / "out/trials.csv").read_text().splitlines()
        assert f",{study.best_value!r}," in rows[study.best_trial.number + 1]
        # A file that was copied there is read as well, and goes on.
        server.client.flushdb()
        journal = place / "study.log"
        shutil.copy(ROOT / "reports/random-search/records/journal.log", journal)
        end(start("tunebook", "study", "copy", journal, "env", url=server.url))
        show = [end(start("tunebook", "study", "show", which, url=server.url)) for which in (journal, "env")]
        assert show[0] == show[1] and "random-search: minimize, 60 trials" in show[0]
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server.client.flushdb()
        end(search(place / "again", server.url))
        command = [Path(sys.executable).with_name("optuna-dashboard"), "--host", "127.0.0.1", "--port", str(port), server.url]
        dashboard = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            def ask(path):
                for _ in range(100):
                    try:
                        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/{path}", timeout=10) as answer:
                            return json.load(answer)
                    except OSError:
                        time.sleep(0.1)
                raise AssertionError("the dashboard does not answer")
            studies = ask("studies")["study_summaries"]
            assert [study["study_name"] for study in studies] == [STUDY], studies
            study = ask(f"studies/{studies[0]['study_id']}?after=0")
            assert len(study["trials"]) == 300, study.keys()
            assert study["objective_names"] == ["log10_accuracy"], study.keys()
        finally:
            dashboard.kill()
            dashboard.wait()


def what_names_no_journal_is_refused_and_the_variable_alone_does_nothing(place):
    nowhere = f"redis://:{PASSWORD}@127.0.0.1:1/0"
    for name, arguments, code, said in [
        ("raw-relu", ["--journal", "env"], 2, "raw-relu keeps no study"),
        (STUDY, ["--journal", "env"], 74, "redis://127.0.0.1:1/0: cannot connect: "),
        ("tunebook", ["study", "show", "env"], 74, "redis://127.0.0.1:1/0: cannot connect: "),
        ("tunebook", ["study", "show", nowhere.replace("redis:", "redis-cluster:")], 74, "a Redis Cluster cannot keep a journal"),
    ]:
        out = ["--quiet", "--out", place / "none"] if name != "tunebook" else []
        errors = end(start(name, *arguments, *out, url=nowhere), code)
        assert said in errors and errors.count("\n") == 1 and not (place / "none").exists(), errors
    with Server(place) as server:
        server.kill()
        # A server of a cluster, by itself.
        server.extra = {"cluster-enabled": "yes"}
        server.start()
        assert f"{server.address}: a Redis Cluster cannot keep a journal" in end(search(place / "none", server.url), 74)
    end(start(STUDY, "--quiet", "--out", place / "plain", "--set", "search.trials=8", url=nowhere))


# What waits comes first: two tests run at a time.
TESTS = [a_server_that_stays_away_is_an_error_and_no_loss, workers_that_are_cut_off,
         a_thousand_trials_of_ours_and_optunas, a_script_that_returns_the_length_alone_is_found_out,
         one_two_and_eight_processes_leave_the_same_journal_and_report, fifty_kills_of_workers,
         ten_kills_of_the_server_and_a_full_memory, what_names_no_journal_is_refused_and_the_variable_alone_does_nothing,
         optuna_and_its_dashboard_read_a_study]


def attempt(test):
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        test(Path(place).resolve())
    print(f"ok {test.__name__} ({time.monotonic() - begun:.1f} s)", flush=True)


def main():
    if sys.argv[1:2] == ["worker"]:
        return python_worker(sys.argv[2], int(sys.argv[3]))
    if os.geteuid() != 0:
        sys.exit("network namespaces are made here: run this as root")
    for program in ["redis-server", "redis-cli", "ip"]:
        if shutil.which(program) is None:
            sys.exit(f"there is no {program}; Debian's packages are redis-server, redis-tools and iproute2")
    wanted = [test for test in TESTS if all(word in test.__name__ for word in sys.argv[1:])]
    with ThreadPoolExecutor(max_workers=2) as pool:
        for done in [pool.submit(attempt, test) for test in wanted]:
            done.result()
    print(f"{len(wanted)} tests of a shared study passed")


if __name__ == "__main__":
    main()
