use crate::sample::{SAMPLE, assert_cases, error_of, manifest_of};

const FLOW: &str = "training.flow=keras-set-random-seed";
const LAST: i64 = 4_294_967_295;

/// Every case of rules.txt.
#[test]
fn errors() {
    assert_cases(include_str!("rules.txt"), 40);
}

/// `keras.utils.set_random_seed` takes seeds from 0 to 2^32 - 1; the older flow takes all.
#[test]
fn the_flow_s_own_function_takes_them() {
    let text = SAMPLE.replace("seed_scan: {first: 0, last: 26}\n", "");
    for seed in [-1, i64::MIN, LAST + 1, i64::MAX] {
        let change = format!("training.seed={seed}");
        let rule = "must be from 0 to 4294967295 with flow keras-set-random-seed, as Keras takes it, got";
        assert_eq!(error_of(&text, &[FLOW, &change]), format!("--set {change}: training.seed: {rule} {seed}"));
        assert_eq!(manifest_of(&text, &[&change]).task.training.seed, seed);
    }
    for seed in [0, LAST] {
        assert_eq!(manifest_of(&text, &[FLOW, &format!("training.seed={seed}")]).task.training.seed, seed);
    }
    for (key, scan) in [("first", "{first: -1, last: 3}"), ("last", "{first: 4294967290, last: 4294967296}")] {
        let change = format!("seed_scan={scan}");
        let error = error_of(&text, &[FLOW, &change]);
        assert!(error.starts_with(&format!("--set {change}: seed_scan.{key}: must be from 0 to")), "{error}");
        assert!(manifest_of(&text, &[&change]).seed_scan.is_some());
    }
}

/// The seeds of all repeats, of the trainings of what is chosen, and of all factors exist: none would be used twice.
#[test]
fn repeats_never_reuse_a_seed() {
    let search = "search={sampler: tpe, trials: 9, objective: rmse, repeats: 3, parameters: {training.epochs: {min: 1, max: 9}}}";
    let factors = "factors={seeds: 50, parameters: {training.epochs: {values: [1, 9]}}}";
    let text = SAMPLE.replace("seed_scan: {first: 0, last: 26}\n", "");
    for (flow, last) in [("training.flow=tf-legacy", i64::MAX), (FLOW, LAST)] {
        for (change, needed, answer) in [
            (search, 103, "search.repeats: needs 3 seeds from training.seed on and 100 more, up to"),
            (factors, 50, "factors.seeds: needs 50 seeds from training.seed on, up to"),
        ] {
            let fits = format!("training.seed={}", last - needed + 1);
            assert!(manifest_of(&text, &[flow, &fits, change]).task.training.seed > 0);
            let seed = format!("training.seed={}", last - needed + 2);
            let error = error_of(&text, &[flow, &seed, change]);
            let ends = i128::from(last) + 1;
            assert!(error.contains(&format!("{answer} {ends}; the last that the flow takes is {last}")), "{error}");
        }
    }
}

/// A flow that is searched takes the seeds as well.
#[test]
fn a_searched_flow_takes_the_seeds() {
    let text = SAMPLE.replace("seed_scan: {first: 0, last: 26}\n", "");
    let flows = "parameters: {training.flow: {values: [tf-legacy, keras-set-random-seed]}}";
    let search = format!("search={{sampler: tpe, trials: 9, objective: rmse, {flows}}}");
    for seed in [-1, LAST - 99] {
        let error = error_of(&text, &[&search, &format!("training.seed={seed}")]);
        assert!(error.contains(": search.parameters.\"training.flow\": "), "{error}");
    }
    assert!(manifest_of(&text, &[&search, &format!("training.seed={}", LAST - 100)]).search.is_some());
}
