//! The build script of every package whose programs load libtorch: it tells them where libtorch is.
//!
//! A link argument that comes from here stands whatever RUSTFLAGS and cargo's configuration files say, and leaves the
//! flags of all other crates alone. A package asks for it with `build = …/libtorch/link.rs`.

use std::env;
use std::path::{Path, PathBuf};

fn main() {
    println!("cargo::rerun-if-env-changed=LIBTORCH");
    println!("cargo::rerun-if-env-changed=LIBTORCH_USE_PYTORCH");
    // torch-sys prefers this variable to every other, and no configuration of cargo can take it away.
    if env::var_os("LIBTORCH_USE_PYTORCH").is_some() {
        println!("cargo::error=LIBTORCH_USE_PYTORCH is set and would bring another libtorch: unset it");
        return;
    }
    let home = PathBuf::from(env::var_os("LIBTORCH").unwrap_or_default());
    let lib = home.join("lib");
    if home.as_os_str().is_empty() || !lib.is_dir() {
        println!("cargo::error=libtorch is not where LIBTORCH={} says: run `make setup`", home.display());
        return;
    }
    let macos = variable("CARGO_CFG_TARGET_OS") == "macos";
    if !macos {
        // DT_RPATH and not DT_RUNPATH: the loader looks there before it looks into LD_LIBRARY_PATH.
        linker(&["--disable-new-dtags"]);
    }
    let origin = if macos { "@loader_path" } else { "$ORIGIN" };
    let mut paths: Vec<String> =
        ways(Path::new(&variable("OUT_DIR")), &lib).into_iter().map(|way| format!("{origin}/{way}")).collect();
    // For a program that is copied or built elsewhere.
    paths.extend(readable(&lib));
    if paths.is_empty() {
        println!(
            "cargo::error=no program can look for libraries in {}: a colon or dollar is in its path",
            lib.display()
        );
    }
    for path in paths {
        linker(&["-rpath", &path]);
    }
}

/// The ways to `lib` from the folders of programs: three above `out` or, for tests and examples, in a folder of that.
/// Where both are in one checkout they still hold after it is moved.
fn ways(out: &Path, lib: &Path) -> Vec<String> {
    let programs = out.ancestors().nth(3).unwrap_or(out);
    let shared = programs.components().zip(lib.components()).take_while(|(one, other)| one == other).count();
    let below: PathBuf = lib.components().skip(shared).collect();
    // Nothing but the root is shared by folders of different owners.
    let Some(below) = readable(&below).filter(|_| shared > 1) else { return Vec::new() };
    let up = programs.components().count() - shared;
    [up, up + 1].map(|up| format!("{}{below}", "../".repeat(up))).to_vec()
}

/// A path as the loader reads it, if it does: it divides at colons and fills in what follows a dollar.
fn readable(path: &Path) -> Option<String> {
    Some(path.display().to_string()).filter(|path| !path.contains([':', '$']))
}

/// Hands arguments to the linker one by one: `-Wl,…` would divide a path at its commas.
fn linker(arguments: &[&str]) {
    for argument in arguments {
        println!("cargo::rustc-link-arg=-Xlinker");
        println!("cargo::rustc-link-arg={argument}");
    }
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|error| panic!("{name}: {error}"))
}
