//! The machine under every event in every state, and under random sequences, in virtual time.

use proptest::prelude::*;

use super::*;

const SECOND: u64 = 1000;

fn step(weight: u8, hold: u64) -> Step {
    Step { weight: Weight::new(weight).unwrap(), hold: Millis(hold * SECOND), every: Millis(10 * SECOND) }
}

/// 10 % for 60 s, 50 % for 30 s, 100 %; a look every 10 s.
fn plan() -> Plan {
    Plan {
        steps: vec![step(10, 60), step(50, 30), step(100, 0)],
        min_bake: Millis(0),
        deadline: Millis(600 * SECOND),
        on_deadline: OnEnd::Rollback,
        on_cancel: OnEnd::Rollback,
        tick: Millis(SECOND),
        lag: Millis(0),
        warm_up: Millis(0),
        window: None,
        time_zone: None,
    }
}

fn decision(verdict: Verdict) -> Decision {
    Decision { verdict, blocked_by: vec![], fault: false }
}

/// A rollout in virtual time: a router that does as `router` says, a gate that decides as `gate` says.
struct World<'a> {
    plan: Plan,
    state: State,
    now: Timestamp,
    /// Whether the router takes the weight; none where it refuses for good.
    router: &'a dyn Fn(Weight, Timestamp) -> Option<bool>,
    gate: &'a dyn Fn(&State, Timestamp) -> Verdict,
    /// Every change of the router's weight, in seconds since the start.
    weights: Vec<(u64, u8)>,
}

const WORKS: &dyn Fn(Weight, Timestamp) -> Option<bool> = &|_, _| Some(true);

impl<'a> World<'a> {
    fn new(plan: Plan, gate: &'a dyn Fn(&State, Timestamp) -> Verdict) -> Self {
        Self { plan, state: State::default(), now: Timestamp(0), router: WORKS, gate, weights: vec![] }
    }

    fn tell(&mut self, event: &Event) {
        self.state = apply(&self.plan, &self.state, event, self.now);
    }

    /// One thing that is due; none once it is over.
    fn turn(&mut self) -> Option<End> {
        self.tell(&Event::Elapsed);
        match due(&self.plan, &self.state, self.now) {
            Due::Nothing(end) => return Some(end),
            Due::Start => self.tell(&Event::Started),
            Due::Shift(weight) => {
                let event = match (self.router)(weight, self.now) {
                    Some(true) => {
                        self.weights.push((self.now.0 / SECOND, weight.percent()));
                        Event::Shifted { weight, generation: None }
                    }
                    answer => Event::ShiftFailed { weight, message: "no".into(), retry: answer.is_some() },
                };
                self.tell(&event);
            }
            Due::Look => {
                let verdict = (self.gate)(&self.state, self.now);
                let look = self.state.looks + 1;
                self.tell(&Event::Looked {
                    look,
                    decision: decision(verdict),
                    outside_trouble: false,
                    record: None,
                });
            }
            Due::Wait(until) => {
                assert!(until > self.now, "a wait at {:?} for {until:?} in {:?}", self.now, self.state);
                self.now = until;
            }
        }
        None
    }

    fn carry(&mut self) -> End {
        for _ in 0..10_000 {
            if let Some(end) = self.turn() {
                return end;
            }
        }
        panic!("no end in sight: {:?}", self.state)
    }

    fn carry_until(&mut self, seconds: u64) {
        while self.now.0 < seconds * SECOND && self.turn().is_none() {}
    }
}

fn advances(_: &State, _: Timestamp) -> Verdict {
    Verdict::Advance(None)
}

fn holds(_: &State, _: Timestamp) -> Verdict {
    Verdict::Hold(None)
}

#[test]
fn a_good_canary_goes_through_the_steps_and_is_promoted() {
    let mut world = World::new(plan(), &advances);
    assert_eq!(world.carry(), End::Promoted(PromotionCause::Completed));
    assert_eq!(world.weights, [(0, 10), (60, 50), (90, 100)]);
    assert_eq!(world.state.looks, 9);
}

#[test]
fn a_step_that_does_not_divide_evenly_ends_with_a_look_on_its_very_end() {
    let mut plan = plan();
    plan.steps[0].hold = Millis(25 * SECOND);
    let mut world = World::new(plan, &advances);
    world.carry();
    let looks: Vec<_> = world.state.history.iter().map(|past| past.now_ms.0 / SECOND).collect();
    assert_eq!(looks, [10, 20, 25, 35, 45, 55]);
}

