//! A hash map for pure rooms: it asks the system for no seed, and its order is never looked at.
//!
//! The seed comes from the caller, who takes it from the digest of the documents at hand: whoever writes keys
//! that are to collide would have to know the digest of the text that he is writing them into.

use std::hash::{BuildHasher, DefaultHasher, Hash, Hasher as _};

/// Begins every hash with a seed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Seed(pub u64);

impl BuildHasher for Seed {
    type Hasher = DefaultHasher;

    fn build_hasher(&self) -> DefaultHasher {
        let mut hasher = DefaultHasher::new();
        hasher.write_u64(self.0);
        hasher
    }
}

/// Values by key.
#[derive(Debug, Clone)]
pub struct Lookup<K, V>(hashbrown::HashMap<K, V, Seed>);

impl<K: Eq + Hash, V> Lookup<K, V> {
    /// An empty one.
    #[must_use]
    pub fn new(seed: Seed) -> Self {
        Self(hashbrown::HashMap::with_hasher(seed))
    }

    /// The value of `key`.
    pub fn get<Q>(&self, key: &Q) -> Option<&V>
    where
        Q: Hash + hashbrown::Equivalent<K> + ?Sized,
    {
        self.0.get(key)
    }

    /// The value of `key`, to change.
    pub fn get_mut<Q>(&mut self, key: &Q) -> Option<&mut V>
    where
        Q: Hash + hashbrown::Equivalent<K> + ?Sized,
    {
        self.0.get_mut(key)
    }

    /// Puts `value` at `key` and returns what was there.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        self.0.insert(key, value)
    }

    /// The value of `key`; what `make` makes where there is none.
    pub fn or_insert_with(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        self.0.entry(key).or_insert_with(make)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
