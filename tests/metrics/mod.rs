//! Providers against real and hostile servers.

mod http;
mod native;
mod prometheus;
mod scrape;
