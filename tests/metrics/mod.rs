//! Providers against real and hostile servers.

mod http;
mod scrape;
