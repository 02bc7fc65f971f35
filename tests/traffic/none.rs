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
async fn another_process_goes_on_from_what_the_record_says() {
    let mut other = open(&model::Driver::None(model::NoDriver {}));
    other.restore(percent(25));
    let reading = other.read().await.unwrap();
    assert_eq!((reading.weight, reading.generation), (Some(percent(25)), None));
}
