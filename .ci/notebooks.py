#!/usr/bin/env python3
"""Real clients read the executed notebooks: nbformat, jupytext, nbconvert, JupyterLab and Chromium. What they show is compared
with the files of the reports. The clients are installed into target/notebooks; Chromium is the system's.

    python3 .ci/notebooks.py reports [--binaries target/release] [--only WORD]
"""

import argparse
import base64
import csv
import hashlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CLIENTS = ROOT / "target/notebooks"
# Every way in which a text becomes a program on a page, and an image that another host would see.
HOSTILE = ('</script></title></pre><script>alert(1)</script><img src="x" onerror=alert(2)>"><svg onload=alert(3)> '
           "[a](javascript:alert(4)) ![b](http://hostile.invalid/b.png) `*c*` | d")
IN_JUPYTERLAB = ["grid-search", "linear-activation", "training-speed", "hostile", "failed"]
FAILURES = []


def fail(file, reason):
    FAILURES.append(f"{file}: {reason}")


def install():
    """Goes on in a Python that has the clients, which is made anew when the list of them changes."""
    wanted = (ROOT / ".ci/notebooks.txt").read_text()
    stamp, python = CLIENTS / "installed", CLIENTS / "bin/python"
    if Path(sys.prefix) == CLIENTS:
        return
    if not stamp.exists() or stamp.read_text() != wanted:
        shutil.rmtree(CLIENTS, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", CLIENTS], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps",
                        "--requirement", ROOT / ".ci/notebooks.txt"], check=True)
        stamp.write_text(wanted)
    os.execv(python, [python, __file__, *sys.argv[1:]])


def joined(text):
    return text if isinstance(text, str) else "".join(text)


def html_tables(text):
    """The tables of a page as (rows, file): the file is what the first link after a table leads to."""
    from bs4 import BeautifulSoup
    for table in BeautifulSoup(text, "html.parser").select("table"):
        rows = [[cell.get_text() for cell in row.select("th, td")] for row in table.select("tr")]
        link = table.find_next("a")
        yield rows, link["href"] if link else None


