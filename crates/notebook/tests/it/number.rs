use notebook::{printed_loss, python_repr};

/// Texts printed by CPython 3.11's `repr`.
#[test]
fn floats_as_python_prints_them() {
    let cases = [
        (1.0789593218788873e-05, "1.0789593218788873e-05"),
        (27.714977900045312, "27.714977900045312"),
        // Two texts are as short and as near: the even one.
        (f64::from(587.958_56_f32), "587.9585571289062"),
        (50.8, "50.8"),
        (100.0, "100.0"),
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"),
        (1e15, "1000000000000000.0"),
        (1e16, "1e+16"),
        (123_456_789_012_345_680.0, "1.2345678901234568e+17"),
        (5e-324, "5e-324"),
        (-1.5e-7, "-1.5e-07"),
        (f64::INFINITY, "inf"),
        (f64::NEG_INFINITY, "-inf"),
        (f64::NAN, "nan"),
    ];
    for (value, text) in cases {
        assert_eq!(python_repr(value), text);
    }
}

/// Texts printed by Python's `%.4f` and `%.4e`, chosen as Keras' progress line chooses.
#[test]
fn losses_as_keras_prints_them() {
    let cases = [
        (2.592, "2.5920"),
        (0.005_949_9, "0.0059"),
        (0.001, "1.0000e-03"),
        (0.001_000_1, "0.0010"),
        (6.067_6e-15, "6.0676e-15"),
        (0.0, "0.0000e+00"),
        (2100.125, "2100.1250"),
        (f64::INFINITY, "inf"),
        (f64::NAN, "nan"),
    ];
    for (loss, text) in cases {
        assert_eq!(printed_loss(loss), text);
    }
}
