//! How the time of a check grows with the length of the script: `cargo bench --bench analysis`.
//!
//! Scripts of many shapes are made in growing sizes and checked. Printed are the microseconds that a line takes and,
//! for each shape, how many times more a line of the longest script takes than one of the shortest: the analysis
//! is to be linear, so the number is to stay below 1.5. A word behind `--` chooses the shapes whose names hold it.
//!
//! The time is that of this process, not that of the clock on the wall, so that a busy machine does not matter much.

mod shapes;

use noharm::config::Settings;
use noharm::source::{DiskLoader, Source};
use std::time::{Duration, Instant};

/// Lines of the scripts.
const SIZES: [usize; 3] = [1_000, 10_000, 100_000];

/// So often a short script is checked, and the fastest counts.
const TIMES: [u32; 3] = [5, 3, 1];

/// How often the time a line takes may grow.
const BAR: f64 = 1.5;

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let settings = Settings::default();
    print!("{:<12}", "µs a line");
    for size in SIZES {
        print!("{size:>10}");
    }
    println!("{:>10}", "ratio");
    let mut above = Vec::new();
    for (name, make) in shapes::ALL {
        if !wanted.is_empty() && !wanted.iter().any(|word| name.contains(word.as_str())) {
            continue;
        }
        print!("{name:<12}");
        let mut first = None;
        let mut last = 0.0;
        for (size, times) in SIZES.into_iter().zip(TIMES) {
            let text = make(size);
            let lines = text.lines().count().max(1);
            let spent = (0..times).map(|_| check(&text, &settings)).min().unwrap_or_default();
            #[allow(clippy::cast_precision_loss, reason = "a script has far fewer than 2^52 lines")]
            let per_line = spent.as_secs_f64() * 1e6 / lines as f64;
            last = per_line;
            first.get_or_insert(last);
            print!("{last:>10.1}");
        }
        let ratio = last / first.unwrap_or(last);
        println!("{ratio:>10.2}");
        if ratio > BAR {
            above.push(name);
        }
    }
    if !above.is_empty() {
        println!("above {BAR}: {}", above.join(", "));
    }
}

/// The time that one check takes.
fn check(text: &str, settings: &Settings) -> Duration {
    let Ok(source) = Source::new("bench.sh", text) else { return Duration::default() };
    let start = Spent::now();
    std::hint::black_box(noharm::check(&source, settings, &DiskLoader));
    start.elapsed()
}

/// Time that this process spent, where the system tells; else that of the clock.
struct Spent {
    clock: Instant,
    ticks: Option<Duration>,
}

impl Spent {
    fn now() -> Self {
        Self { clock: Instant::now(), ticks: spent() }
    }

    fn elapsed(&self) -> Duration {
        match (self.ticks, spent()) {
            (Some(before), Some(after)) => after.saturating_sub(before),
            _ => self.clock.elapsed(),
        }
    }
}

/// Nanoseconds on a processor, of the only thread there is.
fn spent() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}