#[test]
fn a_rollback_verdict_gives_all_traffic_back_at_once() {
    let gate = |_: &State, now: Timestamp| {
        if now.0 >= 70 * SECOND { Verdict::Rollback } else { Verdict::Advance(None) }
    };
    let mut world = World::new(plan(), &gate);
    assert_eq!(world.carry(), End::RolledBack(RollbackCause::Gate));
    assert_eq!(world.weights, [(0, 10), (60, 50), (70, 0)]);
}

#[test]
fn a_gate_that_holds_is_looked_at_until_the_deadline_which_decides() {
    let mut world = World::new(plan(), &holds);
    assert_eq!(world.carry(), End::RolledBack(RollbackCause::Deadline));
    assert_eq!(world.weights, [(0, 10), (600, 0)]);
    let mut plan = plan();
    plan.on_deadline = OnEnd::Leave;
    let mut world = World::new(plan, &holds);
    assert_eq!(world.carry(), End::Undecided { outside: false });
    assert_eq!(world.weights, [(0, 10)]);
}

#[test]
fn promote_finishes_early_but_not_before_the_minimum_bake_time() {
    let gate = |_: &State, _: Timestamp| Verdict::Promote;
    let mut world = World::new(plan(), &gate);
    assert_eq!(world.carry(), End::Promoted(PromotionCause::Early));
    assert_eq!(world.weights, [(0, 10), (10, 100)]);
    let mut plan = plan();
    plan.min_bake = Millis(75 * SECOND);
    let mut world = World::new(plan, &gate);
    assert_eq!(world.carry(), End::Promoted(PromotionCause::Early));
    assert_eq!(world.weights, [(0, 10), (60, 50), (80, 100)]);
}

#[test]
fn a_plan_that_is_over_before_the_minimum_bake_time_waits_in_its_last_step() {
    let mut plan = plan();
    plan.min_bake = Millis(200 * SECOND);
    let mut world = World::new(plan, &advances);
    assert_eq!(world.carry(), End::Promoted(PromotionCause::Completed));
    assert_eq!(world.weights, [(0, 10), (60, 50), (200, 100)]);
}

#[test]
fn a_suggested_weight_below_the_next_step_keeps_the_canary_where_it_is() {
    let gate = |_: &State, now: Timestamp| Verdict::Advance(Some(if now.0 < 100 * SECOND { 49 } else { 50 }));
    let mut world = World::new(plan(), &gate);
    world.carry_until(150);
    assert_eq!(world.weights, [(0, 10), (100, 50)]);
    let gate = |_: &State, _: Timestamp| Verdict::Advance(Some(100));
    let mut world = World::new(plan(), &gate);
    assert_eq!(world.carry(), End::Promoted(PromotionCause::Completed));
    assert_eq!(world.weights, [(0, 10), (60, 50), (90, 100)]);
}

#[test]
fn a_suggested_weight_below_the_current_step_goes_back_to_a_lower_step() {
    let gate = |_: &State, now: Timestamp| match now.0 / SECOND {
        70 => Verdict::Advance(Some(49)),
        _ => Verdict::Advance(None),
    };
    let mut world = World::new(plan(), &gate);
    assert_eq!(world.carry(), End::Promoted(PromotionCause::Completed));
    assert_eq!(world.weights, [(0, 10), (60, 50), (70, 10), (130, 50), (160, 100)]);
    // Below the first step there is nothing to go back to: it stays until the deadline.
    let gate = |_: &State, _: Timestamp| Verdict::Advance(Some(9));
    let mut world = World::new(plan(), &gate);
    assert_eq!(world.carry(), End::RolledBack(RollbackCause::Deadline));
    assert_eq!(world.weights, [(0, 10), (600, 0)]);
}

#[test]
fn a_paused_rollout_is_watched_but_does_not_advance() {
    let mut world = World::new(plan(), &advances);
    world.carry_until(20);
    world.tell(&Event::Commanded(Command::Pause));
    world.carry_until(300);
    assert_eq!(world.weights, [(0, 10)]);
    world.tell(&Event::Commanded(Command::Resume));
    assert_eq!(world.carry(), End::Promoted(PromotionCause::Completed));

    let gate =
        |_: &State, now: Timestamp| if now.0 >= 200 * SECOND { Verdict::Rollback } else { Verdict::Promote };
    let mut world = World::new(plan(), &gate);
    world.turn();
    world.turn();
    world.tell(&Event::Commanded(Command::Pause));
    assert_eq!(world.carry(), End::RolledBack(RollbackCause::Gate));
}

