//! The HAProxy driver against a real HAProxy; the split is counted from responses.

use rollgate::traffic::DriverError;

use super::{haproxy_driver, haproxy_driver_for, percent, text};
use crate::support::arm::Arm;
use crate::support::haproxy::Haproxy;
use crate::support::load;

/// Two arms behind an HAProxy.
async fn stage() -> (Haproxy, [Arm; 2]) {
    let (baseline, canary) = (Arm::start("baseline").await, Arm::start("canary").await);
    (Haproxy::start(baseline.address, canary.address), [baseline, canary])
}

/// An HAProxy whose backend `web` has these lines, with nothing behind it.
fn unserved(lines: &str) -> Haproxy {
    Haproxy::with_backend(lines)
}

fn refusal(result: Result<(), DriverError>, haproxy: &Haproxy) -> String {
    match result {
        Err(DriverError::Refused(message)) => message
            .replace(text(&haproxy.socket()), "SOCKET")
            .replace(text(&haproxy.read_only_socket()), "SOCKET"),
        other => panic!("expected a refusal, not {other:?}"),
    }
}

#[tokio::test]
async fn the_counted_split_is_the_one_that_was_set() {
    let (haproxy, _arms) = stage().await;
    let mut driver = haproxy_driver(text(&haproxy.socket()));
    for asked in [25, 0, 1, 50, 100, 10] {
        driver.set(percent(asked)).await.unwrap();
        let counts = load::requests(haproxy.front, 200).await;
        assert_eq!(counts.lost, 0);
        assert_eq!(counts.baseline + counts.canary, 200);
        let expected = 2 * u64::from(asked);
        if matches!(asked, 0 | 100) {
            assert_eq!(counts.canary, expected);
        } else {
            // Round robin is smooth: a run of 200 is at most a turn away from the exact share.
            assert!(counts.canary.abs_diff(expected) <= 1, "{asked} %: {counts:?}");
        }
        assert_eq!(driver.read().await.unwrap().weight, Some(percent(asked)));
    }
}

#[tokio::test]
async fn the_tcp_socket_does_what_the_unix_socket_does() {
    let (haproxy, _arms) = stage().await;
    let mut driver = haproxy_driver(&haproxy.runtime_tcp.to_string());
    driver.set(percent(25)).await.unwrap();
    assert_eq!(driver.read().await.unwrap().weight, Some(percent(25)));
    assert!(load::requests(haproxy.front, 200).await.canary.abs_diff(50) <= 1);
    let mut over_unix = haproxy_driver(&format!("unix:{}", text(&haproxy.socket())));
    assert_eq!(driver.read().await, over_unix.read().await);
}

#[tokio::test]
async fn no_request_is_lost_and_no_split_overshoots_while_weights_change() {
    let (haproxy, _arms) = stage().await;
    let load = load::Load::start(haproxy.front, 400);
    load.next(50).await;
    let before = load.counts();
    assert_eq!(before.canary, 0);
    let mut driver = haproxy_driver(text(&haproxy.socket()));
    for asked in [10, 5, 10, 0, 10, 10, 0] {
        driver.set(percent(asked)).await.unwrap();
        load.next(30).await;
    }
    let counts = load.counts();
    assert_eq!(counts.lost, 0);
    assert!(counts.canary > 0 && counts.share() < 10.0, "{counts:?}");
}

#[tokio::test]
async fn it_says_what_it_acts_on_and_what_it_sees() {
    let haproxy = Haproxy::start("127.0.0.1:9".parse().unwrap(), "127.0.0.1:9".parse().unwrap());
    let mut driver = haproxy_driver(text(&haproxy.socket()));
    insta::assert_snapshot!(driver.describe(), @"haproxy backend web: canary web-canary, baseline web-stable");
    let reading = driver.read().await.unwrap();
    insta::assert_snapshot!(reading.detail, @"web-canary 0, web-stable 100");
    assert_eq!(reading.weight, Some(percent(0)));
}

#[tokio::test]
async fn weights_of_a_hand_are_a_split_only_where_they_are_a_whole_percent() {
    let haproxy = Haproxy::start("127.0.0.1:9".parse().unwrap(), "127.0.0.1:9".parse().unwrap());
    let mut driver = haproxy_driver(text(&haproxy.socket()));
    for (stable, canary, expected) in [
        ("weight 75", "weight 25", Some(25)),
        ("weight 3", "weight 1", Some(25)),
        ("weight 50%", "weight 50", Some(50)),
        ("weight 2", "weight 1", None),
        ("weight 0", "weight 0", None),
    ] {
        haproxy.by_hand(&format!("set server web/web-stable {stable}"));
        haproxy.by_hand(&format!("set server web/web-canary {canary}"));
        let reading = driver.read().await.unwrap();
        assert_eq!(reading.weight, expected.map(percent), "{}", reading.detail);
    }
}

