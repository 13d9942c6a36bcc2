#!/usr/bin/env python3
"""Attacks on the folder that a run writes, with the programs as they are built: signals, full disks, mount points, file
systems that cannot exchange folders, and folders that are somebody else's. It mounts file systems, so it runs as root.

    python3 .ci/attacks.py            every attack
    python3 .ci/attacks.py signals    those whose name contains this
"""

import ctypes
import hashlib
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from multiprocessing import Pool
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BINARIES = ROOT / "target/release"
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGKILL]
MARKER = ".replacing"
SEARCH = ["--set", "search.trials=400", "--set", "search.validation_split=null"]



def usual_signals():
    """A shell in the background ignores some signals; a user's does not."""
    for number in SIGNALS[:-1]:
        signal.signal(number, signal.SIG_DFL)


def without_rename_flags():
    """Lets the kernel answer renameat2 with flags as NFS, 9p and some FUSE do: EINVAL."""
    usual_signals()
    load, jump_equal, result = 0x20, 0x15, 0x06
    program = [
        (load, 0, 0, 4),  # the architecture
        (jump_equal, 0, 5, 0xC000003E),  # x86-64
        (load, 0, 0, 0),  # the system call
        (jump_equal, 0, 3, 316),  # renameat2
        (load, 0, 0, 16 + 4 * 8),  # its flags
        (jump_equal, 1, 0, 0),
        (result, 0, 0, 0x00050000 | 22),  # EINVAL
        (result, 0, 0, 0x7FFF0000),  # go on
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in program))
    filter = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(program), ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(38, 1, 0, 0, 0) != 0 or libc.prctl(22, 2, filter, 0, 0) != 0:
        os._exit(99)


def start(name, *arguments, before=usual_signals, **options):
    command = [BINARIES / name, *map(os.fspath, arguments)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "errors": "replace"}
    return subprocess.Popen(command, preexec_fn=before, **{**pipes, **options})


def run(name, *arguments, code=0, **options):
    child = start(name, *arguments, **options)
    output, errors = child.communicate()
    assert child.returncode == code, f"{name} {arguments}: {child.returncode}, not {code}: {errors}"
    if code not in (0, 1):
        assert len(errors.splitlines()) == 1 and errors.startswith("error: "), errors
    return output + errors


def report(out, *arguments, name="raw-relu", **options):
    return run(name, "--quiet", "--out", out, *arguments, **options)


def is_whole(folder):
    """Whether every file is as the list says, and nothing says that it is half replaced."""
    sums = (folder / "SHA256SUMS").read_text().splitlines()
    same = all(hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
               for digest, name in (line.split("  ") for line in sums))
    return same and len(sums) > 3 and not (folder / MARKER).exists()


def tree(folder):
    """Everything in a folder, with what it holds."""
    def content(path):
        return os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else None
    return {path.relative_to(folder): content(path) for path in folder.rglob("*")}


def seed(out):
    return next(line.strip() for line in (out / "resolved.yaml").read_text().split("training:")[1].splitlines()
                if line.strip().startswith("seed:"))


