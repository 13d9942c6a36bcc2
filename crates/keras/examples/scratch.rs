#![allow(missing_docs)]
use keras::Trainer;
use manifest::*;
use std::time::Instant;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let manifest = Manifest::load("experiments/linear-activation/manifest.yaml".as_ref(), &[]).unwrap();
    let mut t = manifest.training.clone();
    t.engine = Engine::Exact;
    let units: u32 = args.get(1).map_or(16, |a| a.parse().unwrap());
    let act = match args.get(2).map(String::as_str) {
        Some("relu") => Activation::Relu,
        Some("tanh") => Activation::Tanh,
        Some("sigmoid") => Activation::Sigmoid,
        _ => Activation::Linear,
    };
    t.batch_size = args.get(3).map_or(32, |a| a.parse().unwrap());
    let n: usize = args.get(4).map_or(100, |a| a.parse().unwrap());
    let depth: usize = args.get(5).map_or(1, |a| a.parse().unwrap());
    let reps: i64 = args.get(6).map_or(300, |a| a.parse().unwrap());
    let mut layers = vec![Layer { units, activation: act }; depth];
    layers.push(Layer { units: 1, activation: Activation::Linear });
    let x: Vec<f32> = (0..n).map(|i| (i as f32 - n as f32 / 2.0) / n as f32 * 3.4).collect();
    let y: Vec<f32> = x.iter().map(|x| x + 0.3).collect();
    if std::env::var("TORCH").is_ok() {
        let runtime = keras::Runtime::new(Device::Cpu).unwrap();
        t.engine = Engine::Libtorch;
        for _ in 0..3 {
            let mut model = keras::Sequential::new(&runtime, 1);
            for &l in &layers { model.add(l); }
            let mut model = model.compile(&t).unwrap();
            let mut fit = keras::Fit::new(&mut model, &x, &y).unwrap();
            fit.epoch();
            let k = (reps as usize).clamp(3, 100);
            let s = Instant::now();
            for _ in 0..k { fit.epoch(); }
            println!("libtorch {:.2} us/step", s.elapsed().as_secs_f64() * 1e6 / (k * n.div_ceil(t.batch_size)) as f64);
        }
    }
    let trainer = Trainer::new(&layers, 1, &t, &x, &y);
    for (name, mut tr) in trainer.each_instruction_set() {
        if std::env::var("ONLY").is_ok_and(|only| only != name) {
            continue;
        }
        let mut losses = Vec::new();
        let mut times = Vec::new();
        for seed in 0..reps {
            let s = Instant::now();
            tr.train(seed, &mut losses);
            times.push(s.elapsed().as_secs_f64());
        }
        times.sort_by(f64::total_cmp);
        let steps = (t.epochs as usize * n.div_ceil(t.batch_size)) as f64;
        println!(
            "{name}: {:.4} us/step (min {:.4}) loss {:e}",
            times[times.len() / 2] / steps * 1e6,
            times[0] / steps * 1e6,
            losses.last().unwrap()
        );
    }
}
