//! The service's error budget, written into the snapshot for every policy to see. Pure.
//!
//! What the period has had comes from the provider, what the canary has cost from the statistics: its judged requests
//! times the excess of its share of bad events over the baseline's. What is not known is absent, and named in a fact.

use super::model::{
    Absence, AbsenceCode, Arm, ArmName, Budget, Direction, Fact, FactValue, Metric, MetricState, Snapshot,
};
use crate::metrics::{BudgetPlan, Period};
use crate::stats::budget::Objective;

/// Fills the budget of `snapshot`, whose statistics have been filled.
pub fn fill(snapshot: &mut Snapshot, plan: &BudgetPlan, period: &Result<Period, Absence>) {
    let told = period.clone().and_then(|period| {
        let metric = snapshot.metrics.iter().find(|metric| metric.name == plan.metric);
        told(plan, period, metric).map(|budget| (budget, period))
    });
    match told {
        Ok((budget, period)) => {
            snapshot.budget = Some(budget);
            let value = FactValue::Number(period.total);
            snapshot.facts.push(Fact { name: "budget-period-requests".into(), value });
        }
        Err(absence) => {
            let why = format!("{}: {}", absence.code.as_str(), absence.message);
            snapshot.facts.push(Fact { name: "budget-absent".into(), value: FactValue::Text(why) });
        }
    }
}

fn told(plan: &BudgetPlan, period: Period, metric: Option<&Metric>) -> Result<Budget, Absence> {
    let absent = |code, message: String| Absence { arm: None, code, message };
    let unknown = |why: &str| absent(AbsenceCode::Empty, format!("{} {why}", plan.metric));
    let metric = metric.ok_or_else(|| unknown("is no metric of this look"))?;
    match &metric.state {
        MetricState::Ok => {}
        MetricState::WarmingUp => return Err(unknown("is warming up")),
        MetricState::NoData(absence) => return Err(absence.clone()),
    }
    // The length of the period matters to none of what is told here.
    let objective = Objective::new(plan.objective, 1.0)
        .ok_or_else(|| absent(AbsenceCode::Malformed, "the objective allows nothing or all".into()))?;
    let bad = |arm: &Arm| match metric.direction {
        Direction::HigherIsBetter => arm.requests.saturating_sub(arm.bad) as f64,
        Direction::LowerIsBetter | Direction::TwoSided => arm.bad as f64,
    };
    let both = [&metric.canary, &metric.baseline];
    let requests: f64 = both.iter().map(|arm| arm.requests as f64).sum();
    let error_rate = both.iter().map(|arm| bad(arm)).sum::<f64>() / requests;
    // Of all looks where there is evidence, else of this one.
    let share = |arm: &Arm| (arm.requests > 0).then(|| bad(arm) / arm.requests as f64);
    let served = number(metric, "evidence-requests").filter(|served| *served > 0.0);
    let shares = number(metric, "events-canary").zip(number(metric, "events-baseline"));
    let (served, (canary, baseline)) = match (served, shares) {
        (Some(served), Some(shares)) => (served, shares),
        // Without a baseline nothing shows that the canary costs more than it would.
        _ => (
            metric.canary.requests as f64,
            share(&metric.canary).zip(share(&metric.baseline)).unwrap_or_default(),
        ),
    };
    let burnt = objective.burnt_by_canary(served, canary - baseline, period.total);
    let finite = |value: f64| {
        Some(value).filter(|value| value.is_finite()).ok_or_else(|| Absence {
            arm: Some(ArmName::Canary),
            code: AbsenceCode::NotANumber,
            message: "the burn rate is no finite number".into(),
        })
    };
    Ok(Budget {
        objective: plan.objective,
        remaining: (1.0 - period.bad / (objective.budget() * period.total)).clamp(0.0, 1.0),
        burnt_by_canary: finite(burnt.unwrap_or(f64::NAN))?,
        burn_rate: finite(objective.burn_rate(error_rate))?,
    })
}

