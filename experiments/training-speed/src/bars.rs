//! How long a training step takes in several ways of doing it.

use figures::{
    Align, Area, Axis, BLUE, Error, Frame, GREY_BLUE, HEAD, INK, Item, LEGEND_SIZE, MARGIN, MUTED, Stroke, TICK_SIZE,
    WIDTH, overhang, significant, widest,
};

const ROW: f64 = 46.0;
const THICKEST: f64 = 54.0;
/// From the end of a bar or whisker to its value.
const VALUE_GAP: f64 = 22.0;
const COLUMN_GAP: f64 = 44.0;
const COLUMN_HEAD: &str = "ratio to engine exact";
const WHISKER: Stroke = Stroke { color: INK, width: 3.0, dash: &[] };

/// Microseconds of a step.
pub struct Bar {
    pub name: &'static str,
    /// The lower quartile, the median and the upper quartile of the repetitions.
    pub spread: [f64; 3],
    pub is_ours: bool,
}

/// The median duration of each row as a bar on a logarithmic axis, with a whisker from quartile to quartile, its value, and its
/// ratio to `exact`. `limit` is a dashed line at the time that the arithmetic alone takes.
pub fn bars(title: &str, subtitle: &str, bars: &[Bar], exact: f64, limit: f64) -> Result<Vec<u8>, Error> {
    let all = || bars.iter().flat_map(|bar| bar.spread).chain([limit]);
    // A bar has no natural left end on a logarithmic axis: it begins up to a decade below the smallest.
    let start = all().fold(f64::INFINITY, f64::min) / 3.0;
    let x = Axis::logarithmic("microseconds per training step", all().chain([start]))?;
    let y = Axis::rows("", bars.iter().map(|bar| bar.name), ROW).with_head(HEAD);
    let legend = vec![
        Item::area("this workspace, median", BLUE),
        Item::area("others, median", GREY_BLUE),
        Item::line("spread of the repetitions", WHISKER),
    ];
    let value = |bar: &Bar| format!("{} µs", significant(bar.spread[1], 3));
    let ratios: Vec<String> = bars.iter().map(|bar| format!("{} ×", significant(bar.spread[1] / exact, 2))).collect();
    let ratio_width = widest(ratios.iter().map(String::as_str), LEGEND_SIZE).max(widest([COLUMN_HEAD], TICK_SIZE));
    let column = ratio_width + COLUMN_GAP;
    let values = bars.iter().map(|bar| (bar.spread[2], value(bar)));
    let right = column + overhang(&x, &y, values, MARGIN + column + 240.0, VALUE_GAP);

    let mut plot = Frame { title, subtitle, legend, right, ..Frame::default() }.plot(&x, &y);
    let thickness = (0.56 * (plot.up(1.0) - plot.up(0.0))).min(THICKEST);
    let rows = || (0..).map(f64::from).zip(bars).filter(|(row, _)| y.has(*row));
    for (row, Bar { spread: [low, median, high], is_ours, .. }) in rows() {
        let (top, bottom) = (plot.up(row) - thickness / 2.0, plot.up(row) + thickness / 2.0);
        let area = Area { left: plot.area.left, top, right: plot.across(*median), bottom };
        plot.bar(area, if *is_ours { BLUE } else { GREY_BLUE });
        let ends = [(*low, row), (*high, row)].map(|end| plot.position(end));
        plot.canvas.whisker(ends, (0.0, thickness / 5.0), WHISKER);
    }
    plot.rule("arithmetic limit", limit);
    for (row, bar) in rows() {
        plot.write_beside(value(bar), (plot.across(bar.spread[2]) + VALUE_GAP, plot.up(row)), INK);
    }
    let edge = f64::from(WIDTH) - MARGIN;
    plot.column(edge, Align::Right, (LEGEND_SIZE, INK), ratios);
    let head = plot.area.top - 19.5;
    plot.write(COLUMN_HEAD, (edge, head), (TICK_SIZE, MUTED), Align::Right);
    plot.into_png()
}
