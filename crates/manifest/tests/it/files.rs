use std::fs;
use std::path::{Path, PathBuf};

use manifest::{Error, load};

use crate::sample::{SAMPLE, document_of};
use crate::types::Manifest;

/// A file of this test's own.
fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, bytes).unwrap();
    path
}

fn error_of(path: &Path) -> Error {
    load::<Manifest>(path, &[]).expect_err("the file holds no manifest")
}

#[test]
fn a_file_is_read_as_its_text() {
    let path = file("good.yaml", SAMPLE.as_bytes());
    assert_eq!(load::<Manifest>(&path, &[]).unwrap(), document_of(SAMPLE, &[]));
    let overrides = ["training.epochs=3".to_owned()];
    assert_eq!(load::<Manifest>(&path, &overrides).unwrap(), document_of(SAMPLE, &["training.epochs=3"]));
}

/// What cannot be read ends with exit code 74.
#[test]
fn unreadable() {
    for (path, expected) in [
        ("no/such/manifest.yaml", "no such file"),
        ("src", "is a directory; expected a manifest file"),
        ("Cargo.toml/manifest.yaml", "cannot read: "),
    ] {
        let error = error_of(Path::new(path));
        assert!(error.to_string().starts_with(&format!("{path}: {expected}")), "{error}");
        assert_eq!(error.exit_code(), 74);
    }
}

/// What is read and wrong ends with exit code 65; the error names the file as the user did.
#[test]
fn wrong() {
    let korean = "title: 한글\nanalysis: ".as_bytes();
    let cases: [(&str, Vec<u8>, &str); 5] = [
        ("empty.yaml", Vec::new(), ":1:1: the manifest is empty"),
        ("latin1.yaml", [korean, b"caf\xe9\n"].concat(), ":2:14: not UTF-8 text"),
        ("utf16.yaml", b"\xff\xfet\0".to_vec(), ":1:1: not UTF-8 text"),
        ("large.yaml", vec![b'#'; 2_411_724], ": file is 2.3 MiB; a manifest is at most 1 MiB"),
        ("list.yaml", b"- 1\n".to_vec(), ":1:1: expected a mapping, got a list"),
    ];
    for (name, bytes, expected) in cases {
        let path = file(name, &bytes);
        let error = error_of(&path);
        assert_eq!(error.to_string(), format!("{}{expected}", path.display()));
        assert_eq!(error.exit_code(), 65, "{name}");
    }
}

/// An override that is not of the form `path=value` is a wrong use of the command.
#[test]
fn usage() {
    let path = file("usage.yaml", SAMPLE.as_bytes());
    for (argument, code) in [("training.seed", 2), ("=3", 2), ("training.sed=3", 65)] {
        let error = load::<Manifest>(&path, &[argument.to_owned()]).unwrap_err();
        assert_eq!(error.exit_code(), code, "{error}");
    }
}
