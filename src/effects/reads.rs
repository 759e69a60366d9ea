//! Commands that only read what their operands name.

use crate::knowledge::{Knowledge, WordKind};

/// Whether a command changes nothing that its words name.
pub fn only_reads(knowledge: &Knowledge, name: &str) -> bool {
    knowledge.is(name, WordKind::ReadsOperands) || knowledge.is(name, WordKind::OnlyReads)
}

/// Whether a command reads its input and no file, and succeeds whatever it reads: an operand is told from the argument
/// of an option by the letter in front of it (`head -n 1`, `cut -d : -f 1`).
pub fn only_filters(words: &[std::borrow::Cow<'_, str>]) -> bool {
    let Some((name, operands)) = words.split_first() else { return false };
    let takes_argument = match &**name {
        "head" | "tail" => "nc",
        "cut" => "dfcb",
        "sort" => "kt",
        "uniq" => "fsw",
        "wc" | "cat" | "rev" | "tac" | "nl" => "",
        // Its operands are no files.
        "tr" => return true,
        _ => return false,
    };
    let is_argument = |before: &str| {
        before.len() == 2 && before.starts_with('-') && before.ends_with(|letter| takes_argument.contains(letter))
    };
    words.iter().zip(operands).all(|(before, word)| word.starts_with('-') || is_argument(before))
}
