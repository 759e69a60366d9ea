//! Where text can be put: what a fix must know of the place around a command.
//!
//! Computed here, where the text is at hand, so that rules need not see it.

use crate::flow::graph::SimpleNode;
use crate::flow::state::{Flag, State};
use crate::span::Span;

/// The place around a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The command, redirects included.
    pub span: Span,
    /// The statement it stands in.
    pub statement: Span,
    /// Where what is put in front of the statement goes: in front of the comments for tools that stand right above it.
    pub lead: u32,
    /// The command is the whole statement.
    pub alone: bool,
    /// It is a stage of a pipeline.
    pub piped: bool,
    /// It stands in a function.
    pub in_function: bool,
    /// The blanks in front of the statement, where nothing else stands before it on its line.
    pub indent: Option<String>,
    /// A `|| true` or `|| :` right behind the command, blanks in front included.
    pub swallowed: Option<Span>,
    /// Nothing but the end of the statement follows the command, or what follows is in [`Spot::swallowed`]; and the statement is
    /// no condition, which asks for the status, and is waited for.
    pub last: bool,
    /// All that follows in the statement is that its failure ends the script or the function: `|| exit 1`.
    pub stops: bool,
    /// What follows on the next lines asks how the statement ended.
    pub asked_next: bool,
    /// The statement itself asks how what stands in front of it has ended.
    pub asks: bool,
    /// Right behind a `||`.
    pub behind_or: bool,
    /// Nothing follows the statement on its line.
    pub ends_line: bool,
    /// A stage of the pipeline that is the statement, and not its last one: where it fails, another one's status is asked for.
    pub lost_in_pipe: bool,
    /// Errexit and pipefail, where the shell has them on or off for certain.
    pub options: Options,
    /// Where what follows the command begins, behind blanks, ends of lines, and one `;` or `&&`.
    pub next: u32,
    /// Of a loop: where its turns begin, where text can be put in front of it and of them.
    pub turn: Option<Box<Turn>>,
}

/// Options of the shell at a place, where they are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// `set -e`.
    pub errexit: Option<bool>,
    /// `set -o pipefail`.
    pub pipefail: Option<bool>,
}

impl Options {
    /// Those that a state has.
    pub fn of(state: &State) -> Self {
        let known = |flag: Flag| match flag {
            Flag::On => Some(true),
            Flag::Off => Some(false),
            Flag::Either | Flag::Entry => None,
        };
        Self { errexit: known(state.errexit), pipefail: known(state.pipefail) }
    }
}

/// Where the turns of a loop begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The first command of a turn.
    pub start: u32,
    /// The blanks in front of it, where it begins its line.
    pub indent: Option<String>,
    /// How its turns can be counted.
    pub count: Option<Count>,
}

/// How the turns of a loop can be counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// A variable that the script does not have.
    pub name: &'static str,
    /// How many turns are enough.
    pub most: u32,
    /// Nothing in a turn sleeps, so that a pause belongs there as well.
    pub sleeps: bool,
}

impl Spot {
    /// Looks around a simple command.
    pub fn around(source: &[u8], node: &SimpleNode<'_>) -> Self {
        let spot = Self::of(source, node.command.span, node.statement, node.alone, node.pipeline.is_some());
        let lost_in_pipe = node.pipeline == Some(node.statement) && !node.behind.is_empty() && !node.in_condition;
        let asked = node.in_condition;
        Self { last: spot.last && !asked, stops: spot.stops && !asked, lost_in_pipe, ..spot }
    }

