//! The shortest text that some patterns are found in and another one is not, by a search through their automata.

use std::collections::BTreeSet;

use regex_automata::Anchored;
use regex_automata::dfa::{Automaton, dense};
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;

use super::pattern::built;

/// How many states a search for a text may look at.
const LOOKED_AT: usize = 20_000;

/// The shortest text in which all of `inside` are found and `outside` is not, with a length within
/// `length`; none where there is none, or where it is not decided.
pub(in crate::openapi) fn shortest(
    inside: &[&str],
    outside: Option<&str>,
    length: (u64, Option<u64>),
) -> Option<String> {
    let read = |pattern: &&str| built(pattern).and_then(Result::ok);
    let automata: Vec<_> = inside.iter().chain(&outside).map(read).collect::<Option<_>>()?;
    let plain = (b'a'..=b'z').chain(b'A'..=b'Z').chain(b'0'..=b'9').chain(b' '..=b'~');
    let plain: Vec<char> = plain.map(char::from).collect();
    let found = |letters: &[char]| shortest_of(&automata, inside.len(), letters, length);
    found(&plain).or_else(|| found(&[&plain, OTHER].concat()))
}

/// Letters that are taken where plain ones do not do: a line end, one of another alphabet.
const OTHER: &[char] = &['\n', '\u{e9}'];

/// The shortest text of `letters` that the first `inside` of `automata` accept and the others refuse.
fn shortest_of(
    automata: &[dense::DFA<Vec<u32>>],
    inside: usize,
    letters: &[char],
    (least, most): (u64, Option<u64>),
) -> Option<String> {
    let begin = start::Config::new().anchored(Anchored::Yes);
    let first: Vec<StateID> =
        automata.iter().map(|automaton| automaton.start_state(&begin).ok()).collect::<Option<_>>()?;
    // Of letters that no automaton tells apart, the first.
    let mut kinds = BTreeSet::new();
    let mut bytes = [0; 4];
    let letters: Vec<char> = letters
        .iter()
        .copied()
        .filter(|letter| {
            let bytes = letter.encode_utf8(&mut bytes).bytes();
            let kinds_of = |byte| automata.iter().map(move |one| one.byte_classes().get(byte));
            kinds.insert(bytes.flat_map(kinds_of).collect::<Vec<u8>>())
        })
        .collect();
    let accepts = |states: &[StateID]| {
        automata.iter().zip(states).enumerate().all(|(index, (automaton, &state))| {
            automaton.is_match_state(automaton.next_eoi_state(state)) == (index < inside)
        })
    };
    // Beyond what is asked for, lengths are all the same.
    let counted = most.map_or(least, |most| most.saturating_add(1).max(least));
    let mut seen = BTreeSet::from([(first.clone(), 0_u64)]);
    // Every step with the one that it came from.
    let mut steps: Vec<(Vec<StateID>, u64, usize, char)> = vec![(first, 0, 0, '\0')];
    let mut next = 0;
    while next < steps.len() {
        let (states, count, ..) = steps[next].clone();
        if count >= least && most.is_none_or(|most| count <= most) && accepts(&states) {
            let mut text: Vec<char> = Vec::new();
            let mut at = next;
            while at > 0 {
                text.push(steps[at].3);
                at = steps[at].2;
            }
            text.reverse();
            return Some(text.into_iter().collect());
        }
        for &letter in &letters {
            let mut bytes = [0; 4];
            let bytes = letter.encode_utf8(&mut bytes).as_bytes();
            let read = |one: &dense::DFA<Vec<u32>>, state| {
                bytes.iter().fold(state, |state, &byte| one.next_state(state, byte))
            };
            let onward: Vec<StateID> =
                automata.iter().zip(&states).map(|(one, &state)| read(one, state)).collect();
            let lost = automata[..inside].iter().zip(&onward).any(|(one, &state)| one.is_dead_state(state));
            let key = (onward, (count + 1).min(counted));
            if !lost && seen.len() < LOOKED_AT && seen.insert(key.clone()) {
                steps.push((key.0, key.1, next, letter));
            }
        }
        next += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_text_of_a_difference_is_found() {
        let any = (1, None);
        assert_eq!(shortest(&["^[a-d]$"], Some("^[a-c]$"), any).as_deref(), Some("d"));
        assert_eq!(shortest(&["^\\d{3}-[A-Z]$"], None, any).as_deref(), Some("000-A"));
        assert_eq!(shortest(&["^[a-z]+$", "b"], Some("^b"), any).as_deref(), Some("ab"));
        assert_eq!(shortest(&[], Some("^[a-z]*$"), any).as_deref(), Some("A"));
        assert_eq!(shortest(&["^a*$"], None, (3, Some(5))).as_deref(), Some("aaa"));
        assert_eq!(shortest(&[], Some("^.+$"), any).as_deref(), Some("\n"));
        assert_eq!(shortest(&[], Some("^[\\0-~]+$"), any).as_deref(), Some("é"));
        assert_eq!(shortest(&["^a+$"], Some("a"), any), None, "there is none");
        assert_eq!(shortest(&["^a{4}$"], None, (0, Some(3))), None, "it is too long");
        assert_eq!(shortest(&["^(?=a)a$"], None, any), None, "it is not decided");
    }
}
