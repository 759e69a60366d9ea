//! The pages of `docs/semantics` as data: their fenced scripts, and what each claims at its lines.

use super::{files, root};
use noharm::rules;

/// A fenced block of a page.
pub struct Block {
    /// The page and the line of its fence.
    pub place: String,
    /// `sh` or `bash`; of a block that is run also `dash`.
    pub shell: String,
    /// The words behind the shell's name.
    words: Vec<String>,
    /// As it stands on the page.
    pub text: String,
}

impl Block {
    /// Whether a word stands behind the shell's name.
    pub fn is(&self, word: &str) -> bool {
        self.words.iter().any(|known| known == word)
    }

    /// Whether it claims what noharm says, rather than what a shell does or what is not understood yet.
    pub fn has_verdict(&self) -> bool {
        !self.is("run") && !self.is("gap")
    }

    /// The name of the file, which may tell what the script is for.
    pub fn file(&self) -> &str {
        self.words.iter().find_map(|word| word.strip_prefix("file=")).unwrap_or(match self.shell.as_str() {
            "bash" => "example.bash",
            _ => "example.sh",
        })
    }

    /// The page without the line.
    fn page(&self) -> &str {
        self.place.split(':').next().unwrap_or_default()
    }

    /// The script without claims, and the claims with their lines, from 1.
    pub fn script(&self) -> (String, Vec<(u32, Claim)>) {
        let mut text = String::new();
        let mut all = Vec::new();
        for (at, line) in (1..).zip(self.text.lines()) {
            let (line, found) = claims(line);
            all.extend(found.into_iter().map(|claim| (at, claim)));
            text.push_str(line);
            text.push('\n');
        }
        (text, all)
    }
}

/// What the comment at the end of a line claims.
#[derive(Debug, PartialEq, Eq)]
pub enum Claim {
    /// A code is found there.
    Found(String),
    /// A fact is known of an effect there.
    Holds(String),
    /// A fact is not known of any effect there.
    Lacks(String),
}

/// The blocks of all pages, in order.
pub fn pages() -> Vec<Block> {
    let mut blocks = Vec::new();
    for path in files(&root().join("docs/semantics")) {
        let text = std::fs::read_to_string(&path).expect("a page is text");
        let name = path.strip_prefix(root()).unwrap_or(&path).display().to_string();
        let mut open: Option<Block> = None;
        for (at, line) in text.lines().enumerate() {
            match (&mut open, line.strip_prefix("```")) {
                (Some(_), Some(_)) => blocks.extend(open.take()),
                (Some(block), None) => {
                    block.text.push_str(line);
                    block.text.push('\n');
                }
                (None, Some(information)) => {
                    let mut words = information.split_whitespace().map(str::to_owned);
                    let shell = words.next().unwrap_or_default();
                    let place = format!("{name}:{}", at + 1);
                    open = Some(Block { place, shell, words: words.collect(), text: String::new() });
                }
                (None, None) => {}
            }
        }
        assert!(open.is_none(), "{name}: a block is not closed");
    }
    blocks.retain(|block| matches!(block.shell.as_str(), "sh" | "bash" | "dash"));
    blocks
}

/// The twins of each page in order, two by two; the last of a page may stand alone.
pub fn twins(blocks: &[Block]) -> Vec<Vec<&Block>> {
    let twins: Vec<&Block> = blocks.iter().filter(|block| block.is("twin")).collect();
    let pages = twins.chunk_by(|first, second| first.page() == second.page());
    pages.flat_map(|page| page.chunks(2)).map(<[&Block]>::to_vec).collect()
}

/// A line without its claims, and what they are.
fn claims(line: &str) -> (&str, Vec<Claim>) {
    let (rest, codes) = rules::marker(line);
    if !codes.is_empty() {
        return (rest, codes.into_iter().map(|code| Claim::Found(code.to_owned())).collect());
    }
    for (sign, claim) in [("# holds: ", Claim::Holds as fn(String) -> Claim), ("# lacks: ", Claim::Lacks)] {
        if let Some((before, list)) = line.rsplit_once(sign) {
            return (before.trim_end(), list.split(',').map(|fact| claim(fact.trim().to_owned())).collect());
        }
    }
    (line, Vec::new())
}
