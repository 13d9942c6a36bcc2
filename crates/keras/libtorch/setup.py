"""Puts libtorch under `.libtorch/` of the checkout and tells cargo where it is.

`make setup` runs it. The libraries and headers come from the torch wheel on PyPI, fetched by pip with
the SHA-256 hashes of wheels.json; only what a CPU program links and loads is kept. What is already
whole is left alone. An existing LIBTORCH is used instead of a download.

The answer goes into `.cargo/config.toml`: cargo then builds, tests and runs with nothing exported,
whatever torch-sys finds in the environment. How programs find the libraries is said in link.rs.
"""

import ast
import concurrent.futures
import hashlib
import json
import os
import pathlib
import platform
import re
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
# torch-sys' other variables, as cargo is to see them; LIBTORCH is their folder where nothing else is said.
FORCED = {"LIBTORCH_INCLUDE": None, "LIBTORCH_LIB": None, "LIBTORCH_CXX11_ABI": "1", "LIBTORCH_STATIC": "0"}
# What pip may take from the user's settings: the way to the wheels. Their hashes are ours, so any way is good.
TRANSPORT = {"cert", "client-cert", "default-timeout", "extra-index-url", "find-links", "index-url", "keyring-provider",
             "no-index", "proxy", "retries", "timeout", "trusted-host"}
# Where pip finds them; a later one counts more.
SECTIONS = ["global", "download", ":env:"]


def main():
    lock = json.loads((HERE / "wheels.json").read_text(encoding="utf-8"))
    # Cargo joins search paths by colons and takes a workspace's path for a pattern; gcc expands percent signs; the loader,
    # by which rustc loads macros, fills in what follows a dollar.
    refuse_path("the checkout", ROOT, ":%[*?$", "cargo cannot build there: move the checkout")
    if "LIBTORCH_USE_PYTORCH" in os.environ:
        stop("LIBTORCH_USE_PYTORCH is set, and torch-sys would take Python's libtorch whatever setup says",
             "unset it; LIBTORCH=<the folder of that Python's torch package> takes the same libtorch")
    given = os.environ.get("LIBTORCH")
    home = pathlib.Path(os.path.abspath(given)) if given else HOME
    if home.resolve() == HOME.resolve():
        home = HOME
        if not whole(home, lock):
            install(home, lock)
        restore(home, lock)
    else:
        existing(home, lock["version"])
    for name, value in FORCED.items():
        if os.environ.get(name) not in (None, "", value or str(home)):
            print(f"setup: {name}={shown(os.environ[name])} has no effect: {shown(home)} is used", file=sys.stderr)
    configure(home)
    ask_cargo()


def refuse_path(what, path, characters, hint):
    """Ends set-up over a path that cargo, torch-sys or the loader would misread much later."""
    try:
        text = os.fsencode(path).decode("utf-8")
    except UnicodeDecodeError:
        stop(f"the path of {what} is not UTF-8: {shown(path)}", hint)
    for character in text:
        if character in characters or not character.isprintable() and character.isascii():
            stop(f"the path of {what} has {character!r}: {shown(path)}", hint)


def existing(home, version):
    """Checks the libtorch that the environment names: a wrong one fails here, not in a C++ compiler."""
    hint = f"unset LIBTORCH, and setup fetches libtorch {version}"
    suffix = "dylib" if platform.system() == "Darwin" else "so"
    below = home.relative_to(ROOT) if ROOT in home.parents else home
    refuse_path("LIBTORCH", below, ":$", "programs cannot look for libraries there: set LIBTORCH to a link to it")
    needed = [f"lib/lib{name}.{suffix}" for name in ("torch", "torch_cpu", "c10")] + ["include/torch"]
    for path in needed:
        if not (home / path).exists():
            stop(f"LIBTORCH={shown(home)} has no {path}", hint)
    stated = versions(home)
    if not stated:
        stop(f"LIBTORCH={shown(home)} does not say its version", hint)
    for file, other in stated.items():
        if other.split("+")[0] != version:
            stop(f"LIBTORCH={shown(home)} is version {shown(other)} by its {file}; tch needs {version}", hint)


