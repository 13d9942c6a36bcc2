use std::process::Command;

use tempfile::tempdir;

/// Say here what the network reaches, once that is known.
#[test]
fn the_network_is_set_beside_what_it_has_to_beat() {
    let place = tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_{{ name }}"));
    let output = command.args(["--quiet", "--json", "--out"]).arg(place.path().join("report")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metrics: serde_json::Value = serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()["metrics"].clone();
    assert_eq!(metrics["outcome"], "complete");
{% if classes %}
    for accuracy in ["accuracy", "accuracy_most_frequent_class", "accuracy_logistic_regression"] {
        assert!(metrics[accuracy].is_f64(), "{accuracy}: {}", metrics[accuracy]);
    }
{% else %}
    for error in ["rmse", "rmse_mean", "rmse_linear_regression"] {
        assert!(metrics[error].is_f64(), "{error}: {}", metrics[error]);
    }
{% endif %}
}
