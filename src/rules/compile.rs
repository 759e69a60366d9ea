//! Compiles the rule files into static tables: runs in the build script only.
//!
//! It reads `rules/<family>/<name>.md` with the parser that also serves a user's files, and writes Rust source
//! with two `static`s. A mistake in a rule file is a build error with its place.

#[path = "compile_packs.rs"]
mod compile_packs;
#[path = "file.rs"]
pub mod file;
#[path = "parse.rs"]
pub mod parse;
#[path = "parse_page.rs"]
mod parse_page;
#[path = "parse_table.rs"]
mod parse_table;
#[path = "parse_template.rs"]
mod parse_template;
#[path = "parse_words.rs"]
mod parse_words;
#[path = "template.rs"]
pub mod template;

use file::{
    Condition, Debt, EffectPattern, Example, FixTemplate, Given, List, Rule, SeverityTable, Text, Trigger, When,
};
use std::fmt::{Debug, Write as _};
use std::path::{Path, PathBuf};
use template::{Piece, Template};

/// Reads every rule under `directory` and its packs, and writes the tables to `output`.
///
/// # Errors
///
/// Every mistake found, one a line.
pub fn compile(directory: &Path, output: &Path) -> Result<(), String> {
    let mut rules = Vec::new();
    let mut problems = Vec::new();
    for path in rule_files(directory)? {
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        match parse::parse_rule(&path.to_string_lossy(), &text) {
            Ok(rule) => rules.push(rule),
            Err(problem) => problems.push(problem.to_string()),
        }
    }
    rules.sort_by(|left: &Rule, right| left.code.cmp(&right.code));
    for pair in rules.windows(2) {
        if pair[0].code == pair[1].code {
            problems.push(format!("{} is the code of both {} and {}", pair[0].code, pair[0].name, pair[1].name));
        }
    }
    let packs = directory.join("packs.toml");
    let text = std::fs::read_to_string(&packs).map_err(|error| format!("{}: {error}", packs.display()))?;
    let path = packs.to_string_lossy();
    let packs = compile_packs::compile(parse_table::Source { path: &path, text: &text }, &rules);
    let packs = packs.unwrap_or_else(|wrong| {
        problems.extend(wrong.iter().map(ToString::to_string));
        String::new()
    });
    if !problems.is_empty() {
        return Err(problems.join("\n"));
    }
    let mut source = packs;
    for (at, rule) in rules.iter().enumerate() {
        // Writing to a `String` cannot fail. One by one: a table that is one expression takes the compiler much longer.
        let _ = writeln!(source, "const RULE_{at}: Rule = {};", rule.literal());
    }
    let names: Vec<String> = (0..rules.len()).map(|at| format!("RULE_{at}")).collect();
    let _ = writeln!(source, "static RULES: &[Rule] = &[{}];", names.join(", "));
    std::fs::write(output, source).map_err(|error| format!("{}: {error}", output.display()))
}

/// The rule files two levels down, in a fixed order.
fn rule_files(directory: &Path) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    for family in entries(directory)? {
        if family.is_dir() {
            files.extend(entries(&family)?.into_iter().filter(|path| path.extension().is_some_and(|end| end == "md")));
        }
    }
    files.sort();
    Ok(files)
}

fn entries(directory: &Path) -> Result<Vec<PathBuf>, String> {
    let listing = std::fs::read_dir(directory).map_err(|error| format!("{}: {error}", directory.display()))?;
    listing.map(|entry| entry.map(|entry| entry.path()).map_err(|error| error.to_string())).collect()
}

/// A value as a Rust expression that makes it again, borrowed and static.
trait Literal {
    fn literal(&self) -> String;
}

fn list<T: Clone>(items: &List<T>, literal: impl Fn(&T) -> String) -> String {
    let items: Vec<String> = items.iter().map(literal).collect();
    format!("Cow::Borrowed(&[{}])", items.join(", "))
}

/// A word of a closed list: `Debug` prints the variant.
fn word(enumeration: &str, value: &impl Debug) -> String {
    format!("{enumeration}::{value:?}")
}

fn option<T>(value: Option<&T>, literal: impl Fn(&T) -> String) -> String {
    value.map_or_else(|| "None".to_owned(), |value| format!("Some({})", literal(value)))
}

impl Literal for Text {
    fn literal(&self) -> String {
        format!("Cow::Borrowed({:?})", self.as_ref())
    }
}

impl Literal for Template {
    fn literal(&self) -> String {
        let pieces = list(&self.pieces, |piece| match piece {
            Piece::Text(text) => format!("Piece::Text({})", text.literal()),
            Piece::Slot(placeholder) => format!("Piece::Slot({})", word("Placeholder", placeholder)),
        });
        format!("Template {{ pieces: {pieces} }}")
    }
}

impl Literal for Condition {
    fn literal(&self) -> String {
        let with = list(&self.with, |fact| word("FactKind", fact));
        let how = list(&self.how, |how| word("How", how));
        let (fact, of) = (word("FactKind", &self.fact), word("Of", &self.of));
        format!(
            "Condition {{ fact: {fact}, of: {of}, with: {with}, how: {how}, mark: {} }}",
            list(&self.mark, Literal::literal)
        )
    }
}

