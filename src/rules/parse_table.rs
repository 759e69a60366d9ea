//! A TOML table that is read field by field, with places.
//!
//! Every field asked for is remembered; `finish` refuses the others. So the code that reads a table is also
//! the list of what may stand in it. It knows nothing of rules.

use super::file::List;
use super::parse_words::{nearest, word};
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use std::fmt;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A mistake in a file, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub path: String,
    /// 1-based.
    pub line: usize,
    /// 1-based, in characters.
    pub column: usize,
    /// What is wrong, and what would be right where that is known.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.path, self.line, self.column, self.message)
    }
}

impl std::error::Error for Problem {}

/// The file that is read: it turns bytes into places.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// For messages.
    pub path: &'a str,
    /// The whole file.
    pub text: &'a str,
}

impl Source<'_> {
    /// A mistake at a place.
    pub fn problem(&self, span: Range<usize>, message: &str) -> Problem {
        let start = span.start.min(self.text.len());
        let before = self.text.get(..start).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        Problem { path: self.path.to_owned(), line, column, message: message.to_owned() }
    }

    /// A word of a closed list.
    pub fn word<T: DeserializeOwned>(&self, text: &str, span: &Range<usize>) -> Result<T, Problem> {
        word(text).map_err(|known| self.problem(span.clone(), &unknown("word", text, known)))
    }
}

fn unknown(what: &str, text: &str, known: &[&str]) -> String {
    match nearest(text, known) {
        Some(near) => format!("unknown {what} `{text}`: did you mean `{near}`?"),
        None => format!("unknown {what} `{text}`: expected one of {}", known.join(", ")),
    }
}

/// A table, and which of its fields were asked for.
pub struct Fields<'a> {
    source: &'a Source<'a>,
    span: Range<usize>,
    table: &'a DeTable<'a>,
    asked: RefCell<Vec<String>>,
}

impl<'a> Fields<'a> {
    /// The table that stands at `span`.
    pub fn new(source: &'a Source<'a>, span: Range<usize>, table: &'a DeTable<'a>) -> Self {
        Self { source, span, table, asked: RefCell::default() }
    }

    /// Where it stands.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// A mistake at a place.
    pub fn problem(&self, span: Range<usize>, message: &str) -> Problem {
        self.source.problem(span, message)
    }

    /// A required field is not there, or is there under a misspelt key.
    pub fn missing(&self, key: &str) -> Problem {
        match self.keys().into_iter().find(|(found, _)| nearest(found, &[key]).is_some()) {
            Some((found, span)) => self.problem(span, &unknown("key", found, &[key])),
            None => self.problem(self.span(), &format!("`{key}` is missing")),
        }
    }

    /// Whether a field is there.
    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// The fields that are there, in the order of the file.
    pub fn keys(&self) -> Vec<(&'a str, Range<usize>)> {
        let mut keys: Vec<_> = self.table.keys().map(|key| (key.get_ref().as_ref(), key.span())).collect();
        keys.sort_by_key(|(_, span)| span.start);
        keys
    }

    fn value(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.asked.borrow_mut().push(key.to_owned());
        self.table.get(key)
    }

    fn wrong(&self, value: &Spanned<DeValue>, key: &str, expected: &str) -> Problem {
        let found = value.get_ref().type_str();
        self.problem(value.span(), &format!("`{key}` is {expected}, and this is of type {found}"))
    }

    /// A text that may be absent.
    pub fn optional_text(&self, key: &str) -> Result<Option<(&'a str, Range<usize>)>, Problem> {
        match self.value(key) {
            None => Ok(None),
            Some(value) => match value.get_ref() {
                DeValue::String(text) => Ok(Some((text, value.span()))),
                _ => Err(self.wrong(value, key, "a text")),
            },
        }
    }

    /// A text that must be there.
    pub fn text(&self, key: &str) -> Result<(&'a str, Range<usize>), Problem> {
        self.optional_text(key)?.ok_or_else(|| self.missing(key))
    }

    /// One text or a list of them; absent is an empty list.
    pub fn texts(&self, key: &str) -> Result<Vec<(&'a str, Range<usize>)>, Problem> {
        let Some(value) = self.value(key) else { return Ok(Vec::new()) };
        let items = match value.get_ref() {
            DeValue::String(text) => return Ok(vec![(text, value.span())]),
            DeValue::Array(items) => items,
            _ => return Err(self.wrong(value, key, "a list of texts")),
        };
        let mut texts = Vec::new();
        for item in items {
            match item.get_ref() {
                DeValue::String(text) => texts.push((text.as_ref(), item.span())),
                _ => return Err(self.wrong(item, key, "a list of texts")),
            }
        }
        Ok(texts)
    }

    /// A flag; absent is false.
    pub fn flag(&self, key: &str) -> Result<bool, Problem> {
        match self.value(key) {
            None => Ok(false),
            Some(value) => value.get_ref().as_bool().ok_or_else(|| self.wrong(value, key, "true or false")),
        }
    }

    /// A word of a closed list that may be absent.
    pub fn optional_word<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Problem> {
        self.optional_text(key)?.map(|(text, span)| self.source.word(text, &span)).transpose()
    }

    /// A word of a closed list that must be there.
    pub fn word<T: DeserializeOwned>(&self, key: &str) -> Result<T, Problem> {
        self.optional_word(key)?.ok_or_else(|| self.missing(key))
    }

    /// One word or a list of them; absent is an empty list.
    pub fn words<T: DeserializeOwned + Clone + 'static>(&self, key: &str) -> Result<List<T>, Problem> {
        self.texts(key)?.into_iter().map(|(text, span)| self.source.word(text, &span)).collect()
    }

    /// A table that may be absent.
    pub fn table(&self, key: &str) -> Result<Option<Fields<'a>>, Problem> {
        match self.value(key) {
            None => Ok(None),
            Some(value) => match value.get_ref() {
                DeValue::Table(table) => Ok(Some(Fields::new(self.source, value.span(), table))),
                _ => Err(self.wrong(value, key, "a table")),
            },
        }
    }

    /// One table or a list of them, each read by `read`; absent is an empty list.
    pub fn list<T: Clone + 'static>(
        &self,
        key: &str,
        mut read: impl FnMut(&Fields<'a>) -> Result<T, Problem>,
    ) -> Result<List<T>, Problem> {
        let Some(value) = self.value(key) else { return Ok(List::Owned(Vec::new())) };
        let items = match value.get_ref() {
            DeValue::Table(_) => std::slice::from_ref(value),
            DeValue::Array(items) => items,
            _ => return Err(self.wrong(value, key, "a list of tables")),
        };
        let mut list = Vec::new();
        for item in items {
            match item.get_ref() {
                DeValue::Table(table) => list.push(read(&Fields::new(self.source, item.span(), table))?),
                _ => return Err(self.wrong(item, key, "a list of tables")),
            }
        }
        Ok(List::Owned(list))
    }

    /// Refuses the first field that nobody asked for.
    pub fn finish(&self) -> Result<(), Problem> {
        let asked = self.asked.borrow();
        let known: Vec<&str> = asked.iter().map(String::as_str).collect();
        for (key, span) in self.keys() {
            if !known.contains(&key) {
                return Err(self.problem(span, &unknown("key", key, &known)));
            }
        }
        Ok(())
    }
}
