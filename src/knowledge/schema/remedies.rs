//! What other commands do for one, as a row writes it: `precondition = "[ \"$({FRONT}role | head -n 1)\" = slave ]"`.

use super::super::vocabulary::Remedy;
use super::mistake::{Wrong, unknown};
use super::model::{RemedyPiece, RemedyRow, Role};
use super::raw::OneOrMany;
use std::borrow::Cow;
use std::collections::BTreeMap;
use toml::Spanned;

/// The remedies of a form, those of one kind in the order in which they are tried.
pub fn remedies(raw: &BTreeMap<Remedy, OneOrMany>, roles: &[String]) -> Result<Vec<RemedyRow>, Wrong> {
    let mut rows = Vec::new();
    for (&remedy, texts) in raw {
        for text in texts.all() {
            rows.push(RemedyRow { remedy, pieces: Cow::Owned(pieces(text, roles)?) });
        }
    }
    Ok(rows)
}

/// Text with names in braces.
fn pieces(text: &Spanned<String>, roles: &[String]) -> Result<Vec<RemedyPiece>, Wrong> {
    let mut made = Vec::new();
    let mut rest = text.get_ref().as_str();
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, later)) = after.split_once('}') else {
            return Err(Wrong::new(text.span(), "`{` is not closed"));
        };
        // `{}` is the shell's own.
        if name.is_empty() {
            made.push(RemedyPiece::Literal(Cow::Owned(format!("{before}{{}}"))));
            rest = later;
            continue;
        }
        made.push(RemedyPiece::Literal(Cow::Owned(before.to_owned())));
        made.push(piece(name, text, roles)?);
        rest = later;
    }
    made.push(RemedyPiece::Literal(Cow::Owned(rest.to_owned())));
    made.retain(|piece| !matches!(piece, RemedyPiece::Literal(text) if text.is_empty()));
    Ok(made)
}

fn piece(name: &str, text: &Spanned<String>, roles: &[String]) -> Result<RemedyPiece, Wrong> {
    let role = |name: &str| {
        let place = roles.iter().position(|known| known == name).and_then(|at| u8::try_from(at).ok());
        place.map(Role).ok_or_else(|| Wrong::new(text.span(), unknown("role", name, roles.iter().map(String::as_str))))
    };
    let inner = |function: &str| name.strip_prefix(function)?.strip_prefix('(')?.strip_suffix(')');
    if let Some(name) = inner("address") {
        return Ok(RemedyPiece::Address(role(name)?));
    }
    let part = |function: &str| inner(function).and_then(|inner| inner.split_once(", "));
    if let Some((name, mark)) = part("front") {
        return Ok(RemedyPiece::InFront(role(name)?, Cow::Owned(mark.to_owned())));
    }
    if let Some((name, mark)) = part("behind") {
        return Ok(RemedyPiece::Behind(role(name)?, Cow::Owned(mark.to_owned())));
    }
    if let Some((name, mark)) = part("unmarked") {
        return Ok(RemedyPiece::Unmarked(role(name)?, Cow::Owned(mark.to_owned())));
    }
    if let Some(options) = inner("adding") {
        return Ok(RemedyPiece::Adding(Cow::Owned(options.to_owned())));
    }
    if let Some((name, word)) = inner("with").and_then(|inner| inner.split_once(" = ")) {
        return Ok(RemedyPiece::With(role(name)?, Cow::Owned(word.to_owned())));
    }
    if let Some((old, new)) = inner("instead").and_then(|inner| inner.split_once(" = ")) {
        let old = old.split('|').map(|word| Cow::Owned(word.to_owned())).collect();
        return Ok(RemedyPiece::Instead(old, Cow::Owned(new.to_owned())));
    }
    Ok(match name {
        "BY" => RemedyPiece::By,
        "AS" => RemedyPiece::As,
        "FRONT" => RemedyPiece::Front,
        "ALONE" => RemedyPiece::Alone,
        _ => RemedyPiece::Word(role(name)?),
    })
}
