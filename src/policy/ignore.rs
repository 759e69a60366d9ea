//! Comments that hide findings, and what is wrong with such comments.
//!
//! ```sh
//! # noharm: ignore-file[NH801] the caller logs
//! cp "$new" /etc/app.conf  # noharm: ignore[NH101] kept in git
//! ```
//! An ignore behind a command speaks for that line, one on a line of its own for the next line, with the lines
//! that a backslash joins to it. It needs a reason, and it must hide something.

use super::{Case, IGNORE_CODE};
use crate::config::did_you_mean;
use crate::directive::{self, Directive, Named, Request};
use crate::finding::{Applicability, Catalogue, Cause, Confidence, Edit, Finding, Fix, Severity};
use crate::role::Role;
use crate::source::Source;
use crate::span::Span;

/// All directives of a file.
pub struct Ignores<'a> {
    source: &'a Source,
    complete: bool,
    all: Vec<Ignore>,
    trouble: Vec<Finding>,
}

/// One comment that hides findings.
struct Ignore {
    /// The directive without what stands before it in the comment.
    span: Span,
    /// What it speaks for.
    scope: Span,
    /// Its rules: as written, and the code.
    rules: Vec<(Named, String)>,
}

impl Ignore {
    /// A finding that starts on the ignored lines, or is a command that ends on them.
    fn speaks_for(&self, finding: &Finding) -> bool {
        let Span { start, end } = finding.span;
        let scope = self.scope;
        let starts = scope.start <= start && start <= scope.end;
        let ends = scope.start < end && end <= scope.end && self.is_behind();
        starts || ends
    }

    /// Whether it stands behind a command on its line.
    fn is_behind(&self) -> bool {
        self.scope.start <= self.span.start && self.span.start <= self.scope.end
    }
}

/// What the ignores do to a list of findings.
pub struct Applied {
    /// For each finding, whether it is hidden.
    pub hides: Vec<bool>,
    /// What is wrong with the ignores.
    pub trouble: Vec<Finding>,
}

impl<'a> Ignores<'a> {
    /// Reads the comments of a file.
    pub fn read(case: &Case<'a>, catalogue: &dyn Catalogue) -> Self {
        let mut this = Self { source: case.source, complete: case.complete, all: Vec::new(), trouble: Vec::new() };
        for comment in case.comments {
            if let Some(directive) = directive::parse(case.source.bytes(), *comment) {
                this.take(directive, case, catalogue);
            }
        }
        this
    }

    /// Which findings are hidden, and which ignores hide nothing of what `is_asked`.
    pub fn apply(mut self, findings: &[Finding], is_asked: &dyn Fn(&str) -> bool) -> Applied {
        let mut hides = vec![false; findings.len()];
        let mut used: Vec<Vec<bool>> = self.all.iter().map(|ignore| vec![false; ignore.rules.len()]).collect();
        for (ignore, used) in self.all.iter().zip(&mut used) {
            for (finding, hidden) in findings.iter().zip(&mut hides) {
                for ((_, code), used) in ignore.rules.iter().zip(used.iter_mut()) {
                    if **code == *finding.code && ignore.speaks_for(finding) {
                        *hidden = true;
                        *used = true;
                    }
                }
            }
        }
        if self.complete {
            let ignores = std::mem::take(&mut self.all);
            for (ignore, used) in ignores.iter().zip(&mut used) {
                for ((_, code), used) in ignore.rules.iter().zip(used.iter_mut()) {
                    *used = *used || !is_asked(code);
                }
                self.unused(ignore, used);
            }
        }
        Applied { hides, trouble: self.trouble }
    }

    fn take(&mut self, directive: Directive, case: &Case, catalogue: &dyn Catalogue) {
        let Directive { span, request } = directive;
        let (whole_file, rules, reason) = match request {
            Request::Ignore { whole_file, rules, reason } => (whole_file, rules, reason),
            Request::Role(word) => {
                let words = Role::ALL.iter().map(|role| role.as_str());
                if !words.clone().any(|role| role == &*word.text) {
                    let hint = did_you_mean(&word.text, words);
                    self.say(word.span, format!("no role is called `{}`{hint}", word.text), "role", Vec::new());
                }
                return;
            }
            Request::Malformed(why) => return self.say(span, why, "malformed", Vec::new()),
        };
        let mut known = Vec::new();
        for rule in rules.iter().cloned() {
            match catalogue.resolve(&rule.text) {
                Some(code) => known.push((rule, code)),
                None => self.unknown(span, &rules, &rule, catalogue),
            }
        }
        if reason.is_none() {
            let fix = Fix {
                title: "say behind the bracket why it is safe here".into(),
                applicability: Applicability::Manual,
                edits: Vec::new(),
            };
            self.say(span, "an ignore without a reason hides nothing".into(), "reason", vec![fix]);
            return;
        }
        if whole_file && span.start > case.first_statement {
            let why = "`ignore-file` stands before the first command, so that it is seen; here it hides nothing";
            return self.say(span, why.into(), "late", Vec::new());
        }
        let scope = if whole_file { Span::new(0, u32::MAX) } else { self.scope(span) };
        self.all.push(Ignore { span, scope, rules: known });
    }

