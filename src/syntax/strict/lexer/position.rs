//! What the grammar awaits at a point: a command, an argument, a pattern, a loop's name …
//!
//! Just enough to tell reserved words from arguments and the two meanings of `)` apart. It judges nothing: a
//! text that is not shell gets tokens all the same, and the grammar refuses them later.

use super::TokenKind;

/// What may stand next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Awaited {
    /// The first word of a command, an assignment or a reserved word.
    Command,
    /// A command after `time`: `-p` may stand before it.
    Timed,
    /// A command after `coproc`: a name may stand before it.
    Coprocess,
    /// The command word after assignments.
    Assigned,
    /// More words of a command, or items of a list.
    Argument,
    /// The variable of `for` and `select`.
    ForName,
    /// `in` or `do` after it.
    ForIn,
    /// What `case` matches.
    CaseSubject,
    /// The `in` after it.
    CaseIn,
    /// A pattern of a `case`, or `esac`.
    Pattern,
    /// The name after `function`.
    FunctionName,
}

/// What is open around a point.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Parenthesis,
    Case,
}

/// The state while tokens go by.
pub(super) struct Positions {
    awaited: Awaited,
    open: Vec<Open>,
}

impl Positions {
    pub(super) fn new() -> Self {
        Self { awaited: Awaited::Command, open: Vec::new() }
    }

    /// What may stand next; the variants of a command's start are one to the asker.
    pub(super) fn awaited(&self) -> Awaited {
        match self.awaited {
            Awaited::Timed | Awaited::Coprocess => Awaited::Command,
            other => other,
        }
    }

    /// Whether a `)` here belongs to what is around the list.
    pub(super) fn closes_all(&self) -> bool {
        self.awaited != Awaited::Pattern && !self.open.contains(&Open::Parenthesis)
    }

    pub(super) fn newline(&mut self) {
        self.awaited = match self.awaited {
            kept @ (Awaited::ForIn | Awaited::CaseIn | Awaited::Pattern | Awaited::FunctionName) => kept,
            _ => Awaited::Command,
        };
    }

    pub(super) fn arithmetic_for(&mut self) {
        self.awaited = Awaited::Command;
    }

    /// Notes an operator; false where parentheses nest deeper than `limit`.
    pub(super) fn operator(&mut self, text: &[u8], limit: usize) -> bool {
        if self.awaited == Awaited::Pattern {
            if text == b")" {
                self.awaited = Awaited::Command;
            }
            return true;
        }
        match text {
            b"(" => self.open.push(Open::Parenthesis),
            b")" => {
                if let Some(at) = self.open.iter().rposition(|&open| open == Open::Parenthesis) {
                    self.open.truncate(at);
                }
            }
            b";;" | b";&" | b";;&" if self.open.last() == Some(&Open::Case) => {
                self.awaited = Awaited::Pattern;
                return true;
            }
            _ => {}
        }
        self.awaited = Awaited::Command;
        self.open.len() <= limit
    }

    /// Says what a word is, and notes it. `rest` is what follows behind blanks.
    pub(super) fn word(&mut self, text: &[u8], assignment: bool, rest: &[u8]) -> TokenKind {
        match self.awaited {
            Awaited::Timed if text == b"-p" || text == b"--" => TokenKind::Reserved,
            Awaited::Command | Awaited::Timed | Awaited::Coprocess => self.first(text, assignment, rest),
            Awaited::Assigned if assignment => TokenKind::Assignment,
            Awaited::Assigned | Awaited::Argument => {
                self.awaited = Awaited::Argument;
                TokenKind::Word
            }
            Awaited::ForName => {
                self.awaited = Awaited::ForIn;
                TokenKind::Word
            }
            Awaited::ForIn => {
                self.awaited = if text == b"in" { Awaited::Argument } else { Awaited::Command };
                TokenKind::Reserved
            }
            Awaited::CaseSubject => {
                self.awaited = Awaited::CaseIn;
                TokenKind::Word
            }
            Awaited::CaseIn => {
                self.awaited = Awaited::Pattern;
                TokenKind::Reserved
            }
            Awaited::Pattern if text == b"esac" => {
                self.close_case();
                TokenKind::Reserved
            }
            Awaited::Pattern => TokenKind::Pattern,
            Awaited::FunctionName => {
                self.awaited = Awaited::Command;
                TokenKind::Word
            }
        }
    }

    fn close_case(&mut self) {
        if self.open.last() == Some(&Open::Case) {
            self.open.pop();
        }
        self.awaited = Awaited::Command;
    }

    fn first(&mut self, text: &[u8], assignment: bool, rest: &[u8]) -> TokenKind {
        let coprocess = self.awaited == Awaited::Coprocess;
        self.awaited = match text {
            b"if" | b"then" | b"else" | b"elif" | b"while" | b"until" | b"do" | b"{" | b"!" | b"fi" | b"done"
            | b"}" => Awaited::Command,
            b"esac" => {
                self.close_case();
                Awaited::Command
            }
            b"time" => Awaited::Timed,
            b"coproc" => Awaited::Coprocess,
            b"for" | b"select" => Awaited::ForName,
            b"case" => {
                self.open.push(Open::Case);
                Awaited::CaseSubject
            }
            b"function" => Awaited::FunctionName,
            _ if assignment => {
                self.awaited = Awaited::Assigned;
                return TokenKind::Assignment;
            }
            _ => {
                let named = coprocess && starts_compound(rest);
                self.awaited = if named { Awaited::Command } else { Awaited::Argument };
                return TokenKind::Word;
            }
        };
        TokenKind::Reserved
    }
}

/// Whether a compound command starts here.
fn starts_compound(rest: &[u8]) -> bool {
    [&b"{ "[..], b"{\n", b"(", b"[[ ", b"if ", b"while ", b"until ", b"for ", b"case ", b"select "]
        .iter()
        .any(|start| rest.starts_with(start))
}
