//! `setup.py` as `make setup` runs it, in checkouts of its own and with a small stand-in for the torch wheel.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::{without_variables, write};

/// What the wheel holds, by path.
const WHEEL: &[(&str, &str)] = &[
    ("torch/lib/libtorch_cpu.so", "the largest library"),
    ("torch/lib/libc10.so", "a small library"),
    ("torch/lib/libtorch_python.so", "not for us"),
    ("torch/include/torch/torch.h", "// everything"),
    ("torch/include/torch/headeronly/version.h", "// a version"),
    ("torch-2.13.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: torch\nVersion: 2.13.0\n"),
    ("torch-2.13.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: py3-none-any\n"),
    ("torch-2.13.0.dist-info/RECORD", ""),
];

/// A checkout with nothing but set-up, and a folder in which pip finds the wheel.
struct Checkout {
    folder: TempDir,
    root: PathBuf,
}

impl Checkout {
    fn new(name: &str) -> Self {
        let folder = TempDir::new().expect("a folder");
        let [wheels, content] = ["wheels", "content"].map(|name| folder.path().join(name));
        fs::create_dir(&wheels).expect("a folder");
        for (path, text) in WHEEL {
            write(&content.join(path), text);
        }
        let wheel = wheels.join("torch-2.13.0-py3-none-any.whl");
        let mut zip = Command::new("python3");
        zip.args(["-m", "zipfile", "-c"]).arg(&wheel).args(["torch", "torch-2.13.0.dist-info"]).current_dir(&content);
        assert!(zip.status().expect("python3").success());

        let digest = Sha256::digest(fs::read(&wheel).expect("the wheel"));
        let digest = digest.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
        let mut lock: Value = serde_json::from_str(include_str!("../../libtorch/wheels.json")).expect("JSON");
        for machine in lock["machines"].as_object_mut().expect("machines").values_mut() {
            machine["wheels"] = json!({"torch==2.13.0": digest});
            machine["libraries"] = json!(["libtorch_cpu.so", "libc10.so"]);
            machine["links"] = json!({"libtorch.so": "libtorch_cpu.so"});
        }
        let root = folder.path().join(name);
        write(&root.join("crates/keras/libtorch/wheels.json"), &lock.to_string());
        write(&root.join("crates/keras/libtorch/setup.py"), include_str!("../../libtorch/setup.py"));
        Self { folder, root }
    }

    /// One where set-up has been.
    fn ready() -> Self {
        let checkout = Self::new("checkout");
        assert!(checkout.setup(&[]).fetched());
        checkout
    }

    /// `setup.py` in this environment over the tests' own, without what that says of libtorch and pip.
    fn setup(&self, environment: &[(&str, &str)]) -> Outcome {
        let mut command = Command::new("python3");
        command.arg(self.root.join("crates/keras/libtorch/setup.py"));
        without_variables(&mut command, &["PIP_", "LIBTORCH"]);
        command.env("PIP_NO_INDEX", "1").env("PIP_FIND_LINKS", self.folder.path().join("wheels"));
        Outcome(command.envs(environment.iter().copied()).output().expect("python3"))
    }

    fn config(&self) -> String {
        fs::read_to_string(self.root.join(".cargo/config.toml")).expect("a configuration")
    }

    /// A libtorch of the user's own, beside the checkout.
    fn own(&self, name: &str, files: &[(&str, &str)]) -> String {
        let home = self.folder.path().join(name);
        let suffix = if cfg!(target_os = "macos") { "dylib" } else { "so" };
        for library in ["torch", "torch_cpu", "c10"] {
            write(&home.join(format!("lib/lib{library}.{suffix}")), "");
        }
        write(&home.join("include/torch/torch.h"), "");
        for (path, text) in files {
            write(&home.join(path), text);
        }
        home.to_str().expect("a name in UTF-8").to_owned()
    }
}

struct Outcome(Output);

impl Outcome {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }

    /// Whether something was fetched by a good end.
    fn fetched(&self) -> bool {
        assert!(self.0.status.success(), "{}", self.text());
        self.text().contains("fetching")
    }

    /// The one line of a refusal.
    fn refusal(&self) -> String {
        let text = self.text();
        assert_eq!(self.0.status.code(), Some(1), "{text}");
        let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("setup: error: ")).collect();
        assert_eq!(lines.len(), 1, "{text}");
        assert!(!text.contains("Traceback"), "{text}");
        lines[0].to_owned()
    }
}

/// Copies a folder as tools do that keep neither times nor links.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            write(&target, &fs::read_to_string(entry.path()).expect("text"));
        }
    }
}

