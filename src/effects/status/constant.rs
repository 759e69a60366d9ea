//! Tests that are decided by how they are written.

use super::{Found, Survey, tests};
use crate::flow::graph::{Edge, Kind, NodeId};
use crate::knowledge::How;

/// An operator without blanks around it makes one word, and a word that is not empty says yes: `[ a=b ]`.
const JOINED: &str = "joined-words";
/// Nothing is left of an unquoted `$x` that is empty, and `-n` by itself says yes.
const UNQUOTED: &str = "unquoted-operand";
/// A word that is not empty says yes, whatever it means: `[ false ]`, `[ 0 ]`.
const WORD: &str = "constant-word";
/// What a quiet command prints is asked for, not its status: `[[ $(grep -q x f) ]]`.
const QUIET: &str = "quiet-output";
/// One of two values is always another one: `[ "$x" != a ] || [ "$x" != b ]`.
const EITHER: &str = "either-differs";
/// `[ "$x" > 5 ]` writes a file.
const REDIRECTED: &str = "redirected";

impl Survey<'_, '_, '_> {
    /// Tests whose answer is always the same.
    pub(super) fn constant(&self) -> Vec<Found> {
        let mut found = Vec::new();
        for node in self.nodes().filter(|&node| self.is_test(node)) {
            let span = self.span(node);
            if let Some(mark) = self.decided(node) {
                found.push(Found { node, from: None, how: How::Constant, span, named: span, mark });
            }
        }
        found
    }

    fn decided(&self, node: NodeId) -> Option<&'static str> {
        let written = self.written(node);
        let (inside, splits) = match self.kind(node) {
            Kind::Test(_) => (written.strip_prefix("[[")?.strip_suffix("]]")?, false),
            Kind::Simple(simple) => {
                let words = &simple.simple.words;
                let (first, last) = (words.get(1)?, words.last()?);
                if self.is_redirected(simple.command.redirects.iter().map(|redirect| redirect.span)) {
                    return Some(REDIRECTED);
                }
                let inside = self.text(first.span.to(last.span));
                (inside.strip_suffix(']').filter(|_| written.starts_with('[')).unwrap_or(inside), true)
            }
            _ => return None,
        };
        let words = tests::words(inside);
        let groups = words.split(|word| matches!(*word, "-a" | "-o" | "&&" | "||"));
        let single = groups.map(|group| self.decided_alone(group, splits)).find(Option::is_some).flatten();
        let single = single.filter(|&mark| mark != UNQUOTED || !self.only_adds_to_list(node, &words));
        single.or_else(|| self.differs_from_either(node, &words).then_some(EITHER))
    }

    /// A question by itself.
    fn decided_alone(&self, words: &[&str], splits: bool) -> Option<&'static str> {
        let words = words.strip_prefix(&["!"]).unwrap_or(words);
        match *words {
            [word] if tests::has_operator(word) && !word.starts_with('-') => Some(JOINED),
            [word] if matches!(word, "false" | "0") || word.starts_with("$((") => Some(WORD),
            [word] if self.names_function(word) => Some(WORD),
            [word] | ["-n" | "-z", word] if is_quiet(word) => Some(QUIET),
            ["-n", word] if splits && is_bare(word) => Some(UNQUOTED),
            [word, "=" | "==" | "!=", _] if !splits && is_assignment(word) => Some(JOINED),
            _ => None,
        }
    }

    /// Whether all that an answer leads to is that the word asked for is put into a list of words: `[ -n $x ] && L="$L $x"`.
    /// Of an empty one a blank is left there, which means nothing.
    fn only_adds_to_list(&self, node: NodeId, words: &[&str]) -> bool {
        let (["-n", asked], [next]) = (words, &self.ahead(node, Edge::Ok)[..]) else { return false };
        let Kind::Simple(simple) = self.kind(*next) else { return false };
        let ([], [assignment]) = (&simple.simple.words[..], &simple.simple.assignments[..]) else { return false };
        let Some((_, value)) = self.text(assignment.span).split_once('=') else { return false };
        let name = &*assignment.name.text;
        let (plain, braced) = (format!("${name}"), format!("${{{name}}}"));
        let is_list = assignment.append || value.contains(&plain) || value.contains(&braced);
        let is_left = |word: &&str| ![*asked, &*plain, &*braced].contains(word);
        let mut left = value.trim_matches('"').split_whitespace().filter(is_left);
        let behind = |node, edge| match self.ahead(node, edge)[..] {
            // An `if` without `else` gives 0 where it does nothing.
            [status] if matches!(self.kind(status), Kind::Status(_)) => self.ahead(status, Edge::Ok),
            ref ahead => ahead.to_vec(),
        };
        let goes_on = behind(*next, Edge::Ok) == behind(node, Edge::Fail);
        is_list && value.contains(*asked) && left.next().is_none() && goes_on
    }

    fn names_function(&self, word: &str) -> bool {
        let graph = &self.resolver.flow.graph;
        graph.names.find(word).is_some_and(|name| graph.functions.get(&name).is_some_and(|units| !units.is_empty()))
    }

    /// Whether a `<` or `>` that compares was taken for a redirection.
    fn is_redirected(&self, mut redirects: impl Iterator<Item = crate::span::Span>) -> bool {
        redirects.any(|span| {
            let written = self.text(span);
            let target = written.trim_start_matches(['<', '>']).trim_start();
            let compares = target.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '$' | '"'));
            written.starts_with(['<', '>']) && !written.starts_with("<<") && compares
        })
    }

    /// `x != a || x != b`, in one test or in two.
    fn differs_from_either(&self, node: NodeId, words: &[&str]) -> bool {
        match *words {
            [left, "!=", one, "-o" | "||", other, "!=", two] => left == other && are_two(one, two),
            [left, "!=", one] => {
                let behind = self.ahead(node, Edge::Fail);
                let [next] = behind[..] else { return false };
                let written = self.written(next);
                let inside = written.trim_start_matches('[').trim_start_matches("test ").trim_end_matches(']');
                let same_way = || self.ahead(node, Edge::Ok) == self.ahead(next, Edge::Ok);
                match *tests::words(inside) {
                    [other, "!=", two] if self.is_test(next) => left == other && are_two(one, two) && same_way(),
                    _ => false,
                }
            }
            _ => false,
        }
    }
}

