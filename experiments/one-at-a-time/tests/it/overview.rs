use figures::Error;

#[path = "../../src/overview.rs"]
mod drawing;

use crate::Level;

fn draw(factors: &[(&str, Vec<Level>)]) -> Result<Vec<u8>, Error> {
    let factors: Vec<(&str, &[Level])> = factors.iter().map(|(name, levels)| (*name, levels.as_slice())).collect();
    drawing::overview("", "", "accuracy", &factors, 1.0)
}

fn factor<'a>(name: &'a str, accuracies: &[f64]) -> (&'a str, Vec<Level>) {
    let level = |&accuracy: &f64| Level { name: accuracy.to_string(), accuracies: vec![accuracy] };
    (name, accuracies.iter().map(level).collect())
}

/// The factor with the widest range is the first row, in whatever order they come.
#[test]
fn factors_are_ordered_by_their_ranges() {
    let [narrow, wide] = [("narrow", [0.5, 1.0, 2.0]), ("wide", [0.1, 1.0, 10.0])];
    let of = |(name, accuracies): (&'static str, [f64; 3])| factor(name, &accuracies);
    assert_eq!(draw(&[of(narrow), of(wide)]).unwrap(), draw(&[of(wide), of(narrow)]).unwrap());
    assert_ne!(draw(&[of(wide)]).unwrap(), draw(&[of(narrow)]).unwrap());
}

#[test]
fn odd_accuracies_are_drawn_or_refused() {
    for accuracies in [&[1.0][..], &[3.0; 4], &[f64::NAN, 1.0, 0.0]] {
        assert!(draw(&[factor("a", accuracies)]).is_ok(), "{accuracies:?}");
    }
    assert!(matches!(draw(&[factor("a", &[f64::NAN])]), Err(Error::NothingToDraw)));
    assert!(matches!(draw(&[]), Err(Error::Empty)));
}
