//! Drivers against real routers, and routers that lie.

mod confirm;
mod haproxy;
mod liars;
mod none;

use std::path::Path;

use rollgate::config::model;
use rollgate::support::units::Weight;
use rollgate::traffic::Driver;

/// The driver for backend `web` behind this socket.
fn haproxy_driver(socket: &str) -> Box<dyn Driver> {
    haproxy_driver_for(socket, "web", "web-stable", "web-canary")
}

fn haproxy_driver_for(socket: &str, backend: &str, baseline: &str, canary: &str) -> Box<dyn Driver> {
    rollgate::traffic::driver::open(&model::Driver::Haproxy(model::Haproxy {
        socket: socket.into(),
        backend: backend.into(),
        baseline: baseline.into(),
        canary: canary.into(),
    }))
}

fn percent(percent: u8) -> Weight {
    Weight::new(percent).unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
