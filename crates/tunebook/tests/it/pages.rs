use crate::{read, root, said};

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
    assert!((5..=8).contains(&shown.len()), "a few rows: {shown:?}");
    // An experiment that somebody adds has rows of its own there.
    let stale: Vec<&&str> = shown.iter().filter(|row| !generated.contains(row)).collect();
    assert!(stale.is_empty(), "no rows of the first table of reports/README.md: {stale:?}");
}

#[test]
fn the_readme_shows_what_was_measured_of_waiting() {
    let readme = read("README.md");
    let shown = readme.split("<!-- waiting -->").nth(1).expect("the table of waiting");
    assert_eq!(shown.trim(), read(".ci/waiting.md").trim(), "`.ci/waiting` measures it");
}

#[test]
fn files_that_the_readme_links_exist() {
    let readme = read("README.md");
    let links: Vec<&str> = readme.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    assert!(links.len() >= 4, "{links:?}");
    for link in links.into_iter().filter(|link| !link.starts_with('#') && !link.starts_with("https://")) {
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

/// Nothing is loaded from elsewhere, and no picture stands in the page itself.
#[test]
fn pages_need_no_network_and_bring_no_script() {
    let mut pages = vec!["reports/index.html".to_owned()];
    for entry in std::fs::read_dir(root().join("reports")).unwrap() {
        let page = entry.unwrap().path().join("index.html");
        pages.extend(page.exists().then(|| page.strip_prefix(root()).unwrap().to_str().unwrap().to_owned()));
    }
    assert!(pages.len() > 12);
    for page in pages {
        let text = read(&page);
        for (start, _) in text.match_indices("src=\"") {
            let source = text[start + 5..].split('"').next().unwrap();
            assert!(root().join(&page).with_file_name("").join(source).is_file(), "{page}: {source}");
        }
        assert!(!text.contains("<script") && !text.contains("@import") && !text.contains("url("), "{page}");
        assert!(text.len() < 200_000, "{page}: {} bytes", text.len());
    }
}

/// Every command of the README is one that its program understands; those that say what is there are run.
#[test]
fn every_command_of_the_readme_is_understood() {
    let readme = read("README.md");
    let blocks = readme.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let commands: Vec<&str> = blocks.flat_map(str::lines).map(|line| line.split(" #").next().unwrap().trim()).collect();
    assert!(commands.len() > 15, "{commands:?}");
    let place = tempfile::tempdir().unwrap();
    let programs = std::path::Path::new(env!("CARGO_BIN_EXE_tunebook")).parent().unwrap();
    for command in commands.into_iter().flat_map(|line| line.split(" && ")) {
        let words: Vec<&str> = command.split(" > ").next().unwrap().split_whitespace().collect();
        let (program, arguments): (_, Vec<&str>) = match words[..] {
            // An experiment of the reader's own; a cluster of theirs; a server, which `.ci/redis.py` starts and looks at.
            ["cargo", "run", "--release", "-p", "wine", ..]
            | ["cp" | "sbatch" | "export" | "redis-server" | "optuna-dashboard", ..] => continue,
            // Real Keras is not installed here.
            ["python", script, ..] => {
                ("python3".into(), vec!["-c", "import ast, sys; ast.parse(open(sys.argv[1]).read())", script])
            }
            ["make", ..] => ("make".into(), [&["-n"], &words[1..]].concat()),
            ["cargo", "run", "--release", "-p", _, "--bin", name, "--", ..] => {
                (programs.join(name), [&words[8..], &["--help"]].concat())
            }
            ["cargo", "run", "--release", "-p", "tunebook", "--", "study" | "list", ..] => {
                (programs.join("tunebook"), words[6..].to_vec())
            }
            ["cargo", "run", "--release", "-p", "tunebook", "--", ..] => {
                (programs.join("tunebook"), [&words[6..], &["--help"]].concat())
            }
            ["cargo", "run", "--release", "-p", name, "--", ..] => {
                let without_a_run = if words.contains(&"--predict") { "--help" } else { "--dry-run" };
                (programs.join(name), [&words[6..], &[without_a_run]].concat())
            }
            _ => panic!("no kind of command: {command}"),
        };
        let mut run = std::process::Command::new(program);
        // Journals that a command writes to are copies; manifests that it writes lie beside them.
        let arguments = arguments.iter().map(|argument| match *argument {
            "/tmp/study.log" | "/tmp/best.yaml" => place.path().join(&argument[5..]).display().to_string(),
            argument => argument.to_owned(),
        });
        std::fs::copy(root().join("reports/random-search/records/journal.log"), place.path().join("study.log"))
            .unwrap();
        let arguments: Vec<String> =
            arguments.map(|argument| if argument == "500" { "61".to_owned() } else { argument }).collect();
        run.env("TUNEBOOK_STORAGE", place.path().join("study.log"));
        let output = run.args(arguments).current_dir(root()).output().unwrap();
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// The page on what equals real Keras counts the runs that are recorded.
#[test]
fn the_features_of_recorded_runs_are_those_of_the_files() {
    let table = std::process::Command::new("python3").arg(root().join("data/keras/features.py")).output().unwrap();
    let page = read("data/keras/README.md");
    let shown = page.split("<!-- features -->\n").nth(1).unwrap();
    assert_eq!(shown, said(&table));
    assert!(shown.lines().count() > 50);
}

/// Every command that tells something tells it to programs too, with the digits of the files.
#[test]
fn answers_are_there_as_json() {
    let json = |arguments: &[&str]| -> serde_json::Value {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_tunebook"));
        let output = command.args(arguments).arg("--json").current_dir(root()).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {output:?}"))
    };
    assert_eq!(json(&["list"])[0]["experiment"], "raw-relu");
    let differs = json(&["diff", "raw-relu", "standardized-relu"]);
    assert_eq!(differs["values"][0]["key"], "accuracy");
    assert_eq!(differs["values"][0]["was"], "7.153473045327516");
    assert_eq!(json(&["diff", "raw-relu", "raw-relu"])["files"], serde_json::json!([]));
    let journal = "reports/random-search/records/journal.log";
    let studies = json(&["study", "show", journal]);
    assert_eq!(studies[0]["best"], json(&["study", "best", journal, "--study", "random-search"]));
    assert_eq!(json(&["study", "export", journal, "--study", "random-search"]).as_array().unwrap().len(), 60);
}

/// A page to send has its figures in it, and nothing else that lies beside it is asked for.
#[test]
fn an_exported_page_is_one_file() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("page.html");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_tunebook"));
    assert!(command.args(["export", "raw-relu", "--single-file", "--out"]).arg(&out).status().unwrap().success());
    let page = std::fs::read_to_string(out).unwrap();
    let sources: Vec<&str> = page.split("<img src=\"").skip(1).collect();
    assert_eq!(sources.len(), read("reports/raw-relu/index.html").matches("<img src=\"").count());
    assert!(sources.iter().all(|source| source.starts_with("data:image/png;base64,")) && sources.len() > 1);
}
