//! Providers against real and hostile servers.

mod http;
mod prometheus;
mod scrape;