impl Literal for Given {
    fn literal(&self) -> String {
        let when = match &self.when {
            When::Fact(condition) => format!("When::Fact({})", condition.literal()),
            When::Is(is) => format!("When::Is({})", word("Trait", is)),
        };
        let shift = word("Shift", &self.severity);
        format!("Given {{ when: {when}, absent: {}, severity: {shift} }}", self.absent)
    }
}

impl Literal for Debt {
    fn literal(&self) -> String {
        let (fact, of) = (word("FactKind", &self.fact), word("Of", &self.of));
        let mark = list(&self.mark, Literal::literal);
        format!("Debt {{ fact: {fact}, of: {of}, mark: {mark}, by: {} }}", word("Deadline", &self.by))
    }
}

impl Literal for SeverityTable {
    fn literal(&self) -> String {
        let roles =
            list(&self.roles, |(role, severity)| format!("({}, {})", word("Role", role), word("Severity", severity)));
        format!("SeverityTable {{ default: {}, roles: {roles} }}", word("Severity", &self.default))
    }
}

impl Literal for EffectPattern {
    fn literal(&self) -> String {
        format!(
            "EffectPattern {{ kind: {}, how: {}, class: {}, except: {}, second_run: {}, skips: {}, reads_target: {}, \
             replaces: {}, needs_validator: {}, relative: {}, failure_lost: {}, failure_told: {}, marks: {}, with_marks: {}, \
             unmarked: {}, actions: {}, doubted: {}, variable_path: {} }}",
            list(&self.kind, |kind| word("EffectKind", kind)),
            list(&self.how, |how| word("How", how)),
            list(&self.class, |class| word("PathClass", class)),
            list(&self.except, |class| word("PathClass", class)),
            list(&self.second_run, |second| word("SecondRun", second)),
            self.skips,
            self.reads_target,
            self.replaces,
            self.needs_validator,
            self.relative,
            self.failure_lost,
            self.failure_told,
            list(&self.marks, Literal::literal),
            list(&self.with_marks, Literal::literal),
            list(&self.unmarked, Literal::literal),
            list(&self.actions, Literal::literal),
            list(&self.doubted, Literal::literal),
            self.variable_path,
        )
    }
}

impl Literal for Trigger {
    fn literal(&self) -> String {
        match self {
            Self::Effect(pattern) => format!("Trigger::Effect({})", pattern.literal()),
            Self::Detector(name) => format!("Trigger::Detector({})", name.literal()),
        }
    }
}

impl Literal for FixTemplate {
    fn literal(&self) -> String {
        format!(
            "FixTemplate {{ kind: {}, commands: {}, marks: {}, at: {}, at_how: {}, absorbs: {}, except: {}, names: {}, text: {}, title: {}, applicability: {}, unmarked: {}, needs: {}, without: {}, unless: {}, not_for: {}, heard: {}, not_saying: {}, last_of_kind: {} }}",
            word("FixKind", &self.kind),
            list(&self.commands, Literal::literal),
            list(&self.marks, Literal::literal),
            option(self.at.as_ref(), |fact| word("FactKind", fact)),
            list(&self.at_how, |how| word("How", how)),
            option(self.absorbs.as_ref(), |fact| word("FactKind", fact)),
            list(&self.except, |class| word("PathClass", class)),
            list(&self.names, Literal::literal),
            self.text.literal(),
            self.title.literal(),
            word("Applicability", &self.applicability),
            list(&self.unmarked, Literal::literal),
            option(self.needs.as_ref(), Literal::literal),
            option(self.without.as_ref(), Literal::literal),
            list(&self.unless, Literal::literal),
            list(&self.not_for, |role| word("Role", role)),
            self.heard,
            list(&self.not_saying, Literal::literal),
            self.last_of_kind,
        )
    }
}

impl Literal for Example {
    fn literal(&self) -> String {
        format!(
            "Example {{ kind: {}, text: {}, file: {}, line: {} }}",
            word("ExampleKind", &self.kind),
            self.text.literal(),
            option(self.file.as_ref(), Literal::literal),
            self.line,
        )
    }
}

impl Literal for Rule {
    fn literal(&self) -> String {
        format!(
            "Rule {{ code: {}, name: {}, family: {}, summary: {}, trigger: {}, after: {}, unless: {}, given: {}, \
             owes: {}, once: {}, covers: {}, severity: {}, confidence: {}, message: {}, label: {}, labels: {}, help: {}, \
             fixes: {}, page: {}, examples: {} }}",
            self.code.literal(),
            self.name.literal(),
            self.family.literal(),
            self.summary.literal(),
            self.trigger.literal(),
            list(&self.after, Literal::literal),
            list(&self.unless, Literal::literal),
            list(&self.given, Literal::literal),
            list(&self.owes, Literal::literal),
            option(self.once.as_ref(), |of| word("Of", of)),
            list(&self.covers, Literal::literal),
            self.severity.literal(),
            word("Confidence", &self.confidence),
            self.message.literal(),
            option(self.label.as_ref(), Literal::literal),
            list(&self.labels, |(fact, label)| format!("({}, {})", word("FactKind", fact), label.literal())),
            option(self.help.as_ref(), Literal::literal),
            list(&self.fixes, Literal::literal),
            self.page.literal(),
            list(&self.examples, Literal::literal),
        )
    }
}
