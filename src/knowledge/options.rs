//! Reads a command's words: options with their arguments, and operands.
//!
//! It knows how tools spell options, and nothing of what a command does.

use super::argument::{Argument, HOLE};
use super::schema::model::{Grammar, Spelling, Style, Takes};

/// The argument of an option: a word, or its tail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Index of the argument.
    pub(super) argument: usize,
    /// Byte offset in its text.
    pub(super) offset: usize,
}

/// A command's words, read.
#[derive(Clone, Debug, Default)]
pub(super) struct Read {
    /// Options by canonical name, in order.
    pub(super) options: Vec<(String, Option<Place>)>,
    /// Operands: indexes of arguments.
    pub(super) operands: Vec<usize>,
    /// The first word that is not read, if reading stopped before the end.
    pub(super) next: usize,
    /// Whether there was an option that the grammar does not know.
    pub(super) surprised: bool,
}

impl Read {
    /// Whether an option is there.
    pub(super) fn has(&self, canonical: &str) -> bool {
        self.options.iter().any(|(name, _)| name == canonical)
    }

    /// The first argument of an option.
    pub(super) fn value(&self, canonical: &str) -> Option<Place> {
        self.options.iter().find(|(name, _)| name == canonical).and_then(|(_, place)| *place)
    }
}

/// How far to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// All words; options may stand anywhere.
    End,
    /// Up to the first operand, which is not read.
    Operand,
    /// Up to `--`, which is read, or the end.
    Dashes,
}

struct Reader<'a> {
    arguments: &'a [Argument],
    spellings: &'a [Spelling],
    open: bool,
    at: usize,
    read: Read,
}

/// Reads the words from `start` on.
pub(super) fn read(arguments: &[Argument], start: usize, grammar: &Grammar, global: bool, until: Until) -> Read {
    let spellings = if global { &grammar.global } else { &grammar.options };
    let mut reader = Reader { arguments, spellings, open: grammar.open, at: start, read: Read::default() };
    let style = if global { Style::Getopt } else { grammar.style };
    let first = reader.at;
    while let Some(argument) = arguments.get(reader.at) {
        let word = argument.text.as_str();
        let is_option = word.len() > 1 && word.starts_with('-');
        if until == Until::Operand && (!is_option || word == "--") {
            if word == "--" {
                reader.at += 1;
            }
            break;
        }
        if until == Until::Dashes && word == "--" {
            reader.at += 1;
            break;
        }
        let here = reader.at;
        reader.at += 1;
        match style {
            Style::Bundle if here == first && !word.starts_with('-') && !word.contains(HOLE) => reader.cluster(here, 0),
            Style::Assign if word.contains('=') => {
                let (name, _) = word.split_once('=').unwrap_or((word, ""));
                let place = Place { argument: here, offset: name.len() + 1 };
                reader.read.options.push((name.to_owned(), Some(place)));
            }
            Style::Keyword if reader.known(word.trim_start_matches('-')).is_some() => {
                reader.take(word.trim_start_matches('-'), None);
            }
            Style::Verb => reader.verb(here),
            _ if !is_option || matches!(style, Style::Keyword | Style::Assign) => {
                reader.read.operands.push(here);
                if grammar.posix_order && !global {
                    break;
                }
            }
            Style::Dashword => reader.dashword(here),
            _ if word == "--" => break,
            _ if word.starts_with("--") => reader.long(here),
            _ if reader.known(&word[1..]).is_some() => reader.take(&word[1..], None),
            _ => reader.cluster(here, 1),
        }
    }
    let mut read = reader.read;
    read.next = reader.at;
    if until == Until::End {
        read.operands.extend(read.next..arguments.len());
    }
    read
}

