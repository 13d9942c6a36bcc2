"""Puts libtorch under `.libtorch/` of the checkout and tells cargo where it is.

`make setup` runs it. The libraries and headers come from the torch wheel on PyPI, fetched by pip with
the SHA-256 hashes of wheels.json; only what a CPU program links and loads is kept. What is already
whole is left alone. An existing LIBTORCH is used instead of a download.

The answer goes into `.cargo/config.toml`: cargo then builds, tests and runs with nothing exported,
and every binary finds the libraries by its rpath.
"""

import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
HOME = ROOT / ".libtorch"
STAMP = "installed.json"
CONFIG = ROOT / ".cargo" / "config.toml"
CONFIG_MARK = "# Written by `make setup`; changes are lost."


def main():
    lock = json.loads((HERE / "wheels.json").read_text())
    given = os.environ.get("LIBTORCH")
    home = existing(pathlib.Path(given), lock["version"]) if given else HOME
    if not given and not whole(home, lock):
        install(home, lock)
    configure(home)


def existing(home, version):
    """Checks the libtorch that the environment names: a wrong one fails here, not in a C++ compiler."""
    suffix = "dylib" if platform.system() == "Darwin" else "so"
    home = home.resolve()
    for needed in (home / "lib" / f"libtorch_cpu.{suffix}", home / "include" / "torch"):
        if not needed.exists():
            stop(f"LIBTORCH={home} has no {needed.relative_to(home)}")
    stated = home / "build-version"
    if stated.exists() and stated.read_text().strip().split("+")[0] != version:
        stop(f"LIBTORCH={home} is version {stated.read_text().strip()}; tch needs {version}")
    return home


def whole(home, lock):
    """True if every file is there as it was installed. A cut, touched or missing file is not."""
    try:
        stamp = json.loads((home / STAMP).read_text())
        return stamp["wheels"] == machine(lock)["wheels"] and stamp["files"] == inventory(home)
    except (OSError, ValueError, KeyError):
        return False


def inventory(home):
    files = {}
    for path in sorted((home / "lib").iterdir()):
        status = path.lstat()
        files[path.name] = [status.st_size, status.st_mtime_ns]
    files["include"] = sum(1 for _ in (home / "include").rglob("*"))
    return files


def machine(lock):
    name = f"{platform.system()} {platform.machine()}"
    if name not in lock["machines"]:
        known = ", ".join(lock["machines"])
        stop(f"no libtorch wheel is known for {name} (known: {known})",
             "install libtorch " + lock["version"] + " yourself and set LIBTORCH to its folder")
    return lock["machines"][name]


def install(home, lock):
    wanted = machine(lock)
    print(f"setup: fetching libtorch {lock['version']} from PyPI (about 530 MB)", file=sys.stderr, flush=True)
    # Everything happens in a folder beside the final one: an interrupted run leaves nothing that looks whole.
    for left in home.parent.glob(home.name + ".partial-*"):
        shutil.rmtree(left, ignore_errors=True)
    work = pathlib.Path(tempfile.mkdtemp(prefix=home.name + ".partial-", dir=home.parent))
    try:
        new = work / "libtorch"
        for wheel in download(wanted, work):
            extract(wheel, new, wanted["libraries"])
            wheel.unlink()
        missing = [name for name in wanted["libraries"] if not (new / "lib" / name).exists()]
        if missing:
            stop("the wheels lack " + ", ".join(missing))
        for link, target in wanted["links"].items():
            (new / "lib" / link).symlink_to(target)
        (new / "build-version").write_text(lock["version"] + "\n")
        (new / STAMP).write_text(json.dumps({"wheels": wanted["wheels"], "files": inventory(new)}, indent=1))
        if home.is_symlink() or home.is_file():
            home.unlink()
        elif home.exists():
            shutil.rmtree(home)
        new.rename(home)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(f"setup: libtorch {lock['version']} is in {home}", file=sys.stderr)


def download(wanted, work):
    requirements = work / "requirements.txt"
    requirements.write_text("".join(f"{pin} --hash=sha256:{digest}\n" for pin, digest in wanted["wheels"].items()))
    # The wheel is named by platform and ABI, not by the Python that happens to run pip.
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-cache-dir",
               "--require-hashes", "--no-deps", "--only-binary=:all:", "--implementation", "cp",
               "--python-version", "3.11", "--abi", "cp311", "--abi", "none",
               "--dest", str(work / "wheels"), "--requirement", str(requirements)]
    for tag in wanted["platforms"]:
        command += ["--platform", tag]
    if subprocess.run(command).returncode != 0:
        stop("pip could not fetch libtorch (its own message is above)",
             "run `make setup` again; nothing half-made is kept")
    return sorted((work / "wheels").glob("*.whl"))


def extract(wheel, home, libraries):
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            path = pathlib.PurePosixPath(name)
            if path.parts[:2] == ("torch", "include") and not name.endswith("/"):
                target = home / "include" / pathlib.Path(*path.parts[2:])
            elif path.parent.name == "lib" and path.name in libraries:
                target = home / "lib" / path.name
            else:
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(name) as source, open(target, "wb") as sink:
                shutil.copyfileobj(source, sink, 1 << 20)


def configure(home):
    rpath = f"link-arg=-Wl,-rpath,{home / 'lib'}"
    text = "\n".join([
        CONFIG_MARK,
        "[env]",
        f"LIBTORCH = {json.dumps(str(home))}",
        "",
        "[build]",
        f"rustflags = [\"-C\", {json.dumps(rpath)}]",
        "",
    ])
    if CONFIG.exists():
        present = CONFIG.read_text()
        if present == text:
            return
        if not present.startswith(CONFIG_MARK):
            stop(f"{CONFIG} is not ours and would be overwritten", "move its settings to ~/.cargo/config.toml")
    CONFIG.parent.mkdir(exist_ok=True)
    part = CONFIG.with_suffix(".partial")
    part.write_text(text)
    part.replace(CONFIG)


def stop(message, hint=None):
    print(f"setup: error: {message}", file=sys.stderr)
    if hint:
        print(f"hint: {hint}", file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    main()
