use figures::Error;

#[path = "../../src/charts.rs"]
mod drawing;

#[test]
fn odd_quantiles_are_drawn_or_refused() {
    let bands = |losses: &[f64]| {
        let quantiles = [1, 2, 3, 4, 5].map(|_| losses.to_vec());
        drawing::bands("", "", &[("one", &quantiles), ("other", &quantiles)], &[])
    };
    for losses in [&[1.0][..], &[1e-5; 9], &[1.0, f64::NAN, 0.0, 2.0]] {
        assert!(bands(losses).is_ok(), "{losses:?}");
    }
    assert!(matches!(bands(&[f64::NAN, 0.0]), Err(Error::NothingToDraw)));
}

/// The order of the rows is the caller's; a value outside the zones has another look, and one that is no number none.
#[test]
fn percentiles_have_rows() {
    let draw = |values: &[(&str, f64)]| drawing::percentiles("", "", "", values).unwrap();
    assert_ne!(draw(&[("a", 20.0), ("a", 80.0)]), draw(&[("a", 80.0), ("a", 20.0)]));
    assert_ne!(draw(&[("a", 98.9)]), draw(&[("a", 99.1)]));
    draw(&[("a", 0.0), ("b", 100.0), ("c", f64::NAN)]);
}
