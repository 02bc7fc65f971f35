//! What a `PromQL` query of another tool asks for, where it has one of the usual forms: a share of requests, or a quantile
//! of a histogram. Anything else is not known.

/// What a query asks for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Asked {
    /// The share of some events among all: its matchers have one more.
    Share(Share),
    /// The same of counters with different names or labels.
    Two {
        /// Selects some events.
        some: String,
        /// Selects all.
        all: String,
        /// What the share was multiplied by.
        scale: f64,
    },
    /// A quantile of a histogram.
    Quantile {
        /// Selects the buckets.
        buckets: String,
        /// Between 0 and 1.
        quantile: f64,
    },
}

/// A share of events among all.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Share {
    name: String,
    common: Vec<String>,
    extra: Matcher,
    /// What the share was multiplied by.
    pub(super) scale: f64,
}

#[derive(Debug, Clone, PartialEq)]
struct Matcher {
    label: String,
    operator: &'static str,
    value: String,
}

impl Share {
    /// The selectors of the events that the share counts, or of all others, and of all.
    pub(super) fn selectors(&self, others: bool) -> (String, String) {
        let Matcher { label, operator, value } = &self.extra;
        let operator = match (others, *operator) {
            (false, same) => same,
            (true, "=") => "!=",
            (true, "!=") => "=",
            (true, "=~") => "!~",
            (true, _) => "=~",
        };
        let mut matchers = self.common.clone();
        matchers.push(format!("{label}{operator}{value}"));
        (self.selector(&matchers), self.selector(&self.common))
    }

    fn selector(&self, matchers: &[String]) -> String {
        if matchers.is_empty() {
            self.name.clone()
        } else {
            format!("{}{{{}}}", self.name, matchers.join(","))
        }
    }
}

/// What `query` asks for, if it has a usual form.
pub(super) fn asked(query: &str) -> Option<Asked> {
    let query = without_blanks(query);
    if let Some(inner) = query.strip_prefix("histogram_quantile(") {
        let (quantile, rest) = inner.split_once(',')?;
        let inside = rest.strip_suffix(')')?.strip_prefix("sum")?;
        // `sum(rate(x[5m])) by (le)`, or `sum by (le) (rate(x[5m]))`.
        let inside = inside.strip_prefix("by(le)").or_else(|| inside.strip_suffix("by(le)"))?;
        let (buckets, rest) = rate(inside.strip_prefix('(')?)?;
        let quantile: f64 = quantile.parse().ok()?;
        let sound = rest == ")" && quantile > 0.0 && quantile < 1.0;
        return sound.then(|| Asked::Quantile { buckets: buckets.into(), quantile });
    }
    let (query, scale) = match query.strip_suffix("*100") {
        Some(query) => (query.to_owned(), 100.0),
        None => (query, 1.0),
    };
    let whole = query.strip_prefix('(').and_then(|inner| inner.strip_suffix(')'));
    let (some, rest) = sum(whole.filter(|inner| inner.starts_with("sum(")).unwrap_or(&query))?;
    let (all, rest) = sum(rest.strip_prefix('/')?)?;
    if !rest.is_empty() {
        return None;
    }
    let ((name, matchers), (other, common)) = (selector(some)?, selector(all)?);
    let mut extra = matchers.iter().filter(|matcher| !common.contains(matcher));
    match (extra.next(), extra.next()) {
        (Some(one), None) if name == other && matchers.len() == common.len() + 1 => {
            Some(Asked::Share(Share { name, common, extra: matcher(one)?, scale }))
        }
        _ => Some(Asked::Two { some: some.into(), all: all.into(), scale }),
    }
}

/// The argument of `sum(rate(`...`[5m]))`, and what comes after it.
fn sum(text: &str) -> Option<(&str, &str)> {
    let (selector, rest) = rate(text.strip_prefix("sum(")?)?;
    Some((selector, rest.strip_prefix(')')?))
}

/// The selector of `rate(`...`[5m])`, and what comes after it.
fn rate(text: &str) -> Option<(&str, &str)> {
    let inner = ["rate(", "irate(", "increase("].iter().find_map(|function| text.strip_prefix(function))?;
    let end = outside(inner, '[')?;
    let (selector, window) = inner.split_at(end);
    let (_, rest) = window.split_once("])")?;
    Some((selector, rest))
}

/// The name of a selector and its matchers.
fn selector(text: &str) -> Option<(String, Vec<String>)> {
    let Some((name, matchers)) = text.split_once('{') else {
        return Some((text.into(), Vec::new()));
    };
    let mut left = matchers.strip_suffix('}')?;
    let mut found = Vec::new();
    while !left.is_empty() {
        let end = outside(left, ',').unwrap_or(left.len());
        let (one, rest) = left.split_at(end);
        if !one.is_empty() {
            found.push(one.to_owned());
        }
        left = rest.strip_prefix(',').unwrap_or(rest);
    }
    Some((name.into(), found))
}

fn matcher(text: &str) -> Option<Matcher> {
    let start = text.find(['=', '!'])?;
    let (label, rest) = text.split_at(start);
    let operator = ["=~", "!~", "!=", "="].into_iter().find(|operator| rest.starts_with(operator))?;
    let value = rest.strip_prefix(operator)?;
    value.starts_with('"').then(|| Matcher { label: label.into(), operator, value: value.into() })
}

/// Where a character stands first that is not within quotation marks.
fn outside(text: &str, wanted: char) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            found if found == wanted && !quoted => return Some(at),
            _ => {}
        }
    }
    None
}

fn without_blanks(text: &str) -> String {
    let (mut quoted, mut escaped) = (false, false);
    let keep = |character: &char| {
        match *character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        quoted || !character.is_whitespace()
    };
    text.chars().filter(keep).collect()
}
