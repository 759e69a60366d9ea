//! Shell patterns against known texts: `*`, `?`, `[...]`.

/// Whether `text` matches `pattern`. Runs in time proportional to the product of the lengths.
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
                continue;
            }
            Some('?') => {
                p += 1;
                t += 1;
                continue;
            }
            Some('[') => {
                if let Some((end, hit)) = class(&pattern[p..], text[t]) {
                    if hit {
                        p += end;
                        t += 1;
                        continue;
                    }
                } else if text[t] == '[' {
                    p += 1;
                    t += 1;
                    continue;
                }
            }
            Some(&literal) if literal == text[t] => {
                p += 1;
                t += 1;
                continue;
            }
            _ => {}
        }
        let Some((back, from)) = star else { return false };
        star = Some((back, from + 1));
        p = back + 1;
        t = from + 1;
    }
    pattern[p..].iter().all(|&rest| rest == '*')
}

/// A bracket expression at the start of `pattern`: its length, and whether it holds `character`.
fn class(pattern: &[char], character: char) -> Option<(usize, bool)> {
    let negated = matches!(pattern.get(1), Some('!' | '^'));
    let mut at = if negated { 2 } else { 1 };
    let first = at;
    let mut hit = false;
    loop {
        let low = *pattern.get(at)?;
        if low == ']' && at > first {
            return Some((at + 1, hit != negated));
        }
        if pattern.get(at + 1) == Some(&'-') && pattern.get(at + 2).is_some_and(|&high| high != ']') {
            let high = pattern[at + 2];
            hit |= low <= character && character <= high;
            at += 3;
        } else {
            hit |= low == character;
            at += 1;
        }
    }
}
