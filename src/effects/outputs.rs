//! What a substitution has printed so far, and what that says.
//!
//! ```sh
//! v=$(grep '^port=' /etc/app.conf | cut -d= -f2)   # empty: there is no such line
//! ```

use super::bits::Few;
use super::facts::{Cases, Facts, put};
use super::question::{Excluded, Outcome};
use super::set::Extra;
use super::step::Prints;
use super::thing::Fact;
use crate::flow::graph::Slot;
use std::rc::Rc;

/// Adds what a command prints to what is captured. `bits` are the bits of facts and of what they imply.
pub fn add(prints: &Prints, capture: Slot, bits: &dyn Fn(&[Fact]) -> Few, state: &mut Facts) {
    if *prints == Prints::Nothing {
        return;
    }
    let Some(cases) = state.cases(capture).map(Rc::clone) else { return };
    let something = Outcome::Other(Excluded::default());
    let mut after: Cases = Vec::new();
    for (outcome, extra) in cases.iter() {
        if *outcome != Outcome::Empty {
            put(&mut after, &something, extra.clone());
            continue;
        }
        match prints {
            Prints::Text(text) if text.is_empty() => put(&mut after, &Outcome::Empty, extra.clone()),
            Prints::Text(text) => put(&mut after, &Outcome::Constant((**text).into()), extra.clone()),
            Prints::Answer { counts, found, missing } => {
                // A count is 0 or a number above.
                let (none, some) = if *counts {
                    (Outcome::Constant("0".into()), Outcome::Positive)
                } else {
                    (Outcome::Empty, something.clone())
                };
                put(&mut after, &none, extra.made(&bits(missing), &state.must));
                put(&mut after, &some, extra.made(&bits(found), &state.must));
            }
            Prints::OneOf(texts) => {
                for (text, facts) in texts {
                    put(&mut after, &Outcome::Constant((**text).into()), extra.made(&bits(facts), &state.must));
                }
                put(&mut after, &Outcome::Empty, extra.clone());
                put(&mut after, &Outcome::other_than(texts.iter().map(|(text, _)| &**text)), extra.clone());
            }
            Prints::Like(slot) => like(state.cases(*slot), extra, &mut after),
            Prints::Something | Prints::UnlessFailed => {
                put(&mut after, &Outcome::Empty, extra.clone());
                put(&mut after, &something, extra.clone());
            }
            Prints::OnSuccess | Prints::Nothing => put(&mut after, &something, extra.clone()),
        }
    }
    after.sort_by(|a, b| a.0.order(&b.0));
    state.set_cases(capture, Some(Rc::new(after)));
}

/// Something where the slot holds something, with what holds in that case.
fn like(held: Option<&Rc<Cases>>, extra: &Extra, after: &mut Cases) {
    let something = Outcome::Other(Excluded::default());
    let anything = [(Outcome::Any(Excluded::default()), Extra::default())];
    for (outcome, more) in held.map_or(&anything[..], |cases| cases) {
        let extra = extra.and(more);
        match outcome {
            Outcome::Empty => put(after, &Outcome::Empty, extra),
            Outcome::Constant(_) | Outcome::Failure(_) | Outcome::Positive | Outcome::Other(_) => {
                put(after, &something, extra);
            }
            Outcome::Entry(_) | Outcome::Any(_) => {
                put(after, &Outcome::Empty, extra.clone());
                put(after, &something, extra);
            }
        }
    }
}
