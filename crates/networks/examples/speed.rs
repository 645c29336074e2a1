//! Seconds a megapixel, of the clock and of the processor.
//!
//! ```sh
//! cargo run --release -p tcloud-networks --example speed -- FILE.onnx [SIDE] [THREADS] [ROUNDS]
//! ```
//!
//! `reference/speed.py` measures onnxruntime the same way.

use std::env;
use std::num::NonZero;
use std::time::Instant;

use tcloud_networks::Network;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = env::args().skip(1);
    let file = arguments.next().ok_or("which network?")?;
    let mut number = |default: usize| -> Result<usize, Box<dyn std::error::Error>> {
        Ok(arguments
            .next()
            .map(|text| text.parse())
            .transpose()?
            .unwrap_or(default))
    };
    let (side, threads, rounds) = (number(1000)?, number(2)?, number(5)?);
    let threads = NonZero::new(threads).ok_or("at least one thread")?;
    let network = Network::from_onnx(&std::fs::read(&file)?)?;
    let mut state = 1_u32;
    let plane: Vec<f32> = (0..side * side)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f32::from(state.to_be_bytes()[0]) / 255.0
        })
        .collect();
    let mut best = f64::INFINITY;
    for _ in 0..rounds {
        let start = Instant::now();
        let mut sum = 0.0;
        network.run(
            (side, side),
            threads,
            |x, y| [plane.get(y * side + x).copied().unwrap_or_default()],
            |part| sum += f64::from(part.samples[0].iter().sum::<f32>()),
            &|| false,
        )?;
        best = best.min(start.elapsed().as_secs_f64());
        assert!(sum.is_finite());
    }
    println!("{best:.3} s");
    Ok(())
}
