//! How long breaches have lasted: what the policy remembers from look to look.
//!
//! A look that finds the value within its limit ends the breach. A look without evidence neither ends nor
//! prolongs it: the time between that look and its neighbours is not counted.

/// A breach that has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Breach {
    /// When it was first seen, in milliseconds since the Unix epoch.
    pub since_ms: u64,
    /// Time that lies between looks which both saw it.
    pub lasted_ms: u64,
    /// The instant of the last look, if that saw it.
    last_seen: Option<u64>,
}

/// The breaches that have not ended, with the limit that is breached, in the order in which they began.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Breaches(Vec<(String, Breach)>);

impl Breaches {
    /// The breach of `limit` goes on, or begins.
    pub fn seen(&mut self, limit: &str, now_ms: u64) -> Breach {
        let Some((_, breach)) = self.0.iter_mut().find(|(key, _)| key == limit) else {
            let breach = Breach { since_ms: now_ms, lasted_ms: 0, last_seen: Some(now_ms) };
            self.0.push((limit.into(), breach));
            return breach;
        };
        if let Some(last_seen) = breach.last_seen {
            breach.lasted_ms = breach.lasted_ms.saturating_add(now_ms.saturating_sub(last_seen));
        }
        breach.last_seen = Some(now_ms);
        *breach
    }

    /// The value is within `limit`.
    pub fn ended(&mut self, limit: &str) {
        self.0.retain(|(key, _)| key != limit);
    }

    /// Nothing is known of the value at this look.
    pub fn unknown(&mut self, limit: &str) {
        if let Some((_, breach)) = self.0.iter_mut().find(|(key, _)| key == limit) {
            breach.last_seen = None;
        }
    }

    /// Breaches of limits that are no longer set are forgotten.
    pub fn keep_only(&mut self, is_set: impl Fn(&str) -> bool) {
        self.0.retain(|(limit, _)| is_set(limit));
    }

    /// One line for each breach: limit, first seen, lasted, last seen or `-`.
    pub fn write(&self) -> Vec<u8> {
        let lines = self.0.iter().map(|(limit, breach)| {
            let seen = breach.last_seen.map_or_else(|| "-".into(), |at| at.to_string());
            format!("{limit} {} {} {seen}\n", breach.since_ms, breach.lasted_ms)
        });
        lines.collect::<String>().into_bytes()
    }

    /// Reads what [`Self::write`] wrote; none if it is something else.
    pub fn read(memory: &[u8]) -> Option<Self> {
        let mut breaches = Vec::new();
        for line in std::str::from_utf8(memory).ok()?.lines() {
            let mut words = line.split(' ');
            let limit = words.next()?.to_owned();
            let since_ms = words.next()?.parse().ok()?;
            let lasted_ms = words.next()?.parse().ok()?;
            let last_seen = match words.next()? {
                "-" => None,
                at => Some(at.parse().ok()?),
            };
            if words.next().is_some() {
                return None;
            }
            breaches.push((limit, Breach { since_ms, lasted_ms, last_seen }));
        }
        Some(Self(breaches))
    }
}
