//! scikit-learn's ways to part rows: the same indices in the same order.

use random::numpy::RandomState;

/// The training and the test rows of `train_test_split(range(rows), test_size=test, random_state=seed)`.
///
/// Without a seed, `shuffle=False`: the last `test` rows are the test rows, all in their order.
pub fn train_test_split(rows: usize, test: usize, seed: Option<u32>) -> (Vec<usize>, Vec<usize>) {
    let Some(seed) = seed else {
        return ((0..rows - test).collect(), (rows - test..rows).collect());
    };
    let order = RandomState::new(seed).permutation(rows);
    let order: Vec<usize> = order.into_iter().map(|row| row as usize).collect();
    (order[test..].to_vec(), order[..test].to_vec())
}

/// The training and the test rows of `train_test_split(..., stratify=classes)`, which is `StratifiedShuffleSplit`: every
/// class has its share of both.
///
/// `classes` are codes from 0 on without gaps, one for each row, in the order in which NumPy sorts what they stand for.
///
/// # Errors
/// If a class has a single row, or either part has fewer rows than there are classes.
pub fn stratified_split(classes: &[u32], test: usize, seed: u32) -> Result<(Vec<usize>, Vec<usize>), String> {
    let number = classes.iter().max().map_or(0, |last| *last as usize + 1);
    let mut members = vec![Vec::new(); number];
    for (row, class) in classes.iter().enumerate() {
        members[*class as usize].push(row);
    }
    let train = classes.len() - test;
    if members.iter().any(|rows| rows.len() < 2) {
        return Err("every class needs 2 rows".to_owned());
    }
    if train.min(test) < number {
        return Err(format!("{number} classes need as many rows in either part, got {train} and {test}"));
    }
    let mut state = RandomState::new(seed);
    let mut counts: Vec<usize> = members.iter().map(Vec::len).collect();
    let in_train = approximate_mode(&counts, train, &mut state);
    for (count, taken) in counts.iter_mut().zip(&in_train) {
        *count -= taken;
    }
    let in_test = approximate_mode(&counts, test, &mut state);
    let (mut train_rows, mut test_rows) = (Vec::new(), Vec::new());
    for ((rows, train), test) in members.iter().zip(in_train).zip(in_test) {
        let order: Vec<usize> = state.permutation(rows.len()).into_iter().map(|index| rows[index as usize]).collect();
        train_rows.extend_from_slice(&order[..train]);
        test_rows.extend_from_slice(&order[train..train + test]);
    }
    state.shuffle(&mut train_rows);
    state.shuffle(&mut test_rows);
    Ok((train_rows, test_rows))
}

/// Training and validation rows, by their number among the rows that were parted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fold {
    /// The rows to train on.
    pub train: Vec<usize>,
    /// The rows to validate on.
    pub validation: Vec<usize>,
}

/// The folds of `KFold(folds, shuffle=..., random_state=seed)`; without a seed, `shuffle=False`.
pub fn k_fold(rows: usize, folds: usize, seed: Option<u32>) -> Vec<Fold> {
    let mut order: Vec<usize> = (0..rows).collect();
    if let Some(seed) = seed {
        RandomState::new(seed).shuffle(&mut order);
    }
    let mut fold_of = vec![0; rows];
    let mut start = 0;
    for fold in 0..folds {
        let size = rows / folds + usize::from(fold < rows % folds);
        for row in &order[start..start + size] {
            fold_of[*row] = fold;
        }
        start += size;
    }
    let part = |fold: usize, inside: bool| (0..rows).filter(|row| (fold_of[*row] == fold) == inside).collect();
    (0..folds).map(|fold| Fold { train: part(fold, false), validation: part(fold, true) }).collect()
}

/// `sklearn.utils.extmath._approximate_mode`: how many of `draws` fall to each class, ties broken at random.
fn approximate_mode(counts: &[usize], draws: usize, state: &mut RandomState) -> Vec<usize> {
    let total: usize = counts.iter().sum();
    let exact: Vec<f64> = counts.iter().map(|count| *count as f64 / total as f64 * draws as f64).collect();
    let mut drawn: Vec<usize> = exact.iter().map(|share| *share as usize).collect();
    let mut missing = draws - drawn.iter().sum::<usize>();
    let remainders: Vec<f64> = exact.iter().map(|share| share - share.floor()).collect();
    let mut values = remainders.clone();
    values.sort_by(|one, other| other.total_cmp(one));
    values.dedup();
    for value in values {
        if missing == 0 {
            break;
        }
        let tied: Vec<usize> = (0..counts.len()).filter(|class| remainders[*class] == value).collect();
        let now = missing.min(tied.len());
        for index in &state.permutation(tied.len())[..now] {
            drawn[tied[*index as usize]] += 1;
        }
        missing -= now;
    }
    drawn
}
