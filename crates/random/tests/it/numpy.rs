use crate::golden::{bits64, check, integers, read};
use random::numpy::RandomState;
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    scenarios: Vec<Scenario>,
}

#[derive(Deserialize)]
struct Scenario {
    seed: u32,
    calls: Vec<Recorded>,
}

#[derive(Deserialize)]
struct Recorded {
    #[serde(flatten)]
    call: Call,
    out: String,
}

#[derive(Deserialize, Debug)]
#[serde(tag = "call", rename_all = "snake_case")]
enum Call {
    Randint { low: i64, high: i64, size: usize },
    Uniform { low: f64, high: f64, size: usize },
    Normal { loc: f64, scale: f64, size: usize },
    Permutation { n: usize },
    Shuffle { n: i64 },
}

impl Call {
    fn run(&self, state: &mut RandomState) -> String {
        match *self {
            Self::Randint { low, high, size } => integers(&state.randint(low, high, size)),
            Self::Uniform { low, high, size } => bits64(&state.uniform(low, high, size)),
            Self::Normal { loc, scale, size } => bits64(&state.normal(loc, scale, size)),
            Self::Permutation { n } => integers(&state.permutation(n)),
            Self::Shuffle { n } => {
                let mut array: Vec<i64> = (100..100 + n).collect();
                state.shuffle(&mut array);
                integers(&array)
            }
        }
    }
}

#[test]
fn every_recorded_call_gives_the_recorded_values() {
    let golden: Golden = read("numpy.json");
    let mut calls = 0;
    for (number, Scenario { seed, calls: recorded }) in golden.scenarios.iter().enumerate() {
        let mut state = RandomState::new(*seed);
        for (step, Recorded { call, out }) in recorded.iter().enumerate() {
            check(&call.run(&mut state), out, &format_args!("scenario {number}, step {step}, {call:?}"));
            calls += 1;
        }
    }
    assert_eq!((golden.scenarios.len(), calls), (14, 395));
}

#[test]
#[should_panic(expected = "low must be below high, got 5 and 5")]
fn an_empty_range_panics() {
    RandomState::new(0).randint(5, 5, 1);
}

#[test]
#[should_panic(expected = "high - low must be finite")]
fn an_endless_range_panics() {
    RandomState::new(0).uniform(-1e308, 1e308, 2);
}
