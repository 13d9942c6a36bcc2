#[path = "../../src/bars.rs"]
mod drawing;

use drawing::Bar;

fn draw(spreads: &[[f64; 3]], is_ours: bool) -> Vec<u8> {
    let bars: Vec<Bar> = spreads.iter().map(|&spread| Bar { name: "a way", spread, is_ours }).collect();
    drawing::bars("", "", &bars, 2.0, 1.0).unwrap()
}

/// Bars keep the caller's order, and ours look other than those of others.
#[test]
fn bars_have_the_order_and_look_of_their_ways() {
    let [fast, slow] = [[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]];
    assert_ne!(draw(&[fast, slow], true), draw(&[slow, fast], true));
    assert_ne!(draw(&[fast, slow], true), draw(&[fast, slow], false));
}

#[test]
fn odd_times_are_drawn() {
    for spreads in [vec![[1.0; 3]], vec![[5.0; 3]; 40], vec![[1e-9, 1.0, 1e9], [f64::NAN; 3]]] {
        draw(&spreads, true);
    }
}
