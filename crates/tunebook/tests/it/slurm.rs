use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::root;

/// The exit code and what is printed, or why not.
fn slurm(arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tunebook"));
    let output = command.arg("slurm").args(arguments).current_dir(root()).output().unwrap();
    let said = if output.status.success() { output.stdout } else { output.stderr };
    (output.status.code(), String::from_utf8(said).unwrap())
}

fn script(arguments: &[&str]) -> Vec<String> {
    let (code, script) = slurm(arguments);
    assert_eq!(code, Some(0), "{script}");
    let mut bash = Command::new("bash").arg("-n").stdin(Stdio::piped()).spawn().unwrap();
    bash.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    assert!(bash.wait().unwrap().success(), "{script}");
    script.lines().map(str::to_owned).collect()
}

/// A path as a shell reads it.
fn quoted(path: &Path) -> String {
    shlex::try_quote(path.to_str().unwrap()).unwrap().into_owned()
}

/// This build's program of this name, as a shell reads it.
fn program(name: &str) -> String {
    quoted(&Path::new(env!("CARGO_BIN_EXE_tunebook")).with_file_name(name))
}

/// `.ci/slurm.py` has Slurm run it.
#[test]
fn a_script_has_the_options_and_the_manifest_that_were_asked_for() {
    let set = ["--set", "seed_scan.last=9999999999", "--set", "title=It's many"];
    let options = ["--", "--time", "2:00:00", "--comment=a b", "-p", "long"];
    let script = script(&[&["seed-study", "--tasks", "6", "--parts", "seeds"], &set[..], &options].concat());
    let expected = "#!/bin/bash\n#SBATCH --job-name=seed-study\n#SBATCH --array=0-5\n#SBATCH --requeue\n#SBATCH --time 2:00:00\n\
                    #SBATCH '--comment=a b'\n#SBATCH -p long\n#";
    assert_eq!(script[..8].join("\n"), expected);
    let (program, folder) = (program("seed-study"), quoted(&root().join("seeds")));
    let collect = format!("{program} --parts {folder} --set seed_scan.last=9999999999 --set \"title=It's many\"");
    let part = format!("exec {collect} --part \"$SLURM_ARRAY_TASK_ID/6\"");
    assert_eq!(script[script.len() - 2..], [format!("#     {collect}"), part]);
}

/// Of a search every task is a worker of its study; the server's password is in no script.
#[test]
fn a_search_has_workers() {
    let script = script(&["random-search", "--trials", "10000", "--", "--cpus-per-task=4"]);
    let text = script.join("\n");
    let worker = format!("{} study resume env --study random-search --trials 10000", program("tunebook"));
    let srun = "exec srun --cpus-per-task=\"${SLURM_CPUS_PER_TASK:-1}\"";
    assert_eq!(*script.last().unwrap(), format!("{srun} {worker}"));
    assert!(text.contains("\n#SBATCH --signal=TERM@60\n") && text.contains("TUNEBOOK_STORAGE"), "{text}");
    let begin = format!("{} --journal env --set search.trials=10000", program("random-search"));
    assert!(text.contains(&format!("#     {begin}\n")), "{text}");
}

#[test]
fn what_slurm_cannot_share_out_is_refused() {
    for (arguments, code, expected) in [
        (
            &["raw-relu"][..],
            2,
            "error: raw-relu: in its manifest is no seed_scan, and no study is among its report's records",
        ),
        (&["search-comparison"], 2, "error: search-comparison: in its manifest is no seed_scan"),
        (&["raw-rel"], 1, "error: there is no experiment raw-rel; there are "),
        (&["seed-study", "--trials", "5"], 2, "error: --trials is of a search, and seed-study is a seed study"),
        (&["random-search", "--parts", "x"], 2, "error: --parts is of a seed study, and random-search is a search"),
        (&["seed-study", "--", "--array=0-3"], 2, "error: --array=0-3: --tasks says how large the array is"),
        (&["seed-study", "--", "long"], 2, "error: long: is no option of sbatch"),
        (
            &["seed-study", "--", "--x=\n#SBATCH --y"],
            2,
            "error: \"--x=\\n#SBATCH --y\": a line of the script cannot have that",
        ),
    ] {
        let (is, said) = slurm(arguments);
        assert!(is == Some(code) && said.starts_with(expected), "{arguments:?}: {is:?} {said}");
    }
}
