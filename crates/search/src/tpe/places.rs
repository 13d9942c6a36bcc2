//! Where the trials lie on the scales of the space: worked out once a trial, and kept from one suggestion to the next.

use crate::scale::Scale;
use crate::{Assignment, Space, Trial};

/// The places of a history's trials, and their order on each scale.
#[derive(Clone, Debug)]
pub(super) struct Places {
    space: Space,
    /// By parameter.
    pub scales: Vec<Scale>,
    /// By row, which is the trial's place in the history.
    trials: Vec<(u64, Assignment)>,
    /// By row: whether the trial's parameters belong to the space.
    of_space: Vec<bool>,
    /// A place a parameter, row by row; NaN where the trial does not have the parameter.
    by_row: Vec<f64>,
    /// By parameter: the rows that have it, by place and then by number.
    orders: Vec<Vec<u32>>,
}

impl Places {
    pub fn new(space: &Space) -> Self {
        let scales: Vec<Scale> = space.parameters().iter().map(|parameter| Scale::new(&parameter.domain)).collect();
        let orders = vec![Vec::new(); scales.len()];
        Self { space: space.clone(), scales, trials: Vec::new(), of_space: Vec::new(), by_row: Vec::new(), orders }
    }

    /// Makes them those of `trials`, from the first one on that is not as it was the last time.
    pub fn update(&mut self, space: &Space, trials: &[Trial]) {
        if self.space != *space {
            *self = Self::new(space);
        }
        let is_known = |(known, trial): (&mut (u64, Assignment), &Trial)| {
            if known.0 != trial.number || known.1 != trial.parameters {
                return false;
            }
            if !known.1.is(&trial.parameters) {
                // The next comparison is told at once.
                known.1.clone_from(&trial.parameters);
            }
            true
        };
        let first = self.trials.iter_mut().zip(trials).map(is_known).take_while(|is_known| *is_known).count();
        if first < self.trials.len() {
            self.trials.truncate(first);
            self.of_space.truncate(first);
            self.by_row.truncate(first * self.scales.len());
            for order in &mut self.orders {
                order.retain(|&row| (row as usize) < first);
            }
        }
        for trial in &trials[first..] {
            self.push(trial);
        }
    }

    fn push(&mut self, trial: &Trial) {
        let (row, width) = (self.trials.len() as u32, self.scales.len());
        self.trials.push((trial.number, trial.parameters.clone()));
        let values = self.space.values(&trial.parameters);
        self.of_space.push(values.is_some());
        let values = values.unwrap_or_else(|| vec![None; width]);
        self.by_row
            .extend(self.scales.iter().zip(values).map(|(scale, value)| value.map_or(f64::NAN, |v| scale.place(v))));
        let Self { trials, by_row, orders, .. } = self;
        for (position, order) in orders.iter_mut().enumerate() {
            let key = |row: u32| (by_row[row as usize * width + position], trials[row as usize].0);
            let (place, number) = key(row);
            if !place.is_nan() {
                let behind = order.partition_point(|&row| {
                    let (other, earlier) = key(row);
                    other.total_cmp(&place).then(earlier.cmp(&number)).is_le()
                });
                order.insert(behind, row);
            }
        }
    }

    /// Whether the parameters of the trial in `row` belong to the space.
    pub fn is_of_space(&self, row: u32) -> bool {
        self.of_space[row as usize]
    }

    /// The place of the trial in `row` on the scale of the parameter at `position`; NaN where there is none.
    pub fn place(&self, row: u32, position: usize) -> f64 {
        self.by_row[row as usize * self.scales.len() + position]
    }

    /// The numbers of `rows` in that list, by their place on the scale of the parameter at `position`, which all of them
    /// have.
    pub fn ranks(&self, position: usize, rows: &[u32]) -> Vec<u32> {
        let mut of_row = vec![u32::MAX; self.trials.len()];
        for (number, &row) in (0..).zip(rows) {
            of_row[row as usize] = number;
        }
        let mut ranks: Vec<u32> = self.orders[position].iter().map(|&row| of_row[row as usize]).collect();
        ranks.retain(|&number| number != u32::MAX);
        ranks
    }
}
