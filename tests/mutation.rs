//! Broken and mangled scripts: reading never panics, and every span that comes out makes sense.
//!
//! `NOHARM_MUTATIONS` sets how many mutants are read (2,000 by default), `NOHARM_MUTATION_SEEDS` a folder of further
//! scripts to mutate, `NOHARM_MUTATION_SEED` another start of the random numbers.

mod reading;

use reading::spans::check;
use noharm::dialect::Dialect;
use noharm::syntax;
use std::path::{Path, PathBuf};

/// Small scripts that hold most of the grammar between them.
const SEEDS: &[&str] = &[
    "#!/bin/sh\nset -e\n[ -f \"$conf\" ] || cp default.conf \"$conf\" 2>/dev/null\n",
    "if [ -x /bin/a ]; then\n  a --now\nelif b; then\n  c\nelse\n  d & wait\nfi\n",
    "for i in a \"$b\" c*; do\n  while read -r line; do\n    echo \"$line\" >> /tmp/x\n  done < \"$i\"\ndone\n",
    "case \"$1\" in\n  start|restart) start_it ;;\n  stop) stop_it || exit 1 ;&\n  *) echo \"usage: $0\" >&2 ;;\nesac\n",
    "f() {\n  local x=$(date +%s)\n  cat <<EOF\nnow $x `hostname` $(uptime)\nEOF\n}\nf | tee log\n",
    "function g { [[ -n $1 && $2 =~ ^[a-z]+$ ]] && (( n += 1 )); }\nfor (( i = 0; i < 3; i++ )); do g $i; done\n",
    "arr=(one \"two three\" [5]=x)\necho \"${arr[@]:1}\" ${x:-$(y)} ${z//a/b} $((1 + 2)) 'it''s'\n",
    "( cd /srv && tar czf - . ) | ssh host 'cat > /tmp/x.tgz'\ndiff <(a) <(b)\n",
    "cat <<-'END' | sh\n\techo $HOME\n\tEND\n! grep -q x y &> /dev/null\nuntil ping -c1 h; do sleep 1; done\n",
    "trap 'rm -f \"$tmp\"' EXIT\ntmp=`mktemp -d \\`pwd\\`/x.XXXX`\nexec 3>&1 4<&- 5<>f\n",
    "{ a; b; } 2>&1 | while IFS= read x; do printf '%s\\n' \"$x\"; done\r\nselect x in 1 2; do break; done\n",
    "# caf\u{e9} \u{1f600}\necho 'na\u{ef}ve' \"\u{fb608}\" {a,b}{1..3} ~user/x $'a\\tb' $\"msg\"\n",
    "<% if x %>\nrm -rf <%= dir %>\n<% end %>\n{{ user }} {% if y %}\n",
];

/// Pieces that break scripts.
const PIECES: &[&str] = &[
    "\"",
    "'",
    "`",
    "$(",
    "${",
    ")",
    "}",
    "(",
    "{",
    "((",
    "))",
    "[[",
    "]]",
    "<<EOF\n",
    "<<",
    ">",
    "|",
    "&&",
    ";;",
    "\\",
    "\n",
    "fi",
    "done",
    "esac",
    "if ",
    "while ",
    "case x in ",
    "do ",
    "then ",
    "else ",
    "$",
    "#",
    "\0",
    "\u{ff}",
    "=(",
    "`x`",
    "\t",
    " ",
    "for ",
    "function ",
    "time ",
    "coproc ",
    "EOF\n",
    "<(",
    "$((",
    "!",
    "~",
    "*",
    "@(",
    "\r\n",
];

/// Marsaglia's xorshift: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        let limit = limit.max(1) as u64;
        usize::try_from(self.next() % limit).expect("it is below a usize")
    }
}

/// One random change to `text`.
fn mutate(text: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut Random) {
    let at = random.below(text.len() + 1);
    match random.below(8) {
        0 | 1 => {
            let piece = PIECES[random.below(PIECES.len())].bytes();
            text.splice(at..at, piece);
        }
        2 => {
            let end = (at + 1 + random.below(4)).min(text.len());
            text.drain(at.min(end)..end);
        }
        3 => {
            let line = text[at..].iter().position(|&byte| byte == b'\n').map_or(text.len(), |length| at + length);
            text.drain(at..line);
        }
        4 => text.truncate(at),
        5 => {
            let end = (at + random.below(60)).min(text.len());
            let copy = text[at..end].to_vec();
            let to = random.below(text.len() + 1);
            text.splice(to..to, copy);
        }
        6 => {
            let other = &seeds[random.below(seeds.len())];
            let start = random.below(other.len() + 1);
            let end = (start + random.below(200)).min(other.len());
            text.splice(at..at, other[start..end].iter().copied());
        }
        _ => {
            if let Some(byte) = text.get_mut(at) {
                *byte = random.next().to_le_bytes()[0];
            }
        }
    }
}

/// The built-in scripts and those of the folders named.
fn seeds() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = SEEDS.iter().map(|seed| seed.as_bytes().to_vec()).collect();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let folders = std::env::var_os("NOHARM_MUTATION_SEEDS").map(PathBuf::from);
    for folder in folders.into_iter().chain([fixtures]) {
        let files = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(Result::ok);
        let scripts =
            files.filter(|file| file.file_type().is_file()).filter_map(|file| std::fs::read(file.path()).ok());
        seeds.extend(scripts.filter(|script| !script.is_empty() && script.len() < 40_000));
    }
    seeds
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

#[test]
fn mutants_are_read_without_panic_and_with_spans_that_make_sense() {
    let seeds = seeds();
    let seed = number("NOHARM_MUTATION_SEED", 1);
    for round in 0..number("NOHARM_MUTATIONS", 2_000) {
        // Each round has its own numbers, so that a failure can be had again alone.
        let mut random = Random((seed << 32 | round).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        for _ in 0..4 {
            random.next();
        }
        let mut text = seeds[random.below(seeds.len())].clone();
        for _ in 0..=random.below(6) {
            mutate(&mut text, &seeds, &mut random);
        }
        let script = syntax::read(&text, Dialect::Bash);
        if let Err(complaint) = check(&script, &text) {
            panic!("round {round}: {complaint}\n{}", text.escape_ascii().to_string().replace("\\n", "\n"));
        }
    }
}

#[test]
fn seeds_are_read_with_spans_that_make_sense() {
    for text in seeds() {
        let script = syntax::read(&text, Dialect::Bash);
        if let Err(complaint) = check(&script, &text) {
            panic!("{complaint}\n{}", String::from_utf8_lossy(&text));
        }
    }
}
