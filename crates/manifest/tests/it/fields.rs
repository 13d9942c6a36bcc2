use crate::sample::{SAMPLE, assert_cases, error_of};

/// Every case of fields.txt.
#[test]
fn errors() {
    assert_cases(include_str!("fields.txt"), 135);
}

/// A list has an upper end as well.
#[test]
fn too_many_layers() {
    let hidden = "    - {units: 16, activation: relu}\n";
    let text = SAMPLE.replace(hidden, &"    - {units: 1}\n".repeat(64));
    assert_eq!(error_of(&text, &[]), "manifest.yaml:14:5: model.layers: must have from 1 to 64 items, got 65");
}