def versions(home):
    """What a libtorch says of its version, by file: not every kind of archive has the same ones."""
    header = [rf"define TORCH_VERSION_{part}\s+(\d+)" for part in ("MAJOR", "MINOR", "PATCH")]
    patterns = {
        "build-version": [r"(\S+)"],
        "version.py": [r"(?m)^__version__[^=\n]*=\s*['\"]([^'\"]+)"],
        "include/torch/headeronly/version.h": header,
        "include/torch/csrc/api/include/torch/version.h": header,
    }
    stated = {}
    for file, parts in patterns.items():
        if (home / file).exists():
            text = (home / file).read_text(encoding="utf-8", errors="replace")
            found = [re.search(part, text) for part in parts]
            if all(found):
                stated[file] = ".".join(part.group(1) for part in found)
    return stated


def whole(home, lock):
    """True if every file has the content that was installed: a cut, changed or missing one is found, a copy is not."""
    wanted = machine(lock)
    try:
        noted = json.loads((home / STAMP).read_text(encoding="utf-8"))
        if noted["wheels"] != wanted["wheels"]:
            return False
        if "files" in noted:
            return adopt(home, wanted, noted["files"])
        return noted["digest"] == digest(home, wanted["libraries"])
    except (OSError, ValueError, KeyError, TypeError):
        return False


def adopt(home, wanted, files):
    """An earlier setup noted sizes and times. Times do not survive a copy, so the sizes decide, once."""
    present = {"include": sum(1 for _ in (home / "include").rglob("*"))}
    noted = {"include": files["include"]}
    for name in wanted["libraries"]:
        present[name] = (home / "lib" / name).stat().st_size
        noted[name] = files[name][0]
    if present != noted:
        return False
    stamp(home, wanted)
    return True


def stamp(home, wanted):
    noted = {"wheels": wanted["wheels"], "digest": digest(home, wanted["libraries"])}
    (home / STAMP).write_text(json.dumps(noted, indent=1) + "\n", encoding="utf-8")


def digest(home, libraries):
    """One digest of the libraries and headers, by name and content."""
    headers = []
    for folder, _, names in os.walk(home / "include"):
        # What file managers leave behind begins with a dot.
        headers += [os.path.join(folder, name) for name in names if not name.startswith(".")]
    parts = [sorted(headers)] + [[str(home / "lib" / name)] for name in libraries]
    # hashlib computes outside the interpreter's lock: the largest library beside all the rest.
    with concurrent.futures.ThreadPoolExecutor() as pool:
        digests = pool.map(lambda paths: digest_of(home, paths), parts)
    return hashlib.sha256("".join(digests).encode()).hexdigest()


def digest_of(home, paths):
    total = hashlib.sha256()
    for path in paths:
        size = 0
        with open(path, "rb", buffering=0) as file:
            for chunk in iter(lambda: file.read(1 << 20), b""):
                total.update(chunk)
                size += len(chunk)
        total.update(f"\0{path[len(str(home)):]}\0{size}\0".encode())
    return total.hexdigest()


