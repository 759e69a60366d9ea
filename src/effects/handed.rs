//! What holds in a function at the calls that hand it what makes an effect of it another one.
//!
//! ```sh
//! put() { sed -i "s/^$1=.*/$1=$2/" /etc/app.conf; }
//! put host "$HOST"
//! grep -q '^key=CHANGE_ME' /etc/app.conf && put key "$(openssl rand -hex 16)"    # it is looked at where that matters
//! ```

use super::bits::Bits;
use super::step::Occurrence;
use super::whole::{Which, Whole};
use hashbrown::HashMap;

/// By the effect: what holds at the entry of its function at those calls.
pub fn entries(whole: &Whole<'_, '_>, occurrences: &[Occurrence], entries: &[Bits]) -> HashMap<usize, Bits> {
    let handed = occurrences.iter().enumerate().filter_map(|(at, occurrence)| {
        let calls = Which::Among(&occurrence.handed.as_ref()?.calls);
        Some((at, whole.at_calls(occurrence.unit, &|caller| entries.get(caller.0 as usize), &calls)?))
    });
    handed.collect()
}
