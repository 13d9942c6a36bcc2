//! Eigen's order of additions on slices, for what is not in the inner loops.

/// Lanes `l[0..l.len()]`, a power of two of them, by halves: each half is added to the other until one is left.
pub(super) fn halves(lanes: &mut [f32]) -> f32 {
    let mut width = lanes.len() / 2;
    while width > 0 {
        for i in 0..width {
            lanes[i] += lanes[i + width];
        }
        width /= 2;
    }
    lanes[0]
}

/// `Sum` of a whole tensor, or of a row of one; the mean of a loss is this divided by the count.
///
/// More than 8192 values are halved at a multiple of eight, and the sums of both halves added. Below eight values in order.
/// From eight on in eight lanes, from 32 on in four times eight that are merged in order; whole groups of eight that are
/// left join the lanes; the last values are summed on their own and added at the end.
pub(crate) fn sum(x: &[f32]) -> f32 {
    if x.len() > 8192 {
        let (first, second) = x.split_at(x.len().div_ceil(2).div_ceil(8) * 8);
        return sum(first) + sum(second);
    }
    let (packets, tail) = x.as_chunks::<8>();
    let (unrolled, rest) = packets.split_at(packets.len() / 4 * 4);
    let add = |a: [f32; 8], b: [f32; 8]| std::array::from_fn(|i| a[i] + b[i]);
    let four = (0..4).filter_map(|j| unrolled.iter().skip(j).step_by(4).copied().reduce(add));
    let lanes = four.chain(rest.iter().copied()).reduce(add);
    let total = lanes.map(|mut lanes| halves(&mut lanes));
    let tail = tail.iter().copied().reduce(|a, b| a + b);
    total.into_iter().chain(tail).reduce(|a, b| a + b).unwrap_or(0.0)
}
