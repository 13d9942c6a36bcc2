//! A new folder in the place of an old one, and what a kill in between leaves to do.

use std::collections::BTreeSet;
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::kind::{Kind, Written, is_below, text};
use super::target::{entries, is_mount_point, open_folder};
use super::{PROBE, UNFINISHED};
use crate::RECORDS;
use crate::digest::LIST;

/// The file that stands in a folder while its files are replaced one by one.
pub const MARKER: &str = ".replacing";

/// Whether a run was killed while it replaced the files of `folder` one by one, so that some are new and some old.
pub fn is_half_replaced(folder: &Path) -> bool {
    std::fs::symlink_metadata(folder.join(MARKER)).is_ok()
}

/// What the marker says: enough to end what has begun.
#[derive(Debug)]
pub struct Marker {
    /// The kind of the folder, in words.
    pub kind: String,
    /// The name of the folder from which the new files come.
    partial: String,
    /// The files that runs wrote before.
    pub old: Written,
    /// The files that the new folder has.
    pub new: BTreeSet<PathBuf>,
}

impl Marker {
    /// The marker in `folder`; none where there is none.
    pub fn read(folder: &Path) -> Option<Self> {
        let text = text(&folder.join(MARKER))?;
        let mut lines = text.lines();
        let kind = lines.next()?.to_owned();
        let partial = lines.next()?.to_owned();
        let (mut old, mut new) = (Written::default(), BTreeSet::new());
        for line in lines {
            match line.split_once(' ') {
                Some(("old", path)) => old.take_in_name(Path::new(path)),
                Some(("digest", line)) => old.take_in(line),
                Some(("new", path)) if is_below(Path::new(path)) => drop(new.insert(PathBuf::from(path))),
                _ => {}
            }
        }
        Some(Self { kind, partial, old, new })
    }

    fn write(folder: &Path, partial: &Path, kind: &Kind, old: &Written, new: &BTreeSet<PathBuf>) -> io::Result<()> {
        let mut text = format!("{kind}\n{}\n", name_of(partial));
        text += "A run replaces the files of this folder. If it was killed, run it again.\n";
        for (path, digests) in old.digests() {
            let path = path.display().to_string();
            text.extend(["old ", &path, "\n"]);
            text.extend(digests.iter().map(|digest| format!("digest {digest}  {path}\n")));
        }
        text.extend(new.iter().map(|path| format!("new {}\n", path.display())));
        // Whole before it is seen.
        let whole = partial.join(MARKER);
        std::fs::write(&whole, text)?;
        std::fs::rename(&whole, folder.join(MARKER))
    }
}

fn name_of(partial: &Path) -> String {
    partial.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Puts `partial` in the place of `target` as a whole. Says no where that cannot be: where the old folder holds what no
/// run wrote, or somebody stands in it, or the file system cannot exchange folders.
pub fn whole(partial: &Path, target: &Path, present: Option<&Written>) -> io::Result<bool> {
    let Some(written) = present else {
        let put = rename(partial, target, RenameFlags::NOREPLACE).or_else(|error| {
            // Not every file system has the flag; that nothing stands there was seen a moment ago.
            if target.exists() { Err(error) } else { std::fs::rename(partial, target) }
        });
        if put.is_ok() {
            let _ = std::fs::remove_file(target.join(UNFINISHED));
        }
        return Ok(put.is_ok());
    };
    if std::env::current_dir().is_ok_and(|here| here.starts_with(target)) {
        return Ok(false);
    }
    let Some(others) = others(target, written, partial)? else { return Ok(false) };
    // What no run wrote is in both folders for a moment, and at no time in none.
    let taken = others.iter().all(|path| std::fs::hard_link(target.join(path), partial.join(path)).is_ok());
    // Held so that no other run takes the old folder for its own while it is removed.
    let old = open_folder(target)?;
    let _ = old.try_lock();
    let _ = std::fs::set_permissions(partial, old.metadata()?.permissions());
    if !taken || rename(partial, target, RenameFlags::EXCHANGE).is_err() {
        for path in others {
            if is_same_file(&target.join(&path), &partial.join(&path)) {
                std::fs::remove_file(partial.join(path))?;
            }
        }
        return Ok(false);
    }
    let _ = std::fs::remove_file(target.join(UNFINISHED));
    if let Err(error) = retire(partial, target, written).and_then(|()| std::fs::remove_dir(partial)) {
        eprintln!("the old report cannot be removed from {}: {error}", partial.display());
    }
    Ok(true)
}

fn rename(from: &Path, to: &Path, flags: RenameFlags) -> io::Result<()> {
    Ok(renameat_with(CWD, from, CWD, to, flags)?)
}

/// Moves the files of `partial` into `target` one by one, under a marker, and removes those that runs wrote before and
/// that are not among them.
pub fn one_by_one(partial: &Path, target: &Path, kind: &Kind, written: &Written) -> io::Result<()> {
    let new = files(partial)?;
    match std::fs::create_dir(target) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    Marker::write(target, partial, kind, written, &new)?;
    merge(partial, target, written, &new)
}

/// Ends what a killed run began: what was to be moved from `partial` into `target` is moved.
pub fn finish(partial: &Path, target: &Path) -> io::Result<()> {
    match Marker::read(target) {
        Some(marker) if marker.partial == name_of(partial) && partial.join(UNFINISHED).exists() => {
            merge(partial, target, &marker.old, &marker.new)
        }
        _ => Ok(()),
    }
}

fn merge(partial: &Path, target: &Path, written: &Written, new: &BTreeSet<PathBuf>) -> io::Result<()> {
    for path in files(partial)? {
        make_room(target, &path, written)?;
        place(&partial.join(&path), &target.join(&path))?;
    }
    let gone: Vec<&Path> = written.files().filter(|path| !new.contains(*path) && *path != Path::new(MARKER)).collect();
    for path in gone {
        if is_real_file(target, path) && written.is_unchanged(target, path) {
            std::fs::remove_file(target.join(path))?;
            // Only a folder that has become empty goes with its last file.
            let folders = path.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
            folders.take_while(|folder| std::fs::remove_dir(target.join(folder)).is_ok()).for_each(drop);
        }
    }
    std::fs::remove_file(target.join(MARKER))
}

/// Makes the folders above `path` and moves aside what stands in its place and was written by no run.
fn make_room(target: &Path, path: &Path, written: &Written) -> io::Result<()> {
    let above: Vec<&Path> = path.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty()).collect();
    for folder in above.into_iter().rev() {
        let folder = target.join(folder);
        match look(&folder)? {
            Some(data) if data.is_dir() => continue,
            Some(_) => set_aside(&folder)?,
            None => {}
        }
        std::fs::create_dir(&folder)?;
    }
    match look(&target.join(path))? {
        Some(data) if !(data.is_file() && is_for_runs(path, written)) => set_aside(&target.join(path)),
        _ => Ok(()),
    }
}

