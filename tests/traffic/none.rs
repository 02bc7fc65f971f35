//! The driver for traffic that something else moves.

use rollgate::config::model;
use rollgate::traffic::driver::open;

use super::percent;

#[tokio::test]
async fn it_shows_what_it_was_told() {
    let mut driver = open(&model::Driver::None(model::NoDriver {}));
    assert_eq!(driver.read().await.unwrap().weight, Some(percent(0)));
    driver.set(percent(25)).await.unwrap();
    let reading = driver.read().await.unwrap();
    assert_eq!(reading.weight, Some(percent(25)));
    insta::assert_snapshot!(reading.detail, @"25 % announced, moved by something else");
    insta::assert_snapshot!(driver.describe(), @"no driver: something else moves traffic");
}

#[tokio::test]
async fn another_process_could_not_know_what_this_one_was_told() {
    let mut one = open(&model::Driver::None(model::NoDriver {}));
    let mut other = open(&model::Driver::None(model::NoDriver {}));
    let generation = one.read().await.unwrap().generation;
    assert!(generation.is_some());
    assert_eq!(generation, one.read().await.unwrap().generation);
    assert_ne!(generation, other.read().await.unwrap().generation);
}
