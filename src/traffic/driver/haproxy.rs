//! HAProxy's runtime API: the arms are two servers of one backend, the split is their weights.
//!
//! Setting a split of `p` percent gives the canary weight `p` and the baseline `100 - p`. Reading it back
//! takes the proportion of the two weights, whoever set them. A server that somebody put in maintenance or
//! drained gets no requests and counts as weight 0; one that is merely down by its health checks counts with
//! its weight, and is named. Further servers of the backend must have no weight, be withheld or be backups:
//! a split between the arms would otherwise not be the split of the traffic.
//!
//! HAProxy forgets runtime weights when it restarts; the generation is its process id and start time.

mod runtime_api;
mod split;

use async_trait::async_trait;

use crate::config::model::Haproxy;
use crate::support::text;
use crate::support::units::Weight;
use crate::traffic::{Driver, DriverError, Reading};
use runtime_api::RuntimeApi;
use split::{First, Server};

/// Two servers of one HAProxy backend.
pub(super) struct HaproxyDriver {
    api: RuntimeApi,
    backend: String,
    baseline: String,
    canary: String,
}

/// How the answer to `show info` begins.
const BEGINNING: &str = "Name: ";

/// What one conversation with HAProxy showed.
struct State {
    generation: String,
    baseline: Server,
    canary: Server,
    /// Further servers that get requests.
    others: Vec<Server>,
}

impl HaproxyDriver {
    pub(super) fn new(config: &Haproxy) -> Self {
        Self {
            api: RuntimeApi::new(&config.socket),
            backend: config.backend.clone(),
            baseline: config.baseline.clone(),
            canary: config.canary.clone(),
        }
    }

    /// HAProxy itself allows letters, digits and `-_.:` in names; anything else could end the command.
    fn check_names(&self) -> Result<(), DriverError> {
        for name in [&self.backend, &self.baseline, &self.canary] {
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
            if name.is_empty() || !name.chars().all(plain) {
                let name = text::line(name, 100);
                return Err(self.api.refused(&format!(
                    "was not asked: \"{name}\" is no name of a backend or server (letters, digits and `-_.:`)"
                )));
            }
        }
        if self.baseline == self.canary {
            return Err(self.api.refused(&format!(
                "was not asked: `baseline` and `canary` are the same server \"{}\"; name one for each arm",
                self.canary
            )));
        }
        Ok(())
    }

    async fn state(&self) -> Result<State, DriverError> {
        self.check_names()?;
        // In one conversation, so that both answers are of the same process.
        let commands = ["show info".to_owned(), format!("show servers state {}", self.backend)];
        let answer = self.api.ask(&commands).await?;
        if !answer.starts_with(BEGINNING) && !BEGINNING.starts_with(&answer) {
            return Err(self.api.not_understood("something that is not its process information", &answer));
        }
        let (info, table) = answer.split_once("\n\n").ok_or_else(|| self.api.broke_off())?;
        let generation = generation(info)
            .ok_or_else(|| self.api.not_understood("something that is not its process information", info))?;
        let table = table.strip_suffix("\n\n").ok_or_else(|| self.api.broke_off())?;
        let servers = split::parse(table, &self.backend)
            .ok_or_else(|| self.api.not_understood("something that is not a table of servers", table))?;
        let (mut baseline, mut canary, mut others) = (None, None, Vec::new());
        for server in servers {
            if server.name == self.baseline {
                baseline = Some(server);
            } else if server.name == self.canary {
                canary = Some(server);
            } else if server.in_effect() > 0 {
                others.push(server);
            }
        }
        let missing = |name: &str| {
            self.api.refused(&format!(
                "has no server \"{name}\" in backend \"{}\": name one of its servers for each arm",
                self.backend
            ))
        };
        if !others.is_empty() {
            let backups = self.backups().await?;
            others.retain(|server| !backups.contains(&server.name));
        }
        Ok(State {
            generation,
            baseline: baseline.ok_or_else(|| missing(&self.baseline))?,
            canary: canary.ok_or_else(|| missing(&self.canary))?,
            others,
        })
    }