def markdown_rows(text):
    rows = [line[2:-2].split(" | ") for line in text.splitlines() if line.startswith("| ")]
    rows = [[re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", cell) for cell in row] for row in rows]
    return rows[:1] + rows[2:]


class Report:
    """The folder of a report and its notebook."""

    def __init__(self, name, folder, path=None):
        self.name, self.folder, self.path = name, folder, path or folder / "notebook.ipynb"
        self.text = self.path.read_text(encoding="utf-8")
        self.notebook = json.loads(self.text)
        self.cells = self.notebook["cells"]
        self.outputs = [output for cell in self.cells for output in cell.get("outputs", [])]
        self.data = [output["data"] for output in self.outputs if "data" in output]
        self.figures = [data for data in self.data if "image/png" in data]
        self.tables = [table for data in self.data for table in html_tables(joined(data.get("text/html", "")))]
        self.published = [markdown_rows(joined(cell["source"])) for cell in self.cells if cell["id"] == "published"]


def nbformat_reads_and_writes_the_same(reports):
    """1. Valid without a warning, and the bytes that nbformat itself writes."""
    import nbformat
    for report in reports:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                notebook = nbformat.reads(report.text, as_version=nbformat.NO_CONVERT)
                nbformat.validate(notebook)
                file = io.StringIO()
                nbformat.write(notebook, file)
                if file.getvalue() != report.text:
                    fail(report.path, "nbformat writes other bytes than it read")
            except Exception as error:
                fail(report.path, f"nbformat: {type(error).__name__}: {str(error).splitlines()[0]}")
    return f"{len(reports)} notebooks, {sum(len(report.cells) for report in reports)} cells"


def jupytext_reads_the_same_cells(reports):
    """2. The cells of the source, and those of the notebook after a way through rs:percent."""
    import jupytext
    count = 0
    for report in reports:
        about = report.notebook["metadata"]["tunebook"]
        source = ROOT / about["source"]
        if hashlib.sha256(source.read_bytes()).hexdigest() != about["source_sha256"]:
            fail(report.path, f"made from another {about['source']}")
            continue
        theirs = jupytext.reads(source.read_text(encoding="utf-8"), fmt="rs:percent").cells
        ours = [cell for cell in report.cells if cell["id"] not in ("title", "published", "manifest")]
        for number, (our, their) in enumerate(zip(ours, theirs, strict=len(ours) == len(theirs)), 1):
            kind, lines, read = their.cell_type, joined(our["source"]).split("\n"), their.source.strip("\n").split("\n")
            if kind == "markdown" or their.source.startswith("//!"):
                # jupytext takes the program's documentation for code, and leaves comments that are indented as they are.
                kind, either = "markdown", [[re.sub("^ *//!? ?", "", line)] for line in read]
            else:
                # What lies inside a literal keeps its indentation here.
                either = list(zip(textwrap.dedent("\n".join(read)).split("\n"), read))
            same = len(lines) == len(either) and all(line in pair for line, pair in zip(lines, either))
            if our["cell_type"] != kind or not same:
                fail(report.path, f"cell {number} of the source, {our['id']}, is not as jupytext reads it")
        if len(ours) != len(theirs):
            fail(report.path, f"{len(ours)} cells where jupytext reads {len(theirs)}")
        before = jupytext.reads(report.text, fmt="ipynb")
        after = jupytext.reads(jupytext.writes(before, fmt="rs:percent"), fmt="rs:percent")
        if [(cell.cell_type, cell.source) for cell in before.cells] != [(cell.cell_type, cell.source) for cell in after.cells]:
            fail(report.path, "other cells after .ipynb to rs:percent to .ipynb")
        count += len(ours)
    return f"{len(reports)} sources with {count} cells"


def outputs_equal_the_files(reports):
    """3. Figures, tables and values are those of the files, each once, in the notebook and on the page."""
    from bs4 import BeautifulSoup
    counts = Counter()
    for report in reports:
        folder = report.folder
        figures = {str(path.relative_to(folder)): path.read_bytes() for path in folder.glob("figures/*.png")}
        tables = {path.name: list(csv.reader(path.open(newline="", encoding="utf-8"))) for path in folder.glob("*.csv")}
        values = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
        images = []
        for data in report.figures:
            caption, file = re.fullmatch(r"(.*) \((\S*)\)", joined(data["text/plain"]), re.DOTALL).groups()
            images.append(file)
            if base64.b64decode(joined(data["image/png"]), validate=True) != figures.get(file):
                fail(report.path, f"the image {file} has other bytes than the file")
        for data in report.data:
            for rows, file in html_tables(joined(data.get("text/html", ""))):
                plain = joined(data["text/plain"])
                if markdown_rows(joined(data["text/markdown"])) != rows or any(cell not in plain for row in rows for cell in row):
                    fail(report.path, f"{file} has other cells in text/markdown or text/plain than in text/html")
        text = (folder / "index.html").read_text(encoding="utf-8")
        page = BeautifulSoup(text, "html.parser")
        on_page = [table for table in html_tables(text) if table[1] in [*tables, "metrics.json"]]
        shown = report.tables + [(rows, "published.csv") for rows in report.published]
        compare(report.path, images, shown, figures, tables, values)
        compare(folder / "index.html", [image["src"] for image in page.select("img")], on_page, figures, tables, values)
        links = {link for html in [text, *(joined(data.get("text/html", "")) for data in report.data)]
                 for link in re.findall('href="([^"#]*)', html) if link and not re.match("https?:|mailto:|\\.\\./", link)}
        for link in sorted(link for link in links if not (folder / link).exists()):
            fail(folder, f"a link leads to {link}, which is not there")
        counts.update(figures=len(figures), tables=len(tables), values=len(values))
    return ", ".join(f"{count} {what}" for what, count in counts.items()) + ", in the notebook and on the page"


def compare(where, images, shown, figures, tables, values):
    """The images and tables that `where` shows with those of the files."""
    for what, there in [(images, figures), ([file for _, file in shown if file != "metrics.json"], tables)]:
        for name in sorted({*what, *there}):
            if what.count(name) != 1 or name not in there:
                fail(where, f"shows {name} {what.count(name)} times" + ("" if name in there else ", which is no file of the report"))
    for rows, file in shown:
        of_file = tables.get(file, rows)
        if file != "published.csv" and len(of_file) > 14:
            # A table that is written piece by piece has no last rows at hand.
            of_file = [*of_file[:7], ["…"] * len(of_file[0]), *(of_file[-6:] if len(rows) > 8 else [])]
        # Floats are shown as Python prints them.
        def same(cell, written):
            return cell == written or re.fullmatch(r"-?\d*[.e][\de.+-]*", written) and cell == repr(float(written))
        other = [f"{cell!r} for {written!r}" for pair in zip(rows, of_file) for cell, written in zip(*pair) if not same(cell, written)]
        if other or [len(row) for row in rows] != [len(row) for row in of_file]:
            fail(where, f"{file} is shown otherwise: {'; '.join(other[:3]) or 'other rows or columns'}")
    given = Counter(tuple(row) for rows, file in shown if file == "metrics.json" for row in rows[1:])
    def printed(value):
        texts = {str: value, float: repr(value), type(None): "not finite"}
        return texts.get(type(value)) or json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    expected = Counter((name, printed(value)) for name, value in values.items())
    for name, value in (given - expected) + (expected - given):
        fail(where, f"the value {name}, {value}, is not once here and in metrics.json")


def nbconvert_has_no_warning(reports, work):
    """4. To HTML and Markdown, by its own command. Its usual template for HTML has no place for the text of an image: there that
    warning is expected, as often as there are images; the template `classic` takes it."""
    for form, options in [("html", []), ("classic", ["--template", "classic"]), ("markdown", [])]:
        to = "markdown" if form == "markdown" else "html"
        done = subprocess.run([CLIENTS / "bin/jupyter", "nbconvert", "--to", to, *options, "--output-dir", work / form,
                               *(work / "lab" / f"{report.name}.ipynb" for report in reports)], capture_output=True, text=True)
        parts = re.split(r"\[NbConvertApp\] Converting notebook .*/(.*)\.ipynb to .*\n", done.stderr)
        said = dict(zip(parts[1::2], parts[2::2]))
        for report in reports:
            expected = r"WARNING \| Alternative text is missing on %d image" % len(report.figures) if form == "html" else "Writing"
            usual = rf"\[NbConvertApp\] (Support files|Making directory|Writing|{expected})"
            wrong = [line for line in said.get(report.name, "is not converted").splitlines() if line and not re.match(usual, line)]
            if wrong:
                fail(report.path, f"nbconvert to {form}: {wrong[0]}")
    return f"{len(reports)} notebooks to HTML, with two templates, and Markdown"


def watched(browser, address, width, **options):
    """A page in a window of its own, and a list that fills with what goes wrong there."""
    page, wrong = browser.new_page(viewport={"width": width, "height": 900}, **options), []
    page.on("console", lambda message: message.type == "error" and wrong.append(f"console: {message.text} {message.location['url']}"))
    page.on("pageerror", lambda error: wrong.append(f"console: {error}"))
    page.on("dialog", lambda dialog: (wrong.append(f"a dialog: {dialog.message}"), dialog.dismiss()))
    if options.get("offline"):
        page.on("request", lambda request: request.url.startswith(("file:", "data:")) or wrong.append(f"asks for {request.url}"))
    page.goto(address)
    return page, wrong


# JupyterLab draws outputs one after the other: nothing is looked at before as many are there as the file has.
SEEN_IN_LAB = """([cells, figures, tables]) => {
  const all = what => [...document.querySelectorAll('.jp-Notebook ' + what)];
  const rows = table => [...table.rows].map(row => [...row.cells].map(cell => cell.textContent));
  const shown = {cells: all('.jp-Cell').length, figures: all('.jp-RenderedImage img').filter(image => image.naturalWidth).length,
                 tables: all('.jp-OutputArea-output table').map(rows), published: all('.jp-MarkdownCell table').map(rows),
                 title: all('h1')[0]?.textContent.replace(/¶$/, '')};
  return shown.cells >= cells && shown.figures >= figures && shown.tables.length >= tables &&
    all('.jp-MarkdownOutput').every(text => text.childElementCount) && shown;
}"""


def jupyterlab_shows_all(reports, browser, work):
    """5. Title, cells, figures and tables as they are, and no error on the console."""
    from playwright.sync_api import TimeoutError
    settings = work / "home/.jupyter/lab/user-settings/@jupyterlab/notebook-extension"
    settings.mkdir(parents=True)
    (settings / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}')  # cells out of sight exist, too
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "XDG_"))}
    lab = subprocess.Popen([CLIENTS / "bin/jupyter", "lab", "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0",
                            "--IdentityProvider.token=", f"--ServerApp.root_dir={work / 'lab'}",
                            "--LabApp.extension_manager=readonly"],
                           env={**environment, "HOME": str(work / "home")}, start_new_session=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        running = []
        while not running:
            assert lab.poll() is None, "JupyterLab ended"
            time.sleep(0.2)
            running = list((work / "home/.local/share/jupyter/runtime").glob("jpserver-*.json"))
        time.sleep(0.2)
        address = json.loads(running[0].read_text())["url"]
        for report in reports:
            page, wrong = watched(browser, f"{address}lab/tree/{report.name}.ipynb?reset", 1280)
            counts = [len(report.cells), len(report.figures), len(report.tables)]
            try:
                seen = page.wait_for_function(SEEN_IN_LAB, arg=counts, timeout=60_000).json_value()
            except TimeoutError:
                seen, wrong = None, [*wrong, "not as many cells, figures and tables as in the file after a minute"]
            page.close()
            expected = {"cells": len(report.cells), "figures": len(report.figures), "tables": [rows for rows, _ in report.tables],
                        "published": report.published, "title": report.notebook["metadata"]["title"]}
            wrong += [f"other {what} than in the file" for what in expected if seen and seen[what] != expected[what]]
            for reason in wrong:
                fail(report.path, f"JupyterLab: {reason}")
    finally:
        os.killpg(lab.pid, signal.SIGKILL)  # it does not always end when asked to
        lab.wait()
    counts = [f"{sum(len(getattr(report, what)) for report in reports)} {what}" for what in ("cells", "figures", "tables")]
    return f"{len(reports)} notebooks with {', '.join(counts)}"


# What could run is looked for, because the page's policy would keep it from running.
SEEN_ON_PAGE = """() => {
  for (const part of document.querySelectorAll('details')) part.open = true;
  for (const image of document.images) image.loading = 'eager';
  if (![...document.images].every(image => image.complete)) return null;
  const runs = element => /^(script|iframe|object|embed|base|svg)$/i.test(element.tagName) ||
    [...element.attributes].some(({name, value}) => name.startsWith('on') || /^\\s*javascript:/i.test(value));
  const lost = link => !document.getElementById(link.hash.slice(1));
  const wrong = [...document.images].filter(image => !image.naturalWidth).map(image => `the image ${image.src} is not shown`);
  wrong.push(...[...document.querySelectorAll('*')].filter(runs).map(element => `could run ${element.outerHTML.slice(0, 80)}`));
  wrong.push(...[...document.querySelectorAll('a[href^="#"]')].filter(lost).map(link => `there is no ${link.hash}`));
  const width = document.scrollingElement.scrollWidth;
  if (width > innerWidth) wrong.push(`is ${width} pixels wide`);
  return [document.images.length, wrong];
}"""


def pages_need_nothing(folder, reports, binaries, browser, work):
    """6. No request, program or dialog, every image, and no wider than the screen."""
    pages = [folder / "index.html", *(report.folder / "index.html" for report in reports)]
    for name, code, arguments in [("export", 0, ["--single-file", work / "hostile", "--out"]),
                                  ("diff", 1, [work / "hostile", folder / "linear-activation", "--html"])]:
        page = work / f"{name}.html"
        done = subprocess.run([binaries / "tunebook", name, *arguments, page], capture_output=True, text=True)
        if done.returncode == code:
            pages.append(page)
        else:
            fail(f"tunebook {name}", done.stderr.strip())
    images = 0
    for path in pages:
        for width in [1280, 400]:
            page, wrong = watched(browser, path.as_uri(), width, offline=True)
            shown, seen = page.wait_for_function(SEEN_ON_PAGE).json_value()
            page.close()
            images += shown
            for reason in dict.fromkeys(wrong + seen):
                fail(path, f"at {width} pixels: {reason}")
    return f"{len(pages)} pages at two widths, {images} images"


def another_place_gives_the_same_bytes(report, binaries, work):
    """7. Of directory, locale, time zone and threads nothing is in a report."""
    def files(folder):
        return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*")
                if path.is_file() and "records" not in path.parts and path.name != "provenance.json"}
    elsewhere = work / "else where"
    elsewhere.mkdir()
    environment = {**os.environ, "LC_ALL": "tr_TR.UTF-8", "LANG": "ko_KR.EUC-KR", "TZ": "Asia/Kathmandu", "OMP_NUM_THREADS": "1"}
    subprocess.run([binaries / report.name, "-q", "--out", "other name"], cwd=elsewhere, env=environment, check=True, stdout=subprocess.DEVNULL)
    ours, theirs = files(report.folder), files(elsewhere / "other name")
    for file in sorted(ours.keys() | theirs.keys()):
        if ours.get(file) != theirs.get(file):
            fail(report.folder / file, "other bytes from another directory, locale, time zone and number of threads")
    return f"{len(theirs)} files of {report.name}"


