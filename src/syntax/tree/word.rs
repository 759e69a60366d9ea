//! Words and their parts: quotes, expansions, substitutions, globs.

use super::{Arithmetic, List, Name};
use crate::span::Span;

/// One word as the grammar sees it, before the shell expands it.
#[derive(Clone, Debug)]
pub struct Word {
    /// All its bytes, quotes included.
    pub span: Span,
    /// In order, without gaps.
    pub parts: Vec<Part>,
}

impl Word {
    /// Its only part, with or without double quotes around it.
    pub fn only_part(&self) -> Option<&Part> {
        match &self.parts[..] {
            [Part { kind: PartKind::DoubleQuoted(inner), .. }] => match &inner[..] {
                [only] => Some(only),
                _ => None,
            },
            [only] => Some(only),
            _ => None,
        }
    }

    /// The number that it is, if it is one and nothing else.
    pub fn number(&self) -> Option<u32> {
        match &self.only_part()?.kind {
            PartKind::Literal(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// Whether it stands, between brackets, for all elements: `@` or `*`.
    pub fn is_all(&self) -> bool {
        match self.only_part().map(|part| &part.kind) {
            Some(PartKind::Literal(text) | PartKind::Glob(text)) => matches!(&**text, "@" | "*"),
            _ => false,
        }
    }
}

/// A piece of a word.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its bytes, delimiters included.
    pub span: Span,
    /// What it is.
    pub kind: PartKind,
}

/// The kinds of word part.
#[derive(Clone, Debug)]
pub enum PartKind {
    /// Unquoted text, or text inside double quotes or a heredoc: backslashes that quote are already taken away,
    /// and bytes that are no UTF-8 are replaced.
    Literal(Box<str>),
    /// `'…'`, without the quotes.
    SingleQuoted(Box<str>),
    /// `$'…'`, without the quotes, escapes resolved.
    AnsiQuoted(Box<str>),
    /// `"…"` or `$"…"`.
    DoubleQuoted(Vec<Part>),
    /// `$x`, `${x…}`, `$1`, `$?`, `$@` …
    Parameter(Box<Parameter>),
    /// `$( … )`, backquotes, or `${ …; }`.
    Command(Box<CommandSubstitution>),
    /// `<( … )` (false) or `>( … )` (true).
    Process {
        /// True where the command reads what is written to it.
        output: bool,
        /// What runs.
        body: Box<List>,
    },
    /// `$(( … ))` or `$[ … ]`.
    Arithmetic(Box<Arithmetic>),
    /// An unquoted `*`, `?`, bracket or extended glob.
    Glob(Box<str>),
    /// An unquoted leading `~` or `~user`, without the tilde.
    Tilde(Box<str>),
    /// An unquoted brace expansion `{a,b}` or `{1..3}`, as written.
    Brace(Box<str>),
}

/// `$x` or `${…}`.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// The variable's name or the special parameter's character(s): `x`, `1`, `?`, `@`, `*`, `#`, `$`, `!`, `-`.
    pub name: Box<str>,
    /// Where the name stands.
    pub name_span: Span,
    /// `${x[…]}`: what stands between the brackets.
    pub subscript: Option<Word>,
    /// What is done with the value.
    pub operator: ParameterOperator,
}

/// What a `${…}` does with the parameter's value. `colon` tells `:-` (unset or empty) from `-` (unset).
#[derive(Clone, Debug)]
pub enum ParameterOperator {
    /// `$x`, `${x}`.
    None,
    /// `${x:-word}`.
    Default {
        /// Empty counts as unset.
        colon: bool,
        /// Used instead.
        word: Word,
    },
    /// `${x:=word}`.
    Assign {
        /// Empty counts as unset.
        colon: bool,
        /// Used instead and assigned.
        word: Word,
    },
    /// `${x:?word}`: the shell exits where it is unset.
    Require {
        /// Empty counts as unset.
        colon: bool,
        /// The message.
        word: Word,
    },
    /// `${x:+word}`.
    Alternative {
        /// Empty counts as unset.
        colon: bool,
        /// Used where it is set.
        word: Word,
    },
    /// `${#x}`.
    Length,
    /// `${x#p}`, `${x##p}`, `${x%p}`, `${x%%p}`.
    Trim {
        /// True for `%`, from the end.
        suffix: bool,
        /// True for the doubled operator.
        longest: bool,
        /// What is cut off.
        pattern: Word,
    },
    /// `${x/p/r}`, `${x//p/r}`.
    Replace {
        /// True for `//`.
        all: bool,
        /// What is looked for.
        pattern: Word,
        /// What is put there.
        replacement: Word,
    },
    /// `${x:offset}`, `${x:offset:length}`.
    Slice {
        /// First character.
        offset: Box<Arithmetic>,
        /// How many.
        length: Option<Box<Arithmetic>>,
    },
    /// `${x^}`, `${x^^}`, `${x,}`, `${x,,}`: as written.
    Case(Box<str>),
    /// `${x@Q}` and its kin: the letter.
    Transform(char),
    /// `${!x}`, with or without a further operator: the value of another variable.
    Indirect,
    /// `${!x[@]}`, `${!x*}`: names or indices.
    Names,
    /// Anything else, as written: nothing is known of its value.
    Other(Box<str>),
}

/// A command whose output becomes text.
#[derive(Clone, Debug)]
pub struct CommandSubstitution {
    /// How it was written.
    pub style: SubstitutionStyle,
    /// What runs.
    pub body: List,
}

/// The spellings of a command substitution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubstitutionStyle {
    /// `$( … )`.
    Dollar,
    /// Backquotes; spans inside still index the host text.
    Backquote,
    /// bash 5.3's `${ …; }` or `${| …; }`: runs in this shell.
    Brace,
}

/// `name=value`, `name+=value`, `name[i]=value`, `name=( … )`.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// All its bytes.
    pub span: Span,
    /// The variable.
    pub name: Name,
    /// What stands between the brackets of `name[…]=`.
    pub subscript: Option<Word>,
    /// True for `+=`.
    pub append: bool,
    /// What is assigned.
    pub value: AssignmentValue,
}

/// The right side of an assignment.
#[derive(Clone, Debug)]
pub enum AssignmentValue {
    /// One word; empty parts for `x=`.
    Scalar(Word),
    /// `( … )`: each element with its optional subscript.
    Array(Vec<(Option<Word>, Word)>),
}
