use crate::{read, root};

/// The rows of the first table of a text.
fn first_table(text: &str) -> Vec<&str> {
    text.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|')).collect()
}

#[test]
fn the_readme_shows_the_generated_results() {
    let readme = read("README.md");
    let shown = first_table(readme.split("<!-- results").nth(1).expect("the results"));
    let generated = read("reports/README.md");
    let generated = first_table(&generated);
    assert!(shown.len() > 5);
    // An experiment that somebody adds has rows of its own there.
    let stale: Vec<&&str> = shown.iter().filter(|row| !generated.contains(row)).collect();
    assert!(stale.is_empty(), "no rows of the first table of reports/README.md: {stale:?}");
}

#[test]
fn files_that_the_readme_links_exist() {
    let readme = read("README.md");
    let links: Vec<&str> = readme.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    assert!(links.len() >= 4, "{links:?}");
    for link in links.into_iter().filter(|link| !link.starts_with('#')) {
        assert!(root().join(link).exists(), "{link}");
    }
}

#[test]
fn the_seed_in_the_manifest_is_the_smallest_that_prints_the_posts_accuracy() {
    let seeds = read("reports/linear-activation/seeds.csv");
    let hit = seeds
        .lines()
        .find(|line| line.split(',').nth(1).and_then(|text| text.parse().ok()) == Some(1.0789593218788873e-05_f64))
        .expect("a seed prints it");
    let (seed, _) = hit.split_once(',').unwrap();
    assert_eq!(seeds.lines().nth(1).and_then(|line| line.split(',').next()), Some("0"), "the scan starts at 0");
    let manifest = read("experiments/linear-activation/manifest.yaml");
    assert!(manifest.contains(&format!("\n  seed: {seed}\n")), "seed {seed}");
}

#[test]
fn the_index_needs_no_network() {
    let index = read("reports/index.html");
    for (start, _) in index.match_indices("src=\"").chain(index.match_indices("url(")) {
        assert!(index[start..].starts_with("src=\"data:"), "{}", &index[start..start + 40]);
    }
    // Pictures are base64, which may spell anything.
    let text: String = index.split('"').filter(|part| !part.starts_with("data:")).collect();
    assert!(!text.contains("<script") && !text.contains("http"), "nothing is loaded");
}

#[test]
fn every_recorded_configuration_of_real_keras_is_listed_with_its_result() {
    let cases = read("reports/keras-parity/cases.csv");
    let listed = read("data/keras/README.md");
    let mut count = 0;
    for line in cases.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [case, runs, equal] = [cells[0], cells[3], cells[4]];
        let row = format!("| {case} | {equal} of {runs} |");
        assert!(listed.contains(&row), "{row}");
        count += 1;
    }
    assert!(count > 110);
}

#[test]
fn the_digests_of_the_data_are_those_of_the_files() {
    let problems = notebook::check_sha256sums(&root().join("data")).unwrap();
    assert_eq!(problems, Vec::<String>::new());
}
