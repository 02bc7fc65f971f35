//! The drivers, one file each. [`open`] is their list: a driver is one file and one line.

mod haproxy;
mod none;

use super::Driver;
use crate::config::model;

/// The driver that the config names. Nothing is contacted yet.
#[must_use]
pub fn open(config: &model::Driver) -> Box<dyn Driver> {
    match config {
        model::Driver::Haproxy(haproxy) => Box::new(haproxy::HaproxyDriver::new(haproxy)),
        model::Driver::None(model::NoDriver {}) => Box::new(none::NoTraffic::new()),
    }
}
