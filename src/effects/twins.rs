//! Tests that stand in the script more than once: the second answer follows from the first.
//!
//! ```sh
//! if [ -x /etc/init.d/app ]; then /etc/init.d/app stop; fi
//! rotate
//! if [ -x /etc/init.d/app ]; then /etc/init.d/app start; fi
//! ```
//! No way through this stops the service and does not start it again.

use super::step::{Condition, Step};
use super::thing::Fact;
use hashbrown::HashMap;

/// What tests prove that stand in the script more than once: the second answer follows from the first.
pub fn proved(steps: &[Option<Box<Step>>]) -> Vec<Fact> {
    let mut tests: Vec<[&[Fact]; 2]> = Vec::new();
    for condition in steps.iter().flatten().filter_map(|step| step.condition.as_ref()) {
        condition.each(&mut |question| {
            if let Condition::Facts { yes, no } = question {
                tests.push([yes, no]);
            }
        });
    }
    let mut seen: HashMap<(Option<Fact>, Option<Fact>), usize> = HashMap::new();
    let key = |[yes, no]: [&[Fact]; 2]| (yes.first().copied(), no.first().copied());
    for &test in &tests {
        *seen.entry(key(test)).or_default() += 1;
    }
    let repeated = tests.into_iter().filter(|&test| seen.get(&key(test)).is_some_and(|&count| count > 1));
    repeated.flat_map(|[yes, no]| yes.iter().chain(no).copied()).collect()
}
