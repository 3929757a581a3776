//! Norwegian compounds taken apart: "programvareutvikling" is "programvare" and "utvikling".
//!
//! A part is anything whose stem the vocabulary knows, so that the letters that join parts ("barn-e-hage",
//! "vindu-s-puss") need no rules of their own: to the stemmer they are endings.

/// Fewest letters of a part.
pub(super) const SHORTEST: usize = 3;

/// The two or three parts of a compound, if `known` knows them all; the most even of the possible cuts.
pub(super) fn split<'w>(word: &'w str, known: &impl Fn(&str) -> bool) -> Option<Vec<&'w str>> {
    split_with(word, known, known)
}

/// Likewise of a compound still being typed, the last part of which is known by `begun`.
pub(super) fn split_with<'w>(
    word: &'w str,
    known: &impl Fn(&str) -> bool,
    begun: &impl Fn(&str) -> bool,
) -> Option<Vec<&'w str>> {
    if let Some((head, tail)) = cut(word, known, begun) {
        return Some(vec![head, tail]);
    }
    // The first part as long as possible: "programvare" before "program".
    cuts(word).rev().filter(|(head, _)| known(head)).find_map(|(head, rest)| {
        let (middle, tail) = cut(rest, known, begun)?;
        Some(vec![head, middle, tail])
    })
}

fn cut<'w>(
    word: &'w str,
    known: &impl Fn(&str) -> bool,
    begun: &impl Fn(&str) -> bool,
) -> Option<(&'w str, &'w str)> {
    let possible = cuts(word).filter(|(head, tail)| known(head) && begun(tail));
    possible.max_by_key(|(head, tail)| head.len().min(tail.len()))
}

fn cuts(word: &str) -> impl DoubleEndedIterator<Item = (&str, &str)> {
    let last = word.len().saturating_sub(SHORTEST);
    (SHORTEST..=last).filter_map(|at| word.split_at_checked(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(part: &str) -> bool {
        ["program", "programvare", "vare", "utvikling", "skole", "skyss", "buss", "hus"].contains(&part)
    }

    #[test]
    fn a_compound_is_cut_where_every_part_is_known() {
        assert_eq!(split("programvareutvikling", &known).unwrap(), ["programvare", "utvikling"]);
        assert_eq!(split("skoleskyss", &known).unwrap(), ["skole", "skyss"]);
        assert_eq!(split("skolebusshus", &known).unwrap(), ["skole", "buss", "hus"]);
        for whole in ["skole", "skolex", "xskole", "hu", "", "åååååååå"] {
            assert_eq!(split(whole, &known), None, "{whole}");
        }
    }

    #[test]
    fn the_last_part_may_still_be_typed() {
        let begun = |part: &str| "utvikling".starts_with(part);
        assert_eq!(split_with("programvareutv", &known, &begun).unwrap(), ["programvare", "utv"]);
        assert_eq!(split_with("programvareut", &known, &begun), None);
    }
}
