//! What a record of timings says, in words that hold for any record.

use training_speed::Subject;
use training_speed::record::{Record, Timing, name};

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
        let ratio = figures::significant(ratio(timing), 3);
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
    let pairs = record.timings.iter().filter(|timing| timing.subject == Subject::Exact).filter_map(|exact| {
        let place = (exact.over, exact.value);
        let mut others = record.timings.iter();
        let libtorch = others.find(|other| (other.over, other.value) == place && other.subject == Subject::Libtorch)?;
        Some((exact, libtorch.spread()[1] / exact.spread()[1]))
    });
    let pairs: Vec<(&Timing, f64)> = pairs.collect();
    let (closest, ratio) = pairs.iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let shape = format!("units {:?}, batches of {}", closest.shape.units, closest.shape.batch_size);
    let faster = pairs.iter().filter(|pair| pair.1 < 1.0).count();
    let shapes = match pairs.len() {
        1 => "the one shape".to_owned(),
        count => format!("the {count} shapes"),
    };
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