#[test]
fn a_copy_without_times_and_links_fetches_nothing_again() {
    let [checkout, copied] = [Checkout::ready(), Checkout::new("copy")];
    copy(&checkout.root, &copied.root);
    write(&copied.root.join(".libtorch/include/.DS_Store"), "what a file manager leaves");
    fs::remove_file(copied.root.join(".libtorch/build-version")).expect("a file");
    assert!(!copied.setup(&[]).fetched());
    let link = copied.root.join(".libtorch/lib/libtorch.so");
    assert_eq!(fs::read_link(link).expect("a link again"), Path::new("libtorch_cpu.so"));
    assert_eq!(fs::read_to_string(copied.root.join(".libtorch/build-version")).expect("a version"), "2.13.0\n");
}

#[test]
fn a_cut_changed_or_missing_file_is_found_and_replaced() {
    let checkout = Checkout::ready();
    let library = checkout.root.join(".libtorch/lib/libtorch_cpu.so");
    let header = checkout.root.join(".libtorch/include/torch/torch.h");
    for (path, content) in [
        (&library, Some("the largest")),
        (&library, Some("the largest_library")),
        (&library, None),
        (&header, Some("// everythinG")),
        (&header, None),
    ] {
        let whole = fs::read(path).expect("a file");
        let times = fs::metadata(path).expect("a file").modified().expect("a time");
        match content {
            Some(text) => {
                write(path, text);
                fs::File::options().append(true).open(path).and_then(|file| file.set_modified(times)).expect("a time");
            }
            None => fs::remove_file(path).expect("a file"),
        }
        assert!(checkout.setup(&[]).fetched(), "{} with {content:?}", path.display());
        assert_eq!(fs::read(path).expect("a file"), whole);
    }
}

#[test]
fn what_an_earlier_setup_noted_by_size_and_time_is_kept() {
    let checkout = Checkout::ready();
    let stamp = checkout.root.join(".libtorch/installed.json");
    let now = fs::read_to_string(&stamp).expect("a stamp");
    let mut earlier: Value = serde_json::from_str(&now).expect("JSON");
    earlier.as_object_mut().expect("a map").remove("digest");
    earlier["files"] = json!({"libtorch_cpu.so": [19, 1], "libc10.so": [15, 2], "libtorch.so": [15, 3], "include": 4});
    write(&stamp, &earlier.to_string());
    assert!(!checkout.setup(&[]).fetched());
    assert_eq!(fs::read_to_string(&stamp).expect("a stamp"), now);

    earlier["files"]["libc10.so"] = json!([16, 2]);
    write(&stamp, &earlier.to_string());
    assert!(checkout.setup(&[]).fetched());
}

#[test]
fn settings_of_pip_for_other_downloads_do_not_count() {
    let checkout = Checkout::new("checkout");
    let file = |name: &str| checkout.folder.path().join(name).display().to_string();
    let wheels = file("wheels");
    write(Path::new(&file("constraints")), "torch==1.0\n");
    let global = format!(
        "require-virtualenv = true\nconstraint = {}\nno-binary = :all:\nindex-url = nowhere",
        file("constraints")
    );
    write(
        Path::new(&file("pip.conf")),
        &format!("[global]\n{global}\n[download]\nno-index = true\nfind-links = {wheels}\n"),
    );
    let outcome =
        checkout.setup(&[("PIP_CONFIG_FILE", &file("pip.conf")), ("PIP_REQUIRE_VIRTUALENV", "1"), ("PIP_DEST", "/")]);
    assert!(outcome.fetched());
}

#[test]
fn settings_of_pip_that_counted_are_named() {
    let checkout = Checkout::new("checkout");
    let outcome = checkout.setup(&[("PIP_FIND_LINKS", "/nowhere"), ("PIP_INDEX_URL", "https://me:secret@example.org")]);
    assert!(outcome.refusal().contains("pip could not fetch libtorch"));
    let hint = outcome.text().lines().find(|line| line.starts_with("hint: ")).expect("a hint").to_owned();
    assert!(hint.contains("find-links") && hint.contains("index-url") && hint.contains("no-index"), "{hint}");
    assert!(!hint.contains("secret"), "{hint}");
    assert!(
        fs::read_dir(&checkout.root).expect("a folder").all(|entry| entry.expect("an entry").file_name() == "crates")
    );
}

