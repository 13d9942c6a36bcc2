//! What a record of timings says, in words that hold for any record.

use figures::significant;
use training_speed::Subject;
use training_speed::record::{Machine, Record, Timing, name};

/// Whether it is a way of this workspace.
pub fn is_ours(subject: Subject) -> bool {
    matches!(subject, Subject::Exact | Subject::ExactSweep | Subject::Libtorch)
}

/// When and where the record was taken, and how near engine `exact` is to what the processor's arithmetic alone takes.
pub fn measured(record: &Record, exact: &Timing) -> String {
    let (machine, median) = (&record.machine, exact.spread()[1]);
    let [before, after] = machine.load;
    format!(
        "Measured on {} ({}, {}), {}, load {before} before and {after} after; each peer in a process of its own, all in \
         turns, one thread. Engine `exact` takes {median:.3} µs a step, {:.1} times what its {:.0} float32 operations take \
         at the {:.0} GFLOP/s that one core was seen to do.",
        record.date,
        machine.processor,
        machine.instructions,
        notebook::counted(machine.cores as u64, "core"),
        median / exact.limit(machine),
        exact.shape.flops_per_step(),
        machine.flops_per_second / 1e9,
    )
}

/// How much longer the fastest and the slowest peer take than engine `exact`; none where no peer was timed.
pub fn peers(own: &[&Timing], exact: &Timing) -> Option<String> {
    let ratio = |timing: &&Timing| timing.spread()[1] / exact.spread()[1];
    let mut peers: Vec<&Timing> = own.iter().copied().filter(|timing| !is_ours(timing.subject)).collect();
    peers.sort_by(|one, other| ratio(one).total_cmp(&ratio(other)));
    let takes = |timing: &&Timing| {
        let ratio = significant(ratio(timing), 3);
        format!("{}, whose step takes {ratio} times as long as that of engine `exact`", name(timing.subject))
    };
    match &peers[..] {
        [] => None,
        [alone] => Some(format!("The one peer is {}.", takes(alone))),
        [fastest, .., slowest] => {
            let (fastest, slowest) = (takes(fastest), takes(slowest));
            Some(format!("The fastest of {} peers is {fastest}; the slowest is {slowest}.", peers.len()))
        }
    }
}

/// The least time of engine `libtorch` relative to that of engine `exact` in the same shape, and whether `libtorch` was the faster
/// anywhere; none where no shape was timed on both.
pub fn crossover(record: &Record) -> Option<(f64, String)> {
    let pairs = ratios(record, Subject::Libtorch, Subject::Exact);
    let (closest, ratio) = pairs.iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let shape = shape(closest);
    let faster = pairs.iter().filter(|pair| pair.1 < 1.0).count();
    let shapes = shapes(pairs.len());
    let said = if faster == 0 {
        format!(
            "Of {shapes} that both engines were timed on, there is none in which engine `libtorch` is the faster on this \
             processor; it comes closest, within {ratio:.1} times the time of engine `exact`, at {shape}."
        )
    } else {
        format!(
            "Of {shapes} that both engines were timed on, engine `libtorch` is the faster in {faster}, the most at {shape}: {:.2} \
             times.",
            1.0 / ratio
        )
    };
    Some((*ratio, said))
}

/// The most time of engine `libtorch` relative to that of PyTorch in the same shape, and how the two stand; none where no shape was
/// timed on both.
pub fn beside_pytorch(record: &Record) -> Option<(f64, String)> {
    let pairs = ratios(record, Subject::Libtorch, Subject::PytorchEager);
    let by_ratio = |a: &&(&Timing, f64), b: &&(&Timing, f64)| a.1.total_cmp(&b.1);
    let (best, worst) = (pairs.iter().min_by(by_ratio)?, pairs.iter().max_by(by_ratio)?);
    let slower = match pairs.iter().filter(|pair| pair.1 > 1.0).count() {
        0 => "in none of them is it the slower".to_owned(),
        count => format!("in {count} it is the slower"),
    };
    let said = format!(
        "Engine `libtorch` beside PyTorch's eager training, which calls the same library: of {} that both were timed on, {slower}. Its \
         step takes {} times as long at {}, and {} times at {}.",
        shapes(pairs.len()),
        significant(best.1, 2),
        shape(best.0),
        significant(worst.1, 2),
        shape(worst.0),
    );
    Some((worst.1, said))
}

/// Every shape that both were timed on: the timing of the second, and the time of the first relative to it.
fn ratios(record: &Record, subject: Subject, base: Subject) -> Vec<(&Timing, f64)> {
    let timings = || record.timings.iter();
    let pair = |of: &'_ Timing| {
        let other = timings().find(|other| other.is_beside(of) && other.subject == subject)?;
        Some(other.spread()[1] / of.spread()[1])
    };
    timings().filter(|of| of.subject == base).filter_map(|of| Some((of, pair(of)?))).collect()
}

fn shape(timing: &Timing) -> String {
    format!("{}, batches of {}", timing.shape.layers(), timing.shape.batch_size)
}

fn shapes(count: usize) -> String {
    match count {
        1 => "the one shape".to_owned(),
        count => format!("the {count} shapes"),
    }
}

/// The experiments whose trainings were timed, in the record's order.
pub fn experiments(record: &Record) -> Vec<(&str, Vec<&Timing>)> {
    let mut experiments: Vec<(&str, Vec<&Timing>)> = Vec::new();
    for timing in &record.timings {
        let Some(experiment) = timing.experiment.as_deref() else { continue };
        match experiments.last_mut().filter(|last| last.0 == experiment) {
            Some((_, timings)) => timings.push(timing),
            None => experiments.push((experiment, vec![timing])),
        }
    }
    experiments
}

/// How engine `exact` trains another experiment's network, beside its arithmetic and the fastest peer, and how far apart the losses end.
pub fn real_data(experiment: &str, timings: &[&Timing], exact: &Timing, machine: &Machine) -> String {
    let median = exact.spread()[1];
    let peers = timings.iter().filter(|timing| !is_ours(timing.subject));
    let fastest = peers.min_by(|one, other| one.spread()[1].total_cmp(&other.spread()[1]));
    let beside = fastest.map_or_else(String::new, |fastest| {
        let ratio = significant(fastest.spread()[1] / median, 3);
        format!(" The fastest peer is {}, whose step takes {ratio} times as long.", name(fastest.subject))
    });
    let ends = |of: fn(f64, f64) -> f64| {
        let losses = timings.iter().map(|timing| timing.val_losses.unwrap_or(timing.losses)[1]);
        significant(losses.reduce(of).unwrap_or(f64::NAN), 3)
    };
    format!(
        "`{experiment}` ({}, {} rows, {} validated on, batches of {}): a step of engine `exact` takes {} µs, {} times what its \
         arithmetic takes.{beside} The loss on the rows validated on ends between {} and {}.",
        exact.shape.layers(),
        exact.shape.samples,
        exact.shape.validation_samples,
        exact.shape.batch_size,
        significant(median, 3),
        significant(median / exact.limit(machine), 2),
        ends(f64::min),
        ends(f64::max),
    )
}

/// The line that the run prints.
pub fn result(own: &[&Timing], exact: &Timing) -> String {
    let median = exact.spread()[1];
    let peers = own.iter().filter(|timing| !is_ours(timing.subject)).map(|timing| timing.spread()[1]);
    match peers.reduce(f64::max) {
        Some(slowest) => {
            format!(
                "engine exact {median:.3} µs a step; the slowest of its peers takes {:.0} times that\n",
                slowest / median
            )
        }
        None => format!("engine exact {median:.3} µs a step; no peer was timed\n"),
    }
}
