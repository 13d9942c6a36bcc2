use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::tempdir;

use crate::{program, run};

/// Every file of a report but the one about the machine.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for folder in [folder.to_owned(), folder.join("figures")] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() && !path.ends_with("provenance.json") {
                files.insert(path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(path).unwrap());
            }
        }
    }
    files
}

fn report(change: impl FnOnce(&mut Command)) -> BTreeMap<String, Vec<u8>> {
    let place = tempdir().unwrap();
    let out = place.path().join("report");
    let mut command = program(&out);
    change(&mut command);
    assert_eq!(run(&mut command).0, 0);
    files(&out)
}

#[test]
fn bytes_do_not_depend_on_the_environment() {
    let expected = report(|_| ());
    assert_eq!(expected.len(), 16, "{:?}", expected.keys());
    let elsewhere = tempdir().unwrap();
    let environments: [&[(&str, &str)]; 6] = [
        &[("ATEN_CPU_CAPABILITY", "default"), ("MKL_CBWR", "COMPATIBLE"), ("OMP_NUM_THREADS", "1")],
        &[("ATEN_CPU_CAPABILITY", "avx2"), ("MKL_CBWR", "AVX2"), ("OMP_NUM_THREADS", "2")],
        &[("ATEN_CPU_CAPABILITY", "avx512"), ("MKL_CBWR", "AVX512"), ("MKL_NUM_THREADS", "2")],
        &[("MKL_CBWR", "AUTO"), ("MKL_DYNAMIC", "TRUE"), ("OMP_NUM_THREADS", "7"), ("POLARS_MAX_THREADS", "1")],
        &[("LANG", "de_DE.UTF-8"), ("LC_ALL", "tr_TR.UTF-8"), ("TZ", "Asia/Seoul")],
        &[("NO_COLOR", "1"), ("TERM", "dumb"), ("HOME", "/nonexistent")],
    ];
    for environment in environments {
        let found = report(|command| {
            command.envs(environment.iter().copied()).current_dir(elsewhere.path());
        });
        for (name, bytes) in &expected {
            assert!(found.get(name) == Some(bytes), "{name} differs under {environment:?}");
        }
    }
}

/// The check above bites: another seed changes the numbers.
#[test]
fn another_seed_changes_the_bytes() {
    let seed = |seed: &'static str| {
        report(|command| {
            command.args(["--seed", seed]);
        })
    };
    assert_ne!(seed("8")["history.csv"], seed("9")["history.csv"]);
}
