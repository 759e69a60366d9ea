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
    fn collect<'c>(condition: &'c Condition, found: &mut Vec<[&'c [Fact]; 2]>) {
        match condition {
            Condition::Facts { yes, no } => found.push([yes, no]),
            Condition::Not(inner) => collect(inner, found),
            Condition::And(left, right) | Condition::Or(left, right) => {
                collect(left, found);
                collect(right, found);
            }
            Condition::Slot { .. } | Condition::Known(_) | Condition::Unknown => {}
        }
    }
    let mut tests = Vec::new();
    for condition in steps.iter().flatten().filter_map(|step| step.condition.as_ref()) {
        collect(condition, &mut tests);
    }
    let mut seen: HashMap<(Option<Fact>, Option<Fact>), usize> = HashMap::new();
    let key = |[yes, no]: [&[Fact]; 2]| (yes.first().copied(), no.first().copied());
    for &test in &tests {
        *seen.entry(key(test)).or_default() += 1;
    }
    let repeated = tests.into_iter().filter(|&test| seen.get(&key(test)).is_some_and(|&count| count > 1));
    repeated.flat_map(|[yes, no]| yes.iter().chain(no).copied()).collect()
}
