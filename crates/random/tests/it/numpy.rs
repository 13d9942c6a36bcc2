use crate::golden::{bits64, check, integers, read};
use random::numpy::{Error, Integer, RandomState};
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    scenarios: Vec<Scenario>,
    errors: Vec<Refusal>,
}

#[derive(Deserialize)]
struct Scenario {
    seed: Seed,
    calls: Vec<Recorded>,
}

#[derive(Deserialize, Debug)]
#[serde(untagged)]
enum Seed {
    Word(u32),
    List(Vec<u32>),
}

#[derive(Deserialize)]
struct Recorded {
    #[serde(flatten)]
    call: Call,
    out: String,
}

#[derive(Deserialize)]
struct Refusal {
    #[serde(flatten)]
    call: Call,
    message: String,
}

#[derive(Deserialize, Debug)]
#[serde(tag = "call", rename_all = "snake_case")]
enum Call {
    Randint { dtype: String, low: String, high: String, size: usize },
    RandomSample { size: usize },
    Uniform { low: f64, high: f64, size: usize },
    StandardNormal { size: usize },
    Permutation { n: usize },
    Shuffle { n: i64 },
    Choice { n: usize, size: usize, replace: bool },
    FromArray,
}

impl Call {
    fn run(&self, state: &mut RandomState) -> Result<String, Error> {
        Ok(match self {
            Self::Randint { dtype, low, high, size } => {
                let range = (low.parse().unwrap(), high.parse().unwrap());
                match dtype.as_str() {
                    "bool" => integers(
                        &state.randint::<bool>(range.0, range.1, *size)?.into_iter().map(u8::from).collect::<Vec<_>>(),
                    ),
                    "int8" => randint::<i8>(state, range, *size)?,
                    "uint8" => randint::<u8>(state, range, *size)?,
                    "int16" => randint::<i16>(state, range, *size)?,
                    "uint16" => randint::<u16>(state, range, *size)?,
                    "int32" => randint::<i32>(state, range, *size)?,
                    "uint32" => randint::<u32>(state, range, *size)?,
                    "int64" => randint::<i64>(state, range, *size)?,
                    "uint64" => randint::<u64>(state, range, *size)?,
                    other => panic!("no dtype {other}"),
                }
            }
            Self::RandomSample { size } => bits64(&state.random_sample(*size)),
            Self::Uniform { low, high, size } => bits64(&state.uniform(*low, *high, *size)?),
            Self::StandardNormal { size } => bits64(&state.standard_normal(*size)),
            Self::Permutation { n } => integers(&state.permutation(*n)),
            Self::Shuffle { n } => {
                let mut array: Vec<i64> = (100..100 + n).collect();
                state.shuffle(&mut array);
                integers(&array)
            }
            Self::Choice { n, size, replace } => integers(&state.choice(*n, *size, *replace)?),
            Self::FromArray => RandomState::from_array(&[]).map(|_| String::new())?,
        })
    }
}

fn randint<T: Integer + std::fmt::Display>(
    state: &mut RandomState,
    (low, high): (i128, i128),
    size: usize,
) -> Result<String, Error> {
    Ok(integers(&state.randint::<T>(low, high, size)?))
}

#[test]
fn every_recorded_call_gives_the_recorded_values() {
    let golden: Golden = read("numpy.json");
    let mut calls = 0;
    for (number, Scenario { seed, calls: recorded }) in golden.scenarios.iter().enumerate() {
        let mut state = match seed {
            Seed::Word(word) => RandomState::new(*word),
            Seed::List(list) => RandomState::from_array(list).unwrap(),
        };
        for (step, Recorded { call, out }) in recorded.iter().enumerate() {
            let actual = call.run(&mut state).unwrap();
            check(&actual, out, &format_args!("scenario {number}, step {step}, {call:?}"));
            calls += 1;
        }
    }
    assert_eq!((golden.scenarios.len(), calls), (63, 884));
}

#[test]
fn refusals_carry_numpys_words_and_draw_nothing() {
    let golden: Golden = read("numpy.json");
    assert_eq!(golden.errors.len(), 28);
    for Refusal { call, message } in golden.errors {
        let mut state = RandomState::new(0);
        assert_eq!(call.run(&mut state).unwrap_err().to_string(), message, "{call:?}");
        assert_eq!(bits64(&state.random_sample(1)), bits64(&RandomState::new(0).random_sample(1)), "{call:?}");
    }
}

#[test]
fn a_list_of_one_integer_is_not_that_integer() {
    let list = RandomState::from_array(&[5]).unwrap().random_sample(1);
    let word = RandomState::new(5).random_sample(1);
    assert_ne!(list, word);
}

#[test]
fn bounds_at_the_ends_of_the_wide_type_are_refused_without_overflow() {
    let mut state = RandomState::new(0);
    assert_eq!(state.randint::<i64>(i128::MIN, i128::MAX, 1), Err(Error::LowOutOfBounds("int64")));
    assert_eq!(state.randint::<u64>(0, i128::MAX, 1), Err(Error::HighOutOfBounds("uint64")));
    assert_eq!(state.randint::<i8>(0, i128::MIN, 1), Err(Error::HighNotPositive));
}
