//! Regular expressions, as far as it matters whether the empty text is one of those that they match.

use std::iter::Peekable;
use std::str::Chars;

/// Whether an extended regular expression, looked for anywhere in a text, is found in the empty one. What is not
/// understood is taken to stand for a character.
pub fn matches_empty(pattern: &str) -> bool {
    let mut outer: Vec<Group> = Vec::new();
    let mut group = Group::default();
    let mut rest = pattern.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '(' => outer.push(std::mem::take(&mut group)),
            ')' => {
                let Some(around) = outer.pop() else { return false };
                let inner = std::mem::replace(&mut group, around);
                group.add(inner.matches());
            }
            '|' => group.next_branch(),
            '^' | '$' => group.add(true),
            '*' | '?' => group.last = true,
            '{' if rest.peek().is_some_and(char::is_ascii_digit) => {
                let bounds: String = rest.by_ref().take_while(|&inner| inner != '}').collect();
                let least = bounds.split(',').next().and_then(|least| least.parse::<u32>().ok());
                group.last |= least == Some(0);
            }
            '+' => {}
            '\\' => {
                rest.next();
                group.add(false);
            }
            '[' => {
                skip_set(&mut rest);
                group.add(false);
            }
            _ => group.add(false),
        }
    }
    // A group that is not closed is an error, and nothing is matched.
    outer.is_empty() && group.matches()
}

/// What has been read of a group: whether the empty text is matched by …
#[derive(Clone, Copy, Debug)]
struct Group {
    /// … a branch before this one.
    earlier: bool,
    /// … this branch, up to its last piece.
    branch: bool,
    /// … the last piece.
    last: bool,
}

impl Default for Group {
    fn default() -> Self {
        Self { earlier: false, branch: true, last: true }
    }
}

impl Group {
    fn add(&mut self, matches: bool) {
        self.branch &= self.last;
        self.last = matches;
    }

    fn matches(self) -> bool {
        self.earlier || self.branch && self.last
    }

    fn next_branch(&mut self) {
        *self = Self { earlier: self.matches(), ..Self::default() };
    }
}

/// Goes behind a set of characters: a `]` that stands first is one of them, and so is what `[:alpha:]` holds.
fn skip_set(rest: &mut Peekable<Chars<'_>>) {
    rest.next_if_eq(&'^');
    rest.next_if_eq(&']');
    while let Some(character) = rest.next() {
        match character {
            ']' => return,
            '[' => {
                if let Some(kind) = rest.next_if(|next| matches!(next, ':' | '.' | '=')) {
                    let mut before = ' ';
                    for inner in rest.by_ref() {
                        if before == kind && inner == ']' {
                            break;
                        }
                        before = inner;
                    }
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::matches_empty;

    #[test]
    fn optional_pieces_and_anchors_match_nothing() {
        for pattern in
            ["", "^$", "^[a-z/]*$", "a?", "(a|b*)", "a|", "^(/srv)?$", "x{0,3}", "[]]*", "[[:alpha:]]*", "(a)*"]
        {
            assert!(matches_empty(pattern), "{pattern}");
        }
        for pattern in
            ["a", "^/", "^[a-z/]+$", "(a|b)", "a|b", "x{1,3}", "[]*]", "\\*", "(a", ".", "[[:alpha:]]", "^.*/$"]
        {
            assert!(!matches_empty(pattern), "{pattern}");
        }
    }
}
