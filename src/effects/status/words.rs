//! What stands in the words of a command or a test, before anything is expanded.

use super::Survey;
use crate::flow::forest::constant;
use crate::flow::graph::{Kind, NodeId, SimpleNode};
use crate::syntax::tree::{
    Assignment, AssignmentValue, Parameter, ParameterOperator, Part, PartKind, RedirectKind, TestExpression, TestKind,
    Word,
};
use std::borrow::Cow;

/// One question of a test.
#[derive(Clone, Debug)]
pub(super) enum Asked<'w> {
    /// A word by itself.
    Word(&'w Word),
    /// `-n x`.
    Unary(Cow<'w, str>, &'w Word),
    /// `a = b`.
    Binary(&'w Word, Cow<'w, str>, &'w Word),
}

impl<'t> Survey<'_, '_, 't> {
    pub(super) fn simple(&self, node: NodeId) -> Option<&SimpleNode<'t>> {
        match self.kind(node) {
            Kind::Simple(simple) => Some(simple),
            _ => None,
        }
    }

    /// The name of a command, without the directory it is in, where it is written out.
    pub(super) fn name(&self, node: NodeId) -> &str {
        self.simple(node).map_or("", |simple| name(simple))
    }

    /// Whether a node asks something of `$?`, or keeps it in a variable.
    pub(super) fn takes_status_up(&self, node: NodeId) -> bool {
        match self.kind(node) {
            Kind::Test(_) | Kind::Arithmetic(_) => self.mentions_status(node),
            Kind::Simple(simple) if is_bracket(simple) => self.mentions_status(node),
            Kind::Simple(simple) => simple.simple.assignments.iter().chain(&simple.simple.declared).any(keeps_status),
            _ => false,
        }
    }

    /// Whether `$?` stands in the words of a node.
    pub(super) fn mentions_status(&self, node: NodeId) -> bool {
        let reads = |words: &[&Word]| words.iter().any(|word| reads_status(&word.parts));
        match self.kind(node) {
            Kind::Test(expression) => reads(&words_of(expression)),
            Kind::Arithmetic(arithmetic) => reads_status(&arithmetic.parts),
            Kind::Match { subject, .. } => reads_status(&subject.parts),
            Kind::Simple(simple) => simple.simple.words.iter().any(|word| reads_status(&word.parts)),
            Kind::Code([word, ..]) => is_status(word),
            _ => false,
        }
    }

    /// The questions of `[ … ]` and `[[ … ]]`, in order, without what negates and joins them.
    pub(super) fn questions(&self, node: NodeId) -> Vec<Asked<'t>> {
        match *self.kind(node) {
            Kind::Test(expression) => {
                let mut found = Vec::new();
                each_question(expression, &mut found);
                found
            }
            Kind::Simple(ref simple) => {
                let words = operands(simple);
                let is_joint = |word: &Word| matches!(constant(word).as_deref(), Some("-a" | "-o"));
                words.split(is_joint).filter_map(question).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The two questions of a test one of which is enough: `a -o b`, `a || b`.
    pub(super) fn either(&self, node: NodeId) -> Option<(Asked<'t>, Asked<'t>)> {
        match *self.kind(node) {
            Kind::Test(expression) => match &expression.kind {
                TestKind::Or(left, right) => Some((leaf(left)?, leaf(right)?)),
                _ => None,
            },
            Kind::Simple(ref simple) => {
                let words = operands(simple);
                let at = words.iter().position(|word| constant(word).as_deref() == Some("-o"))?;
                Some((question(&words[..at])?, question(&words[at + 1..])?))
            }
            _ => None,
        }
    }
}

/// The name of a command, without the directory it is in, where it is written out.
pub(super) fn name<'n>(simple: &'n SimpleNode<'_>) -> &'n str {
    simple.program().unwrap_or_default()
}

/// The words behind the name that are written out.
pub(super) fn constants<'t>(simple: &SimpleNode<'t>) -> impl Iterator<Item = Cow<'t, str>> + use<'t> {
    simple.simple.words.iter().skip(1).filter_map(constant)
}

/// Whether one of the options that are written out has this letter, or is this word.
pub(super) fn has_option(simple: &SimpleNode<'_>, letter: char, word: &str) -> bool {
    constants(simple).any(|option| {
        let short =
            option.strip_prefix('-').is_some_and(|letters| !letters.starts_with('-') && letters.contains(letter));
        short || *option == *word
    })
}

/// Whether a command is `[ … ]` or `test …`.
pub(super) fn is_bracket(simple: &SimpleNode<'_>) -> bool {
    matches!(name(simple), "[" | "test")
}

/// Whether a command only sets variables, and nothing runs where their values are expanded: it cannot fail.
pub(super) fn only_sets(simple: &SimpleNode<'_>) -> bool {
    simple.simple.words.is_empty() && !simple.simple.assignments.is_empty() && !simple.takes_status
}

/// Whether what a command says of errors is thrown away.
pub(super) fn hides_errors(simple: &SimpleNode<'_>) -> bool {
    simple.command.redirects.iter().any(|redirect| {
        let errors = redirect.descriptor == Some(2) || redirect.kind == RedirectKind::Both;
        errors && constant(&redirect.target).as_deref() == Some("/dev/null")
    })
}

/// Whether a word is `$?`, in quotes or not.
pub(super) fn is_status(word: &Word) -> bool {
    let part = word.only_part().map(|part| &part.kind);
    matches!(part, Some(PartKind::Parameter(parameter)) if &*parameter.name == "?")
}

/// Calls `visit` with every parameter in a word, but those of substitutions.
pub(super) fn each_parameter<'w>(parts: &'w [Part], visit: &mut dyn FnMut(&'w Parameter)) {
    for part in parts {
        match &part.kind {
            PartKind::DoubleQuoted(inner) => each_parameter(inner, visit),
            PartKind::Arithmetic(arithmetic) => each_parameter(&arithmetic.parts, visit),
            PartKind::Parameter(parameter) => {
                visit(parameter);
                match &parameter.operator {
                    ParameterOperator::Default { word, .. }
                    | ParameterOperator::Assign { word, .. }
                    | ParameterOperator::Alternative { word, .. } => each_parameter(&word.parts, visit),
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

/// The words of `[[ … ]]`.
pub(super) fn words_of(expression: &TestExpression) -> Vec<&Word> {
    let mut questions = Vec::new();
    each_question(expression, &mut questions);
    let words = questions.into_iter().flat_map(|asked| match asked {
        Asked::Word(word) | Asked::Unary(_, word) => vec![word],
        Asked::Binary(left, _, right) => vec![left, right],
    });
    words.collect()
}

/// The variable that stands in a word, by itself or in quotes.
pub(super) fn parameter_in(word: &Word) -> Option<&Part> {
    fn find(parts: &[Part]) -> Option<&Part> {
        parts.iter().find_map(|part| match &part.kind {
            PartKind::Parameter(_) => Some(part),
            PartKind::DoubleQuoted(inner) => find(inner),
            _ => None,
        })
    }
    find(&word.parts)
}

fn keeps_status(assignment: &Assignment) -> bool {
    matches!(&assignment.value, AssignmentValue::Scalar(word) if is_status(word))
}

fn reads_status(parts: &[Part]) -> bool {
    let mut reads = false;
    each_parameter(parts, &mut |parameter| reads |= &*parameter.name == "?");
    reads
}

/// The words of `[` or `test` between its name and the bracket that closes it.
fn operands<'t>(simple: &SimpleNode<'t>) -> &'t [Word] {
    let inside = simple.simple.words.get(1..).unwrap_or_default();
    match inside.split_last() {
        Some((last, before)) if name(simple) == "[" && constant(last).as_deref() == Some("]") => before,
        _ => inside,
    }
}

fn question(words: &[Word]) -> Option<Asked<'_>> {
    let words = match words {
        [first, rest @ ..] if !rest.is_empty() && constant(first).as_deref() == Some("!") => rest,
        _ => words,
    };
    match words {
        [word] => Some(Asked::Word(word)),
        [operator, word] => Some(Asked::Unary(constant(operator)?, word)),
        [left, operator, right] => Some(Asked::Binary(left, constant(operator)?, right)),
        _ => None,
    }
}

fn leaf(expression: &TestExpression) -> Option<Asked<'_>> {
    match &expression.kind {
        TestKind::Word(word) => Some(Asked::Word(word)),
        TestKind::Unary(operator, word) => Some(Asked::Unary(Cow::Borrowed(operator), word)),
        TestKind::Binary(left, operator, right) => Some(Asked::Binary(left, Cow::Borrowed(operator), right)),
        TestKind::Not(inner) => leaf(inner),
        TestKind::And(..) | TestKind::Or(..) => None,
    }
}

fn each_question<'w>(expression: &'w TestExpression, found: &mut Vec<Asked<'w>>) {
    match &expression.kind {
        TestKind::Not(inner) => each_question(inner, found),
        TestKind::And(left, right) | TestKind::Or(left, right) => {
            each_question(left, found);
            each_question(right, found);
        }
        TestKind::Word(_) | TestKind::Unary(..) | TestKind::Binary(..) => found.extend(leaf(expression)),
    }
}
