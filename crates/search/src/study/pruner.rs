//! What a pruner is to a study.

use crate::{Direction, Trial};

/// Stops trials early that do not promise much.
pub trait Pruner: Send + Sync + std::fmt::Debug {
    /// Whether to stop `trial` after its last report, judged against `history`: the finished trials of earlier rounds,
    /// in any order.
    fn prune(&self, direction: Direction, history: &[Trial], trial: &Trial) -> bool;
}
