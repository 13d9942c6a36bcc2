use std::fs;

use notebook::{Busy, Staging, exit_code};
use tempfile::tempdir;

#[test]
fn the_folder_replaces_the_old_one_as_a_whole() {
    let place = tempdir().unwrap();
    let target = place.path().join("report");
    fs::create_dir(&target).unwrap();
    fs::write(target.join("old"), "old").unwrap();

    let staging = Staging::begin(&target).unwrap();
    fs::write(staging.path().join("new"), "new").unwrap();
    assert!(target.join("old").exists(), "nothing changes before it is published");
    staging.publish().unwrap();

    assert_eq!(fs::read_to_string(target.join("new")).unwrap(), "new");
    assert!(!target.join("old").exists());
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn work_that_is_dropped_leaves_the_old_folder() {
    let place = tempdir().unwrap();
    let target = place.path().join("report");
    let staging = Staging::begin(&target).unwrap();
    fs::write(staging.path().join("value"), "1").unwrap();
    staging.publish().unwrap();

    let staging = Staging::begin(&target).unwrap();
    fs::write(staging.path().join("value"), "2").unwrap();
    drop(staging);
    assert_eq!(fs::read_to_string(target.join("value")).unwrap(), "1");
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
}

#[test]
fn a_folder_has_one_writer() {
    let place = tempdir().unwrap();
    let target = place.path().join("report");
    let first = Staging::begin(&target).unwrap();
    let refused = Staging::begin(&target).unwrap_err();
    assert!(refused.is::<Busy>());
    assert_eq!(exit_code(&refused), 75);
    assert_eq!(refused.to_string(), format!("another run is writing {}", target.display()));
    drop(first);
    Staging::begin(&target).unwrap();
}

#[test]
fn what_a_killed_run_left_is_cleared() {
    let place = tempdir().unwrap();
    let target = place.path().join("report");
    let left = place.path().join(".report.partial");
    fs::create_dir_all(left.join("figures")).unwrap();
    fs::write(left.join("figures/half.png"), "half").unwrap();

    let staging = Staging::begin(&target).unwrap();
    fs::write(staging.path().join("whole"), "").unwrap();
    staging.publish().unwrap();
    let names: Vec<_> = fs::read_dir(&target).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["whole"]);
}
