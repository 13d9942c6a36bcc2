//! A fold over seeds, block by block: in this process, or as parts that any number of machines compute in any order.

use std::collections::BTreeSet;
use std::io;
use std::ops::RangeInclusive;
use std::panic::Location;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context as _, anyhow, bail};
use indicatif::ProgressBar;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::measured::{write_record, write_whole};
use crate::{Done, Failure, Notebook, digest, progress_bar};

/// The section of a manifest whose seeds are folded over.
pub(crate) const SECTION: &str = "seed_scan";

/// Seeds of a block; the last block may have fewer.
const BLOCK: u64 = 65_536;

/// What a folder of blocks holds: of which study they are, and of how many parts the last run was.
const STUDY: &str = "study.json";

/// One of so many parts of a study, from 0.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    number: u32,
    of: u32,
}

impl FromStr for Part {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let part = text.split_once('/').and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
        match part {
            Some((number, of)) if number < of => Ok(Self { number, of }),
            _ => Err("must be I/N with whole numbers and I from 0 to N - 1".to_owned()),
        }
    }
}

/// What the command line says of parts.
#[derive(Debug)]
pub(crate) struct Parts {
    /// The folder of the blocks.
    pub(crate) folder: PathBuf,
    /// The part to compute; the report is made where there is none.
    pub(crate) part: Option<Part>,
}

/// Of what the blocks of a study are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Key {
    experiment: String,
    /// The SHA-256 of the resolved manifest without the last seed, and of the published numbers.
    manifest: String,
    /// The SHA-256 of the executable.
    program: String,
}

/// The content of [`STUDY`].
#[derive(Debug, Serialize, Deserialize)]
struct Study {
    #[serde(flatten)]
    key: Key,
    parts: u32,
}

/// The first line of a block's file; its content follows.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    #[serde(flatten)]
    key: Key,
    first: i64,
    last: i64,
    /// The SHA-256 of the content.
    content: String,
}

impl Notebook {
    /// Folds over seeds, of which there is at least one: `train` makes a block of some that follow each other, and `fold` takes the
    /// blocks in the order of their seeds. `train` has a bar to count its trainings on, of which a seed has `trainings`. The seeds
    /// are those of the manifest's section `seed_scan`, and the manifest's only fold.
    ///
    /// A block depends on its seeds and the manifest without its last seed alone, and holds nothing whose bits would follow the
    /// cut, such as a sum of floats. Where the command line says so, the blocks of a part are written into a folder instead, and
    /// the program ends here; or all are read from there.
    ///
    /// # Errors
    /// Those of `train` and `fold`; if a block is missing, damaged, of another manifest or another build, or cannot be read or
    /// written.
    #[track_caller]
    pub fn fold_seeds<B: Serialize + DeserializeOwned>(
        &mut self,
        seeds: RangeInclusive<i64>,
        trainings: u64,
        mut train: impl FnMut(RangeInclusive<i64>, &ProgressBar) -> anyhow::Result<B>,
        mut fold: impl FnMut(B) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        self.outputs.reach(Location::caller());
        let blocks = Blocks { first: *seeds.start(), last: *seeds.end() };
        let bar = |seeds: u64| progress_bar(seeds.saturating_mul(trainings), "trainings", self.quiet);
        let Some(Parts { folder, part }) = self.parts.take() else {
            let progress = bar(blocks.last.abs_diff(blocks.first).saturating_add(1));
            for number in 0..blocks.count() {
                fold(train(blocks.seeds(number), &progress)?)?;
            }
            progress.finish_and_clear();
            return Ok(());
        };
        let store = Store { folder: &folder, key: self.key()? };
        let earlier = store.study()?;
        let Some(part) = part else {
            let of = earlier.map_or(1, |study| study.parts);
            let missing = store.missing(&blocks, of)?;
            if !missing.is_empty() {
                let (folder, count, list) = (folder.display(), missing.len(), listed(&missing));
                bail!("{folder} lacks blocks of {count} of {of} parts: --part I/{of} computes them, --array={list}");
            }
            for number in 0..blocks.count() {
                let seeds = blocks.seeds(number);
                let (content, path) = (store.read(&seeds)?, store.path(&seeds));
                let content = content.with_context(|| format!("{} is gone", path.display()))?;
                fold(postcard::from_bytes(&content).map_err(|_| damaged(&path))?)?;
            }
            return Ok(());
        };
        write_record(&folder, STUDY, &Study { key: store.key.clone(), parts: part.of })?;
        let numbers = blocks.of(part);
        let progress = bar((numbers.end - numbers.start).saturating_mul(BLOCK));
        let (count, mut were_there) = (numbers.end - numbers.start, 0);
        for number in numbers {
            let seeds = blocks.seeds(number);
            if store.read(&seeds)?.is_some() {
                were_there += 1;
                progress.inc(BLOCK.saturating_mul(trainings));
            } else {
                store.write(&seeds, &postcard::to_allocvec(&train(seeds.clone(), &progress)?)?)?;
            }
        }
        progress.finish_and_clear();
        let Part { number, of } = part;
        let blocks = crate::counted(count, "block");
        Err(Done(format!("part {number}/{of} is done: {blocks}, {were_there} of them were there\n")).into())
    }