def restore(home, lock):
    """Sets right what setup itself makes: some ways of copying leave links out or put files in their place."""
    for link, target in machine(lock)["links"].items():
        path = home / "lib" / link
        if not path.is_symlink() or os.readlink(path) != target:
            if path.exists() or path.is_symlink():
                path.unlink()
            path.symlink_to(target)
    stated = home / "build-version"
    if not stated.exists() or stated.read_text() != lock["version"] + "\n":
        stated.write_text(lock["version"] + "\n")


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
        stamp(new, wanted)
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
    environment = pip_environment()
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-cache-dir",
               "--require-hashes", "--no-deps", "--only-binary=:all:", "--implementation", "cp",
               "--python-version", "3.11", "--abi", "cp311", "--abi", "none",
               "--dest", str(work / "wheels"), "--requirement", str(requirements)]
    for tag in wanted["platforms"]:
        command += ["--platform", tag]
    if subprocess.run(command, env={**environment, "PIP_CONFIG_FILE": os.devnull}).returncode != 0:
        # Names only: an index may have a password in its address.
        names = [name[4:].lower().replace("_", "-") for name in sorted(environment) if name.startswith("PIP_")]
        stop("pip could not fetch libtorch (its own message is above)",
             "run `make setup` again; nothing half-made is kept. Of pip's settings these counted: "
             + (", ".join(names) or "none"))
    return sorted((work / "wheels").glob("*.whl"))


def pip_environment():
    """The environment for pip: of the user's settings only those that say how to reach the wheels.

    Others, such as require-virtualenv or a constraint, are made for other downloads and would stop this one.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], stdout=subprocess.PIPE,
                            encoding="utf-8", errors="replace")
    if listed.returncode != 0:
        stop("pip does not run (its own message is above)", "setup needs a python3 with pip and readable settings")
    found = {}
    for line in listed.stdout.splitlines():
        name, _, value = line.partition("=")
        section, _, key = name.rpartition(".")
        if section in SECTIONS and key in TRANSPORT:
            found[section, key] = str(ast.literal_eval(value))
    for section, key in sorted(found, key=lambda setting: SECTIONS.index(setting[0])):
        environment["PIP_" + key.upper().replace("-", "_")] = found[section, key]
    return environment


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
    # Relative to the checkout, which may move; forced, because what setup has checked must be what cargo takes.
    if ROOT in home.parents:
        libtorch = f"{{ value = {quoted(home.relative_to(ROOT))}, relative = true, force = true }}"
    else:
        libtorch = f"{{ value = {quoted(home)}, force = true }}"
    lines = [CONFIG_MARK, "[env]", f"LIBTORCH = {libtorch}"]
    for name, value in FORCED.items():
        lines.append(f"{name} = " + (f'{{ value = "{value}", force = true }}' if value else libtorch))
    text = "\n".join(lines) + "\n"
    if CONFIG.exists():
        present = CONFIG.read_text(encoding="utf-8")
        if present == text:
            return
        if not present.startswith(CONFIG_MARK):
            stop(f"{CONFIG} is not ours and would be overwritten", "move its settings to ~/.cargo/config.toml")
    CONFIG.parent.mkdir(exist_ok=True)
    part = CONFIG.with_suffix(".partial")
    part.write_text(text, encoding="utf-8")
    part.replace(CONFIG)


def ask_cargo():
    """Lets cargo read the checkout with the settings of the user: what it cannot join is found here."""
    if not (ROOT / "Cargo.toml").exists() or not shutil.which("cargo"):
        return
    asked = subprocess.run(["cargo", "metadata", "--no-deps", "--offline", "--format-version", "1"], cwd=ROOT,
                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, encoding="utf-8", errors="replace")
    if asked.returncode != 0:
        lines = [line.strip() for line in asked.stderr.splitlines() if line.strip() not in ("", "Caused by:")]
        stop("cargo cannot read this checkout: " + ": ".join(lines),
             "a variable in another configuration file of cargo must be a table, `{ value = … }`, as it is here")


def quoted(path):
    """A path as a string of TOML, which knows JSON's escapes but not its pairs of surrogates."""
    return json.dumps(os.fsencode(path).decode("utf-8"), ensure_ascii=False)


def shown(path):
    """A path in one line, whatever is in its name."""
    return ascii(str(path))[1:-1] if not str(path).isprintable() else str(path)


def stop(message, hint=None):
    print(f"setup: error: {message}", file=sys.stderr)
    if hint:
        print(f"hint: {hint}", file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        stop(f"{error}")
    except KeyboardInterrupt:
        sys.exit(130)
