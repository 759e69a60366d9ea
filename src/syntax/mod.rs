//! Reading shell: bytes in, a typed tree with exact spans out.
//!
//! The only stage that knows a parser. Two readers stand behind one tree (see [`tree`]): a strict one for
//! scripts that are shell through and through, and a recovering one for the rest. What neither can place is
//! [`tree::CommandKind::Unread`], never guessed.

mod account;
pub mod dump;
mod mask;
mod recover;
mod remap;
mod strict;
pub mod tokens;
pub mod tree;

pub use remap::{remap, remap_filled};
pub use strict::arithmetic;

use crate::dialect::Dialect;

/// Reads a script. Never fails and never panics: what cannot be read is said in [`tree::Script::unread`].
pub fn read(source: &[u8], dialect: Dialect) -> tree::Script {
    let masked = mask::mask(source);
    let strictly = strict::read(source, &masked).and_then(|script| recover::sound(script, source));
    strictly.unwrap_or_else(|| recover::read(source, &masked, dialect))
}
