//! Prints the tokens of a script, or with `--dump` its tree.

use noharm::dialect::Dialect;
use noharm::syntax;

fn main() {
    let mut paths: Vec<String> = std::env::args().skip(1).collect();
    let dump = paths.first().is_some_and(|first| first == "--dump");
    if dump {
        paths.remove(0);
    }
    for path in paths {
        let source = match std::fs::read(&path) {
            Ok(source) => source,
            Err(error) => {
                eprintln!("{path}: {error}");
                continue;
            }
        };
        let script = syntax::read(&source, Dialect::Bash);
        if dump {
            print!("{}", syntax::dump::dump(&script));
            continue;
        }
        for token in syntax::tokens::tokens(&script, &source) {
            println!("{token}");
        }
        for region in &script.unread {
            eprintln!("{path}: unread {region:?} by {:?}", script.reader);
        }
    }
}
