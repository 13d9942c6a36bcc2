use benchmark::Shape;

#[test]
fn a_training_has_so_much_arithmetic() {
    let post =
        Shape { features: 1, units: vec![16, 1], samples: 100, batch_size: 32, epochs: 100, validation_samples: 0 };
    println!("{}: {} steps of {:.0} operations", post.layers(), post.steps(), post.flops_per_step());
    assert_eq!((post.layers().as_str(), post.steps()), ("1-16-1", 400));
    assert!(Shape { batch_size: 100, ..post.clone() }.flops() < post.flops());
}
