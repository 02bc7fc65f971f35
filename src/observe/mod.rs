//! What the program tells about itself: log lines on standard error.