#[test]
fn a_rollout_that_is_paused_while_a_step_without_time_is_being_set_stays_there() {
    let mut plan = plan();
    plan.steps = vec![step(10, 60), step(50, 0), step(100, 0)];
    let mut world = World::new(plan, &advances);
    world.carry_until(60);
    while !matches!(world.state.phase, Phase::Shifting { step: 1 }) {
        world.turn();
    }
    world.tell(&Event::Commanded(Command::Pause));
    world.carry_until(300);
    assert_eq!(world.weights, [(0, 10), (60, 50)]);
    world.tell(&Event::Commanded(Command::Resume));
    assert_eq!(world.carry(), End::Promoted(PromotionCause::Completed));
}

#[test]
fn a_rollback_that_another_process_takes_up_has_its_whole_time() {
    let gate = |_: &State, _: Timestamp| Verdict::Rollback;
    let back = |weight: Weight, now: Timestamp| Some(weight != Weight::ZERO || now.0 > 3_700 * SECOND);
    let mut world = World::new(plan(), &gate);
    world.router = &back;
    world.carry_until(12);
    assert!(matches!(world.state.phase, Phase::RollingBack { .. }), "{:?}", world.state);
    world.now = Timestamp(3_600 * SECOND);
    world.tell(&Event::Resumed);
    assert_eq!(world.carry(), End::RolledBack(RollbackCause::Gate));
}

#[test]
fn a_promotion_that_the_router_delays_past_the_deadline_waits_for_its_next_try() {
    let slow = |weight: Weight, now: Timestamp| Some(weight != Weight::FULL || now.0 > 601 * SECOND);
    let mut world = World::new(plan(), &holds);
    world.router = &slow;
    world.carry_until(20);
    world.now = Timestamp(599_500);
    world.tell(&Event::Commanded(Command::Promote));
    // A wait that ends before it begins fails in `turn`.
    assert_eq!(world.carry(), End::Promoted(PromotionCause::Command));
}

#[test]
fn skip_ends_the_step_and_promote_the_rollout() {
    let mut world = World::new(plan(), &holds);
    world.carry_until(20);
    world.tell(&Event::Commanded(Command::Skip));
    world.carry_until(30);
    assert_eq!(world.weights, [(0, 10), (20, 50)]);
    world.tell(&Event::Commanded(Command::Promote));
    assert_eq!(world.carry(), End::Promoted(PromotionCause::Command));
}

#[test]
fn a_router_that_fails_is_tried_again_and_then_the_rollout_goes_back() {
    let flaky = |weight: Weight, now: Timestamp| Some(weight.percent() != 50 || now.0 > 61 * SECOND);
    let mut world = World::new(plan(), &advances);
    world.router = &flaky;
    assert_eq!(world.carry(), End::Promoted(PromotionCause::Completed));

    let never = |weight: Weight, _: Timestamp| Some(weight.percent() != 50);
    let mut world = World::new(plan(), &advances);
    world.router = &never;
    assert_eq!(world.carry(), End::RolledBack(RollbackCause::Driver));

    let refuses = |weight: Weight, _: Timestamp| if weight.percent() == 50 { None } else { Some(true) };
    let mut world = World::new(plan(), &advances);
    world.router = &refuses;
    assert_eq!(world.carry(), End::RolledBack(RollbackCause::Driver));
    assert_eq!(world.weights, [(0, 10), (60, 0)]);
}

#[test]
fn a_rollback_is_tried_for_minutes_and_then_says_that_it_is_not_confirmed() {
    let gate = |_: &State, _: Timestamp| Verdict::Rollback;
    let dead = |weight: Weight, _: Timestamp| if weight == Weight::ZERO { None } else { Some(true) };
    let mut world = World::new(plan(), &gate);
    world.router = &dead;
    assert_eq!(world.carry(), End::Unconfirmed(RollbackCause::Gate));
    let spent = world.now.since(Timestamp(10 * SECOND));
    assert!(spent <= ROLLBACK_PATIENCE && spent.0 + RETRY_MOST.0 >= ROLLBACK_PATIENCE.0, "{spent}");
}

