//! What is printed without reading a script: rules, schema, completions, manual.

use super::args::{Arguments, Explain, Rules};
use super::files::failure;
use super::{Answer, json_text};
use crate::config::did_you_mean;
use crate::report::{explain as page, schema as json_schema};
use clap::CommandFactory;

/// `noharm explain`.
pub fn explain(arguments: &Explain) -> Answer {
    let catalogue = crate::catalogue();
    let cards = catalogue.cards();
    let code = catalogue.resolve(&arguments.rule);
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
    let cards = crate::catalogue().cards();
    if arguments.json {
        return Answer::of_json(&page::list_json(&cards));
    }
    let mut out = Vec::new();
    finish(page::list(&cards, &mut out), out)
}

/// `noharm schema`.
pub fn schema() -> Answer {
    Answer::of_text(json_text(&json_schema::render(crate::catalogue())))
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