    /// The lines that an ignore speaks for, from the first byte to the last line's end.
    fn scope(&self, comment: Span) -> Span {
        let (bytes, lines) = (self.source.bytes(), self.source.lines());
        let text = |line| &bytes[lines.span(bytes, line).range()];
        let mut line = lines.line_of(comment.start);
        if text(line).trim_ascii_start().starts_with(b"#") {
            // Other comments may stand between, such as a second ignore.
            line += 1;
            while line < lines.count() && text(line).trim_ascii_start().starts_with(b"#") {
                line += 1;
            }
        }
        let start = lines.start(bytes, line);
        while line < lines.count() && text(line).ends_with(b"\\") {
            line += 1;
        }
        Span::new(start, lines.span(bytes, line).end)
    }

    fn unknown(&mut self, span: Span, rules: &[Named], rule: &Named, catalogue: &dyn Catalogue) {
        let cards = catalogue.cards();
        let words: Vec<&str> = cards.iter().flat_map(|card| [card.code.as_str(), card.name.as_str()]).collect();
        let hint = did_you_mean(&rule.text, words);
        let fix = self.removal(span, rules.iter().map(|other| (other, other == rule)));
        self.say(rule.span, format!("no rule is called `{}`{hint}", rule.text), &rule.text, vec![fix]);
    }

    fn unused(&mut self, ignore: &Ignore, used: &[bool]) {
        let rules = || ignore.rules.iter().map(|(rule, _)| rule).zip(used.iter().map(|used| !used));
        let names: Vec<&str> = rules().filter(|(_, unused)| *unused).map(|(rule, _)| &*rule.text).collect();
        if names.is_empty() {
            return;
        }
        let fix = self.removal(ignore.span, rules());
        let place = if names.len() == used.len() {
            ignore.span
        } else {
            rules().find(|(_, unused)| *unused).map_or(ignore.span, |(rule, _)| rule.span)
        };
        let message = format!("this ignore of {} hides nothing", names.join(", "));
        self.say(place, message, &names.join(","), vec![fix]);
    }

    /// Takes some rules out of an ignore, and the comment with the last of them.
    fn removal<'r>(&self, comment: Span, rules: impl Iterator<Item = (&'r Named, bool)>) -> Fix {
        let rules: Vec<(&Named, bool)> = rules.collect();
        let kept: Vec<&str> = rules.iter().filter(|(_, goes)| !goes).map(|(rule, _)| &*rule.text).collect();
        let span = match (rules.first(), rules.last()) {
            (Some((first, _)), Some((last, _))) if !kept.is_empty() => first.span.to(last.span),
            _ => self.whole(comment),
        };
        let title = if kept.is_empty() { "remove the ignore" } else { "remove it from the list" };
        Fix {
            title: title.into(),
            applicability: Applicability::Safe,
            edits: vec![Edit { span, text: kept.join(", ") }],
        }
    }

    /// A comment with the blanks before it, or its line where it stands alone.
    fn whole(&self, comment: Span) -> Span {
        let (bytes, lines) = (self.source.bytes(), self.source.lines());
        let line = lines.line_of(comment.start);
        let line_start = lines.start(bytes, line);
        let before = &bytes[line_start as usize..comment.start as usize];
        let kept = before.trim_ascii_end().len() as u32;
        if kept == 0 {
            Span::new(line_start, lines.start(bytes, line + 1).max(comment.end))
        } else {
            Span::new(line_start + kept, comment.end)
        }
    }

    fn say(&mut self, span: Span, message: String, subject: &str, fixes: Vec<Fix>) {
        self.trouble.push(Finding {
            code: IGNORE_CODE.into(),
            name: "unused-or-reasonless-ignore".into(),
            severity: Severity::Warning,
            confidence: Confidence::High,
            message,
            help: None,
            span,
            label: None,
            labels: Vec::new(),
            fixes,
            covers: Vec::new(),
            cause: Cause::default(),
            subject: subject.to_owned(),
        });
    }
}
