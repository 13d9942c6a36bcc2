//! Peers: programs of other frameworks, each in a process of its own that stays between rounds.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, anyhow, bail};
use keras::Optimizer;
use notebook::Failure;
use serde::Deserialize;
use serde_json::json;
use training_speed::Subject;

use crate::Trained;
use crate::plan::Task;

/// The script of a peer and its arguments; none for what trains in this process.
pub fn script(subject: Subject) -> Option<&'static [&'static str]> {
    Some(match subject {
        Subject::Keras2Plain => &["keras_2.py", "--plain"],
        Subject::Keras2 => &["keras_2.py"],
        Subject::Keras3 => &["keras_3.py"],
        Subject::PytorchEager => &["pytorch_eager.py"],
        Subject::PytorchCompiled => &["pytorch_compiled.py"],
        Subject::JaxScan => &["jax_scan.py"],
        Subject::JaxVmap => &["jax_vmap.py"],
        Subject::Exact | Subject::ExactSweep | Subject::Libtorch | Subject::Tch => return None,
    })
}

/// A running peer. It ends when its standard input closes.
pub struct Peer {
    /// What it runs on.
    pub versions: BTreeMap<String, String>,
    subject: Subject,
    child: Child,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Ready {},
    Trained {
        seconds: f64,
        first_loss: f64,
        last_loss: f64,
        first_val_loss: Option<f64>,
        last_val_loss: Option<f64>,
    },
    Error(String),
    #[serde(untagged)]
    Started {
        versions: BTreeMap<String, String>,
    },
}

impl Peer {
    /// Starts a peer from the environment that `make peers` makes.
    ///
    /// # Errors
    /// If there is no such environment, or the peer does not start.
    pub fn start(root: &Path, subject: Subject) -> anyhow::Result<Self> {
        let python = root.join(".peers/bin/python");
        if !python.is_file() {
            bail!("there is no environment of the peers; `make peers` makes it");
        }
        let script = script(subject).context("not a peer")?;
        let mut child = Command::new(python)
            .arg(root.join("experiments/training-speed/peers").join(script[0]))
            .args(&script[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start it")?;
        let requests = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().context("its output is read")?);
        let mut peer = Self { versions: BTreeMap::new(), subject, child, requests, answers };
        let Answer::Started { versions } = peer.answer()? else { bail!("it did not say what it runs on") };
        peer.versions = versions;
        Ok(peer)
    }

    /// Has the peer build, compile and train once.
    ///
    /// # Errors
    /// If it cannot.
    pub fn prepare(&mut self, task: &Task) -> anyhow::Result<()> {
        let Optimizer::Adam { learning_rate, beta_1, beta_2, epsilon, amsgrad: false } = task.training.optimizer.rule
        else {
            bail!(Failure::new(65, anyhow!("training.optimizer: must be adam, as the peers have")));
        };
        let trials = if self.subject == Subject::JaxVmap { task.trials } else { 1 };
        let rows = |x: &[f32]| x.chunks(task.features).map(<[f32]>::to_vec).collect::<Vec<_>>();
        let optimizer = json!({
            "type": "adam", "learning_rate": learning_rate, "beta_1": beta_1, "beta_2": beta_2, "epsilon": epsilon,
        });
        let request = json!({"prepare": {
            "x": rows(&task.x), "y": task.y, "layers": task.model.layers, "optimizer": optimizer, "loss": task.training.loss,
            "batch_size": task.training.batch_size, "epochs": task.training.epochs, "trials": trials,
            "validation": task.validation.as_ref().map(|held| (rows(&held.x), &held.y)),
        }});
        match self.ask(&request)? {
            Answer::Ready {} => Ok(()),
            _ => bail!("it did not get ready"),
        }
    }

    /// Has the peer train from a seed.
    ///
    /// # Errors
    /// If it cannot.
    pub fn train(&mut self, seed: i64) -> anyhow::Result<Trained> {
        match self.ask(&json!({"train": {"seed": seed}}))? {
            Answer::Trained { seconds, first_loss, last_loss, first_val_loss, last_val_loss } => {
                let val_losses = first_val_loss.zip(last_val_loss).map(<[f64; 2]>::from);
                Ok(Trained { seconds, losses: [first_loss, last_loss], val_losses })
            }
            _ => bail!("it did not train"),
        }
    }

    fn ask(&mut self, request: &serde_json::Value) -> anyhow::Result<Answer> {
        let requests = self.requests.as_mut().context("it has ended")?;
        writeln!(requests, "{request}").context("it has ended")?;
        self.answer()
    }

    fn answer(&mut self) -> anyhow::Result<Answer> {
        let mut line = String::new();
        self.answers.read_line(&mut line).context("cannot read its answer")?;
        if line.is_empty() {
            bail!("it ended with {}", self.child.wait().context("cannot tell how it ended")?);
        }
        match serde_json::from_str(&line).with_context(|| format!("it answered {line:?}"))? {
            Answer::Error(error) => bail!(error),
            answer => Ok(answer),
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        drop(self.requests.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
