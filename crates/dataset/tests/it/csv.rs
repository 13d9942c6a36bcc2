use dataset::{Dataset, Table};
use serde_json::{Value, json};

use crate::{load, table};

/// The one line that a file's error is, with its exit code.
fn error(content: impl AsRef<[u8]>, keys: &Value) -> String {
    let error = load(content, keys).unwrap_err();
    assert_eq!(error.exit_code(), 65);
    let text = error.to_string();
    assert!(!text.contains('\n'), "{text}");
    text
}

fn wrong(content: impl AsRef<[u8]>) -> String {
    error(content, &json!({}))
}

fn inputs(content: impl AsRef<[u8]>) -> Vec<f32> {
    let data: Dataset = load(content, &json!({})).unwrap();
    data.train.x.into_iter().chain(data.test.x).collect()
}

#[test]
fn a_file_is_the_same_however_it_is_written() {
    let expected = [1.0, 2.5, -3.0];
    for content in [
        "a,y\n1,5\n2.5,6\n-3,7\n",
        "a,y\r\n1,5\r\n2.5,6\r\n-3,7",
        "\u{feff}a,y\n1,5\n\n2.5,6\n-3,7\n\n",
        "\"a\",\"y\"\n\"1\",5\n\"2.5\",6\n\"-3\",\"7\"\n",
        "y,note,a\n5,\"one, \"\"two\"\"\n\nthree\",1\n6,,2.5\n7,\"\",\"-3\"",
        "y,a\n5, 1 \n6,25e-1\n7,-3.0\n",
    ] {
        assert_eq!(inputs(content), expected, "{content:?}");
    }
}

#[test]
fn cells_that_are_no_numbers_are_named_with_their_line() {
    assert_eq!(wrong("a,y\n1,2\nabc,3\n"), "t.csv:3:a: expected a number, got \"abc\"");
    assert_eq!(wrong("note,a,y\n\"x\n\ny\",1,2\n,1,1e\n"), "t.csv:5:y: expected a number, got \"1e\"");
    assert_eq!(wrong("a,y\ninf,2\n1,2\n"), "t.csv:2:a: expected a finite number, got \"inf\"");
    assert_eq!(wrong("a,y\n1,1e999\n1,2\n"), "t.csv:2:y: expected a finite number, got \"1e999\"");
    assert_eq!(wrong("a,y\n\"1,5\",1\n1,2\n"), "t.csv:2:a: expected a number, got \"1,5\"");
    let long = format!("t.csv:2:a: expected a number, got \"{}…\"", "x".repeat(39));
    assert_eq!(wrong(format!("a,y\n{},1\n", "x".repeat(99))), long);
    let named = error("my a,y\n1\t2,1\n", &json!({"features": ["my a"]}));
    assert_eq!(named, "t.csv:2:\"my a\": expected a number, got \"1\\t2\"");
    let large = wrong("a,y\n1,2\n1e300,3\n2,1\n");
    assert_eq!(large, "t.csv:3:a: the value, or the spread of its column, is too large for a 32-bit float");
}

#[test]
fn broken_files_are_named() {
    assert_eq!(wrong(""), "t.csv: the file is empty; expected a header and rows");
    assert_eq!(wrong("\n\r\n"), "t.csv: the file is empty; expected a header and rows");
    assert_eq!(wrong("a,y\n"), "t.csv: has a header and no rows");
    assert_eq!(wrong("a,y,a\n1,2,3\n"), "t.csv:1: two columns are called \"a\"");
    assert_eq!(wrong("a,y\n1,2\n1\n"), "t.csv:3: expected 2 cells as in the header, got 1");
    assert_eq!(wrong("a,y\n1,2,\n"), "t.csv:2: expected 2 cells as in the header, got 3");
    assert_eq!(wrong("a,y\n1,2\n\"1,2\n1,2\n"), "t.csv:3: a quote is not closed");
    assert_eq!(wrong("a,y\n\"1\"2,2\n"), "t.csv:2: text after a closing quote; expected a comma");
    assert!(wrong("a,y\n5\" pipe\",2\n").starts_with("t.csv:2: a quote inside a cell; "));
    assert!(wrong("a,y\r1,2\r3,4\r").starts_with("t.csv:1: a carriage return without a line feed; "));
    assert!(wrong("a,y\n1\0,2\n").starts_with("t.csv:2: a NUL byte; "));
    assert_eq!(wrong(b"a,y\n1,2\nM\xfcller,3\n"), "t.csv:3: not UTF-8 text");
    let swallowed = wrong(format!("a,y\n\"1,2\n{}", "1,2\n".repeat(500_000)));
    assert_eq!(swallowed, "t.csv:2: a record of more than 1 MiB; is a quote not closed?");
}

#[test]
fn unknown_columns_are_guessed() {
    assert_eq!(error("A,y\n1,2\n", &json!({})), "t.csv:1: no column \"a\"; did you mean A?");
    let keys = json!({"features": ["horse_power"]});
    assert_eq!(error("horsepower,y\n1,2\n", &keys), "t.csv:1: no column \"horse_power\"; did you mean horsepower?");
    assert_eq!(error("x,y\n1,2\n", &keys), "t.csv:1: no column \"horse_power\"; there are x, y");
    assert!(wrong("a;y\n1;2\n").ends_with("no column \"a\"; expected commas between the columns"));
}

#[test]
fn another_digest_than_the_pinned_one_is_refused() {
    let content = "a,y\n1,2\n3,4\n";
    let sha256 = load(content, &json!({})).unwrap().sha256.unwrap();
    assert_eq!(sha256, "caaa92249a6f95367edbad1765983d001e57cf725e649489415f8828fd5b8446");
    assert_eq!(load(content, &json!({"sha256": sha256})).unwrap().sha256.as_ref(), Some(&sha256));
    let other = error("a,y\n1,2\n3,5\n", &json!({"sha256": sha256}));
    assert!(other.starts_with("t.csv: has the SHA-256 ") && other.ends_with(&format!(", but {sha256} is pinned")));
}

#[test]
fn files_that_cannot_be_read_have_their_own_exit_code() {
    let read = |table: Table| table.load(std::path::Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap_err();
    let missing = read(table(&json!({})));
    assert_eq!((missing.exit_code(), missing.to_string()), (74, "t.csv: no such file".to_owned()));
    let folder = read(table(&json!({"file": "src"})));
    assert_eq!((folder.exit_code(), folder.to_string()), (74, "src: is a directory; expected a CSV file".to_owned()));
}
