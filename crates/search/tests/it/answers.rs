//! Journals of several Optunas and hostile ones, and what Optuna 5.0.0 itself makes of them (`tests/journals/answers.py`).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use search::Direction;
use search::storage::{Journal, JournalError, Json, StoredStudy, StoredTrial};

use crate::sample;

/// The folder of the journals and the answers.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/journals")
}

/// Names, bytes and answers.
fn cases() -> Vec<(String, Vec<u8>, Json)> {
    let text = std::fs::read(folder().join("answers.json")).unwrap();
    let answers = Json::parse(&text).unwrap();
    let text = |case: &Json, key: &str| case.get(key).and_then(Json::as_str).map(str::to_owned);
    let case = |case: &Json| {
        let answer = case.get("answer").unwrap().clone();
        if let Some(file) = text(case, "journal") {
            return (file.clone(), std::fs::read(folder().join(file)).unwrap(), answer);
        }
        // Every byte is the letter of its number.
        let bytes = text(case, "bytes").unwrap().chars().map(|letter| letter as u8).collect();
        (text(case, "what").unwrap(), bytes, answer)
    };
    answers.as_array().unwrap().iter().map(case).collect()
}

/// The directions of a study in Optuna's words.
pub fn directions(study: &StoredStudy) -> Json {
    let word = |direction: &Option<Direction>| match direction {
        None => "NOT_SET".into(),
        Some(direction) => Json::String(format!("{direction:?}").to_uppercase()),
    };
    Json::Array(study.directions.iter().map(word).collect())
}

/// What we see of a trial, in the form in which Optuna is asked.
pub fn seen(trial: &StoredTrial) -> Vec<(&'static str, Json)> {
    let parameters = trial.parameters.iter().map(|parameter| (parameter.name.clone(), Json::from(&parameter.value)));
    let reports = trial.intermediate_values.iter();
    let reports = reports.map(|(&step, &value)| Json::Array(vec![Json::Int(step), Json::Float(value)]));
    vec![
        ("state", Json::String(trial.state.to_string())),
        ("values", Json::Array(trial.values.iter().copied().map(Json::Float).collect())),
        ("parameters", Json::object(parameters)),
        ("reports", Json::Array(reports.collect())),
        ("moments", Json::Array([trial.started, trial.completed].map(|time| Json::Bool(time.is_some())).to_vec())),
    ]
}

/// What we say, in the form of the answers.
fn ours(study: &StoredStudy) -> Json {
    let number = |trial: &Arc<StoredTrial>| Json::Int(trial.number as i64);
    let best = match (study.directions.len(), study.pareto_front()) {
        (1, _) => study.best().map_or(Json::Null, number),
        (0, _) | (_, Err(_)) => "error".into(),
        (_, Ok(front)) => Json::Array(front.into_iter().map(number).collect()),
    };
    let trials = Json::Array(study.trials.iter().map(|trial| Json::object(seen(trial))).collect());
    let name = study.name.as_str().into();
    Json::object([("name", name), ("directions", directions(study)), ("best", best), ("trials", trials)])
}

#[test]
fn every_journal_is_read_as_optuna_reads_it_or_refused_with_its_line() {
    let (_folder, path) = sample::folder();
    let cases = cases();
    let (mut read, mut refused) = (0, 0);
    for (name, bytes, answer) in &cases {
        std::fs::write(&path, bytes).unwrap();
        match Journal::read(&path) {
            Ok(journal) => {
                let ours = Json::Array(journal.studies().map(ours).collect());
                assert_eq!(&ours, answer, "{name}: we say\n{ours}\nand Optuna says\n{answer}");
                read += 1;
            }
            Err(error) => {
                assert_eq!(answer.as_str(), Some("refused"), "{name}: {error}");
                let JournalError::Damaged { line, .. } = error else { panic!("{name}: {error}") };
                let lines = bytes.split(|byte| *byte == b'\n').count() as u64 - 1;
                assert!((1..=lines).contains(&line), "{name}: line {line} of {lines}");
                let text = error.to_string();
                let begins = format!("{}:{line}: damaged line: ", path.display());
                assert!(text.starts_with(&begins) && text.ends_with("mend or remove the line"), "{name}: {text}");
                refused += 1;
            }
        }
        assert_eq!(&std::fs::read(&path).unwrap(), bytes, "{name}: a reader has written");
    }
    assert!(read > 250 && refused > 200, "{read} read, {refused} refused");
}

/// Bytes changed, cut out and put in at random: a journal is read or refused, and never ends a program.
#[test]
fn no_edit_of_a_journal_is_a_panic() {
    let (_folder, path) = sample::folder();
    let cases = cases();
    let mut state = 11_u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as usize % below
    };
    let pieces: [&[u8]; 12] =
        [b"\n", b"\0", b"\xed\xa0\x80", b"\xe9", b"\\ud800", b"\\u12", b"{", b"]", b"-", b"1e999", b"null", b"\""];
    let mut read = 0;
    for _ in 0..4000 {
        let mut bytes = cases[random(cases.len())].1.clone();
        for _ in 0..=random(3) {
            let place = random(bytes.len() + 1);
            let end = (place + random(12)).min(bytes.len());
            bytes.splice(place..end, pieces[random(pieces.len())].iter().copied());
        }
        std::fs::write(&path, &bytes).unwrap();
        if let Ok(journal) = Journal::read(&path) {
            let answers: Vec<Json> = journal.studies().map(ours).collect();
            assert!(Json::parse(Json::Array(answers).to_string().as_bytes()).is_ok());
            read += 1;
        }
    }
    assert!((500..3500).contains(&read), "{read} of 4000 read");
}
