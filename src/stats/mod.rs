//! Statistics on counts and histograms. Pure.
