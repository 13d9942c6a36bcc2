"""The scripts that `tunebook slurm` prints, run by Slurm on this host with two slurmd: `python3 .ci/slurm.py`.

A node is drained in the middle, its tasks are requeued, and it is resumed. Needs root, slurm-wlm, munge and redis-server; all state
is in a temporary folder, and all that is started ends with this program.
"""

import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

PROGRAMS = pathlib.Path(__file__).resolve().parent.parent / "target" / "release"
LIMIT = 300  # seconds that a step may take on a loaded machine
TRIALS = 200

CONFIGURATION = """
ClusterName=local
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
AuthType=auth/munge
AuthInfo=socket={run}/munge.socket,cred_expire=10
SlurmUser=root
SlurmdUser=root
StateSaveLocation={run}/state
SlurmdSpoolDir={run}/spool.%n
SlurmctldPidFile={run}/slurmctld.pid
SlurmdPidFile={run}/slurmd.%n.pid
SlurmctldLogFile={run}/slurmctld.log
SlurmdLogFile={run}/slurmd.%n.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
KillWait=5
NodeName=n1 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[1]} CPUs=2 State=UNKNOWN
NodeName=n2 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[2]} CPUs=2 State=UNKNOWN
PartitionName=main Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP
"""


def say(*command, code=0):
    """What a command prints; it has to end with this code."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=LIMIT)
    if done.returncode != code:
        sys.exit(f"{shlex.join(done.args)} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def wait(what, is_done):
    end = time.monotonic() + LIMIT
    while not (result := is_done()):
        if time.monotonic() > end:
            sys.exit(f"waited {LIMIT} s for {what}\n{say('squeue')}{say('sinfo')}")
        time.sleep(0.1)
    return result


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class Cluster:
    """A controller and two nodes."""

    def __init__(self, run):
        self.run, self.started = run, []
        (run / "state").mkdir()
        key = run / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)
        configuration = run / "slurm.conf"
        configuration.write_text(CONFIGURATION.format(host=socket.gethostname().split(".")[0], run=run, ports=free_ports(3)))
        os.environ["SLURM_CONF"] = str(configuration)
        places = {"key-file": key} | {f"{name}-file": run / f"munge.{name}" for name in ("log", "pid", "seed")}
        munged = ["munged", "--foreground", "--force", f"--socket={run}/munge.socket"]
        self.start(*munged, *(f"--{option}={place}" for option, place in places.items()))
        wait("munged", (run / "munge.socket").exists)
        self.start("slurmctld", "-D")
        for node in ("n1", "n2"):
            self.start("slurmd", "-D", "-N", node)
        wait("both nodes", lambda: self.up() and self.states("n1") == self.states("n2") == "idle")

    def start(self, *command):
        log = open(self.run / f"{len(self.started)}.{command[0]}.log", "w")
        self.started.append(subprocess.Popen(command, stdout=log, stderr=log))

    def up(self):
        return subprocess.run(["sinfo"], capture_output=True).returncode == 0

    def states(self, node):
        return say("sinfo", "--noheader", f"--nodes={node}", "--format=%T").strip()

    def tasks(self, *options):
        """The tasks of arrays that have not ended, as Slurm names them."""
        return say("squeue", "--noheader", "--array", "--format=%i", *options).split()

    def stop(self):
        for process in reversed(self.started):
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def array_with_a_drained_node(cluster, script, meanwhile=lambda: None):
    """Runs the array of a script to its end; one node loses its tasks and is away for a while. `meanwhile` runs after that."""
    file = cluster.run / "script"
    file.write_text(script)
    say("sbatch", file)
    running = lambda: cluster.tasks("--states=RUNNING", "--nodelist=n2")
    tasks = wait("tasks on both nodes", lambda: cluster.tasks("--states=RUNNING", "--nodelist=n1") and running())
    say("scontrol", "update", "NodeName=n2", "State=drain", "Reason=test")
    for task in tasks:
        say("scontrol", "requeue", task)
    wait("the node to be drained", lambda: cluster.states("n2") == "drained")
    say("scontrol", "update", "NodeName=n2", "State=resume")
    print(f"n2 was drained while it ran {', '.join(tasks)}, and resumed")
    meanwhile()
    wait("the array", lambda: not cluster.tasks())


def seed_study(cluster):
    """An array of six on one seed study: the report has the bytes of one process'."""
    run = cluster.run
    # Twelve blocks of 65,536 seeds.
    changes = ["seed_scan.last=786431", "seed_scan.rows=1000", "training.epochs=10", "variants=[]"]
    changes = [word for change in changes for word in ("--set", change)]
    script, collect = printed(run, "seed-study", "--parts", run / "parts", *changes)
    array_with_a_drained_node(cluster, script)
    for part in range(6):
        said = (run / f"seed-study-{part}.out").read_text()
        if f"part {part}/6 is done: 2 blocks, " not in said:
            sys.exit(f"part {part} said\n{said}")
    say(*collect, "--out", run / "report")
    block = next((run / "parts").glob("seeds_65536_*.block"))
    block.rename(block.with_suffix(".away"))
    said = say(*collect, "--out", run / "none", code=1)
    if "--array=0" not in said:
        sys.exit(f"a missing block is not named: {said}")
    say(PROGRAMS / "seed-study", *changes, "--out", run / "one")
    same_reports(run / "report", run / "one")
    print("seed-study: six parts on two nodes make the report of one process, byte for byte")