#[test]
fn a_signal_settles_within_its_patience_even_if_the_router_is_dead() {
    for seconds in [1, 15, 60, 75] {
        let dead = |weight: Weight, _: Timestamp| Some(weight != Weight::ZERO);
        let mut world = World::new(plan(), &advances);
        world.router = &dead;
        world.carry_until(seconds);
        let told = world.now;
        world.tell(&Event::Stopped(Signal::Terminate));
        assert_eq!(world.carry(), End::Unconfirmed(RollbackCause::Cancelled(Signal::Terminate)));
        assert!(world.now.since(told) <= SETTLE_PATIENCE);
    }
}

#[test]
fn a_signal_before_anything_was_done_leaves_traffic_alone() {
    let mut world = World::new(plan(), &advances);
    world.tell(&Event::Stopped(Signal::Interrupt));
    assert_eq!(world.carry(), End::Left(Signal::Interrupt));
    assert_eq!(world.weights, []);
}

#[test]
fn a_signal_during_a_rollback_hurries_it() {
    let gate = |_: &State, _: Timestamp| Verdict::Rollback;
    let dead = |weight: Weight, _: Timestamp| Some(weight != Weight::ZERO);
    let mut world = World::new(plan(), &gate);
    world.router = &dead;
    world.carry_until(30);
    let told = world.now;
    world.tell(&Event::Stopped(Signal::Interrupt));
    assert_eq!(world.carry(), End::Unconfirmed(RollbackCause::Gate));
    assert!(world.now.since(told) <= SETTLE_PATIENCE);
}

#[test]
fn a_cancel_may_leave_traffic_as_it_is() {
    let mut plan = plan();
    plan.on_cancel = OnEnd::Leave;
    let mut world = World::new(plan, &advances);
    world.carry_until(70);
    world.tell(&Event::Stopped(Signal::Interrupt));
    assert_eq!(world.carry(), End::Left(Signal::Interrupt));
    assert_eq!(world.weights, [(0, 10), (60, 50)]);
}

#[test]
fn a_router_that_restarted_is_told_again_and_the_step_begins_anew() {
    let mut world = World::new(plan(), &advances);
    world.carry_until(50);
    world.tell(&Event::RouterRestarted { generation: Some("2".into()), kept: false, detail: String::new() });
    assert_eq!(world.carry(), End::Promoted(PromotionCause::Completed));
    assert_eq!(world.weights, [(0, 10), (50, 10), (110, 50), (140, 100)]);
}

#[test]
fn a_weight_that_somebody_else_moved_ends_the_rollout_without_a_touch() {
    let mut world = World::new(plan(), &advances);
    world.carry_until(50);
    world.tell(&Event::Drifted { detail: "30".into() });
    assert_eq!(world.carry(), End::Drifted);
    assert_eq!(world.weights, [(0, 10)]);
}

/// One state for each phase, as the machine itself reaches it.
fn states() -> Vec<(State, Timestamp)> {
    let mut states = vec![(State::default(), Timestamp(0))];
    let scripts: [(u64, Option<Event>); 6] = [
        (65, None),
        (65, Some(Event::Commanded(Command::Rollback))),
        (65, Some(Event::Commanded(Command::Promote))),
        (65, Some(Event::Commanded(Command::Pause))),
        (65, Some(Event::Drifted { detail: String::new() })),
        (200, None),
    ];
    for (seconds, event) in scripts {
        let mut world = World::new(plan(), &advances);
        while world.now.0 < seconds * SECOND && world.turn().is_none() {
            states.push((world.state.clone(), world.now));
        }
        if let Some(event) = event {
            world.tell(&event);
        }
        states.push((world.state.clone(), world.now));
    }
    states
}

fn events() -> Vec<Event> {
    let mut events = vec![
        Event::Started,
        Event::RouterRestarted { generation: None, kept: false, detail: String::new() },
        Event::RouterRestarted { generation: None, kept: true, detail: String::new() },
        Event::Drifted { detail: String::new() },
        Event::Stopped(Signal::Interrupt),
        Event::Stopped(Signal::Terminate),
        Event::Resumed,
        Event::Elapsed,
    ];
    for weight in [0, 10, 50, 73, 100] {
        let weight = Weight::new(weight).unwrap();
        events.push(Event::Shifted { weight, generation: None });
        for retry in [true, false] {
            events.push(Event::ShiftFailed { weight, message: String::new(), retry });
        }
    }
    for verdict in [
        Verdict::Advance(None),
        Verdict::Advance(Some(0)),
        Verdict::Advance(Some(10)),
        Verdict::Promote,
        Verdict::Hold(None),
        Verdict::Rollback,
    ] {
        events.push(Event::Looked {
            look: 1,
            decision: decision(verdict),
            outside_trouble: false,
            record: None,
        });
    }
    for command in [Command::Pause, Command::Resume, Command::Promote, Command::Rollback, Command::Skip] {
        events.push(Event::Commanded(command));
    }
    events
}

