use crate::sample::assert_cases;

/// Every case of rules.txt.
#[test]
fn errors() {
    assert_cases(include_str!("rules.txt"), 40);
}
