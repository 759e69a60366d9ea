//! The recovering reader: what can be placed of a text that is not shell through and through.
//!
//! For now it places nothing and says so.

use crate::dialect::Dialect;
use crate::span::Span;
use crate::syntax::tree::{Command, CommandKind, List, Reader, Script, Statement, Unread, UnreadReason};

/// Reads what can be read of `source`; `masked` is its masked copy.
pub(super) fn read(source: &[u8], _masked: &str, _dialect: Dialect) -> Script {
    let span = Span::new(0, source.len() as u32);
    let reason = UnreadReason::Malformed;
    let command = Command { span, kind: CommandKind::Unread(reason), redirects: Vec::new() };
    let statement = Statement { span, command, ampersand: None };
    Script {
        body: List { span, statements: vec![statement] },
        comments: Vec::new(),
        reader: Reader::Recovering,
        unread: vec![Unread { span, reason }],
    }
}
