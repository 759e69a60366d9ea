//! A script's tree as flat lists: every statement with where it stands, every command, word and name.

use noharm::span::Span;
use noharm::syntax::tree::{
    Arithmetic, Assignment, AssignmentValue, Command, CommandKind, List, Name, ParameterOperator, Part, PartKind,
    Redirect, Script, Simple, Statement, TestExpression, TestKind, Word,
};

/// What is around a statement.
#[derive(Clone, Copy, Debug, Default)]
pub struct Standing {
    /// In something else: a body, a branch, a condition.
    pub nested: bool,
    /// Where a failure is asked for: in a condition, in front of `&&` and `||`, behind `!`.
    pub asked: bool,
    /// In the body of a function.
    pub function: bool,
    /// In a substitution or a stage of a pipeline.
    pub apart: bool,
}

impl Standing {
    const fn inside(self) -> Self {
        Self { nested: true, ..self }
    }
}

/// A statement and where it stands.
#[derive(Clone, Copy)]
pub struct Place<'t> {
    pub statement: &'t Statement,
    /// The list that it is an item of, and its number there.
    pub list: &'t List,
    pub at: usize,
    pub standing: Standing,
}

impl<'t> Place<'t> {
    /// What follows it in its list.
    pub fn next(&self) -> Option<&'t Statement> {
        self.list.statements.get(self.at + 1)
    }
}

/// All there is in a script, each kind in the order of its places.
#[derive(Default)]
pub struct Tree<'t> {
    pub statements: Vec<Place<'t>>,
    pub commands: Vec<&'t Command>,
    pub simples: Vec<(&'t Simple, Standing)>,
    pub redirects: Vec<&'t Redirect>,
    pub parts: Vec<&'t Part>,
    /// Assignments and operands of declarations that are assignments.
    pub assignments: Vec<&'t Assignment>,
    /// The variables of `for` and `select`.
    pub turns: Vec<&'t Name>,
    pub functions: Vec<&'t Name>,
    pub arithmetic: Vec<&'t Arithmetic>,
}

impl<'t> Tree<'t> {
    pub fn of(script: &'t Script) -> Self {
        let mut tree = Self::default();
        tree.list(&script.body, Standing::default());
        tree
    }

