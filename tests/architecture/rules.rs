//! The invariants of the house. Each takes the tree and returns what breaks them, one line each.

use std::collections::BTreeSet;
use std::path::Path;

use super::house::{House, Modules, Use};

/// The way of the data, then what serves every room.
const ORDER: [&str; 18] = [
    "config",
    "source",
    "openapi",
    "metrics",
    "health",
    "stats",
    "snapshot",
    "policy",
    "verdict",
    "rollout",
    "simulate",
    "traffic",
    "report",
    "github",
    "quickstart",
    "observe",
    "support",
    "cli",
];

/// Rooms that take values and return values.
const PURE: [&str; 8] =
    ["openapi", "stats", "snapshot", "verdict", "rollout::machine", "rollout::plan", "simulate", "report"];

/// Parts of shared rooms that pure rooms rely on, held to the same.
const PURE_PARTS: [&str; 8] = [
    "rollout::entry",
    "rollout::progress",
    "rollout::record",
    "config::model",
    "metrics::window",
    "support::excerpt",
    "support::text",
    "support::units",
];

/// Crates that compute and do nothing else. A pure room names no other.
const PURE_CRATES: [&str; 21] = [
    "aho_corasick",
    "alloc",
    "async_trait",
    "base64",
    "core",
    "hashbrown",
    "jiff",
    "jsonschema",
    "openapiv3",
    "regex_automata",
    "regex_lite",
    "rollgate",
    "saphyr_parser",
    "schemars",
    "semver",
    "serde",
    "serde_json",
    "serde_json_canonicalizer",
    "sha2",
    "strsim",
    "thiserror",
];

/// The parts of the standard library, and of the crates above, that reach out of the process or ask it for the time.
/// Threads that end within a call (`scope`, `Builder`) do neither; those that outlive it, sleep or ask how many cores there
/// are do.
const IMPURE_PATHS: [&str; 20] = [
    "std::env",
    "std::fs",
    "std::io::stderr",
    "std::io::stdin",
    "std::io::stdout",
    "std::net",
    "std::os",
    "std::process",
    "std::thread::available_parallelism",
    "std::thread::current",
    "std::thread::park",
    "std::thread::sleep",
    "std::thread::spawn",
    "std::time::Instant",
    "std::time::SystemTime",
    "std::collections::HashMap",
    "std::collections::HashSet",
    "jiff::Timestamp::now",
    "jiff::Zoned::now",
    "jiff::tz::TimeZone::system",
];

/// Traits through which a capability is handed down. Naming one gives nobody the capability, so the way of
/// what a pure room names ends here; but a pure room itself is handed none.
const HANDED_DOWN: [&str; 2] = ["crate::support::clock::Clock", "crate::support::env::Environment"];

/// What reads the network.
const NETWORK: [&str; 11] = [
    "crate::support::http",
    "http_body_util",
    "hyper",
    "hyper_util",
    "reqwest",
    "rustls",
    "std::net::TcpListener",
    "std::net::TcpStream",
    "std::net::UdpSocket",
    "tokio::net::TcpListener",
    "tokio::net::TcpStream",
];

/// Rooms between the snapshot and the traffic whose whole reach is free of the network.
const OFFLINE: [&str; 4] = ["policy", "verdict", "rollout::machine", "rollout::plan"];

/// Longest source file, in lines.
const LONGEST: usize = 600;

/// Longest test file: whole outputs stand in it, and cutting such a list helps nobody.
const LONGEST_TEST: usize = 1_200;

fn under(path: &str, prefix: &str) -> bool {
    path == prefix || path.strip_prefix(prefix).is_some_and(|rest| rest.starts_with("::"))
}

/// Whether a path is the forbidden one, lies in it, or is a glob that brings it in.
fn reaches(path: &str, forbidden: &str) -> bool {
    under(path, forbidden) || path.strip_suffix("::*").is_some_and(|base| under(forbidden, base))
}

fn by_way_of(way: &[String]) -> String {
    if way.len() > 1 { format!(" (by way of {})", way[1..].join(", ")) } else { String::new() }
}

