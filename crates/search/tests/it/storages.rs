use std::collections::BTreeMap;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use redis::cmd;
use search::storage::{Journal, Location, STORAGE_VARIABLE};
use search::study::{Asked, Outcome, Study};
use search::{State, Trial};
use tempfile::TempDir;

use crate::crash::{TRIALS, code, start, unbroken};
use crate::sample::{self, NAME, plan};

/// Names a redis-server.
const REDIS: &str = "TUNEBOOK_REDIS_SERVER";
/// What no message may hold.
const PASSWORD: &str = "secret";

/// A Redis server of a test, on a free port of the loopback address.
struct Redis {
    process: Child,
    port: u16,
    _folder: TempDir,
}

impl Redis {
    /// None, which is said, where no redis-server is installed; one that is named must start.
    fn start() -> Option<Self> {
        let named = std::env::var(REDIS).ok();
        let program = named.clone().unwrap_or_else(|| "redis-server".into());
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(&program);
        command.args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--requirepass", PASSWORD, "--save", ""]);
        command.arg("--dir").arg(folder.path()).stdin(Stdio::null()).stdout(Stdio::null());
        let Ok(process) = command.spawn() else {
            let text =
                format!("NOT RUN: there is no {program}; Debian's package is redis-server, and {REDIS} names one");
            assert!(named.is_none(), "{text}");
            eprintln!("{text}");
            return None;
        };
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(20), "{program} does not listen");
            std::thread::sleep(Duration::from_millis(10));
        }
        Some(Self { process, port, _folder: folder })
    }

    fn url(&self, database: u8) -> String {
        format!("redis://:{PASSWORD}@127.0.0.1:{}/{database}", self.port)
    }

    fn location(&self, database: u8) -> Location {
        Location::parse(self.url(database).as_ref()).unwrap()
    }

    /// What a program of another kind asks of a database.
    fn ask<T: redis::FromRedisValue>(&self, database: u8, command: &redis::Cmd) -> T {
        let mut connection = redis::Client::open(self.url(database)).unwrap().get_connection().unwrap();
        command.query(&mut connection).unwrap()
    }

    /// The keys of workers that live.
    fn alive(&self, database: u8) -> Vec<String> {
        self.ask(database, cmd("KEYS").arg("tunebook:*"))
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Runs a test on an empty file and on an empty database.
fn on_both(test: impl Fn(Location, &Path)) {
    let (folder, path) = sample::folder();
    test((&path).into(), folder.path());
    if let Some(redis) = Redis::start() {
        test(redis.location(3), folder.path());
        assert_eq!(redis.alive(3), Vec::<String>::new(), "a worker that has ended is said to live");
    }
}

fn ask(study: &mut Study) -> Trial {
    let Asked::Trial(trial) = study.ask().unwrap() else { panic!("no trial is left") };
    trial
}

#[test]
fn a_study_does_not_notice_its_storage() {
    let folder = tempfile::tempdir().unwrap();
    let expected = unbroken(folder.path());
    on_both(|journal, _| {
        sample::run(journal.clone(), 100, 3, Duration::ZERO);
        // Four at once, in one process.
        std::thread::scope(|scope| {
            for jobs in [1, 2, 1, 3] {
                let journal = journal.clone();
                scope.spawn(move || sample::run(journal, TRIALS, jobs, Duration::from_micros(100)));
            }
        });
        assert_eq!(sample::state_of(journal), expected);
    });
}

#[test]
fn nobody_claims_or_tells_what_another_has() {
    on_both(|journal, _| {
        let mut studies: Vec<Study> = (0..3).map(|_| Study::open(journal.clone(), plan()).unwrap()).collect();
        let trials: Vec<Trial> = (0..6).map(|turn| ask(&mut studies[turn % 3])).collect();
        assert!(trials.iter().map(|trial| trial.number).eq(0..6));
        for (turn, trial) in trials.iter().enumerate().rev() {
            studies[turn % 3].tell(trial.number, Outcome::Complete(turn as f64), BTreeMap::new()).unwrap();
        }
        // The trial of one who has ended is the next one's.
        let left = ask(&mut studies[0]);
        drop(studies.remove(0));
        assert_eq!(ask(&mut studies[0]), left);
        studies[0].tell(left.number, Outcome::Pruned, BTreeMap::new()).unwrap();
        let seen = Journal::read(journal.clone()).unwrap();
        let study = seen.study(NAME).unwrap();
        let values: Vec<Option<f64>> = study.trials.iter().map(|trial| trial.value()).collect();
        assert_eq!(values, [Some(0.0), Some(1.0), Some(2.0), Some(3.0), Some(4.0), Some(5.0), None]);
    });
}

#[test]
fn a_copy_has_every_line_and_grows_with_its_original() {
    on_both(|journal, folder| {
        sample::run(journal.clone(), 20, 2, Duration::ZERO);
        let (copy, second) = (folder.join("copy.log"), folder.join("second.log"));
        let lines = |journal: &Path| std::fs::read_to_string(journal).unwrap().lines().count() as u64;
        let copied = |to: Location, from: Location| Journal::open(to)?.copy_from(&mut Journal::read(from)?);
        let first = copied((&copy).into(), journal.clone()).unwrap();
        assert_eq!(first, lines(&copy));
        sample::run(journal.clone(), 30, 2, Duration::ZERO);
        let more = copied((&copy).into(), journal.clone()).unwrap();
        assert_eq!(first + more, lines(&copy));
        assert_eq!(copied((&copy).into(), journal.clone()).unwrap(), 0);
        assert_eq!(sample::state_of(&copy), sample::state_of(journal.clone()));
        // There and back is the same.
        if let Some(redis) = Redis::start() {
            copied(redis.location(1), (&copy).into()).unwrap();
            copied((&second).into(), redis.location(1)).unwrap();
            assert_eq!(std::fs::read(&second).unwrap(), std::fs::read(&copy).unwrap());
        }
        // The copy went on by itself.
        sample::run(&copy, 31, 1, Duration::ZERO);
        let before = std::fs::read(&copy).unwrap();
        let error = copied((&copy).into(), journal).unwrap_err();
        assert_eq!((error.exit_code(), std::fs::read(&copy).unwrap()), (65, before));
        assert!(
            error.to_string().contains(&format!("{}:{}: is another line", copy.display(), first + more + 1)),
            "{error}"
        );
        std::fs::remove_file(copy).unwrap();
        std::fs::remove_file(second).unwrap_or_default();
    });
}

#[test]
fn processes_share_a_study_and_hand_over_what_they_run() {
    let Some(redis) = Redis::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let expected = unbroken(folder.path());
    let url = PathBuf::from(redis.url(5));
    let mut children: Vec<Child> = (0..4).map(|number| start(&url, 1 + number % 2, 3000)).collect();
    while redis.alive(5).len() < 4 {
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(100));
    let begun = Instant::now();
    let process = children[0].id().to_string();
    assert!(Command::new("kill").args(["-TERM", &process]).status().unwrap().success());
    assert_eq!(children[0].wait().unwrap().code(), None, "a signal ends it");
    assert!(!redis.alive(5).iter().any(|key| key.contains(&format!("-{process}-"))));
    let codes: Vec<_> = children.drain(1..).map(code).collect();
    assert_eq!(codes, [Some(0); 3]);
    assert!(begun.elapsed() < Duration::from_secs(25), "somebody waited until a key expired");
    assert_eq!(sample::state_of(redis.location(5)), expected);
}

/// Whoever was cut off for longer than its key lives finds its trial in other hands.
#[test]
fn what_is_told_too_late_is_dropped() {
    let Some(redis) = Redis::start() else { return };
    let mut late = Study::open(redis.location(0), plan()).unwrap();
    let trial = ask(&mut late);
    let key = redis.alive(0).pop().unwrap();
    assert!((1..=30_000).contains(&redis.ask::<i64>(0, cmd("PTTL").arg(&key))));
    let _: i64 = redis.ask(0, cmd("DEL").arg(&key));
    let mut other = Study::open(redis.location(0), plan()).unwrap();
    assert_eq!(ask(&mut other), trial);
    late.tell(trial.number, Outcome::Complete(1.0), BTreeMap::new()).unwrap();
    assert_eq!(late.stored().unwrap().trials[0].state, State::Running);
    other.tell(trial.number, Outcome::Complete(2.0), BTreeMap::new()).unwrap();
    let next = ask(&mut late).number;
    late.tell(next, Outcome::Complete(3.0), BTreeMap::new()).unwrap();
    let values: Vec<Option<f64>> = late.stored().unwrap().trials.iter().map(|trial| trial.value()).collect();
    assert_eq!(values, [Some(2.0), Some(3.0)]);
}

#[test]
fn a_server_that_lost_its_last_lines_is_read_again() {
    let Some(redis) = Redis::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let expected = unbroken(folder.path());
    let journal = redis.location(0);
    sample::run(journal.clone(), 60, 2, Duration::ZERO);
    let mut study = Study::open(journal.clone(), plan()).unwrap();
    let trial = ask(&mut study);
    let last: i64 = redis.ask(0, cmd("GET").arg(":log_number"));
    let () = redis.ask(0, cmd("SET").arg(":log_number").arg(last - 40));
    // Somebody else was faster: there are as many lines as before, and others.
    sample::run(journal.clone(), 90, 1, Duration::ZERO);
    study.tell(trial.number, Outcome::Complete(-1.0), BTreeMap::new()).unwrap();
    drop(study);
    sample::run(journal.clone(), TRIALS, 2, Duration::ZERO);
    assert_eq!(sample::state_of(journal), expected);
}

#[test]
fn what_a_server_cannot_do_is_one_error_without_the_password() {
    let parse = |text: &str| Location::parse(text.as_ref());
    for (text, code, expected) in [
        ("valkey://:secret@host", 2, "valkey:// is no storage of journals; expected a path or redis://"),
        ("redis-cluster://:secret@host", 74, "redis-cluster://: a Redis Cluster cannot keep a journal"),
        ("redis://:secret@host/one", 2, "the redis:// URL is not of the form redis://[[user]:password@]host[:port]"),
        ("redis://:secret@host/0?protocol=resp3", 2, "the redis:// URL is not of the form"),
        ("redis://:secret@:0/", 2, "the redis:// URL is not of the form"),
        #[cfg(not(feature = "rediss"))]
        ("rediss://:secret@host", 2, "rediss:// needs a build with `--features search/rediss`"),
    ] {
        let error = parse(text).unwrap_err();
        assert_eq!(error.exit_code(), code, "{text}");
        assert!(error.to_string().starts_with(expected) && !error.to_string().contains(PASSWORD), "{error}");
    }
    for path in ["env.log", "./redis://host", "C:redis", "://"] {
        assert_eq!(parse(path).unwrap().file(), Some(Path::new(path)));
    }
    assert_eq!(parse("redis://user:secret@host").unwrap().to_string(), "redis://host:6379/0");
    if std::env::var_os(STORAGE_VARIABLE).is_none() {
        let error = parse("env").unwrap_err();
        assert_eq!(
            (error.to_string().as_str(), error.exit_code()),
            ("TUNEBOOK_STORAGE is not set; `env` reads the storage from it", 2)
        );
    }
    // Nobody listens there.
    let error = Journal::read(parse("redis://:secret@127.0.0.1:1/2").unwrap()).unwrap_err();
    assert_eq!(error.exit_code(), 74);
    assert!(error.to_string().starts_with("redis://127.0.0.1:1/2: cannot connect: Connection refused"), "{error}");
    assert!(!format!("{error:?}").contains(PASSWORD), "{error:?}");
    let Some(redis) = Redis::start() else { return };
    let error = Journal::open(parse(&redis.url(0).replace(PASSWORD, "wrong-word")).unwrap()).unwrap_err();
    assert!(error.exit_code() == 74 && !format!("{error} {error:?}").contains("wrong-word"), "{error} {error:?}");
    sample::run(redis.location(0), 3, 1, Duration::ZERO);
    let place = redis.location(0);
    let () = redis.ask(0, cmd("SET").arg(":log:2").arg("{\"op_code\":11}"));
    let error = Journal::read(place.clone()).unwrap_err();
    assert_eq!(error.exit_code(), 65);
    assert!(error.to_string().starts_with(&format!("{place}:3: damaged line: ")), "{error}");
    let _: i64 = redis.ask(0, cmd("DEL").arg(":log:2"));
    let error = Journal::read(place.clone()).unwrap_err();
    assert_eq!(error.to_string().split(';').next(), Some(&*format!("{place}: line :log:2 is gone")));
}
