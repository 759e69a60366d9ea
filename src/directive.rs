//! What a comment tells noharm.
//!
//! ```sh
//! # noharm: role=failover
//! # noharm: ignore-file[NH801] the caller logs
//! rm -rf "$dir"  # noharm: ignore[NH501, NH503] made by mktemp above
//! ```
//! A leaf: it reads one comment and says what it asks for. Whether a code exists, and what is hidden by it, is
//! for others to decide.

use crate::span::Span;

/// What every directive starts with, behind the `#`.
const MARK: &str = "noharm:";

/// One comment that speaks to noharm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    /// From its `#` to the end of the comment.
    pub span: Span,
    /// What it asks for.
    pub request: Request,
}

/// What a directive asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Do not show findings of these rules.
    Ignore {
        /// True for `ignore-file`: everywhere in this file.
        whole_file: bool,
        /// The codes or names as written.
        rules: Vec<Named>,
        /// Why; absent where nothing follows the bracket.
        reason: Option<String>,
    },
    /// The file has this role.
    Role(Named),
    /// It starts like a directive, and is none; what is wrong with it.
    Malformed(String),
}

/// A word of a directive and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Where.
    pub span: Span,
    /// The word.
    pub text: Box<str>,
}

/// Reads a comment (from its `#`, line end excluded); none where it does not speak to noharm.
///
/// The directive may stand behind other words of the comment, after a `#` of its own.
pub fn parse(bytes: &[u8], comment: Span) -> Option<Directive> {
    let end = (comment.end as usize).min(bytes.len());
    let text = std::str::from_utf8(bytes.get(comment.start as usize..end)?).ok()?.trim_end();
    let (hash, body) = text.char_indices().filter(|(_, character)| *character == '#').find_map(|(at, _)| {
        let rest = text[at..].trim_start_matches('#').trim_start();
        let own_word = at == 0 || text[..at].ends_with(char::is_whitespace);
        rest.strip_prefix(MARK).filter(|_| own_word).map(|body| (at, body))
    })?;
    let start = |part: &str| comment.start + (part.as_ptr() as usize - text.as_ptr() as usize) as u32;
    let span = Span::new(comment.start + hash as u32, comment.start + text.len() as u32);
    Some(Directive { span, request: request(body, &start) })
}

fn request(body: &str, start: &dyn Fn(&str) -> u32) -> Request {
    let named = |text: &str| {
        let word = text.trim();
        let at = start(word);
        Named { span: Span::new(at, at + word.len() as u32), text: word.into() }
    };
    let body = body.trim();
    if let Some(role) = body.strip_prefix("role=") {
        let word = role.split_whitespace().next().unwrap_or(role);
        return Request::Role(named(word));
    }
    let (whole_file, rest) = match (body.strip_prefix("ignore-file"), body.strip_prefix("ignore")) {
        (Some(rest), _) => (true, rest),
        (None, Some(rest)) => (false, rest),
        (None, None) => {
            let word = body.split([' ', '[', '=']).next().unwrap_or_default();
            return Request::Malformed(format!("`{word}` is no directive; there are ignore, ignore-file and role"));
        }
    };
    let Some((list, reason)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) else {
        let example = if whole_file { "ignore-file[NH301] reason" } else { "ignore[NH301] reason" };
        return Request::Malformed(format!("an ignore names its rules in brackets: `{example}`"));
    };
    let rules: Vec<Named> = list.split(',').filter(|word| !word.trim().is_empty()).map(named).collect();
    if rules.is_empty() {
        return Request::Malformed("an ignore names at least one rule".into());
    }
    let reason = reason.trim_start_matches(|character: char| character.is_whitespace() || ":-–—".contains(character));
    Request::Ignore { whole_file, rules, reason: (!reason.is_empty()).then(|| reason.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(comment: &str) -> Option<Request> {
        parse(comment.as_bytes(), Span::new(0, comment.len() as u32)).map(|directive| directive.request)
    }

    fn ignore(whole_file: bool, rules: &[(u32, u32, &str)], reason: Option<&str>) -> Request {
        let rules =
            rules.iter().map(|&(start, end, text)| Named { span: Span::new(start, end), text: text.into() }).collect();
        Request::Ignore { whole_file, rules, reason: reason.map(str::to_owned) }
    }

    #[test]
    fn an_ignore_has_rules_and_a_reason() {
        assert_eq!(
            read("# noharm: ignore[NH301, restart-twice] drained by the caller\r"),
            Some(ignore(false, &[(17, 22, "NH301"), (24, 37, "restart-twice")], Some("drained by the caller")))
        );
        assert_eq!(read("#noharm:ignore-file[NH1]: why"), Some(ignore(true, &[(20, 23, "NH1")], Some("why"))));
        assert_eq!(read("# noharm: ignore[NH1] - "), Some(ignore(false, &[(17, 20, "NH1")], None)));
    }

    #[test]
    fn it_may_follow_other_words() {
        let text = "# shellcheck disable=SC2086 # noharm: role=failover";
        let directive = parse(text.as_bytes(), Span::new(0, text.len() as u32)).expect("a directive");
        assert_eq!(directive.span, Span::new(28, text.len() as u32));
        assert!(matches!(directive.request, Request::Role(Named { ref text, .. }) if &**text == "failover"));
    }

    #[test]
    fn other_comments_are_no_directives() {
        assert_eq!(read("# the noharm: tool"), None);
        assert_eq!(read("# see x#noharm: ignore[NH1] y"), None);
        assert_eq!(parse(b"# \xff noharm:", Span::new(0, 11)), None);
    }

    #[test]
    fn what_looks_like_one_and_is_none_is_said() {
        for text in ["# noharm: ignore NH301", "# noharm: ignore[] x", "# noharm: disable[NH301] x", "# noharm:"] {
            assert!(matches!(read(text), Some(Request::Malformed(_))), "{text}");
        }
    }
}
