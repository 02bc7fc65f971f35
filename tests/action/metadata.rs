//! What is published of the inputs is what the program reads.

use rollgate::config::inputs::{INPUTS, OUTPUTS};
use rollgate::config::metadata;

use super::engine::root;

fn text(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn the_metadata_is_made_from_the_definition_of_the_inputs() {
    let action = text("action.yml");
    // A release has its image in place of the Dockerfile.
    let image = action.lines().find_map(|line| line.strip_prefix("  image: ")).unwrap();
    assert_eq!(
        action,
        metadata::action(image),
        "write it anew with `cargo run -- action-metadata action > action.yml`"
    );
    assert_eq!(
        text("action-types.yml"),
        metadata::types(),
        "write it anew with `cargo run -- action-metadata types > action-types.yml`"
    );
}

#[test]
fn the_tables_of_the_documentation_are_made_from_the_definition_of_the_inputs() {
    let documentation = text("docs/action.md");
    assert_eq!(
        Some(&documentation),
        metadata::documented(&documentation).as_ref(),
        "write the tables anew with `cargo run -- action-metadata tables`"
    );
}

#[test]
fn metadata_is_yaml_that_another_reader_understands() {
    let action: serde_yaml::Value = serde_yaml::from_str(&text("action.yml")).unwrap();
    let names = |key: &str| -> Vec<String> {
        let fields = action[key].as_mapping().unwrap();
        fields.keys().map(|name| name.as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("inputs"), INPUTS.iter().map(|input| input.name).collect::<Vec<_>>());
    assert_eq!(names("outputs"), OUTPUTS.iter().map(|output| output.name).collect::<Vec<_>>());
    // What Kubernetes runners and hostile inputs ask for.
    let runs = &action["runs"];
    assert_eq!(runs["entrypoint"].as_str(), Some("/usr/local/bin/rollgate-action"));
    assert_eq!(runs["post-entrypoint"].as_str(), Some("/usr/local/bin/rollgate-settle"));
    assert_eq!(runs["post-if"].as_str(), Some("always()"));
    assert!(runs.get("args").is_none() && runs.get("env").is_none());

    let bindings: serde_yaml::Value = serde_yaml::from_str(&text("action-types.yml")).unwrap();
    for key in ["inputs", "outputs"] {
        let typed: Vec<_> = bindings[key]
            .as_mapping()
            .unwrap()
            .keys()
            .map(|name| name.as_str().unwrap().to_owned())
            .collect();
        assert_eq!(typed, names(key));
    }
}

#[test]
fn an_image_is_pinned_by_its_digest_only() {
    let folder = tempfile::tempdir().unwrap();
    let copy = |path: &str| {
        let target = folder.path().join(path);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(root().join(path), target).unwrap();
    };
    copy("action.yml");
    copy("image/pin.sh");
    let pin = |reference: &str| {
        let status = std::process::Command::new(folder.path().join("image/pin.sh"))
            .arg(reference)
            .stderr(std::process::Stdio::null())
            .status()
            .unwrap();
        status.code()
    };
    let digest = "0123456789abcdef".repeat(4);
    for bad in [
        "",
        "ghcr.io/a/rollgate:v1",
        "ghcr.io/a/rollgate@sha256:00",
        &format!("a b/c@sha256:{digest}"),
        &format!("g/a|e@sha256:{digest}"),
    ] {
        assert_eq!(pin(bad), Some(2), "{bad}");
    }
    let reference = format!("ghcr.io/a-b/rollgate@sha256:{digest}");
    assert_eq!(pin(&reference), Some(0));
    let pinned = std::fs::read_to_string(folder.path().join("action.yml")).unwrap();
    assert_eq!(pinned, metadata::action(&format!("docker://{reference}")));
}
