//! What is printed without reading a script: rules, schema, completions, manual.

use super::args::{Arguments, Explain, Rules};
use super::files::failure;
use super::{Answer, books, json_text};
use crate::Book;
use crate::config::did_you_mean;
use crate::finding::Catalogue;
use crate::report::{explain as page, packs, schema as json_schema};
use clap::CommandFactory;
use std::fmt::Write as _;

/// `noharm explain`.
pub fn explain(arguments: &Explain) -> Answer {
    let book = match books::here() {
        Ok(book) => book,
        Err(failures) => return Answer { failures, ..Answer::default() },
    };
    let cards = book.cards();
    let code = book.resolve(&arguments.rule);
    let Some(card) = cards.iter().find(|card| Some(&card.code) == code.as_ref()) else {
        let words = cards.iter().flat_map(|card| [card.code.as_str(), card.name.as_str()]);
        let hint = did_you_mean(&arguments.rule, words);
        return Answer::of_failure(failure(None, format!("no rule is called `{}`{hint}", arguments.rule)));
    };
    if arguments.json {
        return Answer::of_json(&page::card_json(card));
    }
    let mut out = Vec::new();
    finish(page::page(card, &mut out), out)
}

/// `noharm rules`.
pub fn rules(arguments: &Rules) -> Answer {
    let book = match books::here() {
        Ok(book) => book,
        Err(failures) => return Answer { failures, ..Answer::default() },
    };
    if arguments.test {
        return tried(&book);
    }
    let cards = book.cards();
    if arguments.json {
        return Answer::of_json(&page::list_json(&cards));
    }
    let mut out = Vec::new();
    if arguments.packs {
        return finish(packs::list(book.packs(), &mut out), out);
    }
    if let Some(name) = &arguments.pack {
        let Some(pack) = book.packs().iter().find(|pack| pack.name == name) else {
            return Answer::of_failure(failure(None, books::no_pack(name, &book)));
        };
        return finish(packs::page(pack, &cards, &mut out), out);
    }
    finish(page::list(&cards, &mut out), out)
}

/// The examples of the user's own rules, tried.
fn tried(book: &Book) -> Answer {
    let mut out = String::new();
    let mut count = 0;
    for (path, rule) in book.own_rules() {
        count += rule.examples().len();
        for miss in book.try_examples(rule) {
            let _ = writeln!(out, "{path}:{}: {}", miss.line, miss.message);
        }
    }
    let found = !out.is_empty();
    if !found {
        let _ = match count {
            0 => writeln!(out, "No rules of your own have examples here"),
            1 => writeln!(out, "1 example is what it is said to be"),
            _ => writeln!(out, "All {count} examples are what they are said to be"),
        };
    }
    Answer { found, ..Answer::of_text(out) }
}

/// `noharm schema`.
pub fn schema() -> Answer {
    match books::here() {
        Ok(book) => Answer::of_text(json_text(&json_schema::render(&*book))),
        Err(failures) => Answer { failures, ..Answer::default() },
    }
}

/// `noharm completions`.
pub fn completions(shell: clap_complete::Shell) -> Answer {
    let mut out = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "noharm", &mut out);
    Answer::of_text(out)
}

/// `noharm man`.
pub fn man() -> Answer {
    let mut out = Vec::new();
    finish(clap_mangen::Man::new(Arguments::command()).render(&mut out), out)
}

fn finish(written: std::io::Result<()>, out: Vec<u8>) -> Answer {
    match written {
        Ok(()) => Answer::of_text(out),
        Err(why) => Answer::of_failure(failure(None, why.to_string())),
    }
}
