//! How a fix says that the script stops: in the script's own way, where it has one.
//!
//! ```sh
//! die() { echo "$*" >&2; exit 1; }
//! nginx -t || die "nginx failed"      # and not: || exit 1
//! ```

use super::file::FixKind;
use crate::effects::{Habits, Open, Spot};

/// What is put in where the script has no way of its own.
const STOP: &str = "exit 1";
/// The same within a function.
const RETURN: &str = "return 1";
/// What gives a command the rights of another user.
const RIGHTS: [&str; 2] = ["sudo ", "doas "];
/// So many words of a command name it.
const MOST_WORDS: usize = 4;

/// The text of a fix, with the script's function for failures and a message in place of `exit 1`; or with what it has for
/// messages in front of that. What the run has open is closed first; nothing, where that cannot be written.
pub fn in_own_words(text: String, spot: &Spot, kind: FixKind, habits: &Habits, open: Option<&Open>) -> Option<String> {
    let ends = [STOP, RETURN].into_iter().find(|stop| text.ends_with(stop));
    let open = open.filter(|open| match ends {
        Some(RETURN) => open.is_closed_here || habits.has_errexit,
        Some(_) => true,
        None => text.contains("exit ") || text.contains("return "),
    });
    // What is asked once more behind a loop has a word of its own only there.
    if matches!(kind, FixKind::PollBefore | FixKind::Poll | FixKind::PollAfter | FixKind::AfterMessage) {
        return open.is_none().then_some(text);
    }
    let Some((front, ends)) = ends.map(|stop| (&text[..text.len() - stop.len()], stop)) else {
        return open.is_none().then_some(text);
    };
    let message = match kind {
        _ if ends == RETURN => None,
        FixKind::Bound => Some("gave up waiting".to_owned()),
        _ if front.is_empty() => failure(habits.written(spot.span)),
        _ => front.trim_end().strip_suffix("||").and_then(failure),
    };
    let at = spot.span.start;
    let mut commands: Vec<String> = match open {
        Some(open) => open.closing.as_ref()?.iter().map(ToString::to_string).collect(),
        None => Vec::new(),
    };
    match (habits.stopper(at), habits.teller(at), message) {
        (Some(stopper), _, Some(message)) => commands.push(format!("{stopper} \"{message}\"")),
        (None, Some(teller), Some(message)) => {
            commands.insert(0, format!("{teller} \"{message}\""));
            commands.push(ends.to_owned());
        }
        _ => commands.push(ends.to_owned()),
    }
    let is_one_of_list = front.is_empty() || front.ends_with("|| ");
    Some(match &commands[..] {
        [only] => format!("{front}{only}"),
        _ if is_one_of_list => format!("{front}{{ {}; }}", commands.join("; ")),
        _ => return open.is_none().then_some(text),
    })
}

/// What is said of a command that failed, the last of a list: by its first words, up to the first that is no plain one.
/// Options may hold what nobody shall read.
fn failure(command: &str) -> Option<String> {
    let command = command.rsplit("|| ").next().unwrap_or_default();
    let is_plain = |word: &&str| {
        word.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '/')
            && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/'))
    };
    let words: Vec<&str> = without_rights(command).split_whitespace().take_while(is_plain).take(MOST_WORDS).collect();
    (!words.is_empty()).then(|| format!("{} failed", words.join(" ")))
}

/// What is run with the rights of another user: `sudo -u postgres pg_isready` is `pg_isready`.
fn without_rights(command: &str) -> &str {
    let command = command.trim_start();
    let Some(mut rest) = RIGHTS.iter().find_map(|name| command.strip_prefix(name)).map(str::trim_start) else {
        return command;
    };
    while rest.starts_with('-') {
        let (option, behind) = rest.split_once(' ').unwrap_or((rest, ""));
        let takes_user = matches!(option, "-u" | "-g" | "--user" | "--group");
        rest = if takes_user { behind.trim_start().split_once(' ').map_or("", |(_, rest)| rest) } else { behind };
        rest = rest.trim_start();
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_named_by_its_first_words() {
        assert_eq!(failure("repmgr standby follow").as_deref(), Some("repmgr standby follow failed"));
        assert_eq!(failure("mysql -psecret app").as_deref(), Some("mysql failed"));
        assert_eq!(failure("[ -s file ]"), None);
        assert_eq!(failure("[ ! -e file ] || sudo cp -p file file.bak").as_deref(), Some("cp failed"));
        assert_eq!(failure("sudo -n -u postgres pg_isready -q").as_deref(), Some("pg_isready failed"));
    }
}
