//! What a file may cost: each limit, and that beyond it something is said.

use rollgate::openapi::diagnostic::{Diagnostic, Gravity};
use rollgate::openapi::read::limits::{MAX_BYTES, MAX_DEPTH, MAX_DIAGNOSTICS, MAX_NODES};
use rollgate::openapi::read::read;
use rollgate::openapi::tree::Tree;

use super::codes;

/// How deep the values of a tree are nested; every path is followed.
fn depth(tree: &Tree) -> usize {
    let mut deepest = 0;
    let mut open: Vec<_> = tree.root().map(|root| (root, 1)).into_iter().collect();
    while let Some((node, depth)) = open.pop() {
        deepest = deepest.max(depth);
        open.extend(node.items().map(|item| (item, depth + 1)));
        open.extend(node.members().map(|member| (member.value, depth + 1)));
    }
    deepest
}

fn only(diagnostics: &[Diagnostic], code: &str) {
    assert_eq!(codes(diagnostics), [code], "{diagnostics:?}");
    assert_eq!(diagnostics.len(), 1, "{diagnostics:?}");
    assert_eq!(diagnostics[0].level, Gravity::Error);
}

#[test]
fn a_file_beyond_the_longest_is_not_read() {
    let mut bytes = vec![b' '; MAX_BYTES + 1];
    bytes[0] = b'1';
    let (tree, diagnostics) = read("api.json", &bytes);
    assert!(tree.root().is_none() && tree.source().is_empty());
    only(&diagnostics, "file-too-long");
}

#[test]
fn json_is_read_down_to_the_deepest_and_null_beneath() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let nested = |levels: usize| format!("{}1{}", open.repeat(levels), close.repeat(levels));
        let (tree, diagnostics) = read("api.json", nested(MAX_DEPTH).as_bytes());
        assert_eq!((depth(&tree), diagnostics.as_slice()), (MAX_DEPTH + 1, [].as_slice()));
        let (tree, diagnostics) = read("api.json", nested(MAX_DEPTH + 1).as_bytes());
        assert_eq!(depth(&tree), MAX_DEPTH + 1);
        only(&diagnostics, "too-deep");
        let (tree, diagnostics) = read("api.json", format!("[{0},{0},2]", nested(1_000_000)).as_bytes());
        assert_eq!(tree.root().unwrap().len(), 3);
        only(&diagnostics, "too-deep");
    }
}

#[test]
fn a_million_brackets_that_nothing_closes_end_the_file() {
    for open in ["[", "{\"a\":", "[{\"a\":"] {
        let (tree, diagnostics) = read("api.json", open.repeat(1_000_000).as_bytes());
        assert!(depth(&tree) <= MAX_DEPTH + 1);
        assert!(codes(&diagnostics).contains(&"too-deep") && codes(&diagnostics).contains(&"truncated"));
    }
}

#[test]
fn yaml_is_read_down_to_the_deepest_and_null_beneath() {
    let block = |levels: usize| format!("{}1\n", "- ".repeat(levels));
    let (tree, diagnostics) = read("api.yaml", block(MAX_DEPTH).as_bytes());
    assert_eq!((depth(&tree), diagnostics.as_slice()), (MAX_DEPTH + 1, [].as_slice()));
    let (tree, diagnostics) = read("api.yaml", format!("{}- 2\n", block(MAX_DEPTH + 1)).as_bytes());
    assert_eq!((depth(&tree), tree.root().unwrap().len()), (MAX_DEPTH + 1, 2));
    only(&diagnostics, "too-deep");
    for open in ["- ", "? ", "- ? "] {
        let (tree, diagnostics) = read("api.yaml", open.repeat(1_000_000).as_bytes());
        assert!(depth(&tree) <= MAX_DEPTH + 1);
        assert!(codes(&diagnostics).contains(&"too-deep"), "{open:?} {diagnostics:?}");
    }
    // Brackets are bounded by the parser.
    for open in ["[", "{", "[a, ", "{a: "] {
        let (tree, diagnostics) = read("api.yaml", format!("a: {}", open.repeat(100_000)).as_bytes());
        assert!(depth(&tree) <= MAX_DEPTH + 1);
        assert!(diagnostics.iter().any(|diagnostic| diagnostic.level == Gravity::Error));
    }
}

#[test]
fn aliases_do_not_nest_deeper_than_values() {
    let levels = MAX_DEPTH / 2;
    let text = format!(
        "a: &a {}1{}\nb: &b {}*a{}\nc: [*b]\nd: [*a]\n",
        "[".repeat(levels),
        "]".repeat(levels),
        "[".repeat(levels),
        "]".repeat(levels)
    );
    let (tree, diagnostics) = read("api.yaml", text.as_bytes());
    assert!(depth(&tree) <= MAX_DEPTH + 1);
    only(&diagnostics, "too-deep");
}

