//! One side of a box: what a leaf of a tree leaves of one parameter.

use crate::scale::Scale;

/// The values of one parameter that lead to a node.
#[derive(Clone, Debug)]
pub(super) enum Side {
    /// A stretch of the scale, its ends.
    Stretch(f64, f64),
    /// By choice: whether it must be that one, or must not.
    Choices(Vec<Option<bool>>),
}

/// A question that a node asks of one parameter; those who say yes go left.
#[derive(Clone, Copy, Debug)]
pub(super) enum Question {
    /// Is the place at most this?
    AtMost(f64),
    /// Is it this choice?
    Is(usize),
}

impl Question {
    pub(super) fn holds(self, place: f64) -> bool {
        match self {
            Self::AtMost(threshold) => place <= threshold,
            Self::Is(choice) => place as usize == choice,
        }
    }
}

impl Side {
    /// All of a scale.
    pub(super) fn whole(scale: &Scale) -> Self {
        if scale.categorical {
            Self::Choices(vec![None; scale.count as usize])
        } else {
            Self::Stretch(scale.low, scale.high)
        }
    }

    /// What is left where the answer is `answer`.
    pub(super) fn after(&self, question: Question, answer: bool) -> Self {
        match (self, question) {
            (Self::Stretch(low, _), Question::AtMost(threshold)) if answer => Self::Stretch(*low, threshold),
            (Self::Stretch(_, high), Question::AtMost(threshold)) => Self::Stretch(threshold, *high),
            (Self::Choices(asked), Question::Is(choice)) => {
                let mut asked = asked.clone();
                asked[choice] = Some(answer);
                Self::Choices(asked)
            }
            (side, _) => side.clone(),
        }
    }

    /// The share of the scale that it is: half for every choice that was asked for.
    pub(super) fn share(&self, scale: &Scale) -> f64 {
        match self {
            Self::Stretch(low, high) if scale.high > scale.low => (high - low) / (scale.high - scale.low),
            Self::Stretch(..) => 1.0,
            Self::Choices(asked) => halves(asked.iter().flatten().count()),
        }
    }

    /// The share of the scale that both are, for sides of choices.
    pub(super) fn common_share(a: &[Option<bool>], b: &[Option<bool>]) -> f64 {
        let mut asked = 0;
        for answers in a.iter().zip(b) {
            match answers {
                (None, None) => {}
                (Some(a), Some(b)) if a != b => return 0.0,
                _ => asked += 1,
            }
        }
        halves(asked)
    }
}

fn halves(count: usize) -> f64 {
    libm::ldexp(1.0, -(count.min(1000) as i32))
}
