//! Measures the samplers of the manifest on functions and on the post's problem, and replaces the record.
//!
//! The studies run on all cores, then costs and times on one.
//!
//! ```text
//! make quality
//! cargo run --release -p search-comparison --bin quality -- --set comparison.recorded_seeds.last=1002 --records /tmp/records
//! ```

mod costs;
mod studies;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;

use anyhow::Context as _;
use clap::Parser as _;
use search_comparison::Manifest;
use search_comparison::record::{self, Record};

/// Measures the samplers of the manifest and replaces the record
#[derive(Debug, clap::Parser)]
#[command(version)]
struct Arguments {
    /// Override a key of the manifest, as in comparison.recorded_seeds.last=1002; repeatable
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Where the record goes [default: reports/search-comparison/records in the workspace]
    #[arg(long, value_name = "DIR")]
    records: Option<PathBuf>,
}

fn main() -> ExitCode {
    match quality(Arguments::parse()) {
        Ok(path) => {
            eprintln!("wrote {}", path.display());
            ExitCode::SUCCESS
        }
        Err(error) => notebook::fail(&error, false),
    }
}

fn quality(arguments: Arguments) -> anyhow::Result<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = folder.parent().and_then(Path::parent).context("the experiment lies in the workspace")?;
    let manifest = manifest::load::<Manifest>(&folder.join("manifest.yaml"), &arguments.set)?;
    let records = arguments.records.unwrap_or_else(|| root.join("reports/search-comparison/records"));
    let date = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    let before = benchmark::load();
    let studies = studies::run(&manifest)?;
    let (costs, times) = (costs::costs(&manifest)?, costs::times(&manifest)?);
    let load = [before, benchmark::load()];
    let processor = benchmark::processor();
    record::write(&records, Record { date, processor, load, studies, studies_sha256: String::new(), costs, times })
}