    /// Looks around a command.
    pub fn of(source: &[u8], span: Span, statement: Span, alone: bool, piped: bool) -> Self {
        let before = source.get(..statement.start as usize).unwrap_or_default();
        let line = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let blanks = &before[line..];
        let indent = blanks
            .iter()
            .all(|byte| matches!(byte, b' ' | b'\t'))
            .then(|| String::from_utf8_lossy(blanks).into_owned());
        let rest = source.get(span.end as usize..statement.end.max(span.end) as usize).unwrap_or_default();
        let swallowed = swallowed(rest).map(|length| Span::new(span.end, span.end + length));
        let after = swallowed.map_or(span.end, |span| span.end);
        let behind = source.get(statement.end as usize..).unwrap_or_default();
        let at = behind.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'\r'));
        let next = at.map(|at| &behind[at]);
        let in_background =
            matches!(at.map(|at| &behind[at..]), Some([b'&', rest @ ..]) if rest.first() != Some(&b'&'));
        Self {
            span,
            statement,
            lead: indent.as_ref().map_or(statement.start, |indent| lead(before, line, indent)),
            alone,
            piped,
            in_function: false,
            indent,
            swallowed,
            last: after >= statement.end && !in_background,
            stops: stops(rest),
            ends_line: next.is_none_or(|byte| *byte == b'\n'),
            asked_next: asks_status(behind),
            asks: names_status(source.get(statement.range()).unwrap_or_default()),
            behind_or: source.get(..span.start as usize).is_some_and(|front| front.trim_ascii_end().ends_with(b"||")),
            lost_in_pipe: false,
            options: Options::default(),
            next: next_command(source, span.end),
            turn: None,
        }
    }
}

/// What a comment begins with that speaks to a tool of the command below it.
const DIRECTIVES: [&str; 3] = ["# shellcheck ", "#shellcheck ", "# noharm:"];

/// Where the comments for tools begin that stand right above a line, with its blanks in front.
fn lead(before: &[u8], line: usize, indent: &str) -> u32 {
    let mut at = line;
    while let Some(above) = at.checked_sub(1) {
        let start = before[..above].iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
        let text = std::str::from_utf8(&before[start..above]).unwrap_or_default();
        let comment = text.strip_prefix(indent).unwrap_or_default();
        if !DIRECTIVES.iter().any(|directive| comment.starts_with(directive)) {
            break;
        }
        at = start;
    }
    // In front of the first command they speak of the whole file.
    let is_head = |text: &[u8]| text.trim_ascii_start().is_empty() || text.trim_ascii_start().starts_with(b"#");
    if before[..at].split(|&byte| byte == b'\n').all(is_head) {
        let of_noharm = std::str::from_utf8(&before[at..line]).is_ok_and(|text| text.contains("# noharm: ignore["));
        at = if of_noharm { at } else { line };
    }
    (at + indent.len()) as u32
}

/// Whether a text is `|| exit 1` or `|| return 1`.
fn stops(text: &[u8]) -> bool {
    let words = std::str::from_utf8(text).ok().and_then(|text| text.trim().strip_prefix("||"));
    let mut words = words.unwrap_or_default().split_whitespace();
    matches!(words.next(), Some("exit" | "return"))
        && words.next().is_none_or(|code| !code.contains([';', '&', '|']))
        && words.next().is_none()
}

/// Whether one of the first lines behind a statement names a status, where no command of another kind stands between: lines
/// that are blank, comments, options of the shell.
fn asks_status(behind: &[u8]) -> bool {
    let lines = behind.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    let mut told = lines.filter(|line| !line.is_empty() && !line.starts_with(b"#"));
    let next = told.find(|line| !line.starts_with(b"set "));
    next.is_some_and(names_status)
}

/// Whether a text names the status of a command, or of the stages of a pipeline.
pub(super) fn names_status(text: &[u8]) -> bool {
    text.windows(2).any(|pair| pair == b"$?") || text.windows(10).any(|word| word == b"PIPESTATUS")
}

/// Where what follows a place begins, behind blanks, ends of lines, and one `;` or `&&`.
fn next_command(source: &[u8], end: u32) -> u32 {
    let rest = source.get(end as usize..).unwrap_or_default();
    let before = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let joint = match rest.get(before..) {
        Some([b'&', b'&', ..]) => 2,
        Some([b';', ..]) => 1,
        _ => 0,
    };
    let behind = rest.get(before + joint..).unwrap_or_default();
    end + (before + joint + behind.iter().take_while(|byte| byte.is_ascii_whitespace()).count()) as u32
}

/// The length of `|| true` or `|| :` at the start of a text.
fn swallowed(text: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(text).ok()?;
    let inner = text.trim_start_matches([' ', '\t']).strip_prefix("||")?.trim_start_matches([' ', '\t']);
    let rest = inner.strip_prefix("true").or_else(|| inner.strip_prefix(':'))?;
    rest.chars().next().is_none_or(|next| next.is_whitespace() || next == ';').then(|| (text.len() - rest.len()) as u32)
}
