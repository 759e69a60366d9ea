//! Tests that are decided by how they are written.

use super::words::Asked;
use super::{Found, Survey};
use crate::flow::forest::constant;
use crate::flow::graph::{Edge, Kind, NodeId};
use crate::knowledge::{Argument, HOLE, How};
use crate::syntax::tree::{
    CommandKind, CommandSubstitution, ParameterOperator, Part, PartKind, Redirect, RedirectKind, Simple, Word,
};

/// An operator without blanks around it makes one word, and a word that is not empty says yes: `[ a=b ]`.
pub(super) const JOINED: &str = "joined-words";
/// Nothing is left of an unquoted `$x` that is empty, and `-n` by itself says yes.
pub(super) const UNQUOTED: &str = "unquoted-operand";
/// A word that is not empty says yes, whatever it means: `[ false ]`, `[ 0 ]`.
const WORD: &str = "constant-word";
/// What a quiet command prints is asked for, not its status: `[[ $(grep -q x f) ]]`.
const QUIET: &str = "quiet-output";
/// One of two values is always another one: `[ "$x" != a ] || [ "$x" != b ]`.
pub(super) const EITHER: &str = "either-differs";
/// `[ "$x" > 5 ]` writes a file.
pub(super) const REDIRECTED: &str = "redirected";