@contextmanager
def mounted(place, *arguments):
    place.mkdir(exist_ok=True)
    subprocess.run(["mount", *arguments, place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


def tmpfs(place, size="64m"):
    return mounted(place, "-t", "tmpfs", "-o", f"size={size}", "tmpfs")


def others_folders_are_refused_and_stay(place):
    home = place / "home"
    (home / "photos").mkdir(parents=True)
    (home / "photos/one.jpg").write_text("jpg")
    (home / "SHA256SUMS").write_text("0" * 64 + "  resolved.yaml\n")
    (home / "resolved.yaml").write_text("experiment: raw-relu\n")
    checkout = place / "checkout"
    (checkout / ".git").mkdir(parents=True)
    (checkout / ".git/HEAD").write_text("ref")
    report(place / "another", name="standardized-relu")
    (place / "file").write_text("text")
    os.mkfifo(place / "pipe")
    os.symlink(place / "nowhere", place / "dangling")
    os.symlink(home, place / "link")
    before = tree(place)
    targets = [home, home / "photos", f"{home}/", f"{home}/.", home / "photos/..", checkout, place, "/", "/root", "/etc",
               ROOT, ROOT.parent, ROOT / "reports", ROOT / "data", ROOT / "experiments/raw-relu", place / "another",
               place / "file", place / "file/below", place / "pipe", place / "dangling", f"{place}/dangling/",
               place / "link", place / "new/..", place / "new/../other"]
    for target in targets:
        report(target, code=74)
        if target != ROOT / "reports":
            run("tunebook", "report", "--out", target, code=74)
    report(".", code=74, cwd=home)
    report("..", code=74, cwd=home / "photos")
    assert tree(place) == before


def odd_names_and_links_work(place):
    for name in ["a b", "two\nlines", b"\xff\xfe", "--x", "new/."]:
        for _ in range(2):
            report(Path(os.fsdecode(name)) if name == b"\xff\xfe" else f"./{name}", cwd=place)
        assert is_whole(place / os.fsdecode(name))
    (place / "real").mkdir()
    os.symlink("real", place / "link")
    report(place / "link")
    assert (place / "link").is_symlink() and is_whole(place / "real")
    (place / "here").mkdir()
    report(".", cwd=place / "here")
    report(".", cwd=place / "here")
    assert is_whole(place / "here")


def what_stands_in_the_place_of_the_partial_folder_is_left_alone(place):
    victim = place / "victim"
    victim.mkdir()
    (victim / "precious").write_text("precious")
    for number, make in enumerate([lambda path: os.symlink(victim, path), lambda path: shutil.copytree(victim, path),
                                   lambda path: path.write_text("file"), lambda path: os.symlink("nowhere", path)]):
        out = place / f"out{number}"
        make(place / f".out{number}.partial")
        before = tree(place)
        report(out)
        report(out)
        after = tree(place)
        assert is_whole(out) and all(after[path] == content for path, content in before.items())
    out = place / "stuck"
    stuck = place / ".stuck.partial"
    stuck.mkdir()
    (stuck / ".unfinished").touch()
    (stuck / "file").touch()
    subprocess.run(["chattr", "+i", stuck / "file"], check=True)
    try:
        report(out)
        report(out)
    finally:
        subprocess.run(["chattr", "-i", stuck / "file"], check=True)
    report(out)
    assert is_whole(out) and not stuck.exists()


def a_folder_that_cannot_be_replaced_is_found_before_training(place):
    out = place / "out"
    report(out)
    for path in [out, out / "figures", out / "report.md", out / "figures/predictions.png"]:
        subprocess.run(["chattr", "+i", path], check=True)
        try:
            report(out, "--set", "training.seed=9", code=74)
        finally:
            subprocess.run(["chattr", "-i", path], check=True)
        assert is_whole(out) and seed(out) != "seed: 9"
    subprocess.run(["mount", "--bind", "-o", "ro", out, out], check=True)
    try:
        report(out, code=74)
    finally:
        subprocess.run(["umount", out], check=True)
    # Root without its powers is a user.
    for path in [out, out / "figures"]:
        path.chmod(0o555)
        user = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", BINARIES / "raw-relu", "--quiet", "--out", out]
        done = subprocess.run(user, capture_output=True, text=True)
        assert done.returncode == 74 and "cannot write into" in done.stderr, done
        path.chmod(0o755)
    assert is_whole(out)


def file_systems_without_exchange_and_mount_points_work(place):
    def attack(out, **options):
        """Twice over: the first report, then another in its place, with things that no run wrote."""
        report(out, **options)
        assert is_whole(out) and seed(out) != "seed: 9"
        report(out, "--set", "training.seed=9", **options)
        report(out, **options)
        assert is_whole(out) and seed(out) != "seed: 9"
        (out / "stale.csv").write_text("a\n1\n")
        digest = hashlib.sha256(b"a\n1\n").hexdigest()
        with open(out / "SHA256SUMS", "a") as sums:
            sums.write(f"{digest}  stale.csv\n")
        (out / "figures/mine.png").write_text("mine")
        (out / "tool").mkdir()
        (out / "tool/log").write_text("log")
        report(out, "--set", "training.seed=9", **options)
        assert is_whole(out) and seed(out) == "seed: 9" and not (out / "stale.csv").exists()
        assert (out / "figures/mine.png").read_text() == "mine" and (out / "tool/log").read_text() == "log"
        assert not [name for name in os.listdir(out) if name.startswith(".")]

    attack(place / "no-flags", before=without_rename_flags)
    with tmpfs(place / "volume") as out:
        attack(out)
    bound, behind = place / "bound", place / "behind"
    behind.mkdir()
    with mounted(bound, "--bind", behind):
        attack(bound)
    out = place / "inner"
    report(out)
    with tmpfs(out / "figures") as figures:
        (figures / "note").write_text("note")
        report(out, "--set", "training.seed=9")
        assert is_whole(out) and os.path.ismount(figures) and (figures / "note").read_text() == "note"
    with tmpfs(place / "layers") as layers:
        for name in ["lower", "upper", "work"]:
            (layers / name).mkdir()
        report(layers / "lower/out")
        shown = layers / "shown"
        options = f"lowerdir={layers}/lower,upperdir={layers}/upper,workdir={layers}/work"
        with mounted(shown, "-t", "overlay", "-o", options, "overlay"):
            report(shown / "out", "--set", "training.seed=9")
            assert is_whole(shown / "out") and seed(shown / "out") == "seed: 9"


def a_half_replaced_folder_says_so_and_is_ended(place):
    out = place / "raw-relu"
    report(out)
    shutil.rmtree(out / "figures")
    # The new files come to a mount that is full in the middle of the folder.
    with tmpfs(out / "figures", "4k") as figures:
        report(out, "--set", "training.seed=9", code=74)
        assert (out / MARKER).exists() and (place / ".raw-relu.partial").exists()
        output = run("tunebook", "verify", "raw-relu", "--reports", place, code=1)
        assert "half replaced by a run that was killed" in output, output
        subprocess.run(["mount", "-o", "remount,size=4m", figures], check=True)
        child = start("raw-relu", "--quiet", "--out", out, "--set", "training.epochs=100000")
        while (out / MARKER).exists():
            assert child.poll() is None
        child.kill()
        child.communicate()
        assert is_whole(out) and seed(out) == "seed: 9"
        report(out)
        assert is_whole(out) and seed(out) != "seed: 9"


def full_disks_leave_the_old_report(place):
    failed = 0
    for name, extra in [("raw-relu", 0), ("raw-relu", 40), ("random-search", 8), ("random-search", 400)]:
        few = ["--set", "search.trials=40", "--set", "search.validation_split=null"] if name == "random-search" else []
        with tmpfs(place / "disk") as disk:
            out = disk / "out"
            report(out, *few, name=name)
            before = tree(out)
            used = shutil.disk_usage(disk).used // 1024
            subprocess.run(["mount", "-o", f"remount,size={used + extra}k", disk], check=True)
            child = start(name, "--quiet", "--out", out, *few, "--seed", "9")
            errors = child.communicate()[1]
            assert child.returncode in (0, 74), f"{name} {extra}: {child.returncode}: {errors}"
            failed += child.returncode == 74
            assert is_whole(out)
            if child.returncode == 74:
                assert tree(out) == before and len(errors.splitlines()) == 1, errors
            subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
            report(out, *few, "--seed", "9", name=name)
            assert is_whole(out) and seed(out) == "seed: 9"
            assert [name for name in os.listdir(disk) if name.endswith(".partial")] == []
    assert failed >= 3, "the disks were full"


def forty_five_signals_on_a_search(place):
    whole, out, journal = place / "whole", place / "out", place / ".out.journal.log"
    begun = time.monotonic()
    report(whole, *SEARCH, name="random-search")
    length = time.monotonic() - begun
    # An old report, of fewer trials, to be met until the new one is there.
    report(out, "--set", "search.trials=5", "--set", "search.validation_split=null", name="random-search")
    # The same moments in every run of this script; how far the programs are by then differs from machine to machine.
    trials, moments = 0, random.Random(11)
    for number in range(45):
        published = (out / "records/journal.log").stat().st_ino
        child = start("random-search", "--quiet", "--out", out, *SEARCH)
        try:
            child.wait(moments.uniform(0, length / 3))
        except subprocess.TimeoutExpired:
            child.send_signal(SIGNALS[number % 5])
        child.communicate()
        assert child.returncode in (0, -SIGNALS[number % 5]), child.returncode
        assert is_whole(out)
        told = journal.read_bytes().count(b'"state"') if journal.exists() else 0
        ended = (out / "records/journal.log").stat().st_ino != published
        assert ended or told >= trials, "no trial is lost"
        trials = 0 if ended else told
    report(out, *SEARCH, name="random-search")
    assert (out / "trials.csv").read_bytes() == (whole / "trials.csv").read_bytes()
    assert not journal.exists() and not [name for name in os.listdir(place) if name.endswith(".partial")]


def living(out):
    """The processes that write below a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if os.fsencode(out) in (process / "cmdline").read_bytes():
                found.append(process.name)
        except OSError:
            pass
    return found


def journals(out):
    return {path.name: path.read_bytes() for path in out.glob(".*.journal.log")}


def seven_signals_on_make_report(place):
    out = place / "reports"
    shutil.copytree(ROOT / "reports", out, ignore=lambda _, names: [name for name in names if name.startswith(".")])
    for notes in ["notes.md", "raw-relu/notes.md", "raw-relu/figures/mine.png", "random-search/records/mine.log",
                  ".random-search.journal.7.log"]:
        (out / notes).write_text("mine")
    (out / "tanh").mkdir()
    shutil.copytree(out / "linear-activation", out / "tanh", dirs_exist_ok=True)
    before = tree(out)
    # What a killed run of one experiment left, the report of all goes on with.
    single = start("random-search", "--quiet", "--out", out / "random-search")
    while not journals(out) or max(map(len, journals(out).values())) < 20000:
        assert single.poll() is None
    single.kill()
    single.communicate()
    kept, moments = journals(out), random.Random(11)
    for number in [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, *[signal.SIGKILL] * 3]:
        child = start("tunebook", "report", "--out", out, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        searching = moments.uniform(0, 1)
        begun = time.monotonic()
        # Some in the middle of a search, some anywhere.
        while child.poll() is None and time.monotonic() < begun + 6 * searching:
            now = journals(out)
            if any(len(now[name]) > len(kept.get(name, b"")) + 2e5 * searching for name in now):
                break
            time.sleep(0.01)
        child.send_signal(number)
        assert child.wait() == -number, "it was under way"
        deadline = time.monotonic() + 5
        while living(place) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not living(place), "no orphans"
        now = journals(out)
        for name, bytes in kept.items():
            whole = bytes[: bytes.rfind(b"\n") + 1]
            assert now[name].startswith(whole), f"{name} went on where it was"
        kept = now
        assert all(tree(out)[path] == content for path, content in before.items() if content is not None)
        assert is_whole(out)
    assert len(kept) > 1, "a search was met"
    # A run of one experiment there, and the report of all: one waits for the other.
    single = start("random-search", "--quiet", "--out", out / "tanh-search", "--set", "search.trials=100000")
    while not (out / ".tanh-search.journal.log").exists():
        assert single.poll() is None
    run("tunebook", "report", "--out", out, code=75)
    single.kill()
    single.wait()
    all_of_them = start("tunebook", "report", "--out", out)
    while not (place / ".reports.partial/.unfinished").exists():
        assert all_of_them.poll() is None
    report(out / "raw-relu", code=75)
    output, errors = all_of_them.communicate()
    # Whether the numbers are the post's is for other tests.
    assert all_of_them.returncode in (0, 1) and "without a new report" not in errors, errors
    assert is_whole(out) and is_whole(out / "random-search")
    assert list(journals(out)) == [".tanh-search.journal.log"], "done with the others"
    after = tree(out)
    assert all(after[path] == content for path, content in before.items() if content == b"mine")
    assert is_whole(out / "tanh") and after[Path("tanh/report.md")] == before[Path("tanh/report.md")]


def experiments_that_fail_leave_the_others(place):
    """One of the user's that does not compile, and one whose manifest is not valid any more and that has an old report."""
    out = place / "reports"
    shutil.copytree(ROOT / "reports", out, ignore=lambda _, names: [name for name in names if name.startswith(".")])
    old = tree(out / "raw-relu")
    broken, manifest, lock = ROOT / "experiments/zz-broken", ROOT / "experiments/raw-relu/manifest.yaml", ROOT / "Cargo.lock"
    before = {path: path.read_bytes() for path in [manifest, lock]}
    try:
        shutil.copytree(ROOT / "experiments/raw-relu", broken)
        for path in [path for path in broken.rglob("*") if path.is_file()]:
            path.write_text(path.read_text().replace("raw-relu", "zz-broken"))
        (broken / "src/main.rs").write_text("fn main() { no Rust }\n")
        manifest.write_text("experiment: raw-relu\n")
        output = run("tunebook", "report", "raw-relu", "zz-broken", "linear-activation", "--out", out, code=1)
    finally:
        shutil.rmtree(broken)
        for path, bytes in before.items():
            path.write_bytes(bytes)
    for name in ["raw-relu", "zz-broken"]:
        assert f"error: experiment {name} failed" in output, output
    assert "without a new report: raw-relu, zz-broken" in output, output
    assert is_whole(out) and tree(out / "raw-relu") == old and not (out / "zz-broken").exists()
    assert "raw-relu/notebook.ipynb" in (out / "README.md").read_text()
    assert (out / "linear-activation/provenance.json").exists(), "the other one is new"


def the_same_manifest_gives_the_same_bytes(place):
    for name in ["one", "two"]:
        report(place / name, "--set", "search.trials=7", name="random-search")
    for path, content in tree(place / "one").items():
        if "records" not in path.parts and path.name != "provenance.json":
            assert tree(place / "two")[path] == content, path


def a_journal_that_somebody_went_on_with_is_kept(place):
    out, few = place / "out", ["--set", "search.trials=9", "--set", "search.validation_split=null"]
    report(out, *few, name="random-search")
    journal = out / "records/journal.log"
    run("tunebook", "study", "resume", journal, "--study", "random-search", "--trials", "12", "--quiet")
    bytes = journal.read_bytes()
    report(out, *few, "--set", "search.seed=3", name="random-search")
    report(out, *few, "--set", "search.seed=3", name="random-search")
    assert (out / "records/journal.1.log").read_bytes() == bytes and is_whole(out)


# The longest first, two at once.
ATTACKS = [forty_five_signals_on_a_search, others_folders_are_refused_and_stay, odd_names_and_links_work,
           what_stands_in_the_place_of_the_partial_folder_is_left_alone,
           file_systems_without_exchange_and_mount_points_work, full_disks_leave_the_old_report,
           a_journal_that_somebody_went_on_with_is_kept, a_folder_that_cannot_be_replaced_is_found_before_training,
           the_same_manifest_gives_the_same_bytes, a_half_replaced_folder_says_so_and_is_ended]
# These take every core, or change the checkout.
ALONE = [seven_signals_on_make_report, experiments_that_fail_leave_the_others]


def attempt(attack):
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        attack(Path(place).resolve())
    print(f"ok {attack.__name__} ({time.monotonic() - begun:.1f} s)", flush=True)


def main():
    if os.geteuid() != 0:
        sys.exit("the attacks mount file systems: run them as root")
    attacks, alone = ([attack for attack in attacks if all(word in attack.__name__ for word in sys.argv[1:])]
                      for attacks in [ATTACKS, ALONE])
    with Pool(2, maxtasksperchild=1) as pool:
        pool.map(attempt, attacks, chunksize=1)
    for attack in alone:
        attempt(attack)
    print(f"{len(attacks + alone)} attacks held")


if __name__ == "__main__":
    main()