/// Two constants that are not the same.
fn are_two(one: &str, two: &str) -> bool {
    let is_constant = |word: &str| !word.contains(['$', '`', '*', '?', '[']);
    is_constant(one) && is_constant(two) && one.trim_matches(['"', '\'']) != two.trim_matches(['"', '\''])
}

/// An expansion without quotes of which nothing may be left.
fn is_bare(word: &str) -> bool {
    let name = word.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).or_else(|| word.strip_prefix('$'));
    let is_name = |name: &str| {
        let inner = name.strip_suffix("[@]").or_else(|| name.strip_suffix("[*]")).unwrap_or(name);
        !inner.is_empty() && inner.chars().all(|character| character.is_ascii_alphanumeric() || character == '_')
    };
    let runs = word.starts_with("$(") && !word.starts_with("$((") && word.ends_with(')')
        || word.len() > 1 && word.starts_with('`') && word.ends_with('`');
    runs || name.is_some_and(|name| is_name(name) && name != "0")
}

/// `$(…)` of a command that prints nothing.
fn is_quiet(word: &str) -> bool {
    let word = word.trim_matches('"');
    let inner = word.strip_prefix("$(").and_then(|rest| rest.strip_suffix(')'));
    let Some(inner) = inner.or_else(|| word.strip_prefix('`').and_then(|rest| rest.strip_suffix('`'))) else {
        return false;
    };
    let text = inner.trim();
    let last = text.rsplit('|').next().unwrap_or(text).trim();
    let greps = ["grep", "egrep", "fgrep"].iter().any(|name| last.starts_with(name));
    let mut options = last.split_whitespace().filter(|word| word.starts_with('-') && !word.starts_with("--"));
    let quiet = greps && options.any(|option| option.contains('q'))
        || last.starts_with("systemctl ") && (last.contains(" --quiet") || last.contains(" -q "))
        || last.starts_with("cmp -s ");
    // In the other order the errors are what is printed.
    let output = last.replace("2>/dev/null", "").replace("2> /dev/null", "");
    let silent = [">/dev/null", "> /dev/null"].iter().any(|end| output.contains(end))
        && !output.contains("2>&1 >")
        && !output.contains("2>&1 1>");
    let rest = text.replace("2>&1", "").replace("&>", "");
    (quiet || silent) && !rest.contains([';', '&', '\n']) && !rest.contains("||")
}

/// `name=$(…)`.
fn is_assignment(word: &str) -> bool {
    word.split_once("=$(").is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_')
    })
}
