//! What the placeholders of a rule's sentences stand for at one effect.

use super::select::Case;
use super::template::Placeholder;
use crate::effects::{Fact, Occurrence, RewriteText, Skipped, word};
use crate::knowledge::{How, Remedy, SecondRun, Service};

/// Fills the sentences of a rule for one effect.
pub struct Teller<'a> {
    /// The script.
    pub case: &'a Case<'a>,
    /// The effect.
    pub at: usize,
    /// The service concerned, as knowledge has it.
    pub service: Option<&'a Service>,
    /// The events that made it a hazard, the one that is told of first.
    pub events: &'a [Fact],
}

impl Teller<'_> {
    /// The effect.
    pub fn occurrence(&self) -> &Occurrence {
        &self.case.analysis.occurrences[self.at]
    }

    /// The event that is told of.
    pub fn event(&self) -> Option<Fact> {
        self.events.first().copied()
    }

    /// The value of a placeholder in a text that is put into the script: names as the script writes them, quotes included.
    pub fn write(&self, placeholder: Placeholder) -> Option<String> {
        match placeholder {
            Placeholder::Target => self.occurrence().target_written.clone(),
            Placeholder::Variable => self.occurrence().variable.as_ref().map(|(_, name)| name.to_string()),
            Placeholder::Source => self.occurrence().source_written.clone(),
            other => self.tell(other),
        }
    }

    /// The value of a placeholder; none where there is none.
    pub fn tell(&self, placeholder: Placeholder) -> Option<String> {
        let occurrence = self.occurrence();
        match placeholder {
            Placeholder::Target => Some(occurrence.name.clone()),
            Placeholder::Source => occurrence.source_name.clone(),
            Placeholder::Service => {
                let thing = *occurrence.services.first()?;
                if thing == occurrence.target {
                    Some(occurrence.name.clone())
                } else {
                    self.case.analysis.name(thing).map(str::to_owned)
                }
            }
            Placeholder::How => Some(word(&occurrence.how)),
            Placeholder::Path => {
                let written = self
                    .event()
                    .and_then(|event| self.case.analysis.ended_by(self.at, event))
                    .map(|other| other.name.clone());
                written.or_else(|| self.service.and_then(|service| service.paths.first().map(ToString::to_string)))
            }
            Placeholder::Validator => {
                self.service.and_then(|service| service.validators.first().map(ToString::to_string))
            }
            Placeholder::Command => Some(short(&occurrence.written)),
            Placeholder::Text => occurrence.text_written.clone(),
            Placeholder::Added => Some(match self.case.analysis.remains(self.at) {
                Some(lines) if !lines.is_empty() => {
                    let lines: Vec<String> = lines.iter().map(|line| format!("`{}`", short(line.trim()))).collect();
                    lines.join(", ")
                }
                _ => "the same text".to_owned(),
            }),
            Placeholder::Variable => {
                let written = occurrence.variable.as_ref().map(|(_, name)| name.to_string());
                written.or_else(|| {
                    occurrence.value.and_then(|thing| self.case.analysis.variable(thing)).map(str::to_owned)
                })
            }
            Placeholder::Skipped => self.skipped(),
            Placeholder::Directory => occurrence.directory.clone(),
            Placeholder::Chooses => Some(self.chooses().to_owned()),
            Placeholder::Second => Some(match occurrence.second_run {
                // Whether the link that is there leads to a directory is not known.
                SecondRun::Fails if occurrence.second_elsewhere.contains(&SecondRun::Nests) => {
                    "fails, or puts another one inside what is there".to_owned()
                }
                SecondRun::Fails => match &self.case.analysis.skipped[self.at] {
                    Some(Skipped::Step(step)) => format!("fails, and `{}` is never reached", short(step)),
                    Some(Skipped::Caller(function)) => format!("fails, and ends whoever calls `{function}`"),
                    None => "fails".to_owned(),
                },
                SecondRun::Duplicates if occurrence.how == How::Mount => {
                    "lies on top of it and hides what is there".to_owned()
                }
                SecondRun::Duplicates => "adds the same again".to_owned(),
                SecondRun::Nests => "puts another one inside it".to_owned(),
                SecondRun::Resets => "makes it anew, and what was in it is lost".to_owned(),
                SecondRun::Differs => "does something else".to_owned(),
                SecondRun::Ok => "changes nothing".to_owned(),
            }),
            Placeholder::Stop => {
                let event = self.event().and_then(|event| self.case.analysis.ended_at(self.at, event));
                let inside = event.map_or(self.case.analysis.functions[self.at].is_some(), |spot| spot.in_function);
                Some(if inside { "return 1" } else { "exit 1" }.to_owned())
            }
            Placeholder::Descriptor => self.case.analysis.habits.lock_descriptor().map(str::to_owned),
            Placeholder::Lock => self.case.analysis.habits.lock_name().map(str::to_owned),
            Placeholder::Wrapper => Some(occurrence.wrapper.to_string()),
            Placeholder::Class => Some(word(&occurrence.class)),
            Placeholder::Idempotent => self.idempotent(),
            Placeholder::Payment => self.case.analysis.payment(self.at).map(|payment| payment.text.to_string()),
            Placeholder::Question => occurrence.question.as_ref().map(ToString::to_string),
            Placeholder::Precondition => self.remedy(Remedy::Precondition),
            Placeholder::Presence => self.remedy(Remedy::Presence),
            Placeholder::Clearance => self.remedy(Remedy::Clearance),
            Placeholder::Rescue => self.remedy(Remedy::Rescue),
            Placeholder::Announcement => self.remedy(Remedy::Announcement),
            Placeholder::Postcondition => self.remedy(Remedy::Postcondition),
            Placeholder::Readiness => self.remedy(Remedy::Readiness),
            Placeholder::Request => self.remedy(Remedy::Request),
            Placeholder::Waiting => self.remedy(Remedy::Waiting),
            Placeholder::Replacement => self.remedy(Remedy::Replacement),
        }
    }

    /// What knowledge has for the command, else for the event that made it a hazard.
    fn remedy(&self, remedy: Remedy) -> Option<String> {
        let own = self.occurrence().remedy(remedy);
        let of_event = || self.case.analysis.remedy_of_ender(self.at, self.event()?, remedy);
        own.or_else(of_event).map(str::to_owned)
    }

    /// What chose the working directory, as far as it stands in the script's own text.
    fn chooses(&self) -> &str {
        let spot = self.event().and_then(|event| self.case.analysis.ended_at(self.at, event));
        let written = spot.map(|spot| self.case.analysis.habits.written(spot.span)).unwrap_or_default();
        if written.split_whitespace().next() == Some("pushd") { "pushd" } else { "cd" }
    }

    fn skipped(&self) -> Option<String> {
        match self.case.analysis.skipped[self.at].as_ref()? {
            Skipped::Step(step) => Some(short(step)),
            Skipped::Caller(_) => None,
        }
    }

    /// The command in the form that can run twice.
    fn idempotent(&self) -> Option<String> {
        let occurrence = self.occurrence();
        let (rewrite, _) = occurrence.rewrite.as_ref()?;
        let written = &occurrence.written;
        let at = |byte: u32| {
            byte.checked_sub(occurrence.span.start).map(|at| at as usize).filter(|&at| written.is_char_boundary(at))
        };
        match rewrite {
            RewriteText::Insert(byte, text) => {
                let at = at(*byte)?;
                Some(format!("{}{text}{}", &written[..at], &written[at..]))
            }
            RewriteText::Replace(span, text) => {
                let (start, end) = (at(span.start)?, at(span.end)?);
                Some(format!("{}{text}{}", &written[..start], &written[end..]))
            }
            RewriteText::Prefix(text) => Some(format!("{text} {written}")),
        }
    }
}

/// A command on one line, cut where it is long.
pub fn short(written: &str) -> String {
    let joined = joined(written);
    let line = joined.lines().next().unwrap_or_default();
    if line.chars().count() <= 60 && line.len() == joined.len() {
        return line.to_owned();
    }
    let cut: String = line.chars().take(57).collect();
    format!("{}…", cut.trim_end())
}

/// The text with the lines that a backslash continues put on one.
fn joined(written: &str) -> String {
    let mut parts = written.split("\\\n");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.truncate(text.trim_end_matches([' ', '\t']).len());
        text.push(' ');
        text.push_str(part.trim_start_matches([' ', '\t']));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_continued_command_is_one_line() {
        assert_eq!(short("rm -rf a \\\n    b"), "rm -rf a b");
        assert_eq!(short("cat <<E\nbody\nE"), "cat <<E…");
    }
}
