//! What one rule file says, as types: the contract between the rule files and the engine that applies them.
//!
//! The same types serve the rules compiled into the program (borrowed, static) and a user's files read at run
//! time (owned). This file is also compiled into the build script. It knows nothing of TOML, scripts or flow;
//! `parse` makes these values, the engine reads them.

use super::template::Template;
use crate::finding::{Applicability, Confidence, Severity};
use crate::knowledge::{EffectKind, FactKind, How, PathClass, SecondRun};
use crate::role::Role;
use serde::Deserialize;
use std::borrow::Cow;

/// Text that is static in a compiled rule and owned in a user's.
pub type Text = Cow<'static, str>;
/// A list that is static in a compiled rule and owned in a user's.
pub type List<T> = Cow<'static, [T]>;

/// One rule: what to look for, what excuses it, what to say, how to mend it.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Such as `NH301`.
    pub code: Text,
    /// The hazard in words; the name of the file.
    pub name: Text,
    /// The folder of the file, such as `restart`.
    pub family: Text,
    /// One line for lists.
    pub summary: Text,
    /// What makes the rule ask.
    pub trigger: Trigger,
    /// All must have happened on some path: negative facts that must be absent.
    pub after: List<Condition>,
    /// Any one, holding on every path, excuses.
    pub unless: List<Condition>,
    /// What changes the severity; applied in order.
    pub given: List<Given>,
    /// What must follow on every way, where it does on some way: a way that forgets it is the hazard.
    pub owes: List<Debt>,
    /// Reported once a unit: findings about the same one of these are told together.
    pub once: Option<Of>,
    /// Codes whose finding at the same place this one replaces.
    pub covers: List<Text>,
    /// How bad, by role.
    pub severity: SeverityTable,
    /// How sure at best; doubt in the reading lowers it.
    pub confidence: Confidence,
    /// One sentence without a full stop.
    pub message: Template,
    /// What the primary span's label says.
    pub label: Option<Template>,
    /// What the label of the event behind a condition of `after` says.
    pub labels: List<(FactKind, Template)>,
    /// What to do.
    pub help: Option<Template>,
    /// Ways to mend it, best first; one that has a placeholder without value is not offered.
    pub fixes: List<FixTemplate>,
    /// The documentation page: Markdown, from its heading on.
    pub page: Text,
    /// The fenced examples of the page.
    pub examples: List<Example>,
}

/// What makes a rule ask.
#[expect(clippy::large_enum_variant, reason = "rules are constants, and a box is none")]
#[derive(Clone, Debug)]
pub enum Trigger {
    /// An effect of the script.
    Effect(EffectPattern),
    /// A part of the program with this name: for what the operators cannot say.
    Detector(Text),
}

/// Which effects a rule looks at. An empty list means any; every field that is set must match.
#[derive(Clone, Debug, Default)]
// Each flag is a question of its own; no two of them make a state.
#[allow(clippy::struct_excessive_bools)]
pub struct EffectPattern {
    /// The kinds.
    pub kind: List<EffectKind>,
    /// The manners.
    pub how: List<How>,
    /// What the target is, as a path.
    pub class: List<PathClass>,
    /// What the target is not.
    pub except: List<PathClass>,
    /// What a second run does.
    pub second_run: List<SecondRun>,
    /// A second run that *fails*, or a status, counts only where its failure skips a later effect; the other second
    /// runs count always.
    pub skips: bool,
    /// The same command or pipeline reads the file that it writes.
    pub reads_target: bool,
    /// What was there is gone afterwards: of what is created, what takes the place of another thing (`ln -sf`).
    pub replaces: bool,
    /// The service has a validator in knowledge.
    pub needs_validator: bool,
    /// The target is a relative path, resolved against a directory that the script changed.
    pub relative: bool,
    /// The script can end in success although the command failed.
    pub failure_lost: bool,
    /// Wherever the command fails, the script fails, or the function where nobody in the script calls it.
    pub failure_told: bool,
    /// The command has one of these marks.
    pub marks: List<Text>,
    /// The command has all of these marks, too.
    pub with_marks: List<Text>,
    /// The command has none of these marks.
    pub unmarked: List<Text>,
    /// It happens only where the script was told to do one of these, by the first word that it is given.
    pub actions: List<Text>,
    /// Where the command has one of these marks, a finding is less sure.
    pub doubted: List<Text>,
    /// The target begins with the value of a variable and a slash, and if that value were empty the target would
    /// be the root, what lies in it, or a directory of the system: `"$DIR"/*`, `"$DIR/"`, `"$ROOT/usr"`.
    pub variable_path: bool,
}

/// The thing that a condition speaks of, as seen from the effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Of {
    /// What the effect happens to.
    Target,
    /// The same, where the effect puts another file in its place and does not write through a link.
    Entry,
    /// What is copied or moved there.
    Source,
    /// The service that the effect is on, or whose configuration the target is.
    Service,
    /// The directory that holds the target.
    Parent,
    /// The text written, in the target.
    Text,
    /// The value of the variable that the target begins with.
    Value,
    /// The step that chose the working directory of the effect (its `cd`).
    Step,
    /// The working directory of the effect, as a path.
    Directory,
    /// The run of the script as a whole.
    Run,
    /// The commands that have one of the marks that the condition names.
    Mark,
}

