//! Which operations each pair is reached from.
//!
//! Pairs that hold each other in a circle are reached together: the graph is condensed to its strongly connected
//! components (Tarjan 1972, "Depth-first search and linear graph algorithms"), which come out callees first. Walked the
//! other way round, each component's set is the union of those of its holders. Sets are interned, and a component with
//! one holder shares its set, so the cost follows the graph and the number of distinct sets.

use super::pairs::{Graph, Key};
use crate::support::lookup::{Lookup, Seed};

/// How many members all distinct sets may have together. A description that needs more gets sets that are too large,
/// never too small: every operation.
const MOST_MEMBERS: usize = 32 * 1024 * 1024;

/// Sets of pairs of operations, each ascending, and for each pair the set that reaches it.
#[derive(Debug)]
pub(super) struct Reach {
    /// The sets. The first is empty, and is also that of pairs where nothing was found.
    pub(super) sets: Vec<Vec<u32>>,
    /// For each pair, by its index, the index of its set.
    pub(super) of: Vec<u32>,
}

/// The sets of all pairs at which something was found.
pub(super) fn reach(graph: &Graph) -> Reach {
    let components = components(graph);
    let mut wanted = vec![false; components.count];
    for (pair, _) in &graph.found {
        wanted[components.of[pair.0 as usize] as usize] = true;
    }
    // Components are numbered callees first: a holder has a higher number than what it holds.
    let mut members: Vec<Vec<u32>> = vec![Vec::new(); components.count];
    for (pair, component) in (0_u32..).zip(&components.of) {
        members[*component as usize].push(pair);
    }
    for component in 0..components.count {
        for &pair in &members[component] {
            wanted[component] |=
                graph.held[pair as usize].iter().any(|held| wanted[components.of[held.0 as usize] as usize]);
        }
    }
    let mut sets = Sets::new();
    let mut holders: Vec<Vec<u32>> = vec![Vec::new(); components.count];
    let mut set_of = vec![0_u32; components.count];
    for component in (0..components.count).rev() {
        if !wanted[component] {
            continue;
        }
        let operations: Vec<u32> = members[component]
            .iter()
            .copied()
            .filter(|&pair| matches!(graph.keys[pair as usize], Key::Operation(..)))
            .collect();
        let mut from = std::mem::take(&mut holders[component]);
        if !operations.is_empty() {
            from.push(sets.intern(operations));
        }
        let set = sets.union(from);
        set_of[component] = set;
        if set == 0 {
            continue;
        }
        for &pair in &members[component] {
            for held in &graph.held[pair as usize] {
                let below = components.of[held.0 as usize] as usize;
                if below != component && wanted[below] && holders[below].last() != Some(&set) {
                    holders[below].push(set);
                }
            }
        }
    }
    let of = components.of.iter().map(|&component| set_of[component as usize]).collect();
    Reach { sets: sets.finish(graph), of }
}

struct Sets {
    all: Vec<Vec<u32>>,
    known: Lookup<Vec<u32>, u32>,
    unions: Lookup<Vec<u32>, u32>,
    members: usize,
    /// The set of everything, once the budget was exceeded.
    everything: Option<u32>,
}

impl Sets {
    fn new() -> Self {
        let mut known = Lookup::new(Seed::default());
        known.insert(Vec::new(), 0);
        Self {
            all: vec![Vec::new()],
            known,
            unions: Lookup::new(Seed::default()),
            members: 0,
            everything: None,
        }
    }

    fn intern(&mut self, set: Vec<u32>) -> u32 {
        if let Some(&known) = self.known.get(&set) {
            return known;
        }
        let index = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        self.members += set.len();
        self.known.insert(set.clone(), index);
        self.all.push(set);
        index
    }

    fn union(&mut self, mut from: Vec<u32>) -> u32 {
        from.sort_unstable();
        from.dedup();
        from.retain(|&set| set != 0);
        if let Some(everything) = self.everything
            && !from.is_empty()
        {
            return everything;
        }
        match from.as_slice() {
            [] => return 0,
            [one] => return *one,
            _ => {}
        }
        if let Some(&known) = self.unions.get(&from) {
            return known;
        }
        if self.members > MOST_MEMBERS {
            // A set that no description has until it is filled in at the end.
            let everything = self.intern(vec![u32::MAX]);
            self.everything = Some(everything);
            return everything;
        }
        let mut union: Vec<u32> =
            from.iter().flat_map(|&set| self.all[set as usize].iter().copied()).collect();
        union.sort_unstable();
        union.dedup();
        let index = self.intern(union);
        self.unions.insert(from, index);
        index
    }

    fn finish(mut self, graph: &Graph) -> Vec<Vec<u32>> {
        if let Some(everything) = self.everything {
            let all = (0_u32..).zip(&graph.keys).filter(|(_, key)| matches!(key, Key::Operation(..)));
            self.all[everything as usize] = all.map(|(pair, _)| pair).collect();
        }
        self.all
    }
}

struct Components {
    /// For each pair its component.
    of: Vec<u32>,
    count: usize,
}

/// Tarjan's components, without recursion in frames: a description may be as deep as it likes.
fn components(graph: &Graph) -> Components {
    const UNSEEN: u32 = u32::MAX;
    let count = graph.keys.len();
    let mut index = vec![UNSEEN; count];
    let mut low = vec![0_u32; count];
    let mut of = vec![UNSEEN; count];
    let mut stack: Vec<u32> = Vec::new();
    let mut next = 0_u32;
    let mut components = 0_u32;
    for root in 0..count {
        if index[root] != UNSEEN {
            continue;
        }
        // Each entry is a pair and how many of those that it holds have been walked.
        let mut walk: Vec<(usize, usize)> = vec![(root, 0)];
        while let Some(&mut (pair, ref mut walked)) = walk.last_mut() {
            if *walked == 0 {
                index[pair] = next;
                low[pair] = next;
                next += 1;
                stack.push(u32::try_from(pair).unwrap_or(u32::MAX));
            }
            if let Some(held) = graph.held[pair].get(*walked) {
                *walked += 1;
                let held = held.0 as usize;
                if index[held] == UNSEEN {
                    walk.push((held, 0));
                } else if of[held] == UNSEEN {
                    low[pair] = low[pair].min(index[held]);
                }
                // A pair that holds nothing is finished at once, below; one that holds something has now been begun.
                continue;
            }
            walk.pop();
            if let Some(&(holder, _)) = walk.last() {
                low[holder] = low[holder].min(low[pair]);
            }
            if low[pair] == index[pair] {
                while let Some(member) = stack.pop() {
                    of[member as usize] = components;
                    if member as usize == pair {
                        break;
                    }
                }
                components += 1;
            }
        }
    }
    Components { of, count: components as usize }
}
