//! Where a journal is: a path, or the URL of a Redis server.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};

use redis::{ConnectionAddr, ConnectionInfo, IntoConnectionInfo as _};

use super::journal::JournalError;

/// The environment variable that names a storage, for `env`. Its value may hold a password.
pub const STORAGE_VARIABLE: &str = "TUNEBOOK_STORAGE";

/// Where a journal is. Its text never has a password.
#[derive(Debug, Clone)]
pub enum Location {
    /// A file.
    File(PathBuf),
    /// A database of a Redis server.
    Redis(Server),
}

/// A database of a Redis server, and how to get in.
#[derive(Clone)]
pub struct Server(pub(super) Box<ConnectionInfo>);

impl Location {
    /// The location that a user wrote: a path, `redis://[[user]:password@]host[:port][/database]`, or `env`, which takes
    /// either from the environment variable `TUNEBOOK_STORAGE`.
    ///
    /// # Errors
    /// A URL of another kind or with parts that nobody obeys, or `env` without the variable.
    pub fn parse(written: &OsStr) -> Result<Self, JournalError> {
        if written != "env" {
            return Self::named(written);
        }
        let stored = std::env::var_os(STORAGE_VARIABLE).filter(|stored| !stored.is_empty());
        let missing =
            || JournalError::Location(format!("{STORAGE_VARIABLE} is not set; `env` reads the storage from it"));
        Self::named(&stored.ok_or_else(missing)?)
    }

    fn named(written: &OsStr) -> Result<Self, JournalError> {
        let is_scheme = |text: &str| {
            text.starts_with(|first: char| first.is_ascii_alphabetic())
                && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter))
        };
        let url = written.to_str().filter(|text| text.split_once("://").is_some_and(|(scheme, _)| is_scheme(scheme)));
        let Some(url) = url else { return Ok(Self::File(written.into())) };
        // No message repeats the URL: it may hold a password.
        let refused = |reason: String| JournalError::Location(reason);
        let scheme = url.split("://").next().unwrap_or_default();
        match scheme {
            "redis" => {}
            "rediss" if cfg!(feature = "rediss") => {}
            "rediss" => return Err(refused("rediss:// needs a build with `--features search/rediss`".into())),
            _ if scheme.contains("cluster") => return Err(JournalError::Cluster(format!("{scheme}://"))),
            _ => return Err(refused(format!("{scheme}:// is no storage of journals; expected a path or redis://"))),
        }
        let expected =
            format!("the {scheme}:// URL is not of the form {scheme}://[[user]:password@]host[:port][/database]");
        let parsed = redis::parse_redis_url(url).filter(|url| url.query().is_none() && url.fragment().is_none());
        let parsed = parsed.ok_or_else(|| refused(expected.clone()))?;
        let info = parsed.into_connection_info().map_err(|_| refused(expected))?;
        Ok(Self::Redis(Server(Box::new(info))))
    }

    /// The file, where it is one.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Redis(_) => None,
        }
    }
}

impl<P: AsRef<Path> + ?Sized> From<&P> for Location {
    fn from(path: &P) -> Self {
        Self::File(path.as_ref().to_owned())
    }
}

impl fmt::Display for Location {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(out),
            Self::Redis(server) => server.fmt(out),
        }
    }
}

impl fmt::Display for Server {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if matches!(self.0.addr(), ConnectionAddr::TcpTls { .. }) { "rediss" } else { "redis" };
        write!(out, "{scheme}://{}/{}", self.0.addr(), self.0.redis_settings().db())
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}
