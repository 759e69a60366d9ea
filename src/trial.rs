//! The examples of rule pages, tried: what a page shows must be what noharm says.
//!
//! *bad* is flagged exactly on its marked lines with exactly those codes, *good* is silent under all rules, and
//! *fixed* is what the bad example before it becomes when every fix is applied. A rule that is off for every role is
//! switched on for its own page.

use crate::Book;
use crate::config::Settings;
use crate::finding::{Applicability, Severity};
use crate::rules::{Example, ExampleKind, Rule, marker};
use crate::source::{MemoryLoader, Source};

/// An example that does not show what is true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Miss {
    /// The line of the example's first line in the rule file, 1-based.
    pub line: u32,
    /// What is marked and what was found.
    pub message: String,
}

impl Book {
    /// The examples of a rule that are not what they are said to be.
    pub fn try_examples(&self, rule: &Rule) -> Vec<Miss> {
        let (examples, settings) = (rule.examples(), &settings(rule));
        let before = std::iter::once(None).chain(examples.iter().map(Some));
        let missed = examples.iter().zip(before).filter_map(|(example, before)| {
            let message = match example.kind {
                ExampleKind::Bad => self.misses_marks(example, settings),
                ExampleKind::Good => self.speaks(example, settings),
                ExampleKind::Fixed => {
                    self.speaks(example, settings).or_else(|| self.mends_otherwise(before?, example, settings))
                }
            };
            Some(Miss { line: example.line, message: message? })
        });
        missed.collect()
    }

    /// A bad example is flagged where it is marked and nowhere else.
    fn misses_marks(&self, example: &Example, settings: &Settings) -> Option<String> {
        let (text, mut marked) = script(example);
        let source = source(example, &text)?;
        let mut found: Vec<(u32, String)> =
            self.findings(&source, settings).into_iter().map(|(line, code, _)| (line, code)).collect();
        marked.sort();
        found.sort();
        let told = |list: &[(u32, String)]| {
            let told: Vec<String> = list.iter().map(|(line, code)| format!("{code} on line {line}")).collect();
            if told.is_empty() { "nothing".to_owned() } else { told.join(", ") }
        };
        (found != marked).then(|| format!("marked is {}, and found is {}", told(&marked), told(&found)))
    }

    /// A good example says nothing.
    fn speaks(&self, example: &Example, settings: &Settings) -> Option<String> {
        let source = source(example, &example.text)?;
        let (line, code, message) = self.findings(&source, settings).into_iter().next()?;
        Some(format!("line {line} of it is flagged: {code} {message}"))
    }

    /// The fixes make of the bad example what the page says, and nothing more the second time.
    fn mends_otherwise(&self, bad: &Example, fixed: &Example, settings: &Settings) -> Option<String> {
        let (text, _) = script(bad);
        let made = self.mended(&source(bad, &text)?, settings);
        if made != *fixed.text {
            return Some(format!("the fixes make this of the example before it:\n{made}"));
        }
        let again = self.mended(&source(fixed, &made)?, settings);
        (again != made).then(|| "a second round of fixes changes it again".to_owned())
    }

    fn mended(&self, source: &Source, settings: &Settings) -> String {
        let outcome = self.mend(source, settings, &MemoryLoader::default(), &Applicability::Unsafe.into());
        String::from_utf8_lossy(outcome.source.bytes()).into_owned()
    }

    /// Line, code and message of what is shown by default; a finding that speaks for others counts for them too.
    fn findings(&self, source: &Source, settings: &Settings) -> Vec<(u32, String, String)> {
        let report = self.check(source, settings, &MemoryLoader::default());
        let mut found = Vec::new();
        for finding in &report.findings {
            let line = |at: u32| source.position(at).line;
            found.push((line(finding.span.start), finding.code.to_string(), finding.message.clone()));
            for label in &finding.labels {
                if let Some(code) = &label.speaks_for {
                    found.push((line(label.span.start), code.to_string(), label.text.clone()));
                }
            }
        }
        found
    }
}

/// What the page of a rule is tried with.
pub fn settings(rule: &Rule) -> Settings {
    let mut settings = Settings::default();
    if rule.is_opt_in() {
        settings.severity.insert(rule.code.to_string(), Severity::Note);
    }
    settings
}

/// The script of an example without its markers, and what the markers ask for: line and code.
pub fn script(example: &Example) -> (String, Vec<(u32, String)>) {
    let mut text = String::new();
    let mut marks = Vec::new();
    for (number, line) in (1..).zip(example.text.lines()) {
        let (line, codes) = marker(line);
        marks.extend(codes.into_iter().map(|code| (number, code.to_owned())));
        text.push_str(line);
        text.push('\n');
    }
    (text, marks)
}

/// An example as a file; none if it were larger than can be read, which a page in memory is not.
fn source(example: &Example, text: &str) -> Option<Source> {
    let file = example.file.as_deref().unwrap_or("example.sh");
    Source::new(file, text.as_bytes().to_vec()).ok()
}