impl Reader<'_> {
    fn known(&self, name: &str) -> Option<(String, Takes)> {
        let index = self.spellings.binary_search_by(|row| (*row.name).cmp(name)).ok()?;
        self.spellings.get(index).map(|row| (row.canonical.to_string(), row.takes))
    }

    /// Takes one option; its argument is attached, or else the next word.
    fn take(&mut self, name: &str, attached: Option<Place>) {
        let (canonical, takes) = self.known(name).unwrap_or_else(|| {
            self.read.surprised |= !self.open;
            (name.to_owned(), Takes::Nothing)
        });
        let mut place = attached;
        if place.is_none() && takes == Takes::Argument && self.at < self.arguments.len() {
            place = Some(Place { argument: self.at, offset: 0 });
            self.at += 1;
        }
        self.read.options.push((canonical, place));
    }

    /// `--name`, `--name=value`, and a clear abbreviation of a name.
    fn long(&mut self, here: usize) {
        let word = self.arguments[here].text.clone();
        let (name, value) = word[2..].split_once('=').map_or((&word[2..], None), |(name, value)| (name, Some(value)));
        let place = value.map(|_| Place { argument: here, offset: name.len() + 3 });
        if self.known(name).is_some() || name.is_empty() {
            self.take(name, place);
            return;
        }
        let mut near = self
            .spellings
            .iter()
            .filter(|row| row.name.len() > 1 && row.name.starts_with(name))
            .map(|row| row.name.to_string());
        match (near.next(), near.next()) {
            (Some(only), None) => self.take(&only, place),
            _ => self.take(name, place),
        }
    }

    /// `-rf`, `-ofile`: one letter after the other, the last of which may have an argument.
    fn cluster(&mut self, here: usize, start: usize) {
        let word = self.arguments[here].text.clone();
        for (offset, letter) in word.char_indices().filter(|(offset, _)| *offset >= start) {
            let name = letter.to_string();
            let after = offset + letter.len_utf8();
            match self.known(&name) {
                Some((_, Takes::Nothing)) => self.take(&name, None),
                Some(_) => {
                    let rest = (after < word.len()).then_some(Place { argument: here, offset: after });
                    // Only where options may be bundled without a dash does the argument of one letter follow them all.
                    if start == 0 {
                        self.take(&name, None);
                        continue;
                    }
                    self.take(&name, rest);
                    return;
                }
                None => {
                    self.take(&name, None);
                    if letter == HOLE {
                        self.read.surprised = true;
                    }
                }
            }
        }
    }

    /// `-out FILE`, `--out FILE`, `-days=3`: whole names after one dash or two.
    fn dashword(&mut self, here: usize) {
        let word = self.arguments[here].text.clone();
        let name = word.trim_start_matches('-');
        match name.split_once('=') {
            Some((name, value)) if self.known(name).is_some() => {
                let place = Place { argument: here, offset: word.len() - value.len() };
                self.take(name, Some(place));
            }
            _ => self.take(name, None),
        }
    }

    /// One capital letter (or its long name) is the verb, and the next word its object; what is no option of the
    /// tool itself belongs to the rule. What is not known and stands before the verb can only be an option.
    fn verb(&mut self, here: usize) {
        let word = self.arguments[here].text.clone();
        let name = word.trim_start_matches('-');
        let dashes = word.len() - name.len();
        let seen = self.read.options.iter().any(|(name, _)| is_verb(name));
        let letters = || name.chars().map(|letter| self.known(&letter.to_string()).map(|(canonical, _)| canonical));
        if dashes == 1 && !seen && name.chars().nth(1).is_some() && letters().all(|known| known.is_some()) {
            // `-nvL CHAIN`: letters that may stand together, of which one is the verb.
            let (verbs, plain): (Vec<String>, Vec<String>) = letters().flatten().partition(|known| is_verb(known));
            self.read.options.extend(plain.into_iter().map(|known| (known, None)));
            for verb in verbs {
                let place = self.object();
                self.read.options.push((verb, place));
            }
            return;
        }
        match self.known(name) {
            Some((canonical, _)) if dashes > 0 && is_verb(&canonical) => {
                if seen {
                    self.read.operands.push(here);
                    return;
                }
                let place = self.object();
                self.read.options.push((canonical, place));
            }
            Some((_, takes)) if dashes > 0 => {
                let number = |next: &Argument| !next.text.is_empty() && next.text.bytes().all(|b| b.is_ascii_digit());
                let is_its = takes == Takes::Attached && self.arguments.get(self.at).is_some_and(number);
                let place = is_its.then_some(Place { argument: self.at, offset: 0 });
                self.at += usize::from(is_its);
                self.take(name, place);
            }
            _ if !seen && word.starts_with(HOLE) => self.read.surprised = true,
            _ => self.read.operands.push(here),
        }
    }

    /// The object of a verb: the next word, unless that is an option.
    fn object(&mut self) -> Option<Place> {
        let place = self.arguments.get(self.at).filter(|next| !next.text.starts_with('-'));
        let place = place.map(|_| Place { argument: self.at, offset: 0 });
        self.at += usize::from(place.is_some());
        place
    }
}

fn is_verb(canonical: &str) -> bool {
    canonical.len() == 1 && canonical.bytes().all(|byte| byte.is_ascii_uppercase())
}
