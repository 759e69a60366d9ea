//! The typed tree of a shell script: what was written, with exact byte spans.
//!
//! ```sh
//! set -e
//! [ -f "$conf" ] || cp default.conf "$conf" 2>/dev/null
//! ```
//! is a [`List`] of two [`Statement`]s; the second holds an and-or [`Command`] whose sides are
//! simple commands, the right one with a redirect. The tree says nothing of what commands mean,
//! and nothing of which reader built it beyond [`Script::reader`].
//!
//! Every span indexes the bytes of the host text that [`Script`] was read from, also inside
//! backquotes, where the text that the shell runs is not the text that was written.

mod arithmetic;
mod redirect;
mod test;
mod word;

pub use arithmetic::{Arithmetic, ArithmeticExpression};
pub use redirect::{Heredoc, Redirect, RedirectKind};
pub use test::{TestExpression, TestKind};
pub use word::{
    Assignment, AssignmentValue, CommandSubstitution, Parameter, ParameterOperator, Part, PartKind, SubstitutionStyle,
    Word,
};

use crate::span::Span;

/// Which reader built a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// The strict reader: the text is shell through and through.
    Strict,
    /// The recovering reader: the text is broken somewhere, what could be placed was.
    Recovering,
}

/// A whole script or fragment as it was read.
#[derive(Clone, Debug)]
pub struct Script {
    /// The statements in order.
    pub body: List,
    /// Comments in order of position, `#` included, line end excluded.
    pub comments: Vec<Span>,
    /// Which reader was used.
    pub reader: Reader,
    /// Regions that could not be placed, in order; each also stands in the tree as [`CommandKind::Unread`]
    /// where a statement could stand.
    pub unread: Vec<Unread>,
}

/// A region that was not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The bytes.
    pub span: Span,
    /// Why.
    pub reason: UnreadReason,
}

/// Why a region was not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnreadReason {
    /// The shell's grammar has no place for it: the script is broken there.
    Malformed,
    /// The reader's tree leaves bytes over here; the shell may well accept it.
    Unaccounted,
    /// Nested deeper than the reader goes.
    TooDeep,
    /// The reader ran out of time.
    Deadline,
    /// A construct of another shell (zsh) that this tree has no word for.
    Foreign,
}

/// A sequence of statements: a script, a body, a condition.
#[derive(Clone, Debug, Default)]
pub struct List {
    /// From the first statement's start to the last one's end; empty where there is none.
    pub span: Span,
    /// In order.
    pub statements: Vec<Statement>,
}

impl List {
    /// Its only command, where that is not sent to the background.
    pub fn only_command(&self) -> Option<&Command> {
        match &self.statements[..] {
            [only] if only.ampersand.is_none() => Some(&only.command),
            _ => None,
        }
    }
}

/// One item of a list, ended by a newline, `;`, `&` or a closing word.
#[derive(Clone, Debug)]
pub struct Statement {
    /// The command without its terminator.
    pub span: Span,
    /// What is run.
    pub command: Command,
    /// The `&` that sends it to the background.
    pub ampersand: Option<Span>,
}

/// A command of any kind, with the redirects that stand at it.
#[derive(Clone, Debug)]
pub struct Command {
    /// From the first to the last token, redirects included, heredoc bodies excluded.
    pub span: Span,
    /// What it is.
    pub kind: CommandKind,
    /// Its redirects in order of position (for a simple command they may stand among the words).
    pub redirects: Vec<Redirect>,
}