def search(cluster):
    """An array of six on one study on a Redis server, beside the process that began it: the report has the bytes of one process'."""
    run = cluster.run
    [port] = free_ports(1)
    cluster.start("redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(run))
    changes = ["search.validation_split=null", "search.round=16", "training.epochs=5000"]
    changes = [word for change in changes for word in ("--set", change)]
    script, start = printed(run, "random-search", "--trials", TRIALS, *changes)
    tunebook = [PROGRAMS / "tunebook", "study"]
    os.environ["TUNEBOOK_STORAGE"] = f"redis://127.0.0.1:{port}/0"
    with open(run / "first.log", "w") as log:
        first = subprocess.Popen([*start, "--quiet", "--out", run / "shared"], stdout=log, stderr=log)
    cluster.started.append(first)
    wait("the study", lambda: subprocess.run([*tunebook, "show", "env"], capture_output=True).returncode == 0)
    # A fast machine would have made every trial before Slurm has started a task.
    first.send_signal(signal.SIGSTOP)

    def workers():
        say(*tunebook, "copy", "env", run / "journal.log")
        # A worker's name ends with the number of its thread.
        return {json.loads(line)["worker_id"].rpartition("-")[0] for line in open(run / "journal.log")}

    def go_on():
        wait("workers of the array", lambda: len(workers()) >= 3)
        first.send_signal(signal.SIGCONT)

    array_with_a_drained_node(cluster, script, go_on)
    for worker in range(6):
        said = (run / f"random-search-{worker}.out").read_text()
        if not said.startswith("trial "):
            sys.exit(f"worker {worker} said\n{said}")
    if first.wait(LIMIT):
        sys.exit((run / "first.log").read_text())
    count = len(workers())
    del os.environ["TUNEBOOK_STORAGE"]
    say(PROGRAMS / "random-search", *changes, "--set", f"search.trials={TRIALS}", "--out", run / "alone")
    same_reports(run / "shared", run / "alone")
    print(f"random-search: {count} workers on two nodes make the report of one process, byte for byte")


def printed(run, experiment, *options):
    """The script for an array of six, and the command in its comments."""
    site = ["--cpus-per-task=1", f"--output={run}/{experiment}-%a.out"]
    script = say(PROGRAMS / "tunebook", "slurm", experiment, "--tasks", 6, *options, "--", *site)
    return script, shlex.split(re.search("^#     (.*)$", script, re.MULTILINE)[1])


def same_reports(*folders):
    one, other = ((folder / "SHA256SUMS").read_text() for folder in folders)
    if one != other:
        sys.exit(f"{folders[0].name} differs from {folders[1].name}:\n{one}\n{other}")


def main():
    # A machine with many cores would be done before a node is drained.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    for tool in ("munged", "slurmctld", "slurmd", "sbatch", "scontrol", "redis-server"):
        if not shutil.which(tool):
            sys.exit(f"{tool} is missing: apt-get install slurm-wlm munge redis-server")
    with tempfile.TemporaryDirectory(prefix="tunebook-slurm-") as folder:
        run = pathlib.Path(folder)
        run.chmod(0o755)
        cluster = Cluster(run)
        try:
            seed_study(cluster)
            search(cluster)
        finally:
            cluster.stop()


main()
