//! Tests as they are written, before anything is expanded.

/// Whether a command is `[ … ]` or `test …`.
pub(super) fn is_bracket(written: &str) -> bool {
    let name = written.split_whitespace().next();
    matches!(name, Some("[" | "test"))
}

/// The words of a text, split where the shell splits it: quotes and substitutions hold a word together.
pub(super) fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut begin = None;
    for (at, character, depth) in plain(text) {
        let ends = depth == 0 && character.is_whitespace();
        match (begin, ends) {
            (None, false) => begin = Some(at),
            (Some(from), true) => {
                words.push(&text[from..at]);
                begin = None;
            }
            _ => {}
        }
    }
    words.extend(begin.map(|from| &text[from..]));
    words.retain(|word| *word != "\\");
    words
}

/// Where an operator stands unquoted in the middle of a word: `a=b`, `"$x"!="y"`.
pub(super) fn has_operator(word: &str) -> bool {
    let mut inside = plain(word).filter(|&(_, character, depth)| depth == 0 && character == '=');
    let Some((at, ..)) = inside.next() else { return false };
    let left = word[..at].trim_end_matches(['!', '=']);
    let right = word[at..].trim_start_matches(['=', '~']);
    !left.is_empty() && !right.is_empty() && !left.ends_with('\\')
}

/// The characters of a text, each with its place and how many quotes and substitutions are open around it.
fn plain(text: &str) -> impl Iterator<Item = (usize, char, usize)> + '_ {
    let mut open: Vec<char> = Vec::new();
    let mut before = ' ';
    text.char_indices().map(move |(at, character)| {
        let escaped = before == '\\' && open.last() != Some(&'\'');
        let depth = open.len();
        match (open.last(), character) {
            _ if escaped => {}
            (Some(&close), _) if close == character => {
                open.pop();
            }
            (Some('\''), _) => {}
            (Some('"'), '\'') => {}
            (_, '\'' | '"' | '`') => open.push(character),
            (_, '(') => open.push(')'),
            (_, '{') if before == '$' => open.push('}'),
            _ => {}
        }
        before = if escaped { ' ' } else { character };
        let inside = usize::from(escaped) + depth.max(open.len());
        (at, character, inside)
    })
}
