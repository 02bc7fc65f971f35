//! What a guest would try that had taken over its worker. Only in builds with the feature `escape-probe`.
