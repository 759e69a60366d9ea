//! Sentences with placeholders: messages, labels, help and the text of fixes.
//!
//! `{service} restarts` is two pieces. The placeholders are a closed list, checked when the rule is read, so
//! that a message can never show a hole by mistake. `{{` and `}}` are braces.

use serde::Deserialize;
use std::borrow::Cow;

/// A sentence with placeholders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    /// Text and placeholders in turn.
    pub pieces: Cow<'static, [Piece]>,
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// As it stands.
    Text(Cow<'static, str>),
    /// What the finding is about.
    Slot(Placeholder),
}

/// What a sentence can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Placeholder {
    /// What the effect happens to, as the script writes it.
    Target,
    /// What is copied or moved there.
    Source,
    /// The service, by the name that the script uses.
    Service,
    /// The manner of the effect: `restart`.
    How,
    /// The configuration file that was written, or the path behind the target.
    Path,
    /// The command that validates the service's configuration.
    Validator,
    /// The command, as the script writes it.
    Command,
    /// The text that is written, as a quoted shell word.
    Text,
    /// What is added: `the same text`, or the lines of it that the run does not take back itself.
    Added,
    /// The variable that the target begins with, without `$`.
    Variable,
    /// What is skipped when the second run fails.
    Skipped,
    /// The working directory, as the script writes it.
    Directory,
    /// What chose the working directory: `cd`, `pushd`.
    Chooses,
    /// What the second run does, as a clause that fits behind the command: ``fails, and `systemctl start app` is
    /// never reached``, `adds the same again`.
    Second,
    /// What ends the function that the effect stands in, else the script: `return 1`, `exit 1`.
    Stop,
    /// A descriptor on which a lock can be held until the script ends; none where something would keep it.
    Descriptor,
    /// What a lock of the script is called.
    Lock,
    /// What in front of the command says only whose rights it has, or nothing: `sudo `.
    Wrapper,
    /// What the target is: `config`, `secret` …
    Class,
    /// The command in the form that can run twice: `mkdir -p /srv/app`.
    Idempotent,
    /// The command with which the script itself makes, elsewhere, what the effect owes.
    Payment,
    /// Of what is asked too early: a command that succeeds once the answer is yes.
    Question,
    /// What knowledge has for the command, or for the event behind the finding: a question before it …
    Precondition,
    /// … or whether an earlier run has made it …
    Presence,
    /// … what takes leftovers out of its way …
    Clearance,
    /// … what keeps what it would throw away …
    Rescue,
    /// … what tells others of it …
    Announcement,
    /// … a question whether it has had its effect …
    Postcondition,
    /// … or whether that is there which it needs …
    Readiness,
    /// … what asks for the same gently …
    Request,
    /// … and the same in the form that waits.
    Waiting,
    /// … and what does the same without the harm.
    Replacement,
}

impl Template {
    /// The placeholders in it.
    pub fn placeholders(&self) -> impl Iterator<Item = Placeholder> + '_ {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Slot(placeholder) => Some(*placeholder),
            Piece::Text(_) => None,
        })
    }

    /// What stands between the placeholders.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Slot(_) => None,
            Piece::Text(text) => Some(&**text),
        })
    }

    /// The sentence, if every placeholder has a value.
    pub fn render(&self, mut fill: impl FnMut(Placeholder) -> Option<String>) -> Option<String> {
        let mut sentence = String::new();
        for piece in self.pieces.iter() {
            match piece {
                Piece::Text(text) => sentence.push_str(text),
                Piece::Slot(placeholder) => sentence.push_str(&fill(*placeholder)?),
            }
        }
        Some(sentence)
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }
}