/// A fact about a thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The fact.
    pub fact: FactKind,
    /// Of what.
    pub of: Of,
    /// Further facts of the same thing that must hold with it.
    pub with: List<FactKind>,
    /// The manners of effects of which it is asked; of all where this is empty.
    pub how: List<How>,
    /// Of [`Of::Mark`]: the marks, any one of which will do.
    pub mark: List<Text>,
}

impl Condition {
    /// Whether it is asked of effects of a manner.
    pub fn is_asked_of(&self, how: How) -> bool {
        self.how.is_empty() || self.how.contains(&how)
    }
}

/// Something that changes the severity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// What is asked.
    pub when: When,
    /// Whether it must be absent instead.
    pub absent: bool,
    /// What it does to the severity.
    pub severity: Shift,
}

/// What a `given` asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// A fact that holds on every path.
    Fact(Condition),
    /// A trait of the effect itself.
    Is(Trait),
}

/// A trait of an effect that knowledge tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trait {
    /// Service: the unit or the tool checks the configuration itself before this step.
    ValidatesItself,
    /// The second run is loud: it fails.
    Loud,
    /// The second run is silent: it succeeds and does harm.
    Silent,
    /// Delete: a whole tree goes, or whatever a pattern matches.
    Many,
    /// Write: what is written says in its first lines that the program that writes it owns the file.
    Claimed,
    /// Write: it says so of a file that others know by its name, so that somebody else's may have been there before.
    TakenOver,
    /// The command itself keeps what was there.
    Kept,
    /// Write: the same run takes back what is written, wherever it comes to its end.
    Undone,
    /// Write: it does, and nobody else knows the file by its name.
    Passing,
    /// A question that names the thing has been answered the same way on every path here.
    Questioned,
}

/// A change of severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shift {
    /// A level up, error at most.
    Raise,
    /// A level down, warning at least; what is less already stays.
    Lower,
    /// To note.
    Note,
    /// No finding.
    Off,
}

/// What must follow on every way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Debt {
    /// The fact that must be made.
    pub fact: FactKind,
    /// Of what.
    pub of: Of,
    /// Of [`Of::Mark`]: the marks, any one of which will do.
    pub mark: List<Text>,
    /// Until when.
    pub by: Deadline,
}

/// Until when a debt must be paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deadline {
    /// Every end of the script, where some way makes it.
    Exit,
    /// Every end of the script that reports success.
    Success,
}

/// How bad a finding is if true, by role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeverityTable {
    /// For every role that is not named.
    pub default: Severity,
    /// The roles that differ.
    pub roles: List<(Role, Severity)>,
}

/// A way to mend a finding.
#[derive(Clone, Debug)]
pub struct FixTemplate {
    /// The shape of the edit.
    pub kind: FixKind,
    /// The commands that it is for; all where there is none.
    pub commands: List<Text>,
    /// The marks of effects that it is for, any of them; all where there is none.
    pub marks: List<Text>,
    /// Where: at the effect, or at the event behind this fact of `after`.
    pub at: Option<FactKind>,
    /// The manners that the effect at that event has, any of them; any manner where there is none.
    pub at_how: List<How>,
    /// The step behind the event of this fact of `after` goes, where it stands right in front of this one, which does both.
    pub absorbs: Option<FactKind>,
    /// It is not offered where the target is one of these.
    pub except: List<PathClass>,
    /// Globs that the name of the target fits, one of them; any name where there is none.
    pub names: List<Text>,
    /// What is put in; empty where the kind needs none.
    pub text: Template,
    /// What it does, as an instruction.
    pub title: Template,
    /// How far it can be trusted.
    pub applicability: Applicability,
    /// It is not offered where the effect has one of these marks.
    pub unmarked: List<Text>,
    /// It is offered only where the script runs this program itself, which may not be there otherwise.
    pub needs: Option<Text>,
    /// It is not offered where the script runs this program, or this program with this first word.
    pub without: Option<Text>,
    /// It is not offered where one of these facts holds on every path.
    pub unless: List<Condition>,
    /// It is not offered in scripts that run for one of these reasons.
    pub not_for: List<Role>,
    /// It is offered only where somebody hears of the failure of the command.
    pub heard: bool,
    /// It is not offered behind a message that is like one of these: it says how the script goes on.
    pub not_saying: List<Text>,
    /// It is not offered where the script goes on with another effect of the kind, which it would not come to.
    pub last_of_kind: bool,
}