#[test]
fn what_torch_sys_reads_is_overruled_and_named() {
    let checkout = Checkout::ready();
    let plain = checkout.config();
    for (name, value) in [
        ("LIBTORCH", ""),
        ("LIBTORCH_INCLUDE", "/elsewhere"),
        ("LIBTORCH_LIB", "/elsewhere"),
        ("LIBTORCH_CXX11_ABI", "0"),
        ("LIBTORCH_STATIC", "1"),
    ] {
        let outcome = checkout.setup(&[(name, value)]);
        assert!(!outcome.fetched());
        assert_eq!(
            outcome.text().contains(&format!("{name}={value} has no effect")),
            !value.is_empty(),
            "{}",
            outcome.text()
        );
        assert_eq!(checkout.config(), plain);
        assert!(
            plain.lines().any(|line| line.starts_with(&format!("{name} = ")) && line.ends_with("force = true }")),
            "{plain}"
        );
    }
    assert!(checkout.setup(&[("LIBTORCH_USE_PYTORCH", "")]).refusal().contains("LIBTORCH_USE_PYTORCH"));
}

#[test]
fn a_libtorch_of_another_version_is_refused_by_whatever_says_so() {
    let checkout = Checkout::new("checkout");
    let header = "#define TORCH_VERSION_MAJOR 2\n#define TORCH_VERSION_MINOR 9\n#define TORCH_VERSION_PATCH 1\n";
    let good = header.replace('9', "13").replace("PATCH 1", "PATCH 0");
    let [headeronly, older] = ["include/torch/headeronly/version.h", "include/torch/csrc/api/include/torch/version.h"];
    let python = "from typing import Optional\n__all__ = ['__version__']\n__version__ = '2.9.1+cu130'\n";
    for (number, file) in
        [("build-version", "2.9.1+cpu\n"), ("version.py", python), (headeronly, header), (older, header)]
            .iter()
            .enumerate()
    {
        let own = checkout.own(&format!("own-{number}"), &[*file]);
        let refusal = checkout.setup(&[("LIBTORCH", &own)]).refusal();
        assert!(refusal.contains("LIBTORCH=") && refusal.contains("2.9.1") && refusal.contains("2.13.0"), "{refusal}");
    }
    let silent = checkout.own("silent", &[]);
    assert!(checkout.setup(&[("LIBTORCH", &silent)]).refusal().contains("does not say its version"));
    let contradiction = checkout.own("contradiction", &[("build-version", "2.13.0\n"), (headeronly, header)]);
    assert!(checkout.setup(&[("LIBTORCH", &contradiction)]).refusal().contains("version 2.9.1"));
    assert!(checkout.setup(&[("LIBTORCH", "/nowhere")]).refusal().contains("LIBTORCH=/nowhere has no lib"));

    for (number, file) in
        [("build-version", "2.13.0+cpu\n"), (headeronly, good.as_str()), ("version.py", &python.replace("9.1", "13.0"))]
            .iter()
            .enumerate()
    {
        let own = checkout.own(&format!("good-{number}"), &[*file]);
        assert!(!checkout.setup(&[("LIBTORCH", &own)]).fetched());
        assert!(
            checkout.config().contains(&format!("LIBTORCH = {{ value = \"{own}\", force = true }}")),
            "{}",
            checkout.config()
        );
    }
}

#[test]
fn a_path_in_which_nothing_builds_is_refused() {
    for name in ["a:b", "100%", "[a]", "a*", "a?", "a$ORIGIN", "a\nb", "a\tb"] {
        let refusal = Checkout::new(name).setup(&[]).refusal();
        assert!(refusal.contains("the path of the checkout has"), "{refusal}");
    }
    let checkout = Checkout::new("checkout");
    for name in ["a:b", "a$ORIGIN", "a\nb"] {
        let own = checkout.own(name, &[("build-version", "2.13.0")]);
        let refusal = checkout.setup(&[("LIBTORCH", &own)]).refusal();
        assert!(refusal.contains("the path of LIBTORCH has"), "{refusal}");
    }
}

#[test]
fn the_configuration_moves_with_the_checkout_and_leaves_other_crates_flags_alone() {
    let checkout = Checkout::ready();
    assert!(!checkout.config().contains("rustflags"), "{}", checkout.config());
    assert!(!checkout.config().contains(checkout.folder.path().to_str().expect("UTF-8")), "{}", checkout.config());
    // What cargo hands on to the programs that it starts names the same folder.
    let named = checkout.root.join(".libtorch").display().to_string();
    let plain = checkout.config();
    assert!(!checkout.setup(&[("LIBTORCH", &named)]).fetched());
    assert_eq!(checkout.config(), plain);
}