def hostile_reports(binaries, work):
    """A report with hostile texts in title, paragraph and published numbers, and the notebook of a run that such a text ends."""
    number = {"quantity": "accuracy", "printed": HOSTILE, "where": HOSTILE, "claims": {"linear-activation": "unseeded"}}
    (work / "published.yaml").write_text(json.dumps({"numbers": [number]}))
    manifest = (ROOT / "experiments/linear-activation/manifest.yaml").read_text(encoding="utf-8")
    for old, new in [("title: Every activation linear", f"title: {json.dumps(HOSTILE)}"), ("last: 199", "last: 1"),
                     ("data/published.yaml", "published.yaml")]:
        assert old in manifest, f"linear-activation's manifest has no {old!r}"
        manifest = manifest.replace(old, new)
    (work / "manifest.yaml").write_text(manifest)
    for name, options, code in [("hostile", ["--set", "seed_scan=null"], 0), ("failed", [], 1)]:
        command = [binaries / "linear-activation", "-q", "--manifest", work / "manifest.yaml", "--out", work / name, *options]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == code, f"{name}: {done.stderr}"
    hostile = [Report("hostile", work / "hostile"), Report("failed", work, work / ".failed.failed.ipynb")]
    errors = [output["evalue"] for output in hostile[1].outputs if output["output_type"] == "error"]
    assert len(errors) == 1 and HOSTILE in errors[0], errors
    return hostile


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("reports", type=Path)
    parser.add_argument("--binaries", type=Path, default=ROOT / "target/release")
    parser.add_argument("--only", default="", help="the checks whose name contains this")
    options = parser.parse_args()
    install()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # and with it what was started here
    from playwright.sync_api import sync_playwright
    folder, binaries = options.reports.resolve(), options.binaries.resolve()
    chromium = shutil.which("chromium") or sys.exit("there is no chromium")
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        work = Path(place).resolve()
        reports = [Report(path.parent.name, folder / path.parent.name) for path in sorted(ROOT.glob("experiments/*/manifest.yaml"))]
        hostile = hostile_reports(binaries, work)
        (work / "lab").mkdir()
        for report in reports + hostile:
            shutil.copy(report.path, work / "lab" / f"{report.name}.ipynb")
        browser = playwright.chromium.launch(executable_path=chromium, chromium_sandbox=os.geteuid() != 0)
        checks = [(nbformat_reads_and_writes_the_same, reports + hostile), (jupytext_reads_the_same_cells, reports),
                  (outputs_equal_the_files, reports + hostile[:1]), (nbconvert_has_no_warning, reports, work),
                  (jupyterlab_shows_all, [report for report in reports + hostile if report.name in IN_JUPYTERLAB], browser, work),
                  (pages_need_nothing, folder, reports + hostile[:1], binaries, browser, work),
                  (another_place_gives_the_same_bytes, next(report for report in reports if report.name == "raw-relu"), binaries, work)]
        said = 0
        for check, *arguments in checks:
            if options.only not in check.__name__:
                continue
            begun = time.monotonic()
            try:
                covered = check(*arguments)
            except Exception as error:
                covered = "stopped"
                fail(check.__name__, f"{type(error).__name__} at line {traceback.extract_tb(error.__traceback__)[1].lineno}: {error}")
            found, said = FAILURES[said:], len(FAILURES)
            print(f"{f'{len(found)} failures in' if found else 'ok'} {check.__name__}: {covered} ({time.monotonic() - begun:.1f} s)")
            print("".join(f"  {failure}\n" for failure in found), end="", flush=True)
        browser.close()
    sys.exit(1 if FAILURES else 0)


if __name__ == "__main__":
    main()
