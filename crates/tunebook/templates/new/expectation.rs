/// Say here what the network reaches, once that is known.
#[test]
fn the_network_is_set_beside_what_it_has_to_beat() {
    let metrics = notebook::expect::Run::of(env!("CARGO_BIN_EXE_{{ name }}"), &[]).metrics;
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
