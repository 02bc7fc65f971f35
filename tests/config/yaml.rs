//! What a person is told about a file that is not the YAML that a config is written in.

use insta::assert_snapshot;

use super::told;

#[test]
fn what_is_not_plain_yaml_is_refused_where_it_stands() {
    let told: Vec<_> = [
        "version: 1\nversion: 1\nservices: {}\n",
        "version: 1\nservices: &all {}\n",
        "version: 1\nservices: *all\n",
        "version: 1\nservices: &all {}\nenvironments: *all\n",
        "version: 1\nservices:\n  <<: {}\n",
        "version: !!int 1\nservices: {}\n",
        "version: 1\n---\nversion: 1\n",
        "version: 1\nservices:\n\tweb: {}\n",
        "version: 1\nservices: { a: [ }\n",
        "version: 1\nservices: { {{arm}}: 1 }\n",
    ]
    .map(told)
    .into();
    assert_snapshot!(told.join("\n\n"), @r#"
    error: this key stands twice in the same map
     --> .rollgate.yaml:2:1 (version)
      |
    2 | version: 1
      | ^^^^^^^
      = help: the first is in line 1; keep one

    error: this is an anchor, and anchors and aliases are not supported
     --> .rollgate.yaml:2:11 (services)
      |
    2 | services: &all {}
      |           ^^^^^^
      = help: write the value out, or use `environments`

    error: this is not YAML: while parsing node, found unknown anchor
     --> .rollgate.yaml:2:11 (services)
      |
    2 | services: *all
      |           ^

    error: this is an anchor, and anchors and aliases are not supported
     --> .rollgate.yaml:2:11 (services)
      |
    2 | services: &all {}
      |           ^^^^^^
      = help: write the value out, or use `environments`

    error: this is an alias, and anchors and aliases are not supported
     --> .rollgate.yaml:3:15 (environments)
      |
    3 | environments: *all
      |               ^^^^
      = help: write the value out, or use `environments`

    error: merge keys are not supported
     --> .rollgate.yaml:3:3 (services.'<<')
      |
    3 |   <<: {}
      |   ^^
      = help: write the keys out, or use `environments`

    error: tags are not supported
     --> .rollgate.yaml:1:10 (version)
      |
    1 | version: !!int 1
      |          ^^^^^^^
      = help: write the value without its tag

    error: the file holds a second document
     --> .rollgate.yaml:2:1
      |
    2 | ---
      | ^^^
      = help: a config is one document: remove the `---` and what follows it

    error: a tab cannot indent YAML
     --> .rollgate.yaml:3:1 (services)
      |
    3 | web: {}
      | ^
      = help: indent with spaces

    error: this is not YAML: while parsing a node, did not find expected node content
     --> .rollgate.yaml:2:18 (services.a[0])
      |
    2 | services: { a: [ }
      |                  ^

    error: a key is text, not a list or a map
     --> .rollgate.yaml:2:13 (services)
      |
    2 | services: { {{arm}}: 1 }
      |             ^
      = help: quote what stands here if it is text: braces and brackets begin maps and lists
    "#);
}

#[test]
fn what_yaml_cannot_hold_is_refused_where_it_stands() {
    let told: Vec<_> = [
        "version: 99999999999999999999999999999999999999999\nservices: {}\n",
        "version: 1\nservices: \"a\u{0}b\"\n",
        "version: 1\n# a\u{7}\nservices: {}\n",
        "\u{feff}version: 1\n",
        "just text",
        "- a list",
    ]
    .map(told)
    .into();
    assert_snapshot!(told.join("\n\n"), @r#"
    error: the number is too large
     --> .rollgate.yaml:1:10
      |
    1 | version: 99999999999999999999999999999999999999999
      |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = help: write a smaller one, or quote it

    error: the character U+0000 cannot stand in YAML
     --> .rollgate.yaml:2:13
      = help: remove it, or write it as an escape in double quotes

    error: the character U+0007 cannot stand in YAML
     --> .rollgate.yaml:2:4
      = help: remove it, or write it as an escape in double quotes

    error: the file starts with a byte order mark
     --> .rollgate.yaml:1:1
      = help: save it as UTF-8 without one

    error: expected a map, found text
     --> .rollgate.yaml:1:1
      |
    1 | just text
      | ^^^^^^^^^

    error: expected a map, found a list
     --> .rollgate.yaml:1:1
      |
    1 | - a list
      | ^^^^^^^^
    "#);
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    assert_snapshot!(told(b"version: 1\nservices: \xff\n"), @r#"
    error: the file is not UTF-8 here
     --> .rollgate.yaml:2:11
      = help: save it as UTF-8
    "#);
    assert_snapshot!(told(b"\xff\xfev\0e\0r\0"), @r#"
    error: the file is UTF-16
     --> .rollgate.yaml:1:1
      = help: save it as UTF-8
    "#);
    assert_snapshot!(told(vec![b'#'; 1024 * 1024 + 1]), @r#"
    error: the file is longer than 1 MiB
     --> .rollgate.yaml:1:1
      = help: a config is short: remove what is not one
    "#);
    assert_snapshot!(told(format!("version: 1\nservices: {}", "[".repeat(64))), @r"
    error: values are nested more than 64 deep
     --> .rollgate.yaml:2:74 (services[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0])
      |
    2 | services: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[
      |                                                                          ^
    ");
}

#[test]
fn an_empty_file_shows_a_small_config() {
    assert_snapshot!(told("# nothing\n"), @r#"
    error: the file is empty
     --> .rollgate.yaml:1:1
      |
    1 | # nothing
      | ^
      = help: version: 1
        services:
          web-api:
            canary:
              driver: { haproxy: { socket: /run/haproxy.sock, backend: web, baseline: web-stable, canary: web-canary } }
              provider: { prometheus: { url: http://prometheus:9090 } }
              metrics:
                errors:
                  ratio:
                    bad: http_requests_total{arm="{{arm}}",code=~"5.."}
                    total: http_requests_total{arm="{{arm}}"}
              steps:
                - { weight: 10%, for: 15m }
                - { weight: 100% }
              gate: { policy: builtin:thresholds, settings: { error-rate: 1% } }
    "#);
}
