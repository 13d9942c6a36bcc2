//! `link.rs`: programs find their libtorch, wherever the checkout lies and whatever the environment says.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::{without_variables, write};

/// Prints the number that its library knows.
const PROGRAM: &str = "#[link(name = \"probe\")]
unsafe extern \"C\" { fn number() -> i32; }
fn main() { println!(\"{}\", unsafe { number() }) }
";
/// What a libtorch has besides, so that `setup.py` takes it.
const LIBTORCH: [&str; 4] = ["lib/libtorch.so", "lib/libtorch_cpu.so", "lib/libc10.so", "include/torch/torch.h"];

/// A checkout with one experiment and, in place of libtorch, a library that knows the number 13.
struct Checkout {
    folder: TempDir,
    root: PathBuf,
    libtorch: PathBuf,
}

impl Checkout {
    fn new(name: &str) -> Self {
        let folder = TempDir::new().expect("a folder");
        let root = folder.path().join(name);
        let libtorch = root.join(format!("own {name}").replace('$', "S"));
        for path in LIBTORCH {
            write(&libtorch.join(path), "");
        }
        write(&libtorch.join("build-version"), "2.13.0\n");
        library(&libtorch.join("lib"), 13);
        library(&folder.path().join("another"), 1);
        write(&root.join("crates/keras/libtorch/setup.py"), include_str!("../../libtorch/setup.py"));
        write(&root.join("crates/keras/libtorch/wheels.json"), include_str!("../../libtorch/wheels.json"));
        write(&root.join("crates/keras/libtorch/link.rs"), include_str!("../../libtorch/link.rs"));
        write(&root.join("Cargo.toml"), "[workspace]\nresolver = \"3\"\nmembers = [\"experiments/*\"]\n");
        let package =
            "[package]\nname = \"probe\"\nedition = \"2024\"\nbuild = \"../../crates/keras/libtorch/link.rs\"\n";
        write(&root.join("experiments/probe/Cargo.toml"), package);
        write(&root.join("experiments/probe/src/main.rs"), PROGRAM);
        Self { folder, root, libtorch }
    }

    /// Set-up, then `cargo build` by a user with flags and a libtorch variable of their own.
    fn build(&self) {
        let mut setup = Command::new("python3");
        setup.arg(self.root.join("crates/keras/libtorch/setup.py"));
        run(plain(&mut setup).env("LIBTORCH", &self.libtorch));
        // torch-sys says where the linker looks; here the user's flags do.
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--release", "--offline"]).current_dir(&self.root);
        let flags = format!("-L\u{1f}native={}", self.libtorch.join("lib").display());
        run(plain(&mut cargo)
            .env("CARGO_ENCODED_RUSTFLAGS", flags)
            .env("LIBTORCH", "/nowhere")
            .env("LIBTORCH_STATIC", "1"));
    }

    fn number(&self, root: &Path) -> String {
        let mut program = Command::new(root.join("target/release/probe"));
        run(program.env_clear().env("LD_LIBRARY_PATH", self.folder.path().join("another")))
    }
}

/// Without what cargo says to this test and what a user says to cargo.
fn plain(command: &mut Command) -> &mut Command {
    without_variables(command, &["CARGO_", "LIBTORCH", "RUSTFLAGS", "RUSTC"])
}

fn run(command: &mut Command) -> String {
    let output = command.output().expect("a program");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// Builds `libprobe.so`.
fn library(folder: &Path, number: u32) {
    write(&folder.join("probe.c"), &format!("int number(void) {{ return {number}; }}\n"));
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-Wl,-soname,libprobe.so", "-o", "libprobe.so", "probe.c"]);
    run(compiler.current_dir(folder));
}

/// Commas, quotes and emoji in a path; a libtorch outside the checkout; a checkout that moved before it is built again.
#[test]
fn programs_find_the_libtorch_of_their_checkout() {
    let odd = Checkout::new("a, b 'c' \"d\" \\ ;# 🎵");
    odd.build();
    assert_eq!(odd.number(&odd.root), "13\n");

    let mut checkout = Checkout::new("checkout");
    checkout.build();
    let moved = checkout.folder.path().join("moved");
    fs::rename(&checkout.root, &moved).expect("a move");
    assert_eq!(checkout.number(&moved), "13\n");

    fs::rename(&moved, &checkout.root).expect("a move");
    let outside = checkout.folder.path().join("own, 🎵 \"libtorch\"");
    fs::rename(&checkout.libtorch, &outside).expect("a move");
    checkout.libtorch = outside;
    checkout.build();
    assert_eq!(checkout.number(&checkout.root), "13\n");
}

#[test]
fn pytorchs_variable_ends_a_build_in_one_line() {
    let checkout = Checkout::new("checkout");
    checkout.build();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--release", "--offline"]).current_dir(&checkout.root);
    let output = plain(&mut cargo).env("LIBTORCH_USE_PYTORCH", "1").output().expect("cargo");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && text.contains("LIBTORCH_USE_PYTORCH is set"), "{text}");
}

#[test]
fn settings_of_the_users_cargo_are_overruled_or_refused_at_once() {
    let checkout = Checkout::new("checkout");
    let home = checkout.folder.path().join("cargo");
    let script = checkout.root.join("crates/keras/libtorch/setup.py");
    let mut setup = Command::new("python3");
    plain(setup.arg(script)).env("LIBTORCH", &checkout.libtorch).env("CARGO_HOME", &home);

    write(&home.join("config.toml"), "[env]\nLIBTORCH = { value = \"/nowhere\", force = true }\n");
    run(&mut setup);
    write(&home.join("config.toml"), "[env]\nLIBTORCH = \"/nowhere\"\n");
    let output = setup.output().expect("python3");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && text.contains("LIBTORCH"), "{text}");
    assert_eq!(text.lines().filter(|line| line.starts_with("setup: error: ")).count(), 1, "{text}");
}

/// This program itself: the loader would stop at a library that is no library.
#[test]
fn another_libtorch_in_ld_library_path_does_not_win() {
    let other = TempDir::new().expect("a folder");
    for name in ["libtorch.so", "libtorch_cpu.so", "libc10.so", "libgomp.so.1", "libcupti.so.13", "libcudart.so.13"] {
        write(&other.path().join(name), "");
    }
    let mut program = Command::new(std::env::current_exe().expect("this program"));
    run(program.env_clear().env("LD_LIBRARY_PATH", other.path()).arg("--list"));
}

#[test]
fn every_package_that_links_libtorch_has_the_build_script() {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--no-deps", "--offline", "--format-version=1"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    let metadata: Value = serde_json::from_str(&run(&mut cargo)).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let mut linking = vec!["tch"];
    loop {
        let before = linking.len();
        for package in packages {
            let name = package["name"].as_str().expect("a name");
            let dependencies = package["dependencies"].as_array().expect("dependencies");
            let links = dependencies.iter().any(|other| linking.contains(&other["name"].as_str().expect("a name")));
            if links && !linking.contains(&name) {
                linking.push(name);
            }
        }
        if linking.len() == before {
            break;
        }
    }
    for package in packages.iter().filter(|package| linking.contains(&package["name"].as_str().expect("a name"))) {
        let targets = package["targets"].as_array().expect("targets");
        let script = targets.iter().find(|target| target["kind"][0] == "custom-build");
        let path = script.and_then(|script| script["src_path"].as_str()).unwrap_or_default();
        let path = fs::canonicalize(path).unwrap_or_default();
        assert!(
            path.ends_with("crates/keras/libtorch/link.rs"),
            "{} needs `build = …/libtorch/link.rs`",
            package["name"]
        );
    }
    assert!(linking.len() > 10, "{linking:?}");
}
