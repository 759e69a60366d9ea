//! `--fix=ask`: shows each change and takes an answer, as `git add -p` does.
//!
//! Questions go to a writer and answers come from a reader; where they lead is not known here.

use crate::finding::Applicability;
use crate::fix::{Proposal, Reply, unified_diff};
use std::io::{BufRead, Write};

/// What the letters mean.
const HELP: &str = "\
y  apply this fix
n  leave it
a  apply this one and all others
q  leave it and all others; what was applied stays
";

/// Somebody who says yes or no.
pub struct Asker<R, W> {
    answers: R,
    questions: W,
    /// What was said once for all that comes.
    settled: Option<Reply>,
}

impl<R: BufRead, W: Write> Asker<R, W> {
    /// Nothing is settled yet.
    pub fn new(answers: R, questions: W) -> Self {
        Self { answers, questions, settled: None }
    }

    /// Whether nothing more is wanted.
    pub fn has_quit(&self) -> bool {
        self.settled == Some(Reply::Quit)
    }

    /// Shows one change and takes the answer; where nobody answers, nothing more is changed.
    pub fn ask(&mut self, proposal: &Proposal<'_>) -> Reply {
        if let Some(settled) = self.settled {
            return settled;
        }
        let Proposal { finding, fix, before, after } = proposal;
        let line = before.position(finding.span.start).line;
        let mut shown = unified_diff(before.path(), before.bytes(), after.bytes());
        let trust = if fix.applicability == Applicability::Safe { "safe" } else { "changes behaviour" };
        let why = format!("{}:{line}: {} {}\n", before.path().display(), finding.code, finding.message);
        shown.extend_from_slice(format!("{why}{} ({trust})\n", fix.title).as_bytes());
        // Who cannot see a question will not answer it either.
        let _ = self.questions.write_all(&shown);
        loop {
            let _ = write!(self.questions, "Apply this fix? [y,n,a,q,?] ");
            let _ = self.questions.flush();
            let mut answer = String::new();
            let read = self.answers.read_line(&mut answer);
            match answer.trim() {
                "y" => return Reply::Yes,
                "n" => return Reply::No,
                "a" => return self.settle(Reply::Yes),
                "q" => return self.settle(Reply::Quit),
                _ if !matches!(read, Ok(1..)) => return self.settle(Reply::Quit),
                _ => {
                    let _ = self.questions.write_all(HELP.as_bytes());
                }
            }
        }
    }

    fn settle(&mut self, reply: Reply) -> Reply {
        self.settled = Some(reply);
        reply
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;
    use crate::source::{MemoryLoader, Source};

    const BAD: &str = "#!/bin/sh -e\nmkdir /srv/a\nmkdir /srv/b\nmkdir /srv/c\nsystemctl restart app\n";

    /// What becomes of the text, and what was printed.
    fn asked(answers: &str) -> (String, String) {
        let source = Source::new("x.sh", BAD.as_bytes().to_vec()).expect("small");
        let mut questions = Vec::new();
        let mut asker = Asker::new(answers.as_bytes(), &mut questions);
        let wanted = Applicability::Unsafe.into();
        let book = crate::Book::builtin();
        let (settings, loader) = (Settings::default(), MemoryLoader::default());
        let outcome = book.mend_asking(&source, &settings, &loader, &wanted, &mut |proposal| asker.ask(proposal));
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(outcome.source.bytes()), text(&questions))
    }

    #[test]
    fn yes_and_no_are_about_one() {
        let (made, shown) = asked("n\ny\nn\n");
        assert_eq!(made, BAD.replace("mkdir /srv/b", "mkdir -p /srv/b"));
        assert_eq!(shown.matches("Apply this fix?").count(), 3);
        assert!(shown.contains("-mkdir /srv/a\n+mkdir -p /srv/a\n"), "{shown}");
        assert!(shown.contains("x.sh:2: NH201 "), "{shown}");
    }

    #[test]
    fn all_and_quit_are_about_the_rest() {
        assert_eq!(
            asked("n\na\n").0,
            BAD.replace("mkdir /srv/b", "mkdir -p /srv/b").replace("mkdir /srv/c", "mkdir -p /srv/c")
        );
        assert_eq!(asked("y\nq\n").0, BAD.replace("mkdir /srv/a", "mkdir -p /srv/a"));
    }

    #[test]
    fn no_answer_is_no_yes() {
        assert_eq!(asked("").0, BAD);
        assert_eq!(asked("y").0, BAD.replace("mkdir /srv/a", "mkdir -p /srv/a"));
        let (made, shown) = asked("\nyes\n?\nq\n");
        assert_eq!(made, BAD);
        assert_eq!(shown.matches("y  apply this fix").count(), 3, "{shown}");
    }
}
