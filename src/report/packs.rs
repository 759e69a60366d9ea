//! Packs for people: the list, and one pack clause by clause.

use crate::finding::{Pack, RuleCard};
use std::io::{self, Write};

/// The packs, one a line.
///
/// # Errors
/// The writer's.
pub fn list(packs: &[Pack], out: &mut dyn Write) -> io::Result<()> {
    let width = packs.iter().map(|pack| pack.name.len()).max().unwrap_or(0);
    for pack in packs {
        let rules = pack.codes().len();
        writeln!(out, "{:<width$}  {rules:>2} rules  {}", pack.name, pack.summary)?;
    }
    Ok(())
}

/// One pack.
///
/// # Errors
/// The writer's.
pub fn page(pack: &Pack, cards: &[RuleCard], out: &mut dyn Write) -> io::Result<()> {
    let roles: Vec<&str> = pack.roles.iter().map(|role| role.as_str()).collect();
    writeln!(out, "{}: {}", pack.name, pack.summary)?;
    writeln!(out, "roles {}; after {}", roles.join(", "), pack.source)?;
    for clause in pack.clauses {
        writeln!(out, "\n{}", clause.says)?;
        if clause.rules.is_empty() {
            writeln!(out, "    no rule asks for this")?;
        }
        for card in cards.iter().filter(|card| clause.rules.contains(&card.code.as_str())) {
            writeln!(out, "    {}  {}: {}", card.code, card.name, card.summary)?;
        }
    }
    Ok(())
}
