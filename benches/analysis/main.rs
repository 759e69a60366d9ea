//! How the time of a check grows with the length of the script: `cargo bench --bench analysis`.
//!
//! Scripts of many shapes are made in growing sizes and checked. Printed are the microseconds that a line takes and,
//! for each shape, how many times more a line of the longest script takes than one of the shortest: the analysis
//! is to be linear, so the number is to stay below 1.5. A word behind `--` chooses the shapes whose names hold it.
//!
//! The time is that of this process, not that of the clock on the wall, so that a busy machine does not matter much.
//! A short script fits into the caches of a processor and a long one does not, which alone makes a line of it dearer:
//! where the ratio is above the bar and that between the last two sizes is near 1, count instructions
//! (`valgrind --tool=callgrind`) before looking for something quadratic.

mod shapes;

use noharm::config::Settings;
use noharm::source::{DiskLoader, MemoryLoader, Source};
use std::time::{Duration, Instant};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Lines of the scripts.
const SIZES: [usize; 3] = [1_000, 10_000, 100_000];

/// How often each is checked: the system counts processor time in steps of some milliseconds.
const TIMES: [u32; 3] = [40, 4, 1];

/// How often the time a line takes may grow.
const BAR: f64 = 1.5;

fn main() {
    // `cargo test --all-targets` starts this too.
    if !std::env::args().any(|word| word == "--bench") {
        println!("nothing is measured without `--bench`");
        return;
    }
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let settings = Settings::default();
    print!("{:<12}", "µs a line");
    for size in SIZES {
        print!("{size:>10}");
    }
    println!("{:>10}{:>10}", "last/1st", "last/2nd");
    let mut above = Vec::new();
    for (name, make) in shapes::ALL.iter().copied() {
        if !wanted.is_empty() && !wanted.iter().any(|word| name.contains(word.as_str())) {
            continue;
        }
        print!("{name:<12}");
        let mut all = Vec::new();
        for (size, times) in SIZES.into_iter().zip(TIMES) {
            let text = make(size);
            let lines = u32::try_from(text.lines().count().max(1)).unwrap_or(u32::MAX);
            check(&text, &settings);
            let start = Spent::now();
            for _ in 0..times {
                check(&text, &settings);
            }
            let line = start.elapsed().as_secs_f64() * 1e6 / f64::from(times) / f64::from(lines);
            print!("{line:>10.1}");
            all.push(line);
        }
        let [first, second, last] = all[..] else { continue };
        let ratio = last / first;
        println!("{ratio:>10.2}{:>10.2}", last / second);
        if ratio > BAR {
            above.push(name);
        }
    }
    if wanted.is_empty() || wanted.iter().any(|word| "libraries".contains(word.as_str())) {
        libraries(&settings);
    }
    if !above.is_empty() {
        println!("above {BAR}: {}", above.join(", "));
    }
    if let Some(most) = most_memory() {
        println!("most memory: {most}");
    }
}

/// A hundred scripts that source one library: of all their lines together.
fn libraries(settings: &Settings) {
    print!("{:<12}", "libraries");
    let mut all = Vec::new();
    for size in SIZES {
        let (library, scripts) = shapes::libraries(size);
        let lines = library.lines().count() + scripts.iter().map(|script| script.lines().count()).sum::<usize>();
        let loader = MemoryLoader::default().with("library.sh", library);
        let start = Spent::now();
        for script in &scripts {
            if let Ok(source) = Source::new("bench.sh", script.as_str()) {
                std::hint::black_box(noharm::check(&source, settings, &loader));
            }
        }
        let line = start.elapsed().as_secs_f64() * 1e6 / f64::from(u32::try_from(lines).unwrap_or(u32::MAX));
        print!("{line:>10.1}");
        all.push(line);
    }
    if let [first, second, last] = all[..] {
        println!("{:>10.2}{:>10.2}", last / first, last / second);
    }
}

fn check(text: &str, settings: &Settings) {
    if let Ok(source) = Source::new("bench.sh", text) {
        std::hint::black_box(noharm::check(&source, settings, &DiskLoader));
    }
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

/// The most memory that was used at a time.
fn most_memory() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")).map(|most| most.trim().to_owned())
}

/// Nanoseconds on a processor, of the only thread there is.
fn spent() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}
