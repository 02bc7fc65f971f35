//! The judges of others that Rollgate restates: Kayenta's, and the rules of Argo Rollouts and Flagger.

mod controllers;
mod kayenta;
mod rank;