    /// Names of the backend's backup servers; only the statistics tell which they are.
    async fn backups(&self) -> Result<Vec<String>, DriverError> {
        let table = self.api.ask(&[format!("show stat {} 4 -1", self.backend)]).await?;
        let table = table.strip_suffix("\n\n").ok_or_else(|| self.api.broke_off())?;
        let mut lines = table.lines();
        let columns: Vec<&str> =
            lines.next().and_then(|line| line.strip_prefix("# ")).unwrap_or_default().split(',').collect();
        let place = |name: &str| columns.iter().position(|column| *column == name);
        let (Some(name_at), Some(backup_at)) = (place("svname"), place("bck")) else {
            return Err(self.api.not_understood("something that is not its statistics", table));
        };
        let backup = |line: &str| {
            let fields: Vec<&str> = line.split(',').collect();
            (fields.get(backup_at) == Some(&"1"))
                .then(|| fields.get(name_at).map(|name| (*name).to_owned()))?
        };
        Ok(lines.filter_map(backup).collect())
    }

    async fn set_one(&self, server: &str, weight: Weight) -> Result<(), DriverError> {
        let command = format!("set server {}/{server} weight {}", self.backend, weight.percent());
        let answer = self.api.ask(&[command]).await?;
        // Success is an empty line and nothing else.
        match answer.as_str() {
            "\n" => Ok(()),
            _ if answer.ends_with('\n') => Err(self.api.not_understood("to a change of weight", &answer)),
            _ => Err(self.api.broke_off()),
        }
    }
}

#[async_trait]
impl Driver for HaproxyDriver {
    fn describe(&self) -> String {
        let Self { backend, baseline, canary, .. } = self;
        text::line(&format!("haproxy backend {backend}: canary {canary}, baseline {baseline}"), text::SHOWN)
    }

    async fn set(&mut self, weight: Weight) -> Result<(), DriverError> {
        let state = self.state().await?;
        // Taking the canary out needs no split: whoever else takes requests, it takes none.
        if !state.others.is_empty() && weight != Weight::ZERO {
            return Err(self.api.refused(&format!(
                "has further servers with a weight in backend \"{}\" ({}), so the arms would not share all \
                 traffic: give those weight 0, or the arms a backend of their own",
                self.backend,
                list(&state.others)
            )));
        }
        let canary = (self.canary.as_str(), weight);
        let baseline = (self.baseline.as_str(), weight.complement());
        let changes = match split::order(state.canary.in_effect(), state.baseline.in_effect(), weight) {
            First::Canary => [canary, baseline],
            First::Baseline => [baseline, canary],
        };
        for (server, weight) in changes {
            self.set_one(server, weight).await?;
        }
        Ok(())
    }

    async fn read(&mut self) -> Result<Reading, DriverError> {
        let State { generation, baseline, canary, others } = self.state().await?;
        let weight =
            if others.is_empty() { split::share(canary.in_effect(), baseline.in_effect()) } else { None };
        let mut detail = format!("{canary}, {baseline}");
        if !others.is_empty() {
            detail = format!("{detail}, and besides the arms {}", list(&others));
        }
        Ok(Reading { weight, detail, generation: Some(generation) })
    }

    async fn halves(&mut self) -> Result<[Option<Weight>; 2], DriverError> {
        let State { baseline, canary, .. } = self.state().await?;
        let percent = |server: &Server| u8::try_from(server.in_effect()).ok().and_then(Weight::new);
        Ok([percent(&canary), percent(&baseline).map(Weight::complement)])
    }
}

/// What changes when HAProxy restarts, from the answer to `show info`.
fn generation(info: &str) -> Option<String> {
    let value = |key: &str| {
        let line = info.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(": "))?;
        line.parse::<u64>().ok()
    };
    let pid = value("Pid")?;
    // Before 2.5 only the time since the start is told, which is no constant.
    Some(match value("Start_time_sec") {
        Some(started) => format!("pid {pid}, started {started}"),
        None => format!("pid {pid}"),
    })
}

/// The first few servers, for people. HAProxy's own names: the table has no others.
fn list(servers: &[Server]) -> String {
    let shown: Vec<String> =
        servers.iter().take(5).map(|server| text::line(&server.to_string(), 100)).collect();
    let more = if servers.len() > shown.len() { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}
