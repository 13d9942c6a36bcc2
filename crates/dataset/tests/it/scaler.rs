use dataset::{Restore, Scaler, Scaling, mean_absolute_error, root_mean_square_error};
use random::numpy::RandomState;

fn drawn(seed: u32, high: i64, size: usize) -> Vec<f64> {
    let drawn = RandomState::new(seed).randint(0, high, size);
    drawn.into_iter().map(|x| x as f64).collect()
}

fn x_train() -> Vec<f64> {
    drawn(1234, 100, 100)
}

/// Sums longer than NumPy's block of 128 are halved, and above 8192 values taken buffer by buffer; values from NumPy 1.24.
#[test]
fn mean_and_standard_deviation_are_numpys() {
    for (x, mean, std) in [
        (x_train(), 50.8, 27.714_977_900_045_312),
        (drawn(7, 1_000_003, 1000), 514_166.699, 281_389.752_940_775),
        (drawn(7, 1_000_003, 20_000), 498_100.677, 289_701.833_376_999),
    ] {
        let scaler = Scaler::new(Scaling::Standard, &x).unwrap();
        assert_eq!((scaler.mean, scaler.std), (mean, std));
    }
}

#[test]
fn restoring_rounds_as_the_manifest_says() {
    let scaler = Scaler::new(Scaling::Standard, &x_train()).unwrap();
    let prediction = [0.123_456_79_f32];
    let float32 = prediction[0] * 27.714_977_f32 + 50.8_f32;
    assert_eq!(scaler.restore(&prediction, Restore::Float32), [f64::from(float32)]);
    let float64 = f64::from(prediction[0]) * 27.714_977_900_045_312 + 50.8;
    assert_eq!(scaler.restore(&prediction, Restore::Float64), [float64]);
    assert_ne!(f64::from(float32), float64);
}

#[test]
fn without_scaling_nothing_changes() {
    let scaler = Scaler::new(Scaling::None, &x_train()).unwrap();
    assert_eq!(scaler.transform(&[3.0, 199.0]), [3.0, 199.0]);
    assert_eq!(scaler.restore(&[3.5], Restore::Float32), [3.5]);
}

/// Without a spread there is nothing to divide by; that is said before anything is trained on it.
#[test]
fn constant_inputs_are_one_clear_error() {
    for rows in [1, 3, 1000] {
        // Beyond 2^52 the sum of many rows is rounded, so that their mean is none of them.
        let error = Scaler::new(Scaling::Standard, &vec![9_007_199_254_740_991.0; rows]).unwrap_err();
        assert_eq!(error.exit_code(), 65);
        let expected =
            format!("scaling: standard needs training inputs that differ, got 9007199254740991 in all {rows} rows; ");
        assert!(error.to_string().starts_with(&expected), "{error}");
        assert_eq!(Scaler::new(Scaling::None, &vec![5.0; rows]).unwrap().transform(&[5.0]), [5.0]);
    }
}

#[test]
fn errors_are_in_the_labels_unit() {
    assert_eq!(root_mean_square_error(&[1.0, 2.0, 7.0], &[1.0, 2.0, 4.0]), 3.0_f64.sqrt());
    assert_eq!(mean_absolute_error(&[1.0, 2.0, 7.0], &[2.0, 2.0, 5.0]), 1.0);
    assert!(mean_absolute_error(&[f64::NAN], &[1.0]).is_nan());
}