    /// Of what the blocks of this run are.
    fn key(&self) -> anyhow::Result<Key> {
        let mut manifest: serde_yaml::Value = serde_yaml::from_str(&self.resolved)?;
        if let Some(seeds) = manifest.get_mut(SECTION).and_then(serde_yaml::Value::as_mapping_mut) {
            seeds.remove("last");
        }
        let text = serde_yaml::to_string(&manifest)? + &serde_yaml::to_string(&self.published)?;
        let (manifest, program) = (digest::sha256_of(&text), digest::program_sha256()?);
        Ok(Key { experiment: self.about.experiment.clone(), manifest, program })
    }
}

/// Seeds that are cut into blocks.
struct Blocks {
    first: i64,
    last: i64,
}

impl Blocks {
    fn count(&self) -> u64 {
        self.last.abs_diff(self.first) / BLOCK + 1
    }

    fn seeds(&self, number: u64) -> RangeInclusive<i64> {
        let first = self.first.saturating_add_unsigned(number * BLOCK);
        first..=first.saturating_add_unsigned(BLOCK - 1).min(self.last)
    }

    /// The part that block `number` belongs to: number · of / count, rounded down.
    fn part(&self, number: u64, of: u32) -> u32 {
        (u128::from(number) * u128::from(of) / u128::from(self.count())) as u32
    }

    /// The blocks of a part, which follow each other.
    fn of(&self, part: Part) -> std::ops::Range<u64> {
        let from = |number: u32| (u128::from(number) * u128::from(self.count())).div_ceil(u128::from(part.of)) as u64;
        from(part.number)..from(part.number + 1)
    }
}

/// The folder of a study's blocks.
struct Store<'a> {
    folder: &'a Path,
    key: Key,
}

