//! "Did you mean": the nearest of the words that would have been right.

/// The word that is most like `wrong`, if one is like it at all.
pub fn closest<'a>(wrong: &str, right: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = wrong.to_lowercase().replace('_', "-");
    let likeness = |word: &str| strsim::jaro_winkler(&wrong, &word.to_lowercase());
    let best = right.into_iter().map(|word| (likeness(word), word)).max_by(|one, other| one.0.total_cmp(&other.0));
    best.filter(|(likeness, _)| *likeness > 0.8).map(|(_, word)| word)
}

/// "; did you mean `…`?", or nothing.
pub fn did_you_mean<'a>(wrong: &str, right: impl IntoIterator<Item = &'a str>) -> String {
    closest(wrong, right).map(|word| format!("; did you mean `{word}`?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_offered() {
        assert_eq!(closest("min_confidence", ["min-severity", "min-confidence"]), Some("min-confidence"));
        assert_eq!(closest("falover", ["failover", "deploy"]), Some("failover"));
        assert_eq!(closest("zzz", ["failover", "deploy"]), None);
        assert_eq!(did_you_mean("zzz", ["failover"]), "");
    }
}