#[test]
fn values_beyond_the_last_are_not_read() {
    let count = usize::try_from(MAX_NODES).unwrap();
    let (tree, diagnostics) = read("api.json", format!("[{}1]", "1,".repeat(count)).as_bytes());
    assert!(tree.len() <= count + 1);
    only(&diagnostics, "too-many-values");
    let (tree, diagnostics) = read("api.yaml", "-\n".repeat(count + 2).as_bytes());
    assert!(tree.len() <= count + 2);
    only(&diagnostics, "too-many-values");
}

#[test]
fn a_billion_laughs_are_cut() {
    let mut text = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for level in 1..40 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
    }
    text.push_str("last: 1\n");
    let (tree, diagnostics) = read("api.yaml", text.as_bytes());
    only(&diagnostics, "too-many-values");
    assert_eq!(tree.root().unwrap().get("last").unwrap().as_number(), Some("1"));
    // What the tree says, every alias followed, is within the bound too.
    let mut count = 0_u64;
    let mut open: Vec<_> = tree.root().into_iter().collect();
    while let Some(node) = open.pop() {
        count += 1;
        open.extend(node.items());
        open.extend(node.members().map(|member| member.value));
    }
    assert!(count <= MAX_NODES, "{count}");
}

#[test]
fn merged_members_count() {
    let keys: String = (0..1000).map(|key| format!("k{key}: 1, ")).collect();
    let merges = "- {<<: *a}\n".repeat(10_000);
    let (tree, diagnostics) = read("api.yaml", format!("- &a {{{keys}}}\n{merges}").as_bytes());
    assert!(codes(&diagnostics).contains(&"too-many-values"));
    let members: usize = tree.root().unwrap().items().map(rollgate::openapi::tree::Node::len).sum();
    assert!(members as u64 <= MAX_NODES);
}

#[test]
fn a_long_text_is_kept_once_however_often_it_is_meant() {
    let text = "x\\n".repeat(100_000);
    let file = format!("- &a \"{text}\"\n- {{? *a : 1}}\n{}", "- *a\n- {? *a : *a}\n".repeat(2_000));
    let (tree, diagnostics) = read("api.yaml", file.as_bytes());
    assert_eq!(diagnostics, []);
    let texts: std::collections::BTreeSet<_> = tree
        .root()
        .unwrap()
        .items()
        .filter_map(rollgate::openapi::tree::Node::as_str)
        .map(str::as_ptr)
        .collect();
    assert_eq!(texts.len(), 1);
}

#[test]
fn diagnostics_are_kept_up_to_a_number_and_counted_beyond() {
    let text = format!("{{{}}}", "\"a\": 1,\n".repeat(1_000));
    let (_, diagnostics) = read("api.json", text.as_bytes());
    assert_eq!(diagnostics.len(), MAX_DIAGNOSTICS + 1);
    let last = diagnostics.last().unwrap();
    assert_eq!((last.code.as_str(), last.level), ("more-diagnostics", Gravity::Warn));
    // 999 keys again, and the comma before the bracket.
    assert_eq!(last.message, "800 more problems of this file are not listed: mend the first 200");
    // What is not listed is no less grave.
    let (_, diagnostics) = read("api.json", format!("[{}}}", "1 ".repeat(300)).as_bytes());
    assert_eq!(diagnostics.last().unwrap().level, Gravity::Error);
}

#[test]
fn brackets_without_end_are_not_held() {
    // As a value they come item by item; where they may be a key, their end decides.
    let list = format!("[{}]\n", "a,".repeat(1_000_000));
    let (tree, diagnostics) = read("api.yaml", format!("list: {list}").as_bytes());
    assert_eq!(diagnostics, []);
    assert_eq!(tree.root().unwrap().get("list").unwrap().len(), 1_000_000);
    let (tree, diagnostics) = read("api.yaml", format!("- 1\n- {list}").as_bytes());
    only(&diagnostics, "brackets-too-large");
    assert_eq!(tree.root().unwrap().items().next().unwrap().as_number(), Some("1"));
}

#[test]
fn a_prefix_of_tags_is_not_copied_without_end() {
    let text = format!("%TAG ! tag:{}\n---\n{}", "x".repeat(100_000), "- !a 1\n".repeat(100_000));
    let (_, diagnostics) = read("api.yaml", text.as_bytes());
    assert!(codes(&diagnostics).contains(&"tag-directive-too-long"));
}
