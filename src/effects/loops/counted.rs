//! Where the turns of a loop begin in the text, and how they can be counted: what a fix has to know of the place.
//!
//! ```sh
//! tries=0
//! until pg_isready -q; do
//!     tries=$((tries + 1))            # the first command of a turn
//!     [ "$tries" -le 300 ] || exit 1
//!     sleep 1                         # five minutes, by what it sleeps
//! done
//! ```

use crate::effects::spot::{Count, Spot, Turn};
use crate::flow::graph::Loop;

/// Names for the count; the first that the script does not have.
const NAMES: [&str; 3] = ["tries", "turns", "rounds_so_far"];

/// How long all turns together may sleep: longer than what is waited for takes when all is well, and short enough to be
/// heard of in the same outage.
const SECONDS: u32 = 300;

/// So much of the text in front of a loop says whether a command can stand there.
const MOST_BEFORE: usize = 4096;

/// A name for the count that the script does not have.
pub fn free_name(source: &[u8]) -> Option<&'static str> {
    let has = |name: &str| source.windows(name.len()).any(|window| window == name.as_bytes());
    NAMES.into_iter().find(|name| !has(name))
}

/// Where the turns of a loop begin, which can be counted by this name. If they are `paced`, every turn sleeps.
pub fn turn(source: &[u8], body: &Loop, spot: &Spot, (name, paced): (Option<&'static str>, bool)) -> Option<Turn> {
    let inside = std::str::from_utf8(source.get(body.asked.end as usize..body.close.start as usize)?).ok()?;
    let at = first_command(inside)?;
    let start = body.asked.end + at as u32;
    let line = inside[..at].rfind('\n').map(|end| &inside[end + 1..at]);
    let indent = line.filter(|blanks| blanks.trim().is_empty()).map(str::to_owned);
    let count = name.and_then(|name| count(source, &inside[at..], spot, (name, paced)));
    Some(Turn { start, indent, count })
}

/// The byte of what stands behind `do`, past blanks, line ends and comments.
fn first_command(inside: &str) -> Option<usize> {
    let at = behind_nothing(inside, 0);
    let rest = inside[at..].strip_prefix("do")?;
    rest.starts_with([' ', '\t', '\n', '\r']).then(|| behind_nothing(inside, at + 2))
}

/// The first byte, from one on, that is not of a blank, a separator, a line end or a comment.
fn behind_nothing(text: &str, from: usize) -> usize {
    let mut at = from;
    loop {
        let rest = &text[at..];
        at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r', ';']).len();
        if !text[at..].starts_with('#') {
            return at;
        }
        at += text[at..].find('\n').unwrap_or(text.len() - at);
    }
}

fn count(source: &[u8], turn: &str, spot: &Spot, (name, paced): (&'static str, bool)) -> Option<Count> {
    // Where some turns sleep and others do not, the number says nothing of the time.
    let sleeps = !paced && !turn.contains("sleep");
    let milliseconds = if sleeps { 1000 } else { pause(turn).filter(|_| paced)? };
    let most = (SECONDS * 1000).div_ceil(milliseconds).clamp(3, 3000);
    begins_a_line_or_list(source, spot).then_some(Count { name, most, sleeps })
}

/// How long a turn sleeps, in milliseconds.
fn pause(turn: &str) -> Option<u32> {
    let mut words =
        turn.split([' ', '\t', '\n', '\r', ';', '&', '|', '(', ')', '{', '}']).filter(|word| !word.is_empty());
    words.find(|word| *word == "sleep")?;
    let written = words.next()?;
    let number = written.strip_suffix('s').unwrap_or(written);
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let part: String = part.chars().chain("000".chars()).take(3).collect();
    let whole: u32 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let milliseconds = whole.checked_mul(1000)?.checked_add(part.parse().ok()?)?;
    (milliseconds > 0).then_some(milliseconds)
}

/// Whether a command of its own can stand in front of the loop: it is not what `&&`, `|` or `!` leads to.
fn begins_a_line_or_list(source: &[u8], spot: &Spot) -> bool {
    let before = source.get(..spot.statement.start as usize).unwrap_or_default();
    let before = String::from_utf8_lossy(&before[before.len().saturating_sub(MOST_BEFORE)..]);
    let (line, blanks) = (before.trim_end_matches([' ', '\t']), before.trim_end());
    if spot.indent.is_some() {
        return !blanks.ends_with(['|', '\\']) && !blanks.ends_with("&&");
    }
    let word = line.rsplit([' ', '\t', '\n', ';']).next().unwrap_or_default();
    line.ends_with(';') || matches!(word, "do" | "then" | "else" | "{" | "(")
}

#[cfg(test)]
mod tests {
    use super::pause;

    #[test]
    fn what_a_turn_sleeps_is_read_in_milliseconds() {
        for (turn, slept) in [
            ("sleep 1", Some(1000)),
            ("echo; sleep 0.25; ls", Some(250)),
            ("sleep .5s", Some(500)),
            ("sleep 2s", Some(2000)),
            ("sleep 0", None),
            ("sleep $pause", None),
            ("sleep 5m", None),
            ("ls", None),
        ] {
            assert_eq!(pause(turn), slept, "{turn}");
        }
    }
}
