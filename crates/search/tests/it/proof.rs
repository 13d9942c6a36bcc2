use std::fs;
use std::path::Path;
use std::time::Duration;

use search::State;
use search::storage::Journal;
use search::study::{Plan, Proof};

use crate::sample::{self, NAME, objective, plan};

fn proof(path: &Path, plan: &Plan, number: u64) -> Proof {
    let journal = Journal::read(path).unwrap();
    let study = journal.study(NAME).unwrap();
    Proof::of(plan, study, number, &|evaluation| objective(evaluation, Duration::ZERO)).unwrap()
}

/// Complete, pruned and failed trials, an infinite value and none: each is what it was, to the last bit.
#[test]
fn every_trial_is_the_same_again() {
    let (_folder, path) = sample::folder();
    sample::run(&path, 60, 2, Duration::ZERO);
    let journal = Journal::read(&path).unwrap();
    let study = journal.study(NAME).unwrap();
    assert!([State::Complete, State::Pruned, State::Fail].iter().all(|state| study.count(*state) > 1));
    for number in 0..60 {
        let proof = proof(&path, &plan(), number);
        assert_eq!((proof.results, proof.settings), (vec![], vec![]), "trial {number}");
        assert!(proof.circumstances.iter().all(|of| of.was.as_ref() == Some(&of.is)), "{:?}", proof.circumstances);
    }
    assert!(Proof::of(&plan(), study, 60, &|_| unreachable!()).is_none());
}

/// A journal whose line `from` stands in is edited; the proof names what is another now.
#[test]
fn what_differs_is_named() {
    let (_folder, path) = sample::folder();
    sample::run(&path, 16, 1, Duration::ZERO);
    let text = fs::read_to_string(&path).unwrap();
    let line = |parts: &[&str]| {
        let mut lines = text.lines().filter(|line| parts.iter().all(|part| line.contains(part)));
        lines.next().unwrap_or_else(|| panic!("no line with {parts:?}")).to_owned()
    };
    let told = line(&["\"op_code\":6", "\"trial_id\":0"]);
    let value = told.split("\"values\":[").nth(1).unwrap().split(']').next().unwrap().to_owned();
    let cases = [
        (told.clone(), told.replace(&value, "0.5"), format!("value was 0.5, is {value}")),
        (told.clone(), told.replace("\"state\":1", "\"state\":3"), "state was FAIL, is COMPLETE".to_owned()),
        (
            line(&["\"op_code\":7", "\"trial_id\":0", "\"step\":1"]),
            String::new(),
            "intermediate value at step 1 was none, is ".to_owned(),
        ),
        (
            line(&["\"trial_id\":5", "\"error\""]),
            line(&["\"trial_id\":5", "\"error\""]).replace("NaN", "inf"),
            "error was \"repeat 2 of 3: loss is inf at epoch 3\", is \"repeat 2 of 3: loss is NaN at epoch 3\""
                .to_owned(),
        ),
    ];
    for (from, to, expected) in cases {
        fs::write(&path, text.replace(&format!("{from}\n"), &(to.clone() + if to.is_empty() { "" } else { "\n" })))
            .unwrap();
        let number = if expected.starts_with("error") { 5 } else { 0 };
        let results = proof(&path, &plan(), number).results;
        assert!(results[0].starts_with(&expected), "{results:?} is not {expected}");
    }
}

/// Another plan and other circumstances are named beside the results; a journal without either says nothing of them.
#[test]
fn circumstances_are_those_of_who_ran_the_trial() {
    let (_folder, path) = sample::folder();
    let other = || Plan { circumstances: vec![("build", "ba9876543210".into()), ("data", "a.csv".into())], ..plan() };
    sample::run(&path, 8, 1, Duration::ZERO);
    sample::run_with(&path, other(), (16, 1, Duration::ZERO));
    let was = |plan: &Plan, number| {
        let proof = proof(&path, plan, number);
        assert_eq!(proof.results, Vec::<String>::new());
        proof.circumstances.into_iter().map(|of| (of.name, of.was, of.is)).collect::<Vec<_>>()
    };
    let (build, rebuilt) = ("0123456789ab".to_owned(), "ba9876543210".to_owned());
    assert_eq!(was(&other(), 3)[0], ("build", Some(build.clone()), rebuilt.clone()));
    assert_eq!(was(&other(), 3)[1], ("data", None, "a.csv".to_owned()));
    assert_eq!(was(&plan(), 12)[0], ("build", Some(rebuilt), build));
    let settings = vec![("sampler".to_owned(), "tpe".to_owned()), ("seed".to_owned(), "8".to_owned())];
    assert_eq!(proof(&path, &Plan { settings, ..plan() }, 3).settings, ["settings.seed was \"7\", is \"8\""]);
    // As programs before this wrote them: no circumstances, and manifest and plan among what users see.
    let text = fs::read_to_string(&path).unwrap();
    let is_new = |line: &str| {
        ["build", "processor", "data", "study:metric_names"].iter().any(|key| line.contains(&format!("{{\"{key}\":")))
    };
    let earlier = text.lines().filter(|line| !is_new(line)).map(|line| match line.strip_prefix("{\"op_code\":3,") {
        Some(rest) => {
            format!("{{\"op_code\":2,{}\n", rest.replace("\"system_attr\":{\"tunebook:", "\"user_attr\":{\""))
        }
        None => format!("{line}\n"),
    });
    let earlier: String = earlier.collect();
    assert_eq!(earlier.matches("\"user_attr\":{\"manifest\":").count(), 1);
    fs::write(&path, earlier).unwrap();
    assert!(was(&plan(), 12).iter().all(|(_, was, _)| was.is_none()));
    sample::run(&path, 20, 1, Duration::ZERO);
    assert_eq!(was(&plan(), 17)[0].1.as_deref(), Some("0123456789ab"), "a trial of a later program says it itself");
}