impl Store<'_> {
    /// What was said of the study by the run before, which was of the same.
    fn study(&self) -> anyhow::Result<Option<Study>> {
        let path = self.folder.join(STUDY);
        let Some(content) = read(&path)? else { return Ok(None) };
        let study: Study = serde_json::from_slice(&content).map_err(|_| damaged(&path))?;
        self.check(&study.key, &path)?;
        Ok(Some(study))
    }

    /// Refuses what is of something else.
    fn check(&self, key: &Key, path: &Path) -> Result<(), Failure> {
        let sides = [
            ("experiment", &key.experiment, &self.key.experiment),
            ("manifest", &key.manifest, &self.key.manifest),
            ("build of the program", &key.program, &self.key.program),
        ];
        let Some((what, was, is)) = sides.into_iter().find(|(_, was, is)| was != is) else { return Ok(()) };
        let text = format!(
            "{} is of another {what}, {was:.12}; this one is {is:.12}, and needs another folder",
            path.display()
        );
        Err(Failure::new(65, anyhow!(text)))
    }

    fn path(&self, seeds: &RangeInclusive<i64>) -> PathBuf {
        self.folder.join(format!("seeds_{}_{}.block", seeds.start(), seeds.end()))
    }

    /// The content of the block of these seeds; none if it was not computed yet.
    fn read(&self, seeds: &RangeInclusive<i64>) -> anyhow::Result<Option<Vec<u8>>> {
        let path = self.path(seeds);
        let Some(mut content) = read(&path)? else { return Ok(None) };
        let end = content.iter().position(|&byte| byte == b'\n').ok_or_else(|| damaged(&path))?;
        let head: Head = serde_json::from_slice(&content[..end]).map_err(|_| damaged(&path))?;
        self.check(&head.key, &path)?;
        content.drain(..=end);
        if (head.first..=head.last) != *seeds || head.content != digest::sha256_of(&content) {
            return Err(damaged(&path).into());
        }
        Ok(Some(content))
    }

    fn write(&self, seeds: &RangeInclusive<i64>, content: &[u8]) -> anyhow::Result<()> {
        let (first, last) = (*seeds.start(), *seeds.end());
        let head = Head { key: self.key.clone(), first, last, content: digest::sha256_of(content) };
        write_whole(&self.path(seeds), |file| {
            serde_json::to_writer(&mut *file, &head)?;
            file.write_all(b"\n")?;
            file.write_all(content)
        })
    }

    /// The parts, of so many, of which a block was not computed yet.
    fn missing(&self, blocks: &Blocks, of: u32) -> anyhow::Result<BTreeSet<u32>> {
        let mut parts = BTreeSet::new();
        for number in 0..blocks.count() {
            let path = self.path(&blocks.seeds(number));
            if !path.try_exists().with_context(|| format!("cannot read {}", path.display()))? {
                parts.insert(blocks.part(number, of));
            }
        }
        Ok(parts)
    }
}

fn damaged(path: &Path) -> Failure {
    Failure::new(65, anyhow!("{} is damaged; remove it, and run its part again", path.display()))
}

fn read(path: &Path) -> anyhow::Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        content => content.map(Some).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Numbers as Slurm's `--array` takes them, such as `0-3,17`.
fn listed(numbers: &BTreeSet<u32>) -> String {
    let mut runs: Vec<[u32; 2]> = Vec::new();
    for &number in numbers {
        match runs.last_mut() {
            Some([_, last]) if *last + 1 == number => *last = number,
            _ => runs.push([number; 2]),
        }
    }
    let run = |[first, last]: [u32; 2]| if first == last { first.to_string() } else { format!("{first}-{last}") };
    runs.into_iter().map(run).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, Blocks, Part, listed};

    /// Every block is in one part, the one that the rule says, however many parts and seeds there are.
    #[test]
    fn parts_share_the_blocks() {
        for (first, last) in [(0, 0), (-5, 65_530), (0, 9_999_999), (i64::MIN, -2), (i64::MAX - 70_000, i64::MAX)] {
            let blocks = Blocks { first, last };
            let count = blocks.count();
            assert_eq!(*blocks.seeds(0).start(), first);
            assert_eq!(*blocks.seeds(count - 1).end(), last);
            if count > 1 {
                assert_eq!(blocks.seeds(count - 2).end() + 1, *blocks.seeds(count - 1).start());
                assert_eq!(blocks.seeds(0).count() as u64, BLOCK);
            }
            for of in [1, 2, 7, 64, u32::MAX] {
                let mut next = 0;
                for number in (0..of).take(1000) {
                    let part = blocks.of(Part { number, of });
                    assert_eq!(part.start, next);
                    next = part.end;
                    for block in part.clone().take(3).chain(part.rev().take(3)) {
                        assert_eq!(blocks.part(block, of), number, "block {block} of {count}, {of} parts");
                    }
                }
                assert_eq!(blocks.of(Part { number: of - 1, of }).end, count);
            }
        }
    }

    #[test]
    fn numbers_are_listed_as_slurm_takes_them() {
        for (numbers, expected) in [(&[][..], ""), (&[5], "5"), (&[0, 1, 2, 3, 17, 30, 31], "0-3,17,30-31")] {
            assert_eq!(listed(&numbers.iter().copied().collect()), expected);
        }
    }
}
