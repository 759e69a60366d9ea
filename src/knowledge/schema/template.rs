//! Templates of things: `path B/base(A)`, `rule NAME T C RULE`, `path F#STDIN`, and the names of kinds in them.
//!
//! It turns a template into pieces, and knows nothing of cases or of commands.

use super::super::vocabulary::ThingKind;
use super::mistake::{Wrong, unknown};
use super::model::{Piece, Role, ThingTemplate};
use std::borrow::Cow;
use std::ops::Range;

/// Words for kinds of things. Where a word is not the only one of its kind it becomes part of the key, so that a
/// chain and a rule of the same name stay apart.
const KINDS: [(&str, ThingKind, bool); 62] = [
    ("path", ThingKind::Path, false),
    ("service", ThingKind::Service, false),
    ("mount", ThingKind::Mount, false),
    ("user", ThingKind::User, false),
    ("group", ThingKind::Group, false),
    ("rule", ThingKind::Rule, false),
    ("container", ThingKind::Container, false),
    ("command", ThingKind::Command, false),
    ("server", ThingKind::Server, false),
    ("value", ThingKind::Value, false),
    ("chain", ThingKind::Rule, true),
    ("rules", ThingKind::Rule, true),
    ("ruleset", ThingKind::Rule, true),
    ("policy", ThingKind::Rule, true),
    ("ipset", ThingKind::Rule, true),
    ("entry", ThingKind::Rule, true),
    ("nft", ThingKind::Rule, true),
    ("address", ThingKind::Network, true),
    ("interface", ThingKind::Network, true),
    ("route", ThingKind::Network, true),
    ("ip-rule", ThingKind::Network, true),
    ("netns", ThingKind::Network, true),
    ("neighbour", ThingKind::Network, true),
    ("qdisc", ThingKind::Network, true),
    ("link-state", ThingKind::Network, true),
    ("port-of", ThingKind::Network, true),
    ("database", ThingKind::Database, true),
    ("role", ThingKind::Database, true),
    ("rows", ThingKind::Database, true),
    ("tables", ThingKind::Database, true),
    ("grant", ThingKind::Database, true),
    ("sql", ThingKind::Database, true),
    ("key", ThingKind::Database, true),
    ("network", ThingKind::Container, true),
    ("volume", ThingKind::Container, true),
    ("containers", ThingKind::Container, true),
    ("swarm", ThingKind::Container, true),
    ("swarm-object", ThingKind::Container, true),
    ("k8s", ThingKind::Container, true),
    ("release", ThingKind::Container, true),
    ("signature", ThingKind::Device, true),
    ("in-use", ThingKind::Device, true),
    ("mounted-here", ThingKind::Device, true),
    ("partition", ThingKind::Device, true),
    ("table", ThingKind::Device, true),
    ("loop", ThingKind::Device, true),
    ("vg", ThingKind::Device, true),
    ("in-vg", ThingKind::Device, true),
    ("lv", ThingKind::Device, true),
    ("array", ThingKind::Device, true),
    ("mapping", ThingKind::Device, true),
    ("pool", ThingKind::Device, true),
    ("dataset", ThingKind::Device, true),
    ("drbd-md", ThingKind::Device, true),
    ("member", ThingKind::Object, true),
    ("package", ThingKind::Object, true),
    ("crontab", ThingKind::Object, true),
    ("repository", ThingKind::Object, true),
    ("resource", ThingKind::Object, true),
    ("setting", ThingKind::Object, true),
    ("enabled", ThingKind::Object, true),
    ("object", ThingKind::Object, true),
];

/// A thing and the key under which worlds know it.
pub struct Template {
    /// The thing.
    pub thing: ThingTemplate,
    /// Its key with the names of roles in it.
    pub key: String,
}

/// Reads `KIND REST` into a thing.
pub fn template(name: &str, text: &str, roles: &[String], at: &Range<usize>) -> Result<Template, Wrong> {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    let Some((_, kind, in_key)) = KINDS.iter().find(|(known, ..)| *known == word) else {
        return Err(Wrong::new(at.clone(), unknown("kind of thing", word, KINDS.iter().map(|(known, ..)| *known))));
    };
    let mut pieces = Vec::new();
    if *in_key {
        pieces.push(Piece::Literal(Cow::Owned(format!("{word} "))));
    }
    pieces.extend(self::pieces(rest.trim(), roles, at)?);
    let within = *kind == ThingKind::Path && pieces.contains(&Piece::Within);
    let kind = if within { ThingKind::Text } else { *kind };
    let shown: String = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Literal(text) => text.to_string(),
            Piece::Role(role)
            | Piece::Base(role)
            | Piece::Above(role)
            | Piece::Stem(role, _)
            | Piece::Without(role, _) => roles[usize::from(role.0)].clone(),
            Piece::Within => "#".to_owned(),
        })
        .collect();
    Ok(Template {
        thing: ThingTemplate { name: Cow::Owned(name.to_owned()), kind, pieces: Cow::Owned(pieces) },
        key: format!("{word}:{shown}"),
    })
}

/// Cuts a template into pieces: words in capitals are roles (in braces where they touch
/// other letters), `{X%.gz}` is one without this end, `base(X)` is a last component, `base(X%.git)` a last component without its
/// end, `above(X)` what stands in front of it, `#` begins a text.
pub fn pieces(text: &str, roles: &[String], at: &Range<usize>) -> Result<Vec<Piece>, Wrong> {
    let role = |name: &str| {
        roles
            .iter()
            .position(|known| known == name)
            .and_then(|index| u8::try_from(index).ok())
            .map(Role)
            .ok_or_else(|| Wrong::new(at.clone(), unknown("role", name, roles.iter().map(String::as_str))))
    };
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let starts_word = !literal.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let length = rest.find(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit())).unwrap_or(rest.len());
        let ends_word = !rest[length..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
        let (piece, used) = if let Some(inner) = rest.strip_prefix("base(") {
            let Some((name, _)) = inner.split_once(')') else {
                return Err(Wrong::new(at.clone(), format!("`base(` is not closed in `{text}`")));
            };
            let piece = match name.split_once('%') {
                Some((name, end)) => Piece::Stem(role(name)?, Cow::Owned(end.to_owned())),
                None => Piece::Base(role(name)?),
            };
            (piece, "base()".len() + name.len())
        } else if let Some((name, _)) = rest.strip_prefix("above(").and_then(|inner| inner.split_once(')')) {
            (Piece::Above(role(name)?), "above()".len() + name.len())
        } else if let Some((name, _)) = rest.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
            let piece = match name.split_once('%') {
                Some((name, end)) => Piece::Without(role(name)?, Cow::Owned(end.to_owned())),
                None => Piece::Role(role(name)?),
            };
            (piece, "{}".len() + name.len())
        } else if first == '#' {
            (Piece::Within, 1)
        } else if first.is_ascii_uppercase() && starts_word && ends_word {
            (Piece::Role(role(&rest[..length])?), length)
        } else {
            literal.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        };
        if !literal.is_empty() {
            pieces.push(Piece::Literal(Cow::Owned(std::mem::take(&mut literal))));
        }
        pieces.push(piece);
        rest = &rest[used..];
    }
    if !literal.is_empty() {
        pieces.push(Piece::Literal(Cow::Owned(literal)));
    }
    Ok(pieces)
}