/// Crates that the manifest names, as they are written in paths.
fn outer_crates(house: &House) -> BTreeSet<String> {
    let mut crates: BTreeSet<String> = ["std", "core", "alloc"].map(String::from).into();
    let mut in_dependencies = false;
    for line in house.text("Cargo.toml").lines() {
        if let Some(section) = line.strip_prefix('[') {
            in_dependencies = section.ends_with("dependencies]");
        } else if in_dependencies
            && !line.starts_with('#')
            && let Some((name, _)) = line.split_once([' ', '=', '.'])
        {
            crates.insert(name.replace('-', "_"));
        }
    }
    crates
}

/// Pure rooms take values and return values.
pub(crate) fn pure_rooms_are_pure(house: &House) -> Vec<String> {
    let (modules, crates) = (house.modules(), outer_crates(house));
    let impure = |used: &Use| {
        let first = used.path.split("::").next().unwrap_or_default();
        (crates.contains(first) && first != "std" && !PURE_CRATES.contains(&first))
            || IMPURE_PATHS.iter().any(|forbidden| reaches(&used.path, forbidden))
    };
    let reaching = offences(&modules, PURE.iter().chain(&PURE_PARTS), impure)
        .map(|(file, used, way)| format!("{file}: a pure room names {used}{way}"));
    let handed = PURE.iter().flat_map(|room| modules.files_of(room)).flat_map(|file| {
        let capabilities =
            modules.uses(file).into_iter().filter(|used| HANDED_DOWN.contains(&used.path.as_str()));
        capabilities.map(|used| format!("{file}: a pure room is handed {}", used.path)).collect::<Vec<_>>()
    });
    reaching.chain(handed).collect()
}

/// Between the snapshot and the traffic nothing reads the network.
pub(crate) fn verdicts_read_no_network(house: &House) -> Vec<String> {
    let modules = house.modules();
    let network = |used: &Use| NETWORK.iter().any(|forbidden| reaches(&used.path, forbidden));
    let far = offences(&modules, OFFLINE.iter(), network)
        .map(|(file, used, way)| format!("{file}: names {used}{way}, which reads the network"));
    // The controller asks providers and drivers through their traits; it has no connection of its own
    // and does not know which ones there are.
    let named_one = |path: &str| {
        ["crate::metrics::provider", "crate::traffic::driver"].iter().any(|room| {
            path.strip_prefix(room)
                .and_then(|rest| rest.strip_prefix("::"))
                .is_some_and(|rest| rest.contains("::"))
        })
    };
    let near = modules.files_of("rollout").into_iter().flat_map(|file| {
        let offending: Vec<_> =
            modules.uses(file).into_iter().filter(|used| network(used) || named_one(&used.path)).collect();
        offending
            .into_iter()
            .map(move |used| format!("{file}: names {}; the rollout only knows the traits", used.path))
    });
    far.chain(near).collect::<BTreeSet<_>>().into_iter().collect()
}

fn offences<'a>(
    modules: &'a Modules,
    rooms: impl Iterator<Item = &'a &'a str> + 'a,
    offends: impl Fn(&Use) -> bool + 'a,
) -> impl Iterator<Item = (String, String, String)> + 'a {
    let files: BTreeSet<&str> = rooms.flat_map(|room| modules.files_of(room)).collect();
    files.clone().into_iter().flat_map(move |file| {
        // What another of these files names is told once, of that file.
        let own = |way: &[String]| !way[1..].iter().any(|by| files.contains(by.as_str()));
        let through = modules.uses_through(file, &HANDED_DOWN).into_iter();
        let offending: Vec<_> = through.filter(|(used, way)| offends(used) && own(way)).collect();
        offending.into_iter().map(move |(used, way)| (file.to_owned(), used.path, by_way_of(&way)))
    })
}

/// `support` serves every room and knows none; `cli` knows every room and serves none; only `cli` speaks
/// to the terminal, and the log of `observe`.
pub(crate) fn rooms_keep_their_place(house: &House) -> Vec<String> {
    let modules = house.modules();
    let mut broken = Vec::new();
    for file in modules.product_files() {
        let room = file.trim_start_matches("src/").split(['/', '.']).next().unwrap_or_default();
        for used in modules.uses(file) {
            let other = used.path.strip_prefix("crate::").and_then(|rest| rest.split("::").next());
            match other {
                Some(other) if room == "support" && other != "support" && ORDER.contains(&other) => {
                    broken.push(format!("{file}: support knows no room, but names {}", used.path));
                }
                Some("cli") if room != "cli" => {
                    broken.push(format!("{file}: names {}; no room knows the commands", used.path));
                }
                _ => {}
            }
            // The streams of a worker are its pipes to the host.
            if ["std::io::stdout", "std::io::stderr"].iter().any(|stream| under(&used.path, stream))
                && !["cli", "observe"].contains(&room)
                && file != "src/policy/worker.rs"
            {
                broken
                    .push(format!("{file}: names {}; only cli and observe write to the terminal", used.path));
            }
        }
    }
    broken
}