impl<'t> Survey<'_, '_, 't> {
    /// Tests whose answer is always the same.
    pub(super) fn constant(&self) -> Vec<Found<'t>> {
        let mut found = Vec::new();
        for node in self.nodes().filter(|&node| self.is_test(node)) {
            let span = self.span(node);
            if let Some((mark, word)) = self.decided(node) {
                found.push(Found { node, from: None, how: How::Constant, span, named: span, mark, word });
            }
        }
        found
    }

    /// In which way, and the word of which nothing may be left.
    fn decided(&self, node: NodeId) -> Option<(&'static str, Option<&'t Word>)> {
        let splits = match self.kind(node) {
            Kind::Test(_) => false,
            Kind::Simple(simple) if simple.command.redirects.iter().any(compares) => return Some((REDIRECTED, None)),
            Kind::Simple(_) => true,
            _ => return None,
        };
        let questions = self.questions(node);
        let single = questions.iter().find_map(|asked| Some((self.decided_alone(asked, splits)?, asked)));
        let single = single.filter(|&(mark, _)| mark != UNQUOTED || !self.only_adds_to_list(node, &questions));
        match single {
            Some((UNQUOTED, &Asked::Unary(_, word))) => Some((UNQUOTED, Some(word))),
            Some((mark, _)) => Some((mark, None)),
            None => self.differs_from_either(node).then_some((EITHER, None)),
        }
    }

    /// A question by itself.
    fn decided_alone(&self, asked: &Asked<'_>, splits: bool) -> Option<&'static str> {
        match asked {
            Asked::Word(word) if self.has_operator(word) => Some(JOINED),
            Asked::Word(word) if is_word(word) || self.names_function(word) => {
                (!self.begins_loop(word)).then_some(WORD)
            }
            Asked::Word(word) if self.is_quiet(word) => Some(QUIET),
            Asked::Unary(operator, word) if matches!(&**operator, "-n" | "-z") && self.is_quiet(word) => Some(QUIET),
            Asked::Unary(operator, word) if &**operator == "-n" && splits && is_bare(word) => Some(UNQUOTED),
            Asked::Binary(word, operator, _) if !splits && matches!(&**operator, "=" | "==" | "!=") => {
                is_assignment(word).then_some(JOINED)
            }
            _ => None,
        }
    }

    /// Whether all that an answer leads to is that the word asked for is put into a list of words: `[ -n $x ] && L="$L $x"`.
    /// Of an empty one a blank is left there, which means nothing.
    fn only_adds_to_list(&self, node: NodeId, questions: &[Asked<'_>]) -> bool {
        let ([Asked::Unary(operator, asked)], [next]) = (questions, &self.ahead(node, Edge::Ok)[..]) else {
            return false;
        };
        let Kind::Simple(simple) = self.kind(*next) else { return false };
        let ([], [assignment]) = (&simple.simple.words[..], &simple.simple.assignments[..]) else { return false };
        let Some((_, value)) = self.text(assignment.span).split_once('=') else { return false };
        let asked = self.text(asked.span);
        let name = &*assignment.name.text;
        let (plain, braced) = (format!("${name}"), format!("${{{name}}}"));
        let is_list = assignment.append || value.contains(&plain) || value.contains(&braced);
        let is_left = |word: &&str| ![asked, &*plain, &*braced].contains(word);
        let mut left = value.trim_matches('"').split_whitespace().filter(is_left);
        let behind = |node, edge| match self.ahead(node, edge)[..] {
            // An `if` without `else` gives 0 where it does nothing.
            [status] if matches!(self.kind(status), Kind::Status(_)) => self.ahead(status, Edge::Ok),
            ref ahead => ahead.to_vec(),
        };
        let goes_on = behind(*next, Edge::Ok) == behind(node, Edge::Fail);
        &**operator == "-n" && is_list && value.contains(asked) && left.next().is_none() && goes_on
    }

    /// Whether an operator stands unquoted in the middle of a word: `a=b`, `"$x"!="y"`.
    fn has_operator(&self, word: &Word) -> bool {
        let plain = |part: &Part| match &part.kind {
            // A backslash in front makes it a letter like any other.
            PartKind::Literal(text) if text.contains('=') && !self.text(part.span).contains('\\') => Some(text.clone()),
            _ => None,
        };
        let Some((at, text)) = word.parts.iter().enumerate().find_map(|(at, part)| Some((at, plain(part)?))) else {
            return false;
        };
        let (left, right) = text.split_once('=').unwrap_or_default();
        let left = left.trim_end_matches(['!', '=']);
        let right = right.trim_start_matches(['=', '~']);
        let is_option = at == 0 && left.starts_with('-');
        !is_option && (at > 0 || !left.is_empty()) && (at + 1 < word.parts.len() || !right.is_empty())
    }

    /// Whether a loop is begun that has this word as its only question: it is meant to have no end.
    fn begins_loop(&self, word: &Word) -> bool {
        let before = self.resolver.source.get(..word.span.start as usize).unwrap_or_default();
        let before = before.trim_ascii_end();
        let test = before.strip_suffix(b"[").or_else(|| before.strip_suffix(b"test")).unwrap_or_default();
        test.trim_ascii_end().ends_with(b"while")
    }

    fn names_function(&self, word: &Word) -> bool {
        let graph = &self.resolver.flow.graph;
        let number = constant(word).and_then(|name| graph.names.find(&name));
        number.is_some_and(|name| graph.functions.get(&name).is_some_and(|units| !units.is_empty()))
    }

    /// `x != a || x != b`, in one test or in two.
    fn differs_from_either(&self, node: NodeId) -> bool {
        if let Some((one, two)) = self.either(node) {
            return self.are_of_one(&one, &two);
        }
        let [only] = &self.questions(node)[..] else { return false };
        let behind = self.ahead(node, Edge::Fail);
        let [next] = behind[..] else { return false };
        let same_way = || self.ahead(node, Edge::Ok) == self.ahead(next, Edge::Ok);
        let others = if self.is_test(next) { self.questions(next) } else { Vec::new() };
        matches!(&others[..], [other] if self.are_of_one(only, other)) && same_way()
    }

    /// Whether it is asked of one word whether it differs from one text, and from another.
    fn are_of_one(&self, one: &Asked<'_>, two: &Asked<'_>) -> bool {
        let (Asked::Binary(left, operator, first), Asked::Binary(again, other, second)) = (one, two) else {
            return false;
        };
        let differ = &**operator == "!=" && &**other == "!=" && self.text(left.span) == self.text(again.span);
        let are_two = || matches!((constant(first), constant(second)), (Some(first), Some(second)) if first != second);
        differ && are_two()
    }

    /// `$(…)` of a command that prints nothing.
    fn is_quiet(&self, word: &Word) -> bool {
        let Some(PartKind::Command(substitution)) = word.only_part().map(|part| &part.kind) else { return false };
        let Some((simple, redirects)) = last_command(substitution) else { return false };
        let arguments: Vec<Argument> = simple
            .words
            .iter()
            .map(|word| match constant(word) {
                Some(text) => Argument::literal(&*text),
                None => Argument::literal(HOLE.to_string()),
            })
            .collect();
        !arguments.is_empty() && super::super::resolve::is_quiet(&arguments, self.resolver.knowledge)
            || is_silent(redirects)
    }
}

/// The command that a substitution ends with, if it is one pipeline and nothing else.
fn last_command(substitution: &CommandSubstitution) -> Option<(&Simple, &[Redirect])> {
    let only = substitution.body.only_command()?;
    let last = match &only.kind {
        CommandKind::Pipeline { stages, .. } => stages.last()?,
        _ => only,
    };
    match &last.kind {
        CommandKind::Simple(simple) => Some((simple, &last.redirects)),
        _ => None,
    }
}

/// Whether all that a command prints is thrown away. In the order `2>&1 >/dev/null` the errors are what is printed.
fn is_silent(redirects: &[Redirect]) -> bool {
    let output = redirects.iter().position(|redirect| {
        let all = redirect.kind == RedirectKind::Both
            || redirect.kind == RedirectKind::Output && matches!(redirect.descriptor, None | Some(1));
        all && constant(&redirect.target).as_deref() == Some("/dev/null")
    });
    let joins = |redirect: &Redirect| redirect.kind == RedirectKind::DuplicateOutput && redirect.descriptor == Some(2);
    output.is_some_and(|at| !redirects[..at].iter().any(joins))
}

/// Whether a `<` or `>` that compares was taken for a redirection.
fn compares(redirect: &Redirect) -> bool {
    let is_plain = matches!(redirect.kind, RedirectKind::Input | RedirectKind::Output | RedirectKind::Append);
    let is_value = match redirect.target.parts.first().map(|part| &part.kind) {
        Some(PartKind::Literal(text)) => text.starts_with(|first: char| first.is_ascii_digit()),
        Some(part) => {
            matches!(
                part,
                PartKind::DoubleQuoted(_) | PartKind::Parameter(_) | PartKind::Command(_) | PartKind::Arithmetic(_)
            )
        }
        None => false,
    };
    is_plain && redirect.descriptor.is_none() && is_value
}

/// `false`, `0`, `$((…))`.
fn is_word(word: &Word) -> bool {
    matches!(word.parts.first().map(|part| &part.kind), Some(PartKind::Arithmetic(_)))
        || matches!(constant(word).as_deref(), Some("false" | "0"))
}

/// An expansion without quotes of which nothing may be left.
pub(super) fn is_bare(word: &Word) -> bool {
    match &word.parts[..] {
        [Part { kind: PartKind::Command(_), .. }] => true,
        [Part { kind: PartKind::Parameter(parameter), .. }] => {
            let is_name = parameter.name.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_');
            let is_whole = parameter.subscript.as_ref().is_none_or(Word::is_all);
            is_name && is_whole && &*parameter.name != "0" && matches!(parameter.operator, ParameterOperator::None)
        }
        _ => false,
    }
}

/// `name=$(…)`.
fn is_assignment(word: &Word) -> bool {
    match &word.parts[..] {
        [Part { kind: PartKind::Literal(text), .. }, Part { kind: PartKind::Command(_), .. }, ..] => {
            let name = text.strip_suffix('=').unwrap_or_default();
            let is_letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
            !name.is_empty() && name.chars().all(is_letter)
        }
        _ => false,
    }
}
