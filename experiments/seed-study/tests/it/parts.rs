use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::{TempDir, tempdir};

/// Three blocks, the last of them short, of a program that trains in no time.
const SHORT: [&str; 6] = [
    "training.epochs=1",
    "model.layers=[{units: 1}]",
    "data.train.size=4",
    "variants=[]",
    "seed_scan.rows=70000",
    "seed_scan.last=140000",
];

/// The exit code and what is printed, or why not.
fn run(arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seed-study"));
    command.arg("--quiet").args(SHORT.iter().flat_map(|change| ["--set", change])).args(arguments);
    let output = command.output().unwrap();
    let said = if output.status.success() { output.stdout } else { output.stderr };
    (output.status.code(), String::from_utf8(said).unwrap())
}

/// A folder of blocks, and a report beside it.
struct Study(TempDir);

impl Study {
    fn new() -> Self {
        Self(tempdir().unwrap())
    }

    fn parts(&self) -> PathBuf {
        self.0.path().join("parts")
    }

    fn run(&self, arguments: &[&str]) -> (Option<i32>, String) {
        run(&[arguments, &["--parts", self.parts().to_str().unwrap()]].concat())
    }

    fn part(&self, part: &str, arguments: &[&str]) -> String {
        let (code, said) = self.run(&[&["--part", part], arguments].concat());
        assert_eq!(code, Some(0), "{part}: {said}");
        said
    }

    fn report(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let out = self.0.path().join("report");
        self.run(&[arguments, &["--out", out.to_str().unwrap()]].concat())
    }

    /// The digests of the report.
    fn digests(&self) -> String {
        digests(&self.0.path().join("report"))
    }

    fn blocks(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(self.parts()).unwrap().map(|entry| entry.unwrap().path());
        let mut blocks: Vec<PathBuf> =
            files.filter(|path| path.extension().is_some_and(|end| end == "block")).collect();
        blocks.sort();
        blocks
    }
}

fn digests(report: &Path) -> String {
    fs::read_to_string(report.join("SHA256SUMS")).unwrap()
}

/// The digests of the report that one process makes.
fn of_one_process(arguments: &[&str]) -> String {
    let place = tempdir().unwrap();
    let (code, said) = run(&[arguments, &["--out", place.path().join("report").to_str().unwrap()]].concat());
    assert_eq!(code, Some(0), "{said}");
    digests(&place.path().join("report"))
}

/// However many parts there are, in whatever order, the report is that of one process; what is there is not computed again, by
/// another number of parts neither.
#[test]
fn every_partition_gives_the_same_report() {
    let two = ["--set", "variants=[{name: no scaling, set: [scaling=none]}]"];
    let expected = of_one_process(&two);
    for parts in [&["0/1"][..], &["1/2", "0/2"], &["3/7", "6/7", "0/7", "5/7", "1/7", "4/7", "2/7"]] {
        let study = Study::new();
        let said: Vec<String> = parts.iter().map(|part| study.part(part, &two)).collect();
        assert!(said.iter().all(|said| said.ends_with(", 0 of them were there\n")), "{said:?}");
        assert_eq!(study.blocks().len(), 3);
        let (code, said) = study.report(&two);
        assert_eq!(code, Some(0), "{said}");
        assert_eq!(study.digests(), expected, "{parts:?}");
        assert_eq!(study.part("0/2", &two), "part 0/2 is done: 2 blocks, 2 of them were there\n");
    }
}

/// A larger range takes the whole blocks of the smaller one; what is missing is said as Slurm takes it, and nothing is computed.
#[test]
fn a_larger_range_goes_on_from_what_is_there() {
    let study = Study::new();
    let (code, said) = study.report(&[]);
    let parts = study.parts();
    let parts = parts.display();
    assert_eq!(
        (code, said),
        (Some(1), format!("error: {parts} lacks blocks of 1 of 1 parts: --part I/1 computes them, --array=0\n"))
    );
    study.part("1/3", &[]);
    let (code, said) = study.report(&[]);
    let lacks = format!("error: {parts} lacks blocks of 2 of 3 parts: --part I/3 computes them, --array=0,2\n");
    assert_eq!((code, said), (Some(1), lacks));
    study.part("0/3", &[]);
    study.part("2/3", &[]);
    let larger = ["--set", "seed_scan.last=200000"];
    let (code, said) = study.report(&larger);
    // The last block was short.
    let lacks = format!("error: {parts} lacks blocks of 2 of 3 parts: --part I/3 computes them, --array=1-2\n");
    assert_eq!((code, said), (Some(1), lacks));
    assert_eq!(study.part("0/1", &larger), "part 0/1 is done: 4 blocks, 2 of them were there\n");
    assert_eq!(study.report(&larger).0, Some(0));
    assert_eq!(study.digests(), of_one_process(&larger));
    assert_eq!(study.report(&[]).0, Some(0), "the smaller study is still there");
}

/// Blocks of another manifest or another build are never mixed in, and a damaged one is named.
#[test]
fn other_blocks_and_damaged_ones_are_refused() {
    let study = Study::new();
    study.part("0/1", &[]);
    let part = ["--part", "0/1"];
    let refused = |arguments: &[&str], expected: &[&str]| {
        let (code, said) = study.run(arguments);
        assert!(code == Some(65) && expected.iter().all(|text| said.contains(text)), "{code:?} {said}");
    };
    for change in ["training.batch_size=1", "seed_scan={first: 1, last: 140000, rows: 70000}", "seed_scan.rows=7"] {
        let seed = if change.contains("first") { "training.seed=1" } else { "training.seed=0" };
        refused(&["--set", change, "--set", seed, part[0], part[1]], &["study.json is of another manifest, "]);
    }
    let edit = |file: &Path, from: &str, to: &str| {
        // The head is a line of JSON; what follows is not text.
        let content = fs::read(file).unwrap();
        let end = content.iter().position(|&byte| byte == b'\n').unwrap_or(content.len());
        let head = String::from_utf8(content[..end].to_vec()).unwrap().replacen(from, to, 1);
        fs::write(file, [head.as_bytes(), &content[end..]].concat()).unwrap();
        content
    };
    let blocks = study.blocks();
    let block = &blocks[1];
    let name = block.file_name().unwrap().to_str().unwrap();
    for (from, to, expected) in [
        ("\"program\":\"", "\"program\":\"0", " is of another build of the program, 0"),
        ("\"manifest\":\"", "\"manifest\":\"0", " is of another manifest, 0"),
        ("\"seed-study\"", "\"other\"", " is of another experiment, other; this one is seed-study"),
        ("\"first\":", "\"first\":1", " is damaged; remove it"),
        ("\"content\":\"", "\"content\":\"0", " is damaged; remove it"),
        ("{", "", " is damaged; remove it"),
    ] {
        let whole = edit(block, from, to);
        refused(&[], &[name, expected]);
        fs::write(block, whole).unwrap();
    }
    let whole = fs::read(block).unwrap();
    for length in [0, whole.len() - 1] {
        fs::write(block, &whole[..length]).unwrap();
        refused(&part, &[name, " is damaged; remove it"]);
    }
    fs::remove_file(block).unwrap();
    assert_eq!(study.part("0/1", &[]), "part 0/1 is done: 3 blocks, 2 of them were there\n");
    assert_eq!(fs::read(block).unwrap(), whole, "the same bytes");
    edit(&study.parts().join("study.json"), "{", "");
    refused(&[], &["study.json is damaged"]);
}
