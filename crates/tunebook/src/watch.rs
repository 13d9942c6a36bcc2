//! `tunebook watch`: the loop in which one writes a notebook. A saved file leads to a new page.

use std::path::{Component, Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use anyhow::anyhow;
use serde::Serialize;
use tiny_http::{Header, Method, Response, Server};

use crate::answer::Answer;
use crate::run::{check_names, experiments, program, run};

/// What the served page asks for every half second. A page that is opened as a file has no script.
const RELOAD: &str = include_str!("../templates/reload.html");
/// The rule of a page that forbids scripts, which the served page leaves out.
const POLICY: &str = "<meta http-equiv=\"Content-Security-Policy\"";
/// Editors save in several steps; what comes so soon after another change belongs to it.
const TOGETHER: Duration = Duration::from_millis(150);

/// What the last run came to.
#[derive(Debug, Clone, Default, Serialize)]
struct Status {
    /// Grows with every new page.
    version: u64,
    /// Why there is no page of the last change.
    error: Option<String>,
}

/// Builds and runs the experiment whenever a file of its folder is saved, into `runs/`, and serves the page on the loopback
/// address; ends when it is interrupted.
///
/// # Errors
/// If there is no such experiment, the port is taken, or the folder cannot be watched.
pub fn watch(root: &Path, name: &str, port: u16) -> anyhow::Result<Answer> {
    check_names(&[name.to_owned()], &experiments(root)?)?;
    let folder = root.join("experiments").join(name);
    let server = Server::http(("127.0.0.1", port)).map_err(|error| anyhow!("cannot serve on port {port}: {error}"))?;
    let address = server.server_addr();
    let status = Arc::new(Mutex::new(Status::default()));
    let report = root.join("runs").join(name);
    let served = (report.clone(), Arc::clone(&status));
    std::thread::spawn(move || serve(&server, &served.0, &served.1));
    eprintln!("the page is http://{address}/ and follows {}", folder.display());
    let mut seen = files(&folder)?;
    loop {
        let start = Instant::now();
        let ended = program(root, name).and_then(|program| run(Command::new(program), &report, &[] as &[&str]));
        let mut status = status.lock().unwrap_or_else(PoisonError::into_inner);
        match ended {
            Ok(result) => {
                *status = Status { version: status.version + 1, error: None };
                eprintln!("{:.1} s · {result}", start.elapsed().as_secs_f64());
            }
            Err(error) => {
                status.error = Some(format!("{error:#}"));
                notebook::fail(&error, false);
            }
        }
        drop(status);
        seen = wait(&folder, &seen)?;
    }
}

/// The files of a folder, each with its size and the time of its last change.
type Files = Vec<(PathBuf, u64, SystemTime)>;

fn files(folder: &Path) -> anyhow::Result<Files> {
    let files = notebook::files(folder)?.into_iter().map(|path| {
        // A file that is just being replaced is a change.
        let metadata = path.metadata().ok();
        let changed = metadata.as_ref().and_then(|of| of.modified().ok()).unwrap_or(SystemTime::UNIX_EPOCH);
        (path, metadata.map_or(0, |of| of.len()), changed)
    });
    Ok(files.collect())
}

/// Waits until the folder has other files than `seen`, and the same for a moment; returns them.
fn wait(folder: &Path, seen: &Files) -> anyhow::Result<Files> {
    let mut last = files(folder)?;
    loop {
        std::thread::sleep(TOGETHER);
        let now = files(folder)?;
        if now == last && now != *seen {
            return Ok(now);
        }
        last = now;
    }
}

fn serve(server: &Server, report: &Path, status: &Mutex<Status>) {
    for request in server.incoming_requests() {
        let host = request.headers().iter().find(|header| header.field.equiv("Host"));
        // A page from elsewhere may lead here by a name of its own.
        let is_ours = host.is_some_and(|host| {
            ["127.0.0.1", "localhost"].contains(&host.value.as_str().split(':').next().unwrap_or(""))
        });
        let path = request.url().split('?').next().unwrap_or_default().trim_start_matches('/').to_owned();
        let answer = if !is_ours || *request.method() != Method::Get {
            Err("403 Forbidden")
        } else if path == "status.json" {
            let status = status.lock().unwrap_or_else(PoisonError::into_inner).clone();
            Ok((serde_json::to_vec(&status).unwrap_or_default(), "application/json"))
        } else {
            file(report, if path.is_empty() { "index.html" } else { &path })
        };
        let (code, (body, kind)) = match answer {
            Ok(answer) => (200, answer),
            Err(error) => (error[..3].parse().unwrap_or(404), (error.as_bytes().to_vec(), "text/plain")),
        };
        let kind = Header::from_bytes("Content-Type", kind).expect("a header of ASCII letters");
        let fresh = Header::from_bytes("Cache-Control", "no-store").expect("a header of ASCII letters");
        // A reader who has gone needs no answer.
        let _ = request.respond(Response::from_data(body).with_status_code(code).with_header(kind).with_header(fresh));
    }
}

/// A file of the report; the page with what reloads it.
fn file(report: &Path, path: &str) -> Result<(Vec<u8>, &'static str), &'static str> {
    let path = Path::new(path);
    if !path.components().all(|part| matches!(part, Component::Normal(_))) {
        return Err("403 Forbidden");
    }
    let missing = "<!DOCTYPE html><title>no page yet</title><p>There is no page yet.</p></body>".to_owned();
    if path.extension().is_some_and(|extension| extension == "html") {
        let page = std::fs::read_to_string(report.join(path)).unwrap_or(missing);
        let page: Vec<&str> = page.lines().filter(|line| !line.starts_with(POLICY)).collect();
        let page = page.join("\n").replacen("</body>", &format!("{RELOAD}</body>"), 1);
        return Ok((page.into_bytes(), "text/html; charset=utf-8"));
    }
    let body = std::fs::read(report.join(path)).map_err(|_| "404 Not Found")?;
    let kind = match path.extension().and_then(|extension| extension.to_str()) {
        Some("png") => "image/png",
        Some("json" | "ipynb") => "application/json",
        _ => "text/plain; charset=utf-8",
    };
    Ok((body, kind))
}

#[cfg(test)]
mod tests {
    use super::file;

    #[test]
    fn only_the_report_is_served_and_its_page_reloads() {
        let report = tempfile::tempdir().unwrap();
        let page = "<head>\n<meta http-equiv=\"Content-Security-Policy\" content=\"\">\n</head><body></body>";
        std::fs::write(report.path().join("index.html"), page).unwrap();
        let (body, _) = file(report.path(), "index.html").unwrap();
        let body = String::from_utf8(body).unwrap();
        assert!(body.contains("status.json") && !body.contains("Content-Security-Policy"), "{body}");
        for path in ["../secret", "/etc/passwd", "a/../../b"] {
            assert_eq!(file(report.path(), path), Err("403 Forbidden"), "{path}");
        }
        assert_eq!(file(report.path(), "none.csv"), Err("404 Not Found"));
    }
}