/// The shape of an edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FixKind {
    /// A line of its own before the statement, indented like it.
    Before,
    /// `text || ` in front of the command.
    Guard,
    /// The same in front of the command and of the event that made it a hazard.
    GuardBoth,
    /// ` || text` after the command, in place of a `|| true` or `|| :` where there is one.
    OrElse,
    /// ` && text` after a command that is a statement of its own, or a line of its own.
    After,
    /// The whole command is replaced.
    Rewrite,
    /// The words of the command are replaced; what runs it and its redirections stay.
    Reword,
    /// An option, behind the words that say what the command does.
    Option,
    /// `>>` instead of `>`, in front of the target.
    Append,
    /// The target gets its content under another name, and takes the place of the old one when the command has succeeded.
    Beside,
    /// `set -o pipefail` in front of the pipeline that the command is a stage of, which stops where that fails.
    Pipefail,
    /// An EXIT trap that runs `text`, as a line of its own after the statement; it goes where the script itself does that.
    Trap,
    /// Lines in front of whatever the script does first.
    Top,
    /// `text` behind the message that tells of the failure, and of which nothing else comes.
    AfterMessage,
    /// The target, which is not there yet, is written under another name, and gets its own when the command has succeeded.
    Aside,
    /// The turns of a loop are counted, and `text` follows where there were too many.
    Bound,
    /// A loop of its own before the statement, which asks `text` until it succeeds, for half a minute at most.
    PollBefore,
    /// The same instead of the command.
    Poll,
    /// The same after the statement.
    PollAfter,
    /// Words within the command are replaced: `old => new`, where the old ones stand there once.
    Replace,
    /// What goes with the place: the engine has read what stands around it.
    Own,
    /// The command is changed in the way that knowledge has for making it repeatable (`mkdir` → `mkdir -p`,
    /// `useradd x` → `id x … || useradd x`); not offered where knowledge has none, and no safer than knowledge says.
    Repeatable,
    /// The expansion of the variable that the target begins with is replaced; the rest of its word stays.
    Word,
    /// The unused code goes from the ignore comment; the comment with its last code.
    RemoveIgnore,
    /// No edit: the title is advice.
    None,
}

/// One fenced example of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// What must be true of it.
    pub kind: ExampleKind,
    /// The script, with its markers.
    pub text: Text,
    /// The file name that it is checked under (`file=` in the fence); decides role and dialect.
    pub file: Option<Text>,
    /// The line of its first line in the rule file, 1-based.
    pub line: u32,
}

/// What must be true of an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExampleKind {
    /// Flagged exactly on the marked lines, with exactly those codes.
    Bad,
    /// Nothing is said, by any rule.
    Good,
    /// What the bad example before it becomes when every fix is applied.
    Fixed,
}

impl Rule {
    /// How bad a finding of this rule is in a script of that role. `unknown` is judged like `config`: doubt
    /// about the role lowers confidence at most, never severity.
    pub fn severity(&self, role: Role) -> Severity {
        self.severity.of(role)
    }

    /// Whether it is off for every role: who wants it switches it on.
    pub fn is_opt_in(&self) -> bool {
        let SeverityTable { default, roles } = &self.severity;
        *default == Severity::Off && roles.iter().all(|(_, severity)| *severity == Severity::Off)
    }

    /// The documentation page: Markdown, from its heading on.
    pub fn page(&self) -> &str {
        &self.page
    }

    /// The fenced examples of the page, in order.
    pub fn examples(&self) -> &[Example] {
        &self.examples
    }

    /// The name of the detector, if it is not the operators that find it.
    pub fn detector(&self) -> Option<&str> {
        match &self.trigger {
            Trigger::Detector(name) => Some(name),
            Trigger::Effect(_) => None,
        }
    }

    /// The effects that it looks at, if it is the operators that find it.
    pub fn effect(&self) -> Option<&EffectPattern> {
        match &self.trigger {
            Trigger::Effect(pattern) => Some(pattern),
            Trigger::Detector(_) => None,
        }
    }

    /// The best applicability of its fixes that have an edit; none where all is advice.
    pub fn fixable(&self) -> Option<Applicability> {
        self.fixes
            .iter()
            .filter(|fix| fix.kind != FixKind::None && fix.applicability != Applicability::Manual)
            .map(|fix| fix.applicability)
            .min()
    }
}

impl SeverityTable {
    /// The severity for a role; `unknown` is judged like `config`.
    pub fn of(&self, role: Role) -> Severity {
        let role = if role == Role::Unknown { Role::Config } else { role };
        self.roles.iter().find(|(named, _)| *named == role).map_or(self.default, |(_, severity)| *severity)
    }
}

impl Shift {
    /// The severity after the change. A rule that is off for a role stays off.
    #[must_use]
    pub fn apply(self, severity: Severity) -> Severity {
        match (self, severity) {
            (_, Severity::Off) | (Self::Off, _) => Severity::Off,
            (Self::Raise, Severity::Note) | (Self::Lower, Severity::Error) => Severity::Warning,
            (Self::Raise, _) => Severity::Error,
            (Self::Lower, other) => other,
            (Self::Note, _) => Severity::Note,
        }
    }
}