    /// The simple commands within a span that are called so.
    pub fn calls(&self, within: Span, name: &str) -> impl Iterator<Item = &'t Simple> {
        let simples = self.simples.iter().map(|(simple, _)| *simple);
        simples.filter(move |simple| {
            simple.words.first().is_some_and(|word| within.contains(word.span) && constant(word) == Some(name))
        })
    }

    fn list(&mut self, list: &'t List, standing: Standing) {
        for (at, statement) in list.statements.iter().enumerate() {
            self.statements.push(Place { statement, list, at, standing });
            self.command(&statement.command, standing);
        }
    }

    fn condition(&mut self, list: &'t List, standing: Standing) {
        self.list(list, Standing { asked: true, ..standing.inside() });
    }

    fn body(&mut self, list: &'t List, standing: Standing) {
        self.list(list, standing.inside());
    }

    fn command(&mut self, command: &'t Command, standing: Standing) {
        self.commands.push(command);
        for redirect in &command.redirects {
            self.redirects.push(redirect);
            self.word(&redirect.target, standing);
            self.parts(redirect.heredoc.iter().flat_map(|heredoc| &heredoc.parts), standing);
        }
        match &command.kind {
            CommandKind::Simple(simple) => self.simple(simple, standing),
            CommandKind::AndOr { left, right, .. } => {
                self.command(left, Standing { asked: true, ..standing });
                self.command(right, standing);
            }
            CommandKind::Pipeline { stages, .. } => {
                for stage in stages {
                    self.command(stage, Standing { apart: true, ..standing });
                }
            }
            CommandKind::Not { command, .. } => self.command(command, Standing { asked: true, ..standing }),
            CommandKind::Time { command, .. } => {
                if let Some(command) = command {
                    self.command(command, standing);
                }
            }
            CommandKind::Coproc { command, .. } => self.command(command, Standing { apart: true, ..standing }),
            CommandKind::Brace { body, .. } | CommandKind::Subshell { body, .. } => self.body(body, standing),
            CommandKind::If { branches, otherwise, .. } => {
                for branch in branches {
                    self.condition(&branch.condition, standing);
                    self.body(&branch.body, standing);
                }
                if let Some((_, body)) = otherwise {
                    self.body(body, standing);
                }
            }
            CommandKind::Loop { condition, body, .. } => {
                self.condition(condition, standing);
                self.body(body, standing);
            }
            CommandKind::For(turns) => {
                self.turns.push(&turns.name);
                self.words(turns.items.iter().flat_map(|(_, words)| words), standing);
                self.body(&turns.body, standing);
            }
            CommandKind::ArithmeticFor { parts, body, .. } => {
                parts.iter().flatten().for_each(|part| self.arithmetic(part, standing));
                self.body(body, standing);
            }
            CommandKind::Case { subject, arms, .. } => {
                self.word(subject, standing);
                for arm in arms {
                    self.words(&arm.patterns, standing);
                    self.body(&arm.body, standing);
                }
            }
            CommandKind::Function { name, body } => {
                self.functions.push(name);
                self.command(body, Standing { function: true, ..standing.inside() });
            }
            CommandKind::Test { expression, .. } => {
                if let Some(expression) = expression {
                    self.test(expression, standing);
                }
            }
            CommandKind::Arithmetic { expression, .. } => self.arithmetic(expression, standing),
            CommandKind::Unread(_) => {}
        }
    }

    fn simple(&mut self, simple: &'t Simple, standing: Standing) {
        self.simples.push((simple, standing));
        self.words(&simple.words, standing);
        self.assignments.extend(&simple.declared);
        for assignment in &simple.assignments {
            self.assignments.push(assignment);
            self.words(&assignment.subscript, standing);
            match &assignment.value {
                AssignmentValue::Scalar(word) => self.word(word, standing),
                AssignmentValue::Array(elements) => {
                    for (subscript, word) in elements {
                        self.words(subscript, standing);
                        self.word(word, standing);
                    }
                }
            }
        }
    }

    fn test(&mut self, expression: &'t TestExpression, standing: Standing) {
        match &expression.kind {
            TestKind::Word(word) | TestKind::Unary(_, word) => self.word(word, standing),
            TestKind::Binary(left, _, right) => self.words([left, right], standing),
            TestKind::Not(inner) => self.test(inner, standing),
            TestKind::And(left, right) | TestKind::Or(left, right) => {
                self.test(left, standing);
                self.test(right, standing);
            }
        }
    }

    fn arithmetic(&mut self, arithmetic: &'t Arithmetic, standing: Standing) {
        self.arithmetic.push(arithmetic);
        self.parts(&arithmetic.parts, standing);
    }

    fn words(&mut self, words: impl IntoIterator<Item = &'t Word>, standing: Standing) {
        words.into_iter().for_each(|word| self.word(word, standing));
    }

    fn word(&mut self, word: &'t Word, standing: Standing) {
        self.parts(&word.parts, standing);
    }

    fn parts(&mut self, parts: impl IntoIterator<Item = &'t Part>, standing: Standing) {
        for part in parts {
            self.parts.push(part);
            let apart = Standing { apart: true, ..standing.inside() };
            match &part.kind {
                PartKind::DoubleQuoted(inner) => self.parts(inner, standing),
                PartKind::Command(command) => self.list(&command.body, apart),
                PartKind::Process { body, .. } => self.list(body, apart),
                PartKind::Arithmetic(arithmetic) => self.arithmetic(arithmetic, standing),
                PartKind::Parameter(parameter) => {
                    self.words(&parameter.subscript, standing);
                    self.operator(&parameter.operator, standing);
                }
                _ => {}
            }
        }
    }

    fn operator(&mut self, operator: &'t ParameterOperator, standing: Standing) {
        match operator {
            ParameterOperator::Default { word, .. }
            | ParameterOperator::Assign { word, .. }
            | ParameterOperator::Require { word, .. }
            | ParameterOperator::Alternative { word, .. }
            | ParameterOperator::Trim { pattern: word, .. } => self.word(word, standing),
            ParameterOperator::Replace { pattern, replacement, .. } => self.words([pattern, replacement], standing),
            ParameterOperator::Slice { offset, length } => {
                self.arithmetic(offset, standing);
                if let Some(length) = length {
                    self.arithmetic(length, standing);
                }
            }
            _ => {}
        }
    }
}

/// The text of a word that is written out without quotes.
pub fn constant(word: &Word) -> Option<&str> {
    match &word.parts[..] {
        [Part { kind: PartKind::Literal(text), .. }] => Some(text),
        _ => None,
    }
}

/// Whether nothing in a word is expanded.
pub fn is_constant(word: &Word) -> bool {
    fn all(parts: &[Part]) -> bool {
        parts.iter().all(|part| match &part.kind {
            PartKind::Literal(_) | PartKind::SingleQuoted(_) | PartKind::AnsiQuoted(_) => true,
            PartKind::DoubleQuoted(inner) => all(inner),
            _ => false,
        })
    }
    all(&word.parts)
}

/// The name that a command is called by, where it is written out.
pub fn called(simple: &Simple) -> Option<&str> {
    simple.words.first().and_then(constant)
}