fn number(metric: &Metric, name: &str) -> Option<f64> {
    match metric.facts.iter().find(|fact| fact.name == name)?.value {
        FactValue::Number(number) => Some(number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::build;
    use crate::snapshot::model::{Context, MetricKind, Position, Stage};
    use crate::support::units::{Millis, Timestamp, Weight};

    fn arm(bad: u64, requests: u64) -> Arm {
        Arm { requests, bad, value: Some(bad as f64 / requests as f64), ..Arm::default() }
    }

    fn errors() -> Metric {
        Metric {
            name: "errors".into(),
            kind: MetricKind::Ratio,
            unit: "1".into(),
            direction: Direction::LowerIsBetter,
            margin: None,
            floor: None,
            baseline: arm(9, 9000),
            canary: arm(11, 1000),
            comparison: None,
            state: MetricState::Ok,
            facts: Vec::new(),
        }
    }

    fn filled(metric: Metric, period: &Result<Period, Absence>) -> Snapshot {
        let position = Position {
            stage: Stage::Canary,
            step: 0,
            steps: 1,
            weight: Weight::new(10).unwrap(),
            elapsed_ms: Millis(0),
            step_elapsed_ms: Millis(0),
            step_duration_ms: Millis(0),
            min_bake_ms: Millis(0),
            deadline_ms: Timestamp(0),
            looks: 0,
        };
        let mut snapshot = build::snapshot(Context::default(), position, &[], &[]);
        snapshot.metrics.push(metric);
        let plan = BudgetPlan {
            metric: "errors".into(),
            objective: 0.999,
            total: String::new(),
            bad: String::new(),
        };
        fill(&mut snapshot, &plan, period);
        snapshot
    }

    fn near(seen: f64, expected: f64) {
        assert!((seen - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{seen}, not {expected}");
    }

    /// 10 million events a period may have 10,000 bad ones; 4,000 of them were. The Site Reliability Workbook, 2018, ch. 5.
    const PERIOD: Period = Period { total: 1e7, bad: 4000.0 };

    #[test]
    fn the_budget_of_a_period_is_what_the_objective_allows_of_its_events() {
        let budget = filled(errors(), &Ok(PERIOD)).budget.unwrap();
        near(budget.remaining, 0.6);
        // 20 of 10,000 now: twice what 99.9 % allows.
        near(budget.burn_rate, 2.0);
        // 1,000 canary requests with 1.1 % where the baseline has 0.1 %: ten too many of 10,000.
        near(budget.burnt_by_canary, 0.001);
        let spent = filled(errors(), &Ok(Period { bad: 2e4, ..PERIOD })).budget.unwrap();
        near(spent.remaining, 0.0);
        // Successes are told as what is missing to all.
        let successes = Metric {
            direction: Direction::HigherIsBetter,
            baseline: arm(8991, 9000),
            canary: arm(989, 1000),
            ..errors()
        };
        assert_eq!(filled(successes, &Ok(PERIOD)).budget, Some(budget));
    }

    #[test]
    fn what_the_canary_has_burnt_is_of_all_looks() {
        let fact = |name: &str, value| Fact { name: name.into(), value: FactValue::Number(value) };
        let facts = vec![
            fact("evidence-requests", 5000.0),
            fact("events-canary", 0.005),
            fact("events-baseline", 0.001),
        ];
        let budget = filled(Metric { facts, ..errors() }, &Ok(PERIOD)).budget.unwrap();
        near(budget.burnt_by_canary, 0.002);
        // One that fails less than the baseline has burnt nothing.
        let better = Metric { canary: arm(0, 1000), ..errors() };
        near(filled(better, &Ok(PERIOD)).budget.unwrap().burnt_by_canary, 0.0);
    }

    #[test]
    fn a_budget_that_is_not_known_is_absent_and_says_why() {
        let down = Absence { arm: None, code: AbsenceCode::ProviderDown, message: "refused".into() };
        let told = |snapshot: Snapshot| match (snapshot.budget, &snapshot.facts[0].value) {
            (None, FactValue::Text(why)) => format!("{}: {why}", snapshot.facts[0].name),
            other => panic!("{other:?}"),
        };
        assert_eq!(told(filled(errors(), &Err(down.clone()))), "budget-absent: provider-down: refused");
        let silent = Metric { state: MetricState::NoData(down), ..errors() };
        assert_eq!(told(filled(silent, &Ok(PERIOD))), "budget-absent: provider-down: refused");
        let cold = Metric { state: MetricState::WarmingUp, ..errors() };
        assert_eq!(told(filled(cold, &Ok(PERIOD))), "budget-absent: empty: errors is warming up");
        let none = Metric { baseline: Arm::default(), canary: Arm::default(), ..errors() };
        assert_eq!(
            told(filled(none, &Ok(PERIOD))),
            "budget-absent: not-a-number: the burn rate is no finite number"
        );
    }
}
