use std::time::{Duration, Instant};

use manifest::Document;

use crate::sample::{SAMPLE, assert_cases, error_of};
use crate::types::Manifest;

/// What is said of an unknown key of the manifest.
const ALLOWED: &str = "unknown field; allowed: analysis, data, experiment, hold_out, model, pruner, restore, scaling, \
                       seed_scan, source, title, training, variants, witness";

/// Files that hold no manifest at all.
#[test]
fn whole_files() {
    let unclosed = "1:1: not valid YAML: while scanning a quoted scalar, found \
                    unexpected end of stream; the closing quote is missing";
    let cases = [
        ("", "1:1: the manifest is empty"),
        ("   \n", "1:1: the manifest is empty"),
        ("# nothing\n", "1:1: the manifest is empty"),
        ("---\n", "1:1: the manifest is empty"),
        ("null\n", "1:1: the manifest is empty"),
        ("[]\n", "1:1: expected a mapping, got a list"),
        ("text\n", "1:1: expected a mapping, got the text \"text\""),
        ("3\n", "1:1: expected a mapping, got 3"),
        ("{}\n", "1:1: missing field experiment"),
        ("- a\n- b\n", "1:1: expected a mapping, got a list"),
        ("a: 1\n---\nb: 2\n", "2:1: a second document starts here; a manifest is one document"),
        ("\u{feff}", "1:1: the manifest is empty"),
        ("%YAML 1.2\n---\n", "1:1: the manifest is empty"),
        ("[[[[[[[[[[", "2:1: not valid YAML: while parsing a node, did not find expected node content"),
        (":\n", &format!("1:1: \"\": {ALLOWED}")),
        ("*a\n", "1:1: not valid YAML: while parsing node, found unknown anchor; quote a text that begins with *"),
        ("&a\n", "1:1: the manifest is empty"),
        ("!!map {}\n", "1:1: tags (!) are not supported; write the value alone"),
        ("\"\n", unclosed),
        ("'", unclosed),
        ("|\n", "1:1: expected a mapping, got the text \"\""),
        ("\t\n", "1:1: the manifest is empty"),
        ("\ta: 1\n", &format!("1:2: a: {ALLOWED}")),
    ];
    for (text, expected) in cases {
        assert_eq!(error_of(text, &[]), format!("manifest.yaml:{expected}"), "{text:?}");
    }
}

/// What would take all memory, the whole stack or minutes is refused at once.
#[test]
fn bombs() {
    let too_deep = "nested too deeply; a manifest nests at most 32 levels";
    let many_keys: Vec<String> = (0..100_000).map(|key| format!("k{key}: 1")).collect();
    let cases = [
        ("[".repeat(100_000), too_deep),
        ("{a: ".repeat(100_000), too_deep),
        ("- ".repeat(100_000), too_deep),
        (format!("a:\n{}b", " - ".repeat(100_000)), too_deep),
        ((0..60).map(|level| " ".repeat(level) + "a:\n").collect(), too_deep),
        ("? ".repeat(100_000), "a key must be text, got a mapping"),
        (billion_laughs(), "aliases repeat too much; write the values out"),
        // Few values, but long ones.
        (
            format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), vec!["*a"; 10_000].join(", ")),
            "aliases repeat too much; write the values out",
        ),
        (many_keys.join("\n"), ALLOWED),
    ];
    for (text, expected) in cases {
        let start = Instant::now();
        let error = error_of(&text, &[]);
        assert!(error.ends_with(expected), "{error}");
        assert!(start.elapsed() < Duration::from_secs(20), "{error}");
    }
}

/// Twelve lists of ten aliases each: a million million values.
fn billion_laughs() -> String {
    let list = |level: usize| {
        let value = match level {
            0 => "x".to_owned(),
            _ => format!("*a{}", level - 1),
        };
        format!("a{level}: &a{level} [{}]", vec![value; 10].join(", "))
    };
    (0..12).map(list).collect::<Vec<_>>().join("\n")
}

/// More than 1 MiB is refused before it is parsed.
#[test]
fn too_large() {
    let text = "#".repeat((1 << 20) + 1);
    let expected = "manifest.yaml: file is 1.1 MiB; a manifest is at most 1 MiB";
    assert_eq!(error_of(&text, &[]), expected);
    let text = "#".repeat(1 << 20);
    assert_eq!(error_of(&text, &[]), "manifest.yaml:1:1: the manifest is empty");
}

/// No prefix of a manifest and no single changed character makes the reader panic.
#[test]
fn damaged_manifests() {
    let mut errors = 0;
    for (index, _) in SAMPLE.char_indices() {
        errors += usize::from(Document::<Manifest>::parse("m", &SAMPLE[..index], &[]).is_err());
        for letter in ["\t", "\n", ":", "[", "}", "\"", "&", "*", "!", "-", "?", "|", "#", "\u{e000}"] {
            let changed = format!("{}{letter}{}", &SAMPLE[..index], &SAMPLE[index + 1..]);
            if let Err(error) = Document::<Manifest>::parse("m", &changed, &[]) {
                errors += 1;
                let error = error.to_string();
                assert!(!error.contains('\n') && error.starts_with("m:"), "{error}");
            }
        }
    }
    assert!(errors > 1000, "only {errors} of the damaged manifests are errors");
}

/// Every case of a table: of the fields, of overrides, of broken YAML, and of what attackers and slips write. The head of a
/// table explains its form.
#[test]
fn errors_are_these_word_for_word() {
    assert_cases(include_str!("fields.txt"), 135);
    assert_cases(include_str!("overrides.txt"), 43);
    assert_cases(include_str!("syntax.txt"), 20);
    assert_cases(include_str!("hostile.txt"), 148);
}