/// The kinds of command. Spans named after a keyword are that keyword's.
///
/// A tree has one for every command, so what is rare and large is boxed: no variant is much larger than a simple command.
#[derive(Clone, Debug)]
pub enum CommandKind {
    /// Assignments and words; a declaration (`export`, `local`, `readonly`, `declare`, `typeset`) too.
    Simple(Simple),
    /// `left && right` or `left || right`; left-associative.
    AndOr {
        /// Run first.
        left: Box<Command>,
        /// Which of the two.
        operator: AndOr,
        /// Where it stands.
        operator_span: Span,
        /// Run or not, depending on `left`.
        right: Box<Command>,
    },
    /// `a | b |& c`: two stages or more.
    Pipeline {
        /// In order.
        stages: Vec<Command>,
        /// Between them: one fewer than `stages`; true for `|&`.
        pipes: Vec<(Span, bool)>,
    },
    /// `! command`.
    Not {
        /// The `!`.
        bang: Span,
        /// What is negated.
        command: Box<Command>,
    },
    /// `time command`, `time -p command`, or `time` alone.
    Time {
        /// The keyword.
        time: Span,
        /// What is timed.
        command: Option<Box<Command>>,
    },
    /// `coproc [name] command`.
    Coproc {
        /// The keyword.
        coproc: Span,
        /// The name, where one is given.
        name: Option<Word>,
        /// What runs beside the script.
        command: Box<Command>,
    },
    /// `{ list; }`.
    Brace {
        /// `{`.
        open: Span,
        /// What runs in this shell.
        body: List,
        /// `}`.
        close: Span,
    },
    /// `( list )`.
    Subshell {
        /// `(`.
        open: Span,
        /// What runs in a copy of the shell.
        body: List,
        /// `)`.
        close: Span,
    },
    /// `if … then … elif … else … fi`.
    If {
        /// The `if` branch and each `elif` branch.
        branches: Vec<Branch>,
        /// The `else` keyword and its body.
        otherwise: Option<(Span, List)>,
        /// `fi`.
        fi: Span,
    },
    /// `while` or `until`.
    Loop {
        /// The keyword.
        keyword: Span,
        /// True for `until`.
        until: bool,
        /// What is asked before every turn.
        condition: List,
        /// `do`.
        open: Span,
        /// What each turn does.
        body: List,
        /// `done`.
        close: Span,
    },
    /// `for name in words` or `select`.
    For(Box<For>),
    /// `for (( init; condition; step ))`.
    ArithmeticFor {
        /// `for`.
        keyword: Span,
        /// The three expressions, each optional.
        parts: Box<[Option<Arithmetic>; 3]>,
        /// `do` or `{`.
        open: Span,
        /// What each turn does.
        body: List,
        /// `done` or `}`.
        close: Span,
    },
    /// `case word in … esac`.
    Case {
        /// `case`.
        keyword: Span,
        /// What is matched.
        subject: Word,
        /// `in`.
        in_keyword: Span,
        /// In order.
        arms: Vec<CaseArm>,
        /// `esac`.
        esac: Span,
    },
    /// `name() body` or `function name body`.
    Function {
        /// The name's span and text.
        name: Name,
        /// A compound command with its redirects.
        body: Box<Command>,
    },
    /// `[[ … ]]`.
    Test {
        /// `[[`.
        open: Span,
        /// What is asked; absent where it could not be read.
        expression: Option<Box<TestExpression>>,
        /// `]]`.
        close: Span,
    },
    /// `(( … ))`.
    Arithmetic {
        /// `((`.
        open: Span,
        /// What is computed.
        expression: Box<Arithmetic>,
        /// `))`.
        close: Span,
    },
    /// A region that was not understood; nothing is known of it.
    Unread(UnreadReason),
}

/// `&&` or `||`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AndOr {
    /// `&&`: right runs where left succeeded.
    And,
    /// `||`: right runs where left failed.
    Or,
}

/// Assignments and words of a simple command.
#[derive(Clone, Debug, Default)]
pub struct Simple {
    /// Before the first word, in order.
    pub assignments: Vec<Assignment>,
    /// The command name and its arguments; empty where there are only assignments or redirects.
    pub words: Vec<Word>,
    /// For declaration builtins: the operands that are assignments (`export X=1`), as assignments; each also
    /// stands in `words` with the same span.
    pub declared: Vec<Assignment>,
}

/// One `if` or `elif` with its condition and body.
#[derive(Clone, Debug)]
pub struct Branch {
    /// `if` or `elif`.
    pub keyword: Span,
    /// What is asked.
    pub condition: List,
    /// `then`.
    pub then: Span,
    /// What is done when the condition succeeds.
    pub body: List,
}

/// `for` or `select` over words.
#[derive(Clone, Debug)]
pub struct For {
    /// The keyword.
    pub keyword: Span,
    /// True for `select`.
    pub select: bool,
    /// The loop variable.
    pub name: Name,
    /// `in` and the words; absent means `"$@"`.
    pub items: Option<(Span, Vec<Word>)>,
    /// `do` or `{`.
    pub open: Span,
    /// What each turn does.
    pub body: List,
    /// `done` or `}`.
    pub close: Span,
}

/// One arm of a `case`.
#[derive(Clone, Debug)]
pub struct CaseArm {
    /// The alternatives.
    pub patterns: Vec<Word>,
    /// What is done.
    pub body: List,
    /// How the arm ends.
    pub end: CaseEnd,
}

/// What follows an arm of a `case`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseEnd {
    /// `;;` or `esac`: the case is over.
    Break,
    /// `;&`: the next arm's body runs too.
    FallThrough,
    /// `;;&`: matching goes on.
    Continue,
}

/// A name that is written out: of a variable or a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// Where it stands.
    pub span: Span,
    /// Its text.
    pub text: Box<str>,
}
