//! Which files the word behind `.` may name.
//!
//! ```sh
//! here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
//! . "$here/lib/common.sh"
//! ```
//! The directory of the script itself is known; what else a word begins with is looked for beside it, and above.

use crate::flow::forest::constant;
use crate::syntax::tree::{
    AndOr, Command, CommandKind, CommandSubstitution, Parameter, ParameterOperator, Part, PartKind, Word,
};
use hashbrown::HashMap;
use std::path::{Component, Path, PathBuf};

/// What the variables of a script are, as paths.
pub type Assigned = HashMap<Box<str>, Option<Place>>;

/// How many directories above the script are looked into.
const MOST_ABOVE: usize = 8;

/// How deep words inside words are followed.
const DEEPEST: usize = 6;

/// A path as far as a script tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Beside a file that is known: that directory, and more.
    At(PathBuf),
    /// From the working directory or the root, wherever these are.
    Text(String),
}

/// Reads words as paths.
struct Reader<'a> {
    /// The script that runs.
    script: &'a Path,
    /// The file in which the word stands.
    file: &'a Path,
    assigned: &'a Assigned,
}

impl Place {
    /// The path that a word names.
    pub fn of(word: &Word, script: &Path, file: &Path, assigned: &Assigned) -> Option<Self> {
        Reader { script, file, assigned }.word(&word.parts, DEEPEST)
    }

    /// Where the file may be that is named so in another file; the likeliest first. The root of this host is no place to
    /// look: what lies there is not what lies on the host that runs the script.
    pub fn candidates(&self, file: &Path) -> Vec<PathBuf> {
        let text = match self {
            Self::At(path) if is_of_settings(&path.to_string_lossy()) => return Vec::new(),
            Self::At(path) => return vec![tidy(path)],
            Self::Text(text) => text,
        };
        if is_of_settings(text) || text.is_empty() {
            return Vec::new();
        }
        let relative = text.trim_start_matches('/');
        let above = file.ancestors().skip(1).take(MOST_ABOVE);
        above
            .filter(|above| above.parent().is_some() || above.as_os_str().is_empty())
            .map(|above| tidy(&above.join(relative)))
            .collect()
    }

    /// The same, and a text behind it.
    fn with(self, more: &str) -> Self {
        match self {
            Self::At(path) if more.is_empty() => Self::At(path),
            Self::At(path) => Self::At(path.join(more.trim_start_matches('/'))),
            Self::Text(text) => Self::Text(text + more),
        }
    }
}

/// Whether settings lie there: what they are on the host that runs the script is not known here.
pub fn is_of_settings(text: &str) -> bool {
    ["/etc/default/", "/etc/sysconfig/", "/etc/conf.d/"].iter().any(|begin| text.contains(begin))
        || [".conf", ".cfg", ".env", ".vars", ".config", ".settings", ".defaults"].iter().any(|end| text.ends_with(end))
}

/// A path without `.` and, where it can be, without `..`.
fn tidy(path: &Path) -> PathBuf {
    let mut tidied = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(tidied.components().next_back(), Some(Component::Normal(_))) => {
                tidied.pop();
            }
            other => tidied.push(other),
        }
    }
    tidied
}