#[test]
fn from_every_state_after_every_event_the_rollout_settles() {
    for (state, now) in states() {
        for event in events() {
            for router in [
                WORKS,
                &|weight: Weight, _: Timestamp| Some(weight == Weight::ZERO),
                &|_: Weight, _: Timestamp| None,
            ] {
                let mut world = World::new(plan(), &holds);
                (world.state, world.now, world.router) = (state.clone(), now, router);
                world.tell(&event);
                let end = world.carry();
                let limit = Millis(plan().deadline.0 + ROLLBACK_PATIENCE.0 + RETRY_MOST.0);
                assert!(
                    world.now.since(now) <= limit,
                    "{state:?} after {event:?}: {end:?} at {:?}",
                    world.now
                );
            }
        }
    }
}

#[test]
fn what_has_ended_stays_ended() {
    for (state, now) in states().into_iter().filter(|(state, _)| state.end().is_some()) {
        for event in events() {
            assert_eq!(apply(&plan(), &state, &event, now), state);
        }
    }
}

#[test]
fn admits_says_no_exactly_where_a_command_changes_nothing() {
    for (state, now) in states() {
        for command in [Command::Pause, Command::Resume, Command::Promote, Command::Rollback, Command::Skip] {
            let changed = apply(&plan(), &state, &Event::Commanded(command), now) != state;
            assert_eq!(admits(&state, command).is_ok(), changed, "{command:?} in {state:?}");
        }
    }
}

fn any_event() -> impl Strategy<Value = Event> {
    prop::sample::select(events())
}

proptest! {
    #[test]
    fn random_sequences_keep_the_promises(
        steps in prop::collection::vec((any_event(), 0..40_000_u64), 0..60),
        min_bake in 0..200_000_u64,
        leave in any::<bool>(),
    ) {
        let mut plan = plan();
        plan.min_bake = Millis(min_bake);
        plan.on_deadline = if leave { OnEnd::Leave } else { OnEnd::Rollback };
        let mut world = World::new(plan.clone(), &holds);
        let mut commanded = false;
        for (event, pause) in steps {
            let before = world.state.clone();
            // The controller tells what came of what was due, and nothing else.
            let expected = match (&event, due(&plan, &before, world.now)) {
                (Event::Shifted { weight, .. } | Event::ShiftFailed { weight, .. }, Due::Shift(asked)) => *weight == asked,
                (Event::Looked { .. }, due) => due == Due::Look,
                (Event::Started, due) => due == Due::Start,
                (Event::Shifted { .. } | Event::ShiftFailed { .. }, _) => false,
                _ => true,
            };
            if !expected {
                world.turn();
                continue;
            }
            commanded |= matches!(event, Event::Commanded(Command::Promote | Command::Skip));
            world.tell(&event);
            let baked = world.state.started.is_some_and(|started| world.now >= started.after(plan.min_bake));
            if let (Phase::Promoting { .. } | Phase::Ended(End::Promoted(_)), false) = (world.state.phase, commanded) {
                prop_assert!(baked, "promoted before the bake time: {:?}", world.state);
            }
            if let (Some(was), Some(is)) = (before.step(), world.state.step()) {
                let asked_for_less = matches!(
                    &event,
                    Event::Looked { decision, .. } if matches!(decision.verdict, Verdict::Advance(Some(_)))
                );
                prop_assert!(
                    is == was || is == was + 1 || (asked_for_less && is < was),
                    "from step {was} to {is}"
                );
            }
            if let Event::Looked { decision, .. } = &event && matches!(decision.verdict, Verdict::Hold(_)) {
                let stays = matches!(
                    world.state.phase,
                    Phase::Observing { .. } | Phase::RollingBack { .. } | Phase::Ended(End::Undecided { .. })
                );
                prop_assert!(stays, "a hold led to {:?}", world.state);
            }
            world.now = world.now.after(Millis(pause));
        }
        world.carry();
    }
}
