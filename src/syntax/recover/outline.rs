//! What tree-sitter makes of a stretch that no small patch mends: which statements in it are whole.
//!
//! Its grammar of bash recovers from anything, but it misreads words, and on some texts it takes time without bound.
//! So only *where whole statements stand* is taken from its tree, within a number of steps; what they say is left to the
//! strict reader. It knows nothing of patches.

use std::ops::{ControlFlow, Range};
use std::time::{Duration, Instant};
use tree_sitter::{Node, ParseOptions, ParseState, Parser, Tree, TreeCursor};

/// Nodes nested deeper than this are not looked into.
const DEEPEST: usize = 200;

/// What was found in a stretch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Outline {
    /// Statements without a fault in them, in order, none inside another.
    pub(super) statements: Vec<Range<usize>>,
    /// The words and brackets of blocks that have a fault inside but are complete around it: `f() {`, `then`, `fi`.
    pub(super) frame: Vec<Range<usize>>,
}

/// Outlines `text`, which must be ASCII; none where it took too many steps.
pub(super) fn outline(text: &[u8]) -> Option<Outline> {
    let tree = parse(text)?;
    let mut outline = Outline::default();
    let mut cursor = tree.walk();
    descend(&mut cursor, &mut outline);
    outline.statements.sort_by_key(|range| range.start);
    outline.frame.sort_by_key(|range| range.start);
    Some(outline)
}

/// So often tree-sitter may ask whether to go on: this much for any text, and once more for so many bytes. Scripts take a
/// third of it.
const ASKS: usize = 200;
const BYTES_AN_ASK: usize = 50;

/// Where the texts on which it takes time without bound are given up at the latest.
const PATIENCE: Duration = Duration::from_secs(2);

/// Parses `text` in so many steps as shell takes, several times over. Steps are counted, since what is found must not depend
/// on what else the machine does; the clock stands far behind.
fn parse(text: &[u8]) -> Option<Tree> {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_bash::LANGUAGE.into()).ok()?;
    let mut left = ASKS + text.len() / BYTES_AN_ASK;
    let deadline = Instant::now() + PATIENCE;
    let mut watch = |_: &ParseState| {
        left = left.saturating_sub(1);
        if left > 0 && Instant::now() < deadline { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let options = ParseOptions::new().progress_callback(&mut watch);
    parser.parse_with_options(&mut |at, _| text.get(at..).unwrap_or_default(), None, Some(options))
}

/// Visits every node that has a fault somewhere inside, without recursion.
fn descend(cursor: &mut TreeCursor<'_>, outline: &mut Outline) {
    let mut depth = 0;
    loop {
        let node = cursor.node();
        let whole = !node.has_error() && !node.is_missing();
        if whole && is_statement(node.kind()) && node.start_byte() < node.end_byte() {
            outline.statements.push(node.byte_range());
        } else if !whole && depth < DEEPEST {
            frame(&node, outline);
            if cursor.goto_first_child() {
                depth += 1;
                continue;
            }
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return;
            }
            depth -= 1;
        }
    }
}

/// Whether nodes of this kind are statements.
fn is_statement(kind: &str) -> bool {
    matches!(
        kind,
        "command"
            | "redirected_statement"
            | "list"
            | "pipeline"
            | "negated_command"
            | "if_statement"
            | "while_statement"
            | "for_statement"
            | "c_style_for_statement"
            | "case_statement"
            | "function_definition"
            | "compound_statement"
            | "subshell"
            | "test_command"
            | "variable_assignment"
            | "variable_assignments"
            | "declaration_command"
            | "unset_command"
    )
}

/// Notes the words and brackets of a block that is complete around its fault.
fn frame(node: &Node<'_>, outline: &mut Outline) {
    let header = |body: Option<Node<'_>>| body.map(|body| node.start_byte()..body.start_byte());
    let body = node.child_by_field_name("body");
    match node.kind() {
        "compound_statement" => brackets(node, &["{", "}"], outline),
        "subshell" => brackets(node, &["(", ")"], outline),
        "if_statement" => brackets(node, &["if", "then", "fi"], outline),
        "elif_clause" => brackets(node, &["elif", "then"], outline),
        "else_clause" => brackets(node, &["else"], outline),
        "do_group" => brackets(node, &["do", "done"], outline),
        "while_statement" => outline.frame.extend(node.child(0).map(|keyword| keyword.byte_range())),
        "for_statement" | "function_definition" => outline.frame.extend(header(body)),
        _ => {}
    }
}

/// Notes the children of `node` that are one of `words`.
fn brackets(node: &Node<'_>, words: &[&str], outline: &mut Outline) {
    let mut cursor = node.walk();
    let children = node.children(&mut cursor);
    let found = children.filter(|child| words.contains(&child.kind()) && !child.is_missing());
    outline.frame.extend(found.map(|child| child.byte_range()));
}

#[cfg(test)]
mod tests {
    use super::outline;

    fn texts(text: &str) -> (Vec<&str>, Vec<&str>) {
        let outline = outline(text.as_bytes()).expect("a short text takes no time");
        let show = |ranges: Vec<std::ops::Range<usize>>| ranges.into_iter().map(|range| &text[range]).collect();
        (show(outline.statements), show(outline.frame))
    }

    #[test]
    fn whole_statements_are_found_around_a_fault() {
        let (statements, _) = texts("a b\n)\nif c; then d; fi\n");
        assert!(statements.contains(&"a b") && statements.contains(&"if c; then d; fi"), "{statements:?}");
    }

    #[test]
    fn what_takes_too_many_steps_is_given_up() {
        assert_eq!(outline(")".repeat(100_000).as_bytes()), None);
    }
}
