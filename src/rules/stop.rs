//! How a fix says that the script stops: in the script's own way, where it has one.
//!
//! ```sh
//! die() { echo "$*" >&2; exit 1; }
//! nginx -t || die "nginx failed"      # and not: || exit 1
//! ```

use super::file::FixKind;
use crate::effects::{Habits, Spot};

/// What is put in where the script has no way of its own.
const STOP: &str = "exit 1";
/// So many words of a command name it.
const MOST_WORDS: usize = 4;

/// The text of a fix, with the script's function for failures and a message in place of `exit 1`.
pub fn in_own_words(text: String, spot: &Spot, kind: FixKind, habits: &Habits) -> String {
    // What is asked once more behind a loop has a word of its own only there.
    if matches!(kind, FixKind::PollBefore | FixKind::Poll | FixKind::PollAfter | FixKind::AfterMessage) {
        return text;
    }
    let Some(front) = text.strip_suffix(STOP) else { return text };
    let message = match kind {
        FixKind::Bound => Some("gave up waiting".to_owned()),
        _ if front.is_empty() => failure(habits.written(spot.span)),
        _ => front.trim_end().strip_suffix("||").and_then(failure),
    };
    match (habits.stopper(spot.span.start), message) {
        (Some(stopper), Some(message)) => format!("{front}{stopper} \"{message}\""),
        _ => text,
    }
}

/// What is said of a command that failed, the last of a list: by its first words, up to the first that is no plain one.
/// Options may hold what nobody shall read.
fn failure(command: &str) -> Option<String> {
    let command = command.rsplit("|| ").next().unwrap_or_default();
    let is_plain = |word: &&str| {
        word.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '/')
            && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/'))
    };
    let words: Vec<&str> = command.split_whitespace().take_while(is_plain).take(MOST_WORDS).collect();
    (!words.is_empty()).then(|| format!("{} failed", words.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_named_by_its_first_words() {
        assert_eq!(failure("repmgr standby follow").as_deref(), Some("repmgr standby follow failed"));
        assert_eq!(failure("mysql -psecret app").as_deref(), Some("mysql failed"));
        assert_eq!(failure("[ -s file ]"), None);
        assert_eq!(failure("[ ! -e file ] || sudo cp -p file file.bak").as_deref(), Some("sudo cp failed"));
    }
}
