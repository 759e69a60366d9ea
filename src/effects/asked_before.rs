//! Questions in front of a node for what the script writes out, by their words: `[ ! -e "$lock" ]`.
//!
//! For effects that are a hazard by how a file is asked for in front of them; what holds there, facts say.

use super::dominators::Dominators;
use super::paths::Conditions;
use super::ways::Ways;
use crate::flow::Flow;
use crate::flow::graph::NodeId;

/// The questions of a script, and its text.
pub struct AskedBefore<'a, 't> {
    conditions: Conditions<'a, 't>,
    source: &'a [u8],
}

/// A question, and how it was answered.
pub struct Asked {
    /// Its words without quotes and braces.
    pub words: Vec<String>,
    yes: bool,
}

impl<'a, 't> AskedBefore<'a, 't> {
    /// The questions of a script.
    pub fn find(flow: &'a Flow<'t>, (live, ways, dominators): (&[u8], &Ways, &Dominators), source: &'a [u8]) -> Self {
        Self { conditions: Conditions::find(flow, live, ways, dominators), source }
    }

    /// Those that every way to a node passes with one answer.
    pub fn of(&self, node: NodeId) -> impl Iterator<Item = Asked> {
        self.conditions.of(node, self.source).map(|condition| Asked {
            words: condition.question.split_whitespace().map(bare).collect(),
            yes: condition.yes,
        })
    }
}

impl Asked {
    /// Whether it is `[ … ]`, `[[ … ]]` or `test …`.
    pub fn is_test(&self) -> bool {
        self.words.first().is_some_and(|word| matches!(&**word, "[" | "[[" | "test"))
    }

    /// Whether it asks by one of these operators for a file of this name, and hears that there is none.
    pub fn says_absent(&self, operators: &[&str], file: &str) -> bool {
        let asks = self.words.windows(2).any(|pair| operators.contains(&&*pair[0]) && pair[1] == file);
        asks && self.yes == self.words.iter().any(|word| word == "!")
    }
}

/// A word without quotes and braces.
pub fn bare(word: &str) -> String {
    word.chars().filter(|letter| !matches!(letter, '"' | '\'' | '{' | '}' | ';')).collect()
}