impl Reader<'_> {
    fn word(&self, parts: &[Part], deepest: usize) -> Option<Place> {
        let deeper = deepest.checked_sub(1)?;
        let mut place: Option<Place> = None;
        for part in parts {
            let more = match &part.kind {
                PartKind::Literal(text) | PartKind::SingleQuoted(text) | PartKind::AnsiQuoted(text) => {
                    Place::Text(text.to_string())
                }
                PartKind::DoubleQuoted(inner) => self.word(inner, deeper)?,
                PartKind::Parameter(parameter) => self.parameter(parameter, deeper)?,
                PartKind::Command(inner) => self.substitution(inner, deeper)?,
                _ => return None,
            };
            place = Some(match (place, more) {
                (None, first) => first,
                (Some(known), Place::Text(text)) => known.with(&text),
                // A whole path behind something else.
                (Some(_), Place::At(_)) => return None,
            });
        }
        place
    }

    fn parameter(&self, parameter: &Parameter, deepest: usize) -> Option<Place> {
        match &parameter.operator {
            ParameterOperator::Trim { suffix: true, longest: false, pattern } if constant_pattern(pattern) == "/*" => {
                self.own(&parameter.name).and_then(Path::parent).map(|directory| Place::At(directory.to_path_buf()))
            }
            ParameterOperator::None | ParameterOperator::Require { .. } if parameter.subscript.is_none() => {
                self.assigned.get(&parameter.name).cloned().flatten()
            }
            ParameterOperator::Default { word, .. } | ParameterOperator::Assign { word, .. } => {
                match self.assigned.get(&parameter.name) {
                    Some(known) => known.clone(),
                    None => self.word(&word.parts, deepest),
                }
            }
            _ => None,
        }
    }

    /// The file whose path a parameter holds.
    fn own(&self, name: &str) -> Option<&Path> {
        match name {
            "0" => Some(self.script),
            "BASH_SOURCE" => Some(self.file),
            _ => None,
        }
    }

    /// The file whose path a word is: `"$0"`, `"${BASH_SOURCE[0]}"`, `"$(readlink -f "$0")"`.
    fn own_path(&self, word: &Word) -> Option<&Path> {
        match &word.only_part()?.kind {
            PartKind::Parameter(parameter) if matches!(parameter.operator, ParameterOperator::None) => {
                self.own(&parameter.name)
            }
            PartKind::Command(inner) => match inner.body.only_command()? {
                Command { kind: CommandKind::Simple(simple), .. } => {
                    let (name, operand) = named(&simple.words)?;
                    matches!(&*name, "readlink" | "realpath").then(|| self.own_path(operand))?
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn substitution(&self, inner: &CommandSubstitution, deepest: usize) -> Option<Place> {
        match &inner.body.only_command()?.kind {
            CommandKind::Simple(simple) => {
                let (name, operand) = named(&simple.words)?;
                match &*name {
                    "dirname" => {
                        let directory = self.own_path(operand).and_then(Path::parent);
                        directory.map(|directory| Place::At(directory.to_path_buf())).or_else(|| {
                            match self.word(&operand.parts, deepest)? {
                                Place::At(path) => path.parent().map(|above| Place::At(above.to_path_buf())),
                                Place::Text(_) => None,
                            }
                        })
                    }
                    "readlink" | "realpath" => match self.own_path(operand) {
                        Some(own) => Some(Place::At(own.to_path_buf())),
                        None => self.word(&operand.parts, deepest),
                    },
                    _ => None,
                }
            }
            CommandKind::AndOr { left, operator: AndOr::And, right, .. } => {
                let (CommandKind::Simple(cd), CommandKind::Simple(pwd)) = (&left.kind, &right.kind) else {
                    return None;
                };
                let (name, operand) = named(&cd.words)?;
                let prints = pwd.words.first().and_then(constant).is_some_and(|name| name == "pwd");
                (name == "cd" && prints).then(|| self.word(&operand.parts, deepest))?
            }
            _ => None,
        }
    }
}

/// The name of a command and its only operand, which is its last word.
fn named(words: &[Word]) -> Option<(std::borrow::Cow<'_, str>, &Word)> {
    let (name, others) = words.split_first()?;
    let (operand, options) = others.split_last()?;
    let only = options.iter().all(|word| constant(word).is_some_and(|word| word.starts_with('-')));
    constant(name).filter(|_| only).map(|name| (name, operand))
}

/// The text of a pattern of literals and wildcards.
fn constant_pattern(word: &Word) -> String {
    let mut text = String::new();
    for part in &word.parts {
        if let PartKind::Literal(inner) | PartKind::Glob(inner) = &part.kind {
            text.push_str(inner);
        }
    }
    text
}
