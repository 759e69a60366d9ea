//! The language of cases: `PRECONDITION => ok | fail [CODE] | unasked [CODE] [: CHANGES]`, and the shapes that stand
//! for frequent ones.
//!
//! It turns text into cases over numbered things, and knows nothing of what follows from them.

use super::mistake::{Wrong, unknown};
use super::world::{Change, From, Literal, Predicate};
use std::ops::Range;
use toml::Spanned;

/// One case of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// What must hold before; none if it never happens in these worlds but has a code.
    pub when: Option<Vec<Literal>>,
    /// How it ends.
    pub outcome: Outcome,
    /// The exit code.
    pub code: u8,
    /// What changes.
    pub changes: Vec<(usize, Change)>,
}

/// How a case ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Success.
    Ok,
    /// Failure.
    Fail,
    /// It could not ask.
    Unasked,
}

/// The names that cases may use.
pub struct Names<'a> {
    /// Things, in the order of their indexes.
    pub things: &'a [String],
    /// Roles, whose text may be content.
    pub roles: &'a [String],
}

const PREDICATES: [&str; 8] = ["present", "absent", "file", "dir", "link", "resolves", "filled", "same"];
const CHANGES: [&str; 11] = ["present", "absent", "file", "dir", "link", "=", "fresh", "edit", "step", "+1", "-1"];

/// Shapes: `create N 125` stands for the cases with `{0}` for N and `{1}` for 125 (or 1).
const SHAPES: [(&str, &[&str]); 7] = [
    ("create", &["{0} absent => ok: {0} present", "else => fail {1}"]),
    ("ensure", &["any => ok: {0} present"]),
    ("delete", &["{0} absent => fail {1}", "else => ok: {0} absent"]),
    ("drop", &["any => ok: {0} absent"]),
    ("add", &["any => ok: {0} +1"]),
    ("ask", &["{0} present => ok", "else => fail {1}"]),
    ("set", &["any => ok: {0} = {1}"]),
];

impl Names<'_> {
    /// The cases of a form as written.
    pub fn cases(&self, written: &[Spanned<String>]) -> Result<Vec<Case>, Wrong> {
        let mut cases = Vec::new();
        for text in written {
            if text.get_ref().contains("=>") {
                cases.push(self.case(text.get_ref(), text.span())?);
                continue;
            }
            let mut words = text.get_ref().split_whitespace();
            let name = words.next().unwrap_or_default();
            let Some((_, shape)) = SHAPES.iter().find(|(shape, _)| *shape == name) else {
                return Err(Wrong::new(text.span(), unknown("shape", name, SHAPES.iter().map(|(shape, _)| *shape))));
            };
            let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or("1"));
            for case in *shape {
                cases.push(self.case(&case.replace("{0}", first).replace("{1}", second), text.span())?);
            }
        }
        Ok(cases)
    }

    /// The index of a thing.
    pub fn thing(&self, name: &str, at: Range<usize>) -> Result<usize, Wrong> {
        self.things
            .iter()
            .position(|thing| thing == name)
            .ok_or_else(|| Wrong::new(at, unknown("thing", name, self.things.iter().map(String::as_str))))
    }

    /// A precondition: literals joined by commas, or `any`, `else`, `never`.
    pub fn precondition(&self, text: &str, at: &Range<usize>) -> Result<Option<Vec<Literal>>, Wrong> {
        match text.trim() {
            "never" => return Ok(None),
            "any" | "else" => return Ok(Some(Vec::new())),
            _ => {}
        }
        text.split(',').map(|literal| self.literal(literal, at)).collect::<Result<_, _>>().map(Some)
    }

    fn literal(&self, text: &str, at: &Range<usize>) -> Result<Literal, Wrong> {
        let mut words = text.split_whitespace();
        let thing = self.thing(words.next().unwrap_or_default(), at.clone())?;
        let mut word = words.next().unwrap_or_default();
        let negated = word == "not";
        if negated {
            word = words.next().unwrap_or_default();
        }
        let predicate = match word {
            "present" | "absent" => Predicate::Present,
            "file" => Predicate::File,
            "dir" => Predicate::Dir,
            "link" => Predicate::Link,
            "resolves" => Predicate::Resolves,
            "filled" => Predicate::Filled,
            "same" => Predicate::Same(self.thing(words.next().unwrap_or_default(), at.clone())?),
            other => return Err(Wrong::new(at.clone(), unknown("predicate", other, PREDICATES))),
        };
        if let Some(more) = words.next() {
            return Err(Wrong::new(at.clone(), format!("`{more}` is too much in `{}`", text.trim())));
        }
        Ok(Literal { thing, predicate, holds: negated == (word == "absent") })
    }

    fn case(&self, text: &str, at: Range<usize>) -> Result<Case, Wrong> {
        let Some((before, after)) = text.split_once("=>") else {
            return Err(Wrong::new(at, format!("`{text}` is no case: PRECONDITION => OUTCOME")));
        };
        let (outcome, changes) = after.split_once(": ").unwrap_or((after, ""));
        let mut words = outcome.split_whitespace();
        let (outcome, usual) = match words.next().unwrap_or_default() {
            "ok" => (Outcome::Ok, 0),
            "fail" => (Outcome::Fail, 1),
            "unasked" => (Outcome::Unasked, 1),
            other => return Err(Wrong::new(at, unknown("outcome", other, ["ok", "fail", "unasked"]))),
        };
        let code = match words.next() {
            None => usual,
            Some(code) => code.parse().map_err(|_| Wrong::new(at.clone(), format!("`{code}` is no exit code")))?,
        };
        Ok(Case {
            when: self.precondition(before, &at)?,
            outcome,
            code,
            changes: changes
                .split(',')
                .filter(|change| !change.trim().is_empty())
                .map(|change| self.change(change, &at))
                .collect::<Result<_, _>>()?,
        })
    }

    fn change(&self, text: &str, at: &Range<usize>) -> Result<(usize, Change), Wrong> {
        let mut words = text.split_whitespace();
        let thing = self.thing(words.next().unwrap_or_default(), at.clone())?;
        let change = match words.next().unwrap_or_default() {
            "present" => Change::Present,
            "absent" => Change::Absent,
            "file" => Change::File,
            "dir" => Change::Dir,
            "link" => Change::Link(self.from(words.next(), text, at)?),
            "=" => Change::Becomes(self.from(words.next(), text, at)?),
            "fresh" => Change::Fresh,
            "edit" => Change::Edit,
            "step" => Change::Step,
            "+1" => Change::More,
            "-1" => Change::Less,
            other => return Err(Wrong::new(at.clone(), unknown("change", other, CHANGES))),
        };
        Ok((thing, change))
    }

    /// Content comes from a thing, from a role, or from a place that is named in lower case.
    fn from(&self, word: Option<&str>, text: &str, at: &Range<usize>) -> Result<From, Wrong> {
        match word {
            None => Err(Wrong::new(at.clone(), format!("`{}` does not say what it becomes", text.trim()))),
            Some("nothing") => Ok(From::Nothing),
            Some(word) if self.things.iter().any(|thing| thing == word) => {
                Ok(From::Thing(self.thing(word, at.clone())?))
            }
            Some(word) if word == "STDIN" || word.starts_with(|first: char| first.is_ascii_lowercase()) => {
                Ok(From::Outside(word.to_owned()))
            }
            Some(word) if self.roles.iter().any(|role| role == word) => Ok(From::Outside(word.to_owned())),
            Some(word) => Err(Wrong::new(
                at.clone(),
                unknown("thing or role", word, self.things.iter().chain(self.roles).map(String::as_str)),
            )),
        }
    }
}
