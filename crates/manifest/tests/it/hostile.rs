use manifest::Document;

use crate::sample::{SAMPLE, error_of, manifest_of};
use crate::types::Manifest;

/// What only looks as if text would be lost is taken whole.
#[test]
fn all_of_the_text_counts() {
    for (argument, title) in [
        ("title=Run#3", "Run#3"),
        ("title=\"Run #3\"", "Run #3"),
        ("title='Run #3'", "Run #3"),
        ("title=\"Run \\\"#3\\\"\"", "Run \"#3\""),
        ("title='It''s #3'", "It's #3"),
        ("title=|-\n  Run #3", "Run #3"),
        ("title=>2-\n  Run #3", "Run #3"),
        ("title=a & b", "a & b"),
        ("title=a --- b", "a --- b"),
        ("title=a ...", "a ..."),
        ("title=100%", "100%"),
        ("title=  Run 3  ", "Run 3"),
    ] {
        assert_eq!(manifest_of(SAMPLE, &[argument]).about.title, title, "{argument}");
    }
    let layers = manifest_of(SAMPLE, &["model.layers=\n- {units: 4}\n- units: 1\n"]).model.layers;
    assert_eq!(layers.iter().map(|layer| layer.units).collect::<Vec<_>>(), [4, 1]);
}

/// No beginning of a value, and no single wrong letter in it, makes the reader panic or answer in two lines.
#[test]
fn every_letter_everywhere() {
    let values =
        ["\"Run\" #3", "[{units: 4}, {units: 1}]", "|-\n  Run", "&a [*a, 'it''s']", "--- x\n...", "{a: \"\\u00e9\"}"];
    for value in values {
        for at in 0..=value.len() {
            for letter in "\"'#&*!|>%@`-?:,[]{}\\\n\t é".chars() {
                let argument = format!("title={}{letter}{}", &value[..at], &value[at..]);
                for argument in [argument, format!("title={}", &value[..at])] {
                    let parsed = Document::<Manifest>::parse("manifest.yaml", SAMPLE, &[argument]);
                    assert!(parsed.err().is_none_or(|error| !error.to_string().contains('\n')));
                }
            }
        }
    }
    assert!(error_of(SAMPLE, &["title=\u{1f600} # \u{1f600}"]).contains("is a comment"));
}
