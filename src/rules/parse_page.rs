//! The fenced examples of a rule's page.
//!
//! A fence of shell must say what is true of it: `sh bad`, `sh good` or `sh fixed`; `file=` gives the name it is
//! checked under. Other fences are illustration. Lines of a bad example that must be flagged end in a comment
//! with the codes, which is taken out before the example is run.

use super::file::{Example, ExampleKind, Text};
use super::parse::is_code;
use super::parse_table::{Problem, Source};
use std::ops::Range;

const FENCE: &str = "```";

/// The examples between two bytes of the file.
///
/// # Errors
///
/// A fence that is not closed or has words that mean nothing, or a `fixed` without its `bad`.
pub fn examples(source: &Source, page: Range<usize>) -> Result<Vec<Example>, Problem> {
    let mut examples: Vec<Example> = Vec::new();
    let mut offset = page.start;
    let mut open: Option<(Range<usize>, usize)> = None; // the info string and where the text begins
    for line in source.text[page].split_inclusive('\n') {
        let next = offset + line.len();
        let content = line.trim_end();
        match &open {
            None => {
                if let Some(info) = content.strip_prefix(FENCE) {
                    open = Some((offset + FENCE.len()..offset + FENCE.len() + info.len(), next));
                }
            }
            Some((info, start)) if content == FENCE => {
                if let Some(example) = example(source, info.clone(), *start..offset)? {
                    let has_bad = examples.last().is_some_and(|before| before.kind == ExampleKind::Bad);
                    if example.kind == ExampleKind::Fixed && !has_bad {
                        return Err(source.problem(info.clone(), "a `fixed` example follows the `bad` one it mends"));
                    }
                    examples.push(example);
                }
                open = None;
            }
            Some(_) => {}
        }
        offset = next;
    }
    match open {
        Some((info, _)) => Err(source.problem(info, "this fence is not closed")),
        None => Ok(examples),
    }
}

fn example(source: &Source, info: Range<usize>, body: Range<usize>) -> Result<Option<Example>, Problem> {
    let mut words = source.text[info.clone()].split_whitespace();
    if !matches!(words.next(), Some("sh" | "bash")) {
        return Ok(None);
    }
    let Some(kind) = words.next() else {
        return Err(source.problem(info, "say what is true of this example: `bad`, `good` or `fixed`"));
    };
    let kind = source.word::<ExampleKind>(kind, &info)?;
    let mut file = None;
    for word in words {
        match word.strip_prefix("file=") {
            Some(name) => file = Some(Text::Owned(name.to_owned())),
            None => return Err(source.problem(info, &format!("unknown word `{word}`: only `file=` may follow"))),
        }
    }
    let line = source.text[..body.start].matches('\n').count() + 1;
    let line = u32::try_from(line).unwrap_or(u32::MAX);
    Ok(Some(Example { kind, text: Text::Owned(source.text[body].to_owned()), file, line }))
}

/// The codes that the end of a line asks for, and the line without them.
pub fn marker(line: &str) -> (&str, Vec<&str>) {
    let Some((before, comment)) = line.rsplit_once("# ") else { return (line, Vec::new()) };
    let codes: Vec<&str> = comment.split_whitespace().collect();
    if codes.is_empty() || !codes.iter().all(|word| is_code(word)) {
        return (line, Vec::new());
    }
    (before.trim_end(), codes)
}