#[tokio::test]
async fn a_server_that_somebody_took_out_has_no_share_whatever_its_weight() {
    let haproxy = Haproxy::start("127.0.0.1:9".parse().unwrap(), "127.0.0.1:9".parse().unwrap());
    let mut driver = haproxy_driver(text(&haproxy.socket()));
    driver.set(percent(25)).await.unwrap();
    haproxy.by_hand("set server web/web-canary state drain");
    let reading = driver.read().await.unwrap();
    insta::assert_snapshot!(reading.detail, @"web-canary 25 (drained), web-stable 75");
    assert_eq!(reading.weight, Some(percent(0)));
    haproxy.by_hand("set server web/web-canary state maint");
    let reading = driver.read().await.unwrap();
    insta::assert_snapshot!(reading.detail, @"web-canary 25 (in maintenance), web-stable 75");
    assert_eq!(reading.weight, Some(percent(0)));
    haproxy.by_hand("set server web/web-canary state ready");
    haproxy.by_hand("set server web/web-stable state maint");
    let reading = driver.read().await.unwrap();
    insta::assert_snapshot!(reading.detail, @"web-canary 25, web-stable 75 (in maintenance)");
    assert_eq!(reading.weight, Some(percent(100)));
}

#[tokio::test]
async fn a_server_that_is_down_keeps_its_weight_and_is_named() {
    let baseline = Arm::start("baseline").await;
    let haproxy = unserved(&format!(
        "  server web-stable {} weight 90\n  server web-canary 127.0.0.1:9 weight 10 check inter 20ms fall 1\n",
        baseline.address
    ));
    let mut driver = haproxy_driver(text(&haproxy.socket()));
    let down = tokio::time::timeout(std::time::Duration::from_secs(10), async {
        loop {
            let reading = driver.read().await.unwrap();
            if reading.detail.contains("down") {
                return reading;
            }
        }
    });
    let reading = down.await.expect("the check fails within 10 s");
    insta::assert_snapshot!(reading.detail, @"web-canary 10 (down), web-stable 90");
    assert_eq!(reading.weight, Some(percent(10)));
}

