//! What a word stands for in a state.
//!
//! Expansions that set variables (`${x:=y}`) and those that end the script where nothing is there (`${x:?}`)
//! leave their mark in the state, as they do in the shell.

use super::exact::set_site;
use super::graph::Names;
use super::programs::looked_up;
use super::state::State;
use super::value::{Site, Value, ValueId, Values};
use crate::syntax::tree::{ArithmeticExpression, Parameter, ParameterOperator, Part, PartKind, Word};

/// The value of a word, and whether it may be several words or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expanded {
    /// What it stands for.
    pub value: ValueId,
    /// It holds an unquoted expansion whose text is not known.
    pub splits: bool,
}

/// Evaluates words against one state.
pub struct Expander<'a> {
    /// The values of the analysis.
    pub values: &'a mut Values,
    /// The names of variables.
    pub names: &'a mut Names,
    /// Where the script is; changed by `${x:=y}` and `${x:?}`.
    pub state: &'a mut State,
    /// The unit, for positional parameters.
    pub unit: u32,
}

impl Expander<'_> {
    /// The value of a word.
    pub fn word(&mut self, word: &Word) -> Expanded {
        let mut pieces = Vec::with_capacity(word.parts.len());
        let mut splits = false;
        for part in &word.parts {
            let (value, split) = self.part(part, false);
            pieces.push(value);
            splits |= split;
        }
        Expanded { value: self.values.concat(pieces), splits }
    }

    /// The value of parts inside double quotes or a heredoc.
    pub fn quoted(&mut self, parts: &[Part]) -> ValueId {
        let pieces: Vec<ValueId> = parts.iter().map(|part| self.part(part, true).0).collect();
        self.values.concat(pieces)
    }

    fn part(&mut self, part: &Part, quoted: bool) -> (ValueId, bool) {
        let expands = matches!(part.kind, PartKind::Parameter(_) | PartKind::Command(_) | PartKind::Arithmetic(_));
        let filled = self.names.hole(part.span.start).filter(|_| expands);
        if let Some(value) = filled.and_then(|number| self.state.variables.get(number)) {
            return (value, !quoted && self.may_split(value));
        }
        self.expanded(part, quoted)
    }

    /// The value of what this shell puts into a text for another one.
    pub fn hole(&mut self, part: &Part) -> ValueId {
        self.expanded(part, true).0
    }

    fn expanded(&mut self, part: &Part, quoted: bool) -> (ValueId, bool) {
        match &part.kind {
            PartKind::Literal(text) | PartKind::SingleQuoted(text) | PartKind::AnsiQuoted(text) => {
                (self.values.literal(part.span.start, text), false)
            }
            PartKind::DoubleQuoted(inner) => (self.quoted(inner), false),
            PartKind::Parameter(parameter) => {
                let value = self.parameter(parameter, part.span.start);
                let splits = !quoted && self.may_split(value);
                (value, splits)
            }
            PartKind::Command(substitution) => {
                let value = self.substitution(&substitution.body, part.span.start);
                (value, !quoted && self.may_split(value))
            }
            PartKind::Process { .. } => (self.values.intern(Value::Fresh(part.span.start)), false),
            PartKind::Arithmetic(arithmetic) => {
                self.computed(arithmetic.expression.as_ref(), part.span.start);
                match arithmetic.text.trim().parse::<i64>() {
                    Ok(number) => (self.values.constant(&number.to_string()), false),
                    Err(_) => (self.values.intern(Value::Output(part.span.start)), false),
                }
            }
            PartKind::Glob(text) | PartKind::Brace(text) => (self.values.intern(Value::Pattern(text.clone())), true),
            PartKind::Tilde(user) => {
                let home = if user.is_empty() { "HOME".to_owned() } else { format!("~{user}") };
                (self.values.intern(Value::Environment(0, home.into())), false)
            }
        }
    }

    /// Points the variables that an expression sets at values made at a site.
    pub fn computed(&mut self, expression: Option<&ArithmeticExpression>, site: Site) {
        let mut assigned = Vec::new();
        if let Some(expression) = expression {
            expression.assigned(&mut assigned);
        }
        for name in assigned {
            let value = self.values.intern(Value::Environment(set_site(site), name.into()));
            self.assign(name, value);
        }
    }

    fn may_split(&self, value: ValueId) -> bool {
        match self.values.get(value) {
            Value::Constant(text) => text.is_empty() || text.contains([' ', '\t', '\n']),
            Value::Fresh(_) | Value::Unique(_) => false,
            _ => true,
        }
    }

    /// What a substitution prints, as far as its body says it by form or is known to print one text.
    fn substitution(&mut self, body: &crate::syntax::tree::List, site: Site) -> ValueId {
        if let Some(program) = looked_up(body) {
            let printed = self.values.intern(Value::Output(site));
            for text in [program.as_str(), ""] {
                let text = self.values.constant(text);
                self.values.add_alternative(printed, text);
            }
            return printed;
        }
        let simple = match &body.statements[..] {
            [statement] => match &statement.command.kind {
                crate::syntax::tree::CommandKind::Simple(simple) => Some((simple, &statement.command.redirects)),
                _ => None,
            },
            _ => None,
        };
        let name = simple.and_then(|(simple, _)| simple.words.first()).and_then(super::forest::constant);
        let by_form = match simple {
            // Whatever it is told about its errors.
            Some(_) if matches!(name.as_deref(), Some("mktemp" | "tempfile")) => {
                Some(self.values.intern(Value::Fresh(site)))
            }
            Some((simple, redirects)) if redirects.is_empty() => self.printed_by(simple, site),
            _ => None,
        };
        by_form.or_else(|| self.values.printed(site)).unwrap_or_else(|| self.values.intern(Value::Output(site)))
    }

    /// What a command prints whose form says it.
    pub fn printed_by(&mut self, simple: &crate::syntax::tree::Simple, site: Site) -> Option<ValueId> {
        let name = simple.words.first().and_then(super::forest::constant)?;
        let name = name.rsplit('/').next().unwrap_or_default().to_owned();
        Some(match (name.as_str(), &simple.words[1..]) {
            ("mktemp" | "tempfile", _) => self.values.intern(Value::Fresh(site)),
            ("date" | "uuidgen", _) => self.values.intern(Value::Unique(site)),
            ("dirname", [path]) => {
                let path = self.word(path).value;
                self.values.derived(path, "%/*")
            }
            ("basename", [path]) => {
                let path = self.word(path).value;
                self.values.derived(path, "##*/")
            }
            // What succeeds has printed a path; where errexit is on, nothing else goes on.
            ("readlink" | "realpath", [_, ..]) if self.state.errexit == super::state::Flag::On => {
                let printed = self.values.intern(Value::Output(site));
                self.values.intern(Value::Required(printed))
            }
            ("echo", [only]) => self.word(only).value,
            ("pwd", _) => self.present_directory(),
            ("hostname" | "uname" | "id" | "whoami" | "nproc", _) => {
                let text = format!("$({name})");
                self.values.intern(Value::Environment(0, text.into()))
            }
            _ => return None,
        })
    }

    /// What `pwd` prints: never nothing, whatever the `cd` was told.
    fn present_directory(&mut self) -> ValueId {
        let directory = self.state.directory;
        match self.values.get(directory) {
            Value::Environment(_, name) if &**name == "PWD" => directory,
            Value::Required(_) => directory,
            _ => self.values.intern(Value::Required(directory)),
        }
    }

    fn parameter(&mut self, parameter: &Parameter, site: Site) -> ValueId {
        let name = &*parameter.name;
        if let Some(subscript) = &parameter.subscript {
            if matches!(parameter.operator, ParameterOperator::None)
                && let Some(element) = self.element(name, subscript, site)
            {
                return element;
            }
            return self.values.intern(Value::Environment(site, name.into()));
        }
        let value = self.bare(name, site);
        match &parameter.operator {
            ParameterOperator::None => value,
            ParameterOperator::Default { word, .. } => {
                let word = self.word(word).value;
                self.values.default_of(value, word)
            }
            ParameterOperator::Assign { word, .. } => {
                let word = self.word(word).value;
                let value = self.values.default_of(value, word);
                self.assign(name, value);
                value
            }
            ParameterOperator::Require { colon, word } => {
                self.word(word);
                if !colon || self.is_set(value) {
                    return value;
                }
                let value = self.values.intern(Value::Required(value));
                self.assign(name, value);
                value
            }
            ParameterOperator::Trim { suffix, longest, pattern } => {
                let pattern = self.word(pattern).value;
                let (text, _) = self.values.render(pattern);
                let sign = if *suffix { "%" } else { "#" };
                let operator = format!("{sign}{}{text}", if *longest { sign } else { "" });
                self.values.derived(value, &operator)
            }
            ParameterOperator::Length => self.values.intern(Value::Output(site)),
            ParameterOperator::Alternative { colon, word } => {
                let word = self.word(word).value;
                if self.is_set(value) {
                    word
                } else if *colon && self.values.text(value) == Some("") {
                    value
                } else {
                    self.values.intern(Value::Derived(value, ":+".into()))
                }
            }
            other => {
                let text: Box<str> = match other {
                    ParameterOperator::Replace { all, pattern, replacement } => {
                        let (pattern, replacement) = (self.word(pattern).value, self.word(replacement).value);
                        format!(
                            "/{}{}/{}",
                            if *all { "/" } else { "" },
                            self.values.render(pattern).0,
                            self.values.render(replacement).0
                        )
                        .into()
                    }
                    ParameterOperator::Case(text) | ParameterOperator::Other(text) => text.clone(),
                    ParameterOperator::Transform(letter) => format!("@{letter}").into(),
                    ParameterOperator::Slice { offset, length } => {
                        format!(":{}:{}", offset.text, length.as_ref().map_or("", |length| &length.text)).into()
                    }
                    _ => "!".into(),
                };
                self.values.intern(Value::Derived(value, text))
            }
        }
    }

    /// Whether a value is known not to be empty.
    pub fn is_set(&self, value: ValueId) -> bool {
        match self.values.get(value) {
            Value::Constant(text) => !text.is_empty(),
            Value::Fresh(_) | Value::Unique(_) | Value::Required(_) | Value::Item(_) => true,
            Value::Concat(parts) => parts.iter().any(|&part| self.is_set(part)),
            Value::Default(value, word) => self.is_set(*value) || self.is_set(*word),
            _ => false,
        }
    }

    /// The value of `$name`.
    pub fn bare(&mut self, name: &str, site: Site) -> ValueId {
        match name {
            "@" | "*" => self.values.intern(Value::AllPositional(self.unit)),
            "$" => self.values.intern(Value::Unique(0)),
            "0" => self.values.intern(Value::Positional(self.unit, 0)),
            "?" | "#" | "-" => self.values.intern(Value::Output(site)),
            "RANDOM" | "SECONDS" | "EPOCHSECONDS" | "BASHPID" | "SRANDOM" => self.values.intern(Value::Unique(site)),
            "PWD" => self.state.directory,
            _ => {
                if let Ok(number) = name.parse::<u32>() {
                    let at = self.state.row.shifted.saturating_add(number);
                    return self.state.positional.get(at).unwrap_or_else(|| match self.state.row.since {
                        0 => self.values.intern(Value::Positional(self.unit, at)),
                        since if self.state.row.of_text => self.values.environment(since, &format!("${at}")),
                        since => self.values.environment(since, &at.to_string()),
                    });
                }
                let number = self.names.intern(name);
                if self.names.is_volatile(number) {
                    return self.values.intern(Value::Output(site));
                }
                self.state.variable(number, name, self.values)
            }
        }
    }

    /// Points a variable at a value.
    pub fn assign(&mut self, name: &str, value: ValueId) {
        if name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
            let number = self.names.intern(name);
            self.state.variables.set(number, Some(value));
        } else if let Ok(number) = name.parse::<u32>() {
            self.state.positional.set(self.state.row.shifted.saturating_add(number), Some(value));
        }
    }
}
