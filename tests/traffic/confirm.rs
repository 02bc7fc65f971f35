//! A change of traffic counts as done when it is seen.

use std::collections::VecDeque;

use async_trait::async_trait;
use rollgate::support::units::{Millis, Weight};
use rollgate::traffic::confirm::{ConfirmError, confirm};
use rollgate::traffic::{Driver, DriverError, Reading};

use super::{haproxy_driver, percent, text};
use crate::support::haproxy::Haproxy;

/// A router that follows a script: what each `read` and each `set` comes to.
struct Script {
    reads: VecDeque<Result<(u8, &'static str), DriverError>>,
    /// Repeated when the script is at its end.
    last: (u8, &'static str),
    sets: VecDeque<Result<(), DriverError>>,
    told: Vec<Weight>,
}

impl Script {
    fn new(
        reads: impl IntoIterator<Item = Result<(u8, &'static str), DriverError>>,
        last: (u8, &'static str),
    ) -> Self {
        Self { reads: reads.into_iter().collect(), last, sets: VecDeque::new(), told: Vec::new() }
    }
}

#[async_trait]
impl Driver for Script {
    fn describe(&self) -> String {
        "a script".into()
    }

    async fn set(&mut self, weight: Weight) -> Result<(), DriverError> {
        self.told.push(weight);
        self.sets.pop_front().unwrap_or(Ok(()))
    }

    async fn read(&mut self) -> Result<Reading, DriverError> {
        let (weight, generation) = self.reads.pop_front().unwrap_or(Ok(self.last))?;
        Ok(Reading {
            weight: Weight::new(weight),
            detail: format!("weight {weight}"),
            generation: Some(generation.into()),
        })
    }
}

fn unreachable() -> DriverError {
    DriverError::Unreachable("the line is dead".into())
}

#[tokio::test]
async fn a_split_is_confirmed_when_it_is_seen_however_late() {
    let mut late = Script::new([Ok((0, "a")), Ok((0, "a")), Ok((0, "a")), Ok((0, "a"))], (25, "a"));
    let reading = confirm(&mut late, percent(25), Millis(10_000)).await.unwrap();
    assert_eq!(reading.weight, Some(percent(25)));
    assert_eq!(late.told, [percent(25)], "told once, then only watched");
}

#[tokio::test]
async fn an_unreachable_router_is_asked_again() {
    let mut flaky =
        Script::new([Err(unreachable()), Ok((0, "a")), Ok((0, "a")), Err(unreachable())], (25, "a"));
    flaky.sets = [Err(unreachable()), Ok(())].into();
    assert!(confirm(&mut flaky, percent(25), Millis(10_000)).await.is_ok());
    assert_eq!(flaky.told, [percent(25), percent(25)]);
}

#[tokio::test]
async fn a_router_that_restarted_in_between_is_told_again() {
    let mut restarted = Script::new([Ok((0, "a")), Ok((0, "b")), Ok((0, "b"))], (25, "b"));
    assert!(confirm(&mut restarted, percent(25), Millis(10_000)).await.is_ok());
    assert_eq!(restarted.told, [percent(25), percent(25)]);
}

#[tokio::test]
async fn a_refusal_ends_it_at_once() {
    let mut refusing = Script::new([], (0, "a"));
    let refusal = DriverError::Refused("no".into());
    refusing.sets = [Err(refusal.clone())].into();
    assert_eq!(confirm(&mut refusing, percent(25), Millis(60_000)).await, Err(ConfirmError::Driver(refusal)));
    assert_eq!(refusing.told.len(), 1);
}

#[tokio::test]
async fn what_is_never_seen_is_an_error_that_says_what_was_seen() {
    let mut deaf = Script::new([], (7, "a"));
    let error = confirm(&mut deaf, percent(25), Millis(200)).await.unwrap_err();
    insta::assert_snapshot!(error, @"the router did not show 25 % for the canary within 200ms; it shows 7 %: weight 7");
    let mut cut_off = Script::new(std::iter::repeat_n(Err(unreachable()), 100), (0, "a"));
    let error = confirm(&mut cut_off, percent(25), Millis(200)).await.unwrap_err();
    insta::assert_snapshot!(error, @"the line is dead");
}

#[tokio::test]
async fn a_router_that_never_answers_is_given_up_in_time() {
    struct Silent;
    #[async_trait]
    impl Driver for Silent {
        fn describe(&self) -> String {
            "a silent router".into()
        }
        async fn set(&mut self, _: Weight) -> Result<(), DriverError> {
            std::future::pending().await
        }
        async fn read(&mut self) -> Result<Reading, DriverError> {
            std::future::pending().await
        }
    }
    let error = confirm(&mut Silent, percent(25), Millis(200)).await.unwrap_err();
    insta::assert_snapshot!(error, @"a silent router did not answer within 200ms");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_haproxy_that_comes_back_late_gets_its_split() {
    let mut haproxy = Haproxy::start("127.0.0.1:9".parse().unwrap(), "127.0.0.1:9".parse().unwrap());
    haproxy.kill();
    let mut driver = haproxy_driver(text(&haproxy.socket()));
    assert!(matches!(
        confirm(driver.as_mut(), percent(25), Millis(100)).await,
        Err(ConfirmError::Driver(DriverError::Unreachable(_)))
    ));
    let patient = tokio::spawn(async move { confirm(driver.as_mut(), percent(25), Millis(20_000)).await });
    tokio::task::block_in_place(|| haproxy.restart());
    assert_eq!(patient.await.unwrap().unwrap().weight, Some(percent(25)));
}