#[tokio::test]
async fn a_third_server_with_a_weight_makes_a_split_impossible_and_a_backup_does_not() {
    let arms = "  server web-stable 127.0.0.1:9 weight 90\n  server web-canary 127.0.0.1:9 weight 10\n";
    let haproxy =
        unserved(&format!("{arms}  server old 127.0.0.1:9 weight 7\n  server sorry 127.0.0.1:9 backup\n"));
    let mut driver = haproxy_driver(text(&haproxy.socket()));
    let reading = driver.read().await.unwrap();
    assert_eq!(reading.weight, None);
    insta::assert_snapshot!(reading.detail, @"web-canary 10, web-stable 90, and besides the arms old 7");
    insta::assert_snapshot!(refusal(driver.set(percent(25)).await, &haproxy), @r#"haproxy at SOCKET has further servers with a weight in backend "web" (old 7), so the arms would not share all traffic: give those weight 0, or the arms a backend of their own"#);
    // Taking the canary out is possible all the same.
    driver.set(percent(0)).await.unwrap();
    insta::assert_snapshot!(driver.read().await.unwrap().detail, @"web-canary 0, web-stable 100, and besides the arms old 7");
    haproxy.by_hand("set server web/old weight 0");
    driver.set(percent(25)).await.unwrap();
    assert_eq!(driver.read().await.unwrap().weight, Some(percent(25)));
}

#[tokio::test]
async fn a_restart_forgets_the_weights_and_changes_the_generation() {
    let (mut haproxy, _arms) = stage().await;
    let mut driver = haproxy_driver(text(&haproxy.socket()));
    driver.set(percent(25)).await.unwrap();
    let before = driver.read().await.unwrap();
    assert_eq!(before.generation, driver.read().await.unwrap().generation);
    haproxy.restart();
    let after = driver.read().await.unwrap();
    assert_eq!((before.weight, after.weight), (Some(percent(25)), Some(percent(0))));
    assert_ne!(before.generation, after.generation);
    driver.set(percent(25)).await.unwrap();
    assert!(load::requests(haproxy.front, 200).await.canary.abs_diff(50) <= 1);
}

#[tokio::test]
async fn a_backend_or_server_that_is_not_there_is_refused_and_nothing_moves() {
    let haproxy = Haproxy::start("127.0.0.1:9".parse().unwrap(), "127.0.0.1:9".parse().unwrap());
    let socket = haproxy.socket();
    let before = haproxy.by_hand("show servers state");
    let mut no_backend = haproxy_driver_for(text(&socket), "wob", "web-stable", "web-canary");
    insta::assert_snapshot!(refusal(no_backend.set(percent(5)).await, &haproxy), @r#"haproxy at SOCKET said "Can't find backend": name a backend of that HAProxy in `backend`"#);
    let mut no_server = haproxy_driver_for(text(&socket), "web", "web-stable", "web-kanarie");
    insta::assert_snapshot!(refusal(no_server.set(percent(5)).await, &haproxy), @r#"haproxy at SOCKET has no server "web-kanarie" in backend "web": name one of its servers for each arm"#);
    let mut same = haproxy_driver_for(text(&socket), "web", "web-stable", "web-stable");
    insta::assert_snapshot!(refusal(same.set(percent(5)).await, &haproxy), @r#"haproxy at SOCKET was not asked: `baseline` and `canary` are the same server "web-stable"; name one for each arm"#);
    let weights = |table: &str| -> Vec<String> {
        table.lines().filter_map(|line| line.split(' ').nth(7).map(str::to_owned)).collect()
    };
    assert_eq!(weights(&haproxy.by_hand("show servers state")), weights(&before));
}

#[tokio::test]
async fn a_name_cannot_carry_a_command() {
    let haproxy = Haproxy::start("127.0.0.1:9".parse().unwrap(), "127.0.0.1:9".parse().unwrap());
    for name in ["web;disable server web/web-stable", "web\nhelp", "", "we b", "web/x", "w\u{e9}b"] {
        let mut driver = haproxy_driver_for(text(&haproxy.socket()), name, "web-stable", "web-canary");
        assert!(matches!(driver.read().await, Err(DriverError::Refused(_))), "{name:?}");
        let mut driver = haproxy_driver_for(text(&haproxy.socket()), "web", name, "web-canary");
        assert!(matches!(driver.set(percent(5)).await, Err(DriverError::Refused(_))), "{name:?}");
    }
    let mut driver =
        haproxy_driver_for(text(&haproxy.socket()), "web;quit\u{1b}", "web-stable", "web-canary");
    insta::assert_snapshot!(refusal(driver.set(percent(5)).await, &haproxy), @r#"haproxy at SOCKET was not asked: "web;quit" is no name of a backend or server (letters, digits and `-_.:`)"#);
}

#[tokio::test]
async fn a_socket_below_level_admin_reads_and_refuses_to_set() {
    let haproxy = Haproxy::start("127.0.0.1:9".parse().unwrap(), "127.0.0.1:9".parse().unwrap());
    let mut driver = haproxy_driver(text(&haproxy.read_only_socket()));
    assert_eq!(driver.read().await.unwrap().weight, Some(percent(0)));
    insta::assert_snapshot!(refusal(driver.set(percent(5)).await, &haproxy), @r#"haproxy at SOCKET said "Permission denied": set `level admin` on that `stats socket`"#);
}

#[tokio::test]
async fn a_balance_that_knows_no_weights_at_runtime_is_refused() {
    let haproxy = unserved(
        "  balance static-rr\n  server web-stable 127.0.0.1:9 weight 100\n  server web-canary 127.0.0.1:9 weight 50\n",
    );
    let mut driver = haproxy_driver(text(&haproxy.socket()));
    insta::assert_snapshot!(refusal(driver.set(percent(5)).await, &haproxy), @r#"haproxy at SOCKET said "Backend is using a static LB algorithm and only accepts weights '0%' and '100%'": set `balance roundrobin` or `balance leastconn` in that backend"#);
}

#[tokio::test]
async fn a_dead_socket_is_unreachable() {
    let (mut haproxy, _arms) = stage().await;
    haproxy.kill();
    let socket = haproxy.socket();
    let Err(DriverError::Unreachable(message)) = haproxy_driver(text(&socket)).read().await else {
        panic!("nothing listens there")
    };
    insta::assert_snapshot!(message.replace(text(&socket), "SOCKET"), @"haproxy at SOCKET cannot be connected to: Connection refused (os error 111); is HAProxy running, with this `stats socket` in its `global` section?");
    let Err(DriverError::Unreachable(message)) =
        haproxy_driver("/nowhere/haproxy.sock").set(percent(5)).await
    else {
        panic!("there is no such file")
    };
    insta::assert_snapshot!(message, @"haproxy at /nowhere/haproxy.sock cannot be connected to: No such file or directory (os error 2); is HAProxy running, with this `stats socket` in its `global` section?");
    let Err(DriverError::Refused(message)) = haproxy_driver("haproxy.sock").read().await else {
        panic!("this is neither a path nor an address")
    };
    insta::assert_snapshot!(message, @"haproxy at haproxy.sock is no address: write `host:port`, or the path of the unix socket with `unix:` before it");
}
