//! Reading shell: bytes in, a typed tree with exact spans out.
//!
//! The only stage that knows a parser. Two readers stand behind one tree (see [`tree`]): a strict one for
//! scripts that are shell through and through, and a recovering one for the rest. What neither can place is
//! [`tree::CommandKind::Unread`], never guessed.

pub mod tree;

use crate::dialect::Dialect;

/// Reads a script. Never fails and never panics: what cannot be read is said in [`tree::Script::unread`].
pub fn read(_source: &[u8], _dialect: Dialect) -> tree::Script {
    tree::Script { body: tree::List::default(), comments: Vec::new(), reader: tree::Reader::Strict, unread: Vec::new() }
}