/// lib.rs has the rooms in the order of the data, and the map has a paragraph on each in the same order.
pub(crate) fn rooms_are_in_order(house: &House) -> Vec<String> {
    let modules = house.modules();
    let declared = modules.declared_in("src/lib.rs");
    let mut broken = Vec::new();
    let known: Vec<&str> = ORDER.into_iter().filter(|room| declared.contains(room)).collect();
    let in_lib: Vec<&str> = declared.iter().copied().filter(|room| ORDER.contains(room)).collect();
    if in_lib != known {
        broken.push(format!(
            "src/lib.rs: the way of the data is {}, not {}",
            known.join(", "),
            in_lib.join(", ")
        ));
    }
    let described: Vec<&str> = house
        .text("src/README.md")
        .lines()
        .filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`'))
        .collect();
    if described != declared {
        broken.push(format!(
            "src/README.md: describes the rooms {}, but src/lib.rs has {}",
            described.join(", "),
            declared.join(", ")
        ));
    }
    broken
}

/// Every source file is compiled.
pub(crate) fn every_file_is_reached(house: &House) -> Vec<String> {
    let library = house.unreachable("src/", "src/lib.rs").into_iter().filter(|file| file != "src/main.rs");
    let tests = house.unreachable("tests/", "tests/main.rs").into_iter().filter(|file| {
        // A folder with a manifest is a crate of its own.
        !Path::new(file).ancestors().any(|folder| {
            house.has(&folder.join("Cargo.toml").display().to_string()) && folder != Path::new("")
        })
    });
    library.chain(tests).map(|file| format!("{file}: no `mod` leads to it")).collect()
}

/// Files are short, and open with what they are for.
pub(crate) fn files_are_short_and_introduced(house: &House) -> Vec<String> {
    let mut broken = Vec::new();
    for (file, text) in own_rust(house) {
        let lines = text.lines().count();
        let longest = if file.contains("tests/") { LONGEST_TEST } else { LONGEST };
        if lines > longest {
            broken.push(format!("{file}: {lines} lines, {longest} at most"));
        }
        // A build script's or guest's `#![no_std]` may come first.
        let first =
            text.lines().find(|line| !line.is_empty() && !line.starts_with("#![no_")).unwrap_or_default();
        if !first.starts_with("//! ") && !first.starts_with("#![doc = include_str!") {
            broken.push(format!("{file}: opens with {first:?} instead of `//!` and what it is for"));
        }
        let name = Path::new(file).file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        if ["common", "helper", "helpers", "manager", "misc", "util", "utils"].contains(&name) {
            broken.push(format!("{file}: the name does not say what it holds"));
        }
    }
    broken
}

fn own_rust(house: &House) -> impl Iterator<Item = (&str, &str)> {
    ["src/", "tests/", "benches/", "policies/", "examples/", "fuzz/"]
        .into_iter()
        .flat_map(|folder| house.rust_files(folder))
}

/// The texts name no machine and bear no mark of an unfinished merge; no source puts off what it should do.
pub(crate) fn no_forbidden_word(house: &House) -> Vec<String> {
    // In pieces, so that this file does not offend itself.
    let machine = [
        concat!("/wo", "rk/"),
        concat!("/ro", "ot/."),
        concat!("C:", "\\Users"),
        concat!("<<<<<", "<< "),
        concat!(">>>>>", ">> "),
    ];
    let source = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X "),
        concat!("#[al", "low("),
        concat!("#[ig", "nore"),
        concat!("un", "safe {"),
    ];
    let mut broken = Vec::new();
    for (file, text) in house.texts() {
        let words: Vec<&str> = if Path::new(file).extension().is_some_and(|it| it == "rs") {
            machine.iter().chain(&source).copied().collect()
        } else {
            machine.to_vec()
        };
        for (number, line) in text.lines().enumerate() {
            for word in words.iter().filter(|word| line.contains(**word)) {
                broken.push(format!("{file}:{}: has {word:?}", number + 1));
            }
        }
    }
    broken
}