/// Whether a run may put its file in the place of one of that name.
fn is_for_runs(path: &Path, written: &Written) -> bool {
    written.has(path) || path.parent().is_some_and(|folder| folder.ends_with(RECORDS))
}

/// Renames what no run wrote to the first free name, and says so.
fn set_aside(path: &Path) -> io::Result<()> {
    let free = free_name(path)?;
    std::fs::rename(path, &free)?;
    eprintln!("{} is not from a run; it is kept as {}", path.display(), free.display());
    Ok(())
}

/// The first name like `path` with a number behind it that nothing has.
fn free_name(path: &Path) -> io::Result<PathBuf> {
    for number in 1_u32.. {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{number}"));
        if look(Path::new(&name))?.is_none() {
            return Ok(name.into());
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Moves a file, also into a folder inside of the target that is a mount point.
fn place(from: &Path, to: &Path) -> io::Result<()> {
    match std::fs::rename(from, to) {
        Err(error)
            if error.kind() == io::ErrorKind::CrossesDevices && look(from)?.is_some_and(|data| data.is_file()) =>
        {
            let mut whole = tempfile::Builder::new()
                .prefix(".")
                .suffix(".partial")
                .permissions(std::fs::metadata(from)?.permissions())
                .tempfile_in(to.parent().unwrap_or(to))?;
            io::copy(&mut File::open(from)?, &mut whole)?;
            whole.persist(to)?;
            std::fs::remove_file(from)
        }
        renamed => renamed,
    }
}

/// Copies what runs wrote into a report.
pub fn copy(from: &Path, to: &Path, written: &Written) -> io::Result<()> {
    for path in written.files().filter(|path| is_real_file(from, path)) {
        std::fs::create_dir_all(to.join(path).parent().unwrap_or(to))?;
        std::fs::copy(from.join(path), to.join(path))?;
    }
    Ok(())
}

/// Removes from an old folder what runs wrote, and moves what nobody may lose to its place in `target`.
fn retire(old: &Path, target: &Path, written: &Written) -> io::Result<()> {
    let new = files(target)?;
    let (mut folders, mut ours): (Vec<PathBuf>, Vec<PathBuf>) = (Vec::new(), Vec::new());
    for Entry { path, is_folder } in walk(old)? {
        if is_folder {
            folders.push(path);
        } else if is_ours(old, &path, written, &new) || is_same_file(&old.join(&path), &target.join(&path)) {
            ours.push(path);
        } else {
            // It came between the last look and the exchange.
            let to = target.join(&path);
            std::fs::create_dir_all(to.parent().unwrap_or(target))?;
            let to = if look(&to)?.is_some() { free_name(&to)? } else { to };
            place(&old.join(&path), &to)?;
        }
    }
    // By these the folder is known, so they go last.
    ours.sort_by_key(|path| [LIST, "resolved.yaml", "report.md", "README.md"].iter().any(|name| path.ends_with(name)));
    for path in ours {
        std::fs::remove_file(old.join(path))?;
    }
    // Nothing is below them any more; the inner ones come first.
    folders.iter().try_for_each(|folder| std::fs::remove_dir(old.join(folder)))
}

/// Empties a folder that a run left behind.
///
/// # Errors
/// If it is not known to be a run's, or cannot be emptied.
pub fn clear(partial: &Path, target: &Path, kind: &Kind) -> io::Result<()> {
    if look(&partial.join(UNFINISHED))?.is_some_and(|data| data.is_file()) {
        return clear_unfinished(partial);
    }
    if entries(partial)?.is_empty() {
        return Ok(());
    }
    // The old folder that was exchanged, and not yet removed.
    match Written::read(partial, kind).zip(Written::read(target, kind)) {
        Some((written, _)) => retire(partial, target, &written),
        None => Err(io::Error::other("something else is there")),
    }
}

/// Removes what lies in a folder in the making, except for the file by which it is known.
fn clear_unfinished(partial: &Path) -> io::Result<()> {
    for name in entries(partial)?.into_iter().filter(|name| name != UNFINISHED) {
        let path = partial.join(name);
        if std::fs::symlink_metadata(&path)?.is_dir() {
            std::fs::remove_dir_all(path)?;
        } else {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// Removes a folder in the making; the file by which it is known goes last.
pub fn discard(partial: &Path) -> io::Result<()> {
    clear_unfinished(partial)?;
    // On a full disk it could not be made.
    let _ = std::fs::remove_file(partial.join(UNFINISHED));
    std::fs::remove_dir(partial)
}

/// The files of an old folder that no run wrote; none where some cannot go along with a new folder in one step.
fn others(old: &Path, written: &Written, partial: &Path) -> io::Result<Option<Vec<PathBuf>>> {
    let new = files(partial)?;
    let is_new_folder = |path: &Path| std::fs::symlink_metadata(partial.join(path)).is_ok_and(|data| data.is_dir());
    let of_runs = written.folders();
    // A folder that nobody may look into is not a run's.
    let Ok(entries) = walk(old) else { return Ok(None) };
    let mut others = Vec::new();
    for Entry { path, is_folder } in entries {
        if is_folder {
            if is_mount_point(&old.join(&path)) || !(is_new_folder(&path) || of_runs.contains(&path)) {
                return Ok(None);
            }
        } else if !is_ours(old, &path, written, &new) {
            // One that is in the way is renamed, and one in a folder that the new one lacks needs the folder.
            if new.contains(&path) || !path.parent().is_some_and(is_new_folder) {
                return Ok(None);
            }
            others.push(path);
        }
    }
    Ok(Some(others))
}

/// Whether a file of an old folder may go: a run wrote it, and it is replaced or as it was written.
fn is_ours(old: &Path, path: &Path, written: &Written, new: &BTreeSet<PathBuf>) -> bool {
    is_real_file(old, path)
        && if new.contains(path) { is_for_runs(path, written) } else { written.is_unchanged(old, path) }
}

/// Whether `path` is a file of `folder` itself: no link, and not behind one.
fn is_real_file(folder: &Path, path: &Path) -> bool {
    let is_folder = |above: &Path| std::fs::symlink_metadata(folder.join(above)).is_ok_and(|data| data.is_dir());
    std::fs::symlink_metadata(folder.join(path)).is_ok_and(|data| data.is_file())
        && path.ancestors().skip(1).all(is_folder)
}

fn is_same_file(a: &Path, b: &Path) -> bool {
    let inode = |path: &Path| std::fs::symlink_metadata(path).ok().map(|data| (data.dev(), data.ino()));
    inode(a).is_some_and(|of_a| Some(of_a) == inode(b))
}

/// Something in a folder, by its path in it.
struct Entry {
    path: PathBuf,
    is_folder: bool,
}

/// Everything below `top`, what lies in a folder before the folder; links are not followed.
fn walk(top: &Path) -> io::Result<Vec<Entry>> {
    fn below(top: &Path, folder: &Path, found: &mut Vec<Entry>) -> io::Result<()> {
        for name in entries(&top.join(folder))? {
            let path = folder.join(name);
            let is_folder = std::fs::symlink_metadata(top.join(&path))?.is_dir();
            if is_folder {
                below(top, &path, found)?;
            }
            found.push(Entry { path, is_folder });
        }
        Ok(())
    }
    let mut found = Vec::new();
    below(top, Path::new(""), &mut found)?;
    Ok(found)
}

/// The files of a folder of a run, without those by which runs find each other.
fn files(folder: &Path) -> io::Result<BTreeSet<PathBuf>> {
    let hidden = [UNFINISHED, MARKER, PROBE];
    let files = walk(folder)?.into_iter().filter(|entry| !entry.is_folder).map(|entry| entry.path);
    Ok(files.filter(|path| !hidden.iter().any(|name| path == Path::new(name))).collect())
}

fn look(path: &Path) -> io::Result<Option<Metadata>> {
    match std::fs::symlink_metadata(path) {
        Err(error) if [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory].contains(&error.kind()) => Ok(None),
        data => data.map(Some),
    }
}
