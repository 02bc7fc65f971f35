//! From the classes of the metrics to the scores of their groups and of the canary.

use super::classify::Class;

/// A metric that counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    /// Its class.
    pub class: Class,
    /// Whether it fails the canary by itself unless it passes.
    pub critical: bool,
    /// Shown, but of no weight.
    pub muted: bool,
    /// The groups that it belongs to.
    pub groups: Vec<String>,
}

/// The score of a group.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupScore {
    /// Its name.
    pub name: String,
    /// Share of its metrics that pass, 0 to 100; 0 without data.
    pub score: f64,
    /// Whether none of its metrics could be judged. It then counts as 100 in the summary.
    pub no_data: bool,
}

/// Why the summary score is 0 whatever the groups say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forfeit {
    /// A critical metric does not pass.
    Critical,
    /// Half of the metrics or more have no data.
    NoData,
}

/// The scores of a canary.
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    /// Weighted mean of the groups, 0 to 100, to two decimals.
    pub summary: f64,
    /// The groups in the order in which they are first named.
    pub groups: Vec<GroupScore>,
    /// Why the summary is 0, if it is for another reason than the groups.
    pub forfeit: Option<Forfeit>,
}

/// What a summary score means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScoreClass {
    /// As good as the baseline.
    Pass,
    /// Not sure.
    Marginal,
    /// Worse.
    Fail,
}

/// The class of a summary score: a score at a threshold reaches it.
#[must_use]
pub fn classify(score: f64, pass: f64, marginal: f64) -> ScoreClass {
    if score >= pass {
        ScoreClass::Pass
    } else if score >= marginal {
        ScoreClass::Marginal
    } else {
        ScoreClass::Fail
    }
}

/// The scores of `metrics`. Groups without a weight of their own share what is left to 100.
#[must_use]
pub fn score(metrics: &[Scored], weights: &[(String, f64)]) -> Scores {
    let counted: Vec<&Scored> = metrics.iter().filter(|metric| !metric.muted).collect();
    let groups = groups(&counted);
    let forfeit = if counted.iter().any(|metric| metric.critical && metric.class != Class::Pass) {
        Some(Forfeit::Critical)
    } else {
        let without = counted.iter().filter(|metric| metric.class == Class::Nodata).count();
        (!counted.is_empty() && without * 2 >= counted.len()).then_some(Forfeit::NoData)
    };
    let summary = if forfeit.is_some() { 0.0 } else { summary(&groups, weights) };
    Scores { summary, groups, forfeit }
}

fn groups(metrics: &[&Scored]) -> Vec<GroupScore> {
    let mut names: Vec<&String> = Vec::new();
    for name in metrics.iter().flat_map(|metric| &metric.groups) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let of_group = |name: &String| {
        let count = |classes: &[Class]| {
            let members = metrics.iter().filter(|metric| classes.contains(&metric.class));
            members.map(|metric| metric.groups.iter().filter(|group| *group == name).count()).sum::<usize>()
        };
        let passed = count(&[Class::Pass]);
        let judged = passed + count(&[Class::High, Class::Low, Class::NodataFailMetric]);
        let score = if judged > 0 { passed as f64 / judged as f64 * 100.0 } else { 0.0 };
        GroupScore { name: name.clone(), score, no_data: judged == 0 }
    };
    names.into_iter().map(of_group).collect()
}

fn summary(groups: &[GroupScore], weights: &[(String, f64)]) -> f64 {
    let own =
        |group: &GroupScore| weights.iter().find(|(name, _)| *name == group.name).map(|(_, weight)| *weight);
    let without = groups.iter().filter(|group| own(group).is_none()).count();
    let left = 100.0 - weights.iter().map(|(_, weight)| weight).sum::<f64>();
    let each = left / without as f64;
    let of_group = |group: &GroupScore| {
        let score = if group.no_data { 100.0 } else { group.score };
        score * (own(group).unwrap_or(each) / 100.0)
    };
    rounded(groups.iter().map(of_group).sum())
}

/// To two decimals, halves up. A double just below a half whose shortest decimal form is that half counts as it.
fn rounded(score: f64) -> f64 {
    let hundredths = score * 100.0;
    (hundredths + 0.5 + hundredths.abs() * 1e-14).floor() / 100.0
}
