//! Reads the one-line grammars of options: `f/force o=/output= i?`.
//!
//! It knows how options are spelled, and nothing of what they do.

use super::mistake::{Wrong, unknown};
use super::model::{Grammar, List, Spelling, Style, Takes};
use super::raw::RawTool;
use std::borrow::Cow;

const STYLES: [(&str, Style); 6] = [
    ("getopt", Style::Getopt),
    ("dashword", Style::Dashword),
    ("keyword", Style::Keyword),
    ("assign", Style::Assign),
    ("verb", Style::Verb),
    ("bundle", Style::Bundle),
];

/// Every spelling in a one-line grammar, sorted.
pub fn spellings(text: &str) -> List<Spelling> {
    let mut all = Vec::new();
    for item in text.split_whitespace() {
        let takes = match item.split('/').rev().find_map(|name| name.chars().last().filter(|c| "=?".contains(*c))) {
            Some('=') => Takes::Argument,
            Some(_) => Takes::Attached,
            None => Takes::Nothing,
        };
        let bare = |name: &str| name.trim_end_matches(['=', '?']).to_owned();
        let canonical = bare(item.split('/').next().unwrap_or_default());
        for name in item.split('/') {
            all.push(Spelling { name: Cow::Owned(bare(name)), canonical: Cow::Owned(canonical.clone()), takes });
        }
    }
    // The sort is stable, so of two options of one spelling the first counts.
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all.dedup_by(|later, first| later.name == first.name);
    Cow::Owned(all)
}

/// A tool's grammar.
pub fn grammar(tool: &RawTool) -> Result<Grammar, Wrong> {
    let style = match &tool.style {
        None => Style::Getopt,
        Some(word) => match STYLES.iter().find(|(name, _)| name == word.get_ref()) {
            Some((_, style)) => *style,
            None => {
                return Err(Wrong::new(
                    word.span(),
                    unknown("style", word.get_ref(), STYLES.iter().map(|(name, _)| *name)),
                ));
            }
        },
    };
    Ok(Grammar {
        options: spellings(&tool.options),
        global: spellings(tool.global.as_deref().unwrap_or(&tool.options)),
        style,
        posix_order: tool.posix_order,
        abbreviates: tool.abbreviates,
        open: tool.open,
    })
}
