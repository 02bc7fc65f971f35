//! The members of one mapping while it is read, and the rule that each key stands once.

use super::problems::{Problems, shown};
use crate::openapi::diagnostic::Gravity;
use crate::openapi::tree::{Builder, Kept, NodeId};

/// A key with its value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) key: Kept,
    /// Offset of the key.
    pub(super) at: usize,
    pub(super) value: NodeId,
    /// Of the key's text. Only spares comparisons: equal hashes are followed by a comparison of texts.
    pub(super) hash: u32,
}

/// Which of several members with one key counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counts {
    /// The last; the others are reported.
    Last,
    /// The first; that is how merge keys work.
    First,
}

/// Up to here every key is compared with every other.
const FEW: usize = 12;

/// Leaves one member per key in `entries[base..]`, in the order of the file.
///
/// The cost is that of sorting the keys, whatever they are.
pub(super) fn unite(
    entries: &mut Vec<Entry>,
    base: usize,
    counts: Counts,
    (source, builder): (&str, &Builder),
    problems: &mut Problems,
) {
    if !may_repeat(&entries[base..]) {
        return;
    }
    let text = |entry: &Entry| builder.text_in(source, entry.key);
    let group = &entries[base..];
    let mut order: Vec<usize> = (0..group.len()).collect();
    order.sort_unstable_by(|&a, &b| {
        let (left, right) = (&group[a], &group[b]);
        (left.hash, text(left), a).cmp(&(right.hash, text(right), b))
    });
    let mut dropped = Vec::new();
    for same in order.chunk_by(|&a, &b| group[a].hash == group[b].hash && text(&group[a]) == text(&group[b]))
    {
        let (Some((&first, later)), Some((_, earlier))) = (same.split_first(), same.split_last()) else {
            continue;
        };
        if counts == Counts::First {
            dropped.extend_from_slice(later);
            continue;
        }
        dropped.extend_from_slice(earlier);
        for &again in later {
            let key = text(&group[again]);
            let other = Some(("the first is in line", group[first].at));
            problems.add("duplicate-key", Gravity::Warn, group[again].at, other, || {
                format!(
                    "the key `{}` stands more than once in this mapping and the last counts: keep one; ",
                    shown(key)
                )
            });
        }
    }
    dropped.sort_unstable();
    let mut dropped = dropped.into_iter().peekable();
    let mut kept = base;
    for index in base..entries.len() {
        if dropped.next_if_eq(&(index - base)).is_none() {
            entries[kept] = entries[index];
            kept += 1;
        }
    }
    entries.truncate(kept);
}

/// Whether two keys may be equal; never false where they are.
fn may_repeat(entries: &[Entry]) -> bool {
    if entries.len() <= FEW {
        return entries
            .iter()
            .enumerate()
            .any(|(index, entry)| entries[..index].iter().any(|other| other.hash == entry.hash));
    }
    let mut hashes: Vec<u32> = entries.iter().map(|entry| entry.hash).collect();
    hashes.sort_unstable();
    hashes.windows(2).any(|pair| pair[0] == pair[1])
}

/// A quick hash of a key.
pub(super) fn hash(key: &[u8]) -> u32 {
    const ODD: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut state = key.len() as u64;
    let mut chunks = key.chunks_exact(8);
    for chunk in &mut chunks {
        let mut word = [0; 8];
        word.copy_from_slice(chunk);
        state = (state.rotate_left(5) ^ u64::from_le_bytes(word)).wrapping_mul(ODD);
    }
    let rest = chunks.remainder();
    if !rest.is_empty() {
        let mut word = [0; 8];
        word[..rest.len()].copy_from_slice(rest);
        state = (state.rotate_left(5) ^ u64::from_le_bytes(word)).wrapping_mul(ODD);
    }
    u32::try_from(state >> 32).unwrap_or_default()
}
