use manifest::Document;

use crate::types::Manifest;

/// A manifest as the errors' places count it.
pub const SAMPLE: &str = "\
experiment: sample
title: A sample
source: {title: A post, published: data/published.yaml}
analysis: |
  What to look at.
data:
  seed: 1234
  train: {low: 0, high: 100, size: 100}
  test: {low: 100, high: 200, size: 20}
  label: {add: 10}
scaling: standard
model:
  layers:
    - {units: 16, activation: relu}
    - {units: 1, activation: linear}
training:
  engine: libtorch
  device: cpu
  flow: tf-legacy
  seed: 26
  optimizer: {name: adam, learning_rate: 0.01}
  loss: mse
  epochs: 100
  batch_size: 32
  shuffle: true
restore: float32
seed_scan: {first: 0, last: 26}
";

/// The document that a text and overrides give.
pub fn document_of(text: &str, overrides: &[&str]) -> Document<Manifest> {
    read(text, overrides).unwrap_or_else(|error| panic!("{error}"))
}

/// The manifest that a text and overrides give.
pub fn manifest_of(text: &str, overrides: &[&str]) -> Manifest {
    (*document_of(text, overrides)).clone()
}

/// The error that a text and overrides give.
pub fn error_of(text: &str, overrides: &[&str]) -> String {
    read(text, overrides).expect_err("the manifest is wrong").to_string()
}

/// Checks the cases of a table, of which there are at least `fewest`.
pub fn assert_cases(table: &str, fewest: usize) {
    let mut count = 0;
    let (mut text, mut from, mut overrides) = (SAMPLE.to_owned(), String::new(), Vec::new());
    for line in table.lines().filter(|line| !line.is_empty()) {
        let (mark, rest) = line.split_at(1);
        let rest = rest.strip_prefix(' ').unwrap_or(rest);
        match mark {
            "-" => from = unescape(rest),
            "+" => {
                assert_eq!(SAMPLE.matches(&from).count(), 1, "{from:?} is once in the sample");
                text = SAMPLE.replace(&from, &unescape(rest));
            }
            "=" => overrides.push(unescape(rest)),
            "!" => {
                let error = Document::<Manifest>::parse("manifest.yaml", &text, &overrides).expect_err(rest);
                assert_eq!(error.to_string(), rest);
                count += 1;
                SAMPLE.clone_into(&mut text);
                overrides.clear();
            }
            "#" => {}
            _ => panic!("{line:?} begins with no known mark"),
        }
    }
    assert!(count >= fewest, "only {count} cases");
}

/// A text with its `\n`, `\t`, `\\` and `\u{...}` replaced.
fn unescape(text: &str) -> String {
    let mut rest = text.chars();
    let mut plain = String::new();
    while let Some(letter) = rest.next() {
        plain.push(match (letter, letter == '\\') {
            (letter, false) => letter,
            _ => match rest.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some('u') => {
                    let code: String = rest.by_ref().skip(1).take_while(|&c| c != '}').collect();
                    u32::from_str_radix(&code, 16).ok().and_then(char::from_u32).expect("a code")
                }
                letter => letter.expect("a letter follows the backslash"),
            },
        });
    }
    plain
}

fn read(text: &str, overrides: &[&str]) -> Result<Document<Manifest>, manifest::Error> {
    let overrides: Vec<String> = overrides.iter().map(|&text| text.to_owned()).collect();
    Document::<Manifest>::parse("manifest.yaml", text, &overrides)
}
