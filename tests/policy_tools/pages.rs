//! Which files `rollgate policy test` takes for cases, and what it takes for one in Markdown: none is passed over in silence.

use std::os::unix::fs::symlink;

use insta::assert_snapshot;

use super::cases::folder;
use super::{policy, told};

const CASE: &str = "version: 1
policy: builtin:thresholds
settings: { error-rate: 1% }
cases: [ { name: a, snapshot: {}, expect: refusal } ]
";

#[test]
fn a_block_is_one_by_whichever_fence() {
    let page = "```YAML
version: 1
policy: builtin:thresholds
settings: { error-rate: 1% }
```

## tildes

~~~yaml
snapshot: {}
expect: refusal
~~~

##\tcapitals

   ````Yml
snapshot: {}
expect: refusal
```
````

### not a case

~~~~text
## nor this
```yaml
~~~
~~~~

## words behind the language

```yaml case
snapshot: {}
expect: refusal
```
";
    let folder =
        folder(&[("cases/page.md", &page.replace("expect: refusal\n```\n````", "expect: refusal\n````"))]);
    let said = told(&policy(folder.path(), &["test"]));
    assert_snapshot!(said, @r"
    exit 0
    cases/page.md: builtin:thresholds
      ok       tildes
      ok       capitals
      ok       words behind the language

    3 cases: 3 as expected

    coverage            advance  promote  hold  rollback  refusal  fault  settings
    builtin:thresholds        -        -     -         -        3      -         -
    ");
}

#[test]
fn a_heading_without_its_block_is_an_error() {
    let page = "```yaml
version: 1
policy: builtin:thresholds
```

## words alone

Nothing.

## another language

```json
{ \"snapshot\": {} }
```

## nothing in it

```yaml
# To be written.
```

## two of them

```yaml
snapshot: {}
```

```yaml
snapshot: {}
```
";
    let folder = folder(&[("cases/page.md", page)]);
    assert_snapshot!(told(&policy(folder.path(), &["test"])), @r"
    exit 2
    error: there is no `yaml` block beneath this heading
     --> cases/page.md:6:1
      |
    6 | ## words alone
      | ^
      = help: write the case in one, fenced with ```yaml; or begin the heading with `###` if it is not a case

    error: there is no `yaml` block beneath this heading
      --> cases/page.md:10:1
       |
    10 | ## another language
       | ^
       = help: write the case in one, fenced with ```yaml; or begin the heading with `###` if it is not a case

    error: there is nothing in this block
      --> cases/page.md:18:1
       |
    18 | ```yaml
       | ^
       = help: write the case here: `snapshot` and `expect`

    error: a second block stands beneath this heading
      --> cases/page.md:28:1
       |
    28 | ```yaml
       | ^
       = help: give each case a `##` heading of its own
    ");
}

#[test]
fn a_page_that_ends_too_early_is_an_error() {
    let head = "```yaml\nversion: 1\npolicy: builtin:thresholds\n```\n";
    let open = format!("{head}\n~~~~text\n\n## swallowed\n\n```yaml\nsnapshot: {{}}\n```\n~~~\n");
    let all = [head, &open].map(|page| {
        let folder = folder(&[("cases/page.md", page)]);
        told(&policy(folder.path(), &["test"]))
    });
    assert_snapshot!(all.join(""), @r"
    exit 2
    error: there are no cases
     --> cases/page.md:1:1
      |
    1 | ```yaml
      | ^
      = help: write each as a `yaml` block beneath a `##` heading of its own
    exit 2
    error: this block never ends
     --> cases/page.md:6:1
      |
    6 | ~~~~text
      | ^
      = help: end it with a line of ~~~~
    ");
}

#[test]
fn a_file_is_found_by_any_case_of_its_ending_and_through_a_link() {
    let folder = folder(&[
        ("cases/a.YAML", CASE),
        ("cases/b.Yml", CASE),
        ("cases/c.MD", "No cases here.\n"),
        ("shared/d.yaml", CASE),
    ]);
    symlink("../shared/d.yaml", folder.path().join("cases/d.yaml")).unwrap();
    let said = told(&policy(folder.path(), &["test"]));
    assert_snapshot!(said, @r"
    exit 0
    cases/a.YAML: builtin:thresholds
      ok       a
    cases/b.Yml: builtin:thresholds
      ok       a
    cases/d.yaml: builtin:thresholds
      ok       a

    3 cases: 3 as expected
    without cases: cases/c.MD

    coverage            advance  promote  hold  rollback  refusal  fault  settings
    builtin:thresholds        -        -     -         -        3      -         -
    ");
    let report = policy(folder.path(), &["test", "--format", "json"]).stdout;
    let report: serde_json::Value = serde_json::from_slice(&report).unwrap();
    assert_eq!(report["without-cases"], serde_json::json!(["cases/c.MD"]));
}

#[test]
fn a_link_that_cannot_be_followed_is_an_error() {
    let outer =
        folder(&[("outside.yaml", CASE), ("policy/cases/a.yaml", CASE), ("policy/more/b.yaml", CASE)]);
    let dir = outer.path().join("policy");
    let all = [
        ("../../outside.yaml", "x.yaml"),
        ("nowhere", "x.md"),
        ("../more", "more"),
        ("../more", "more.yaml"),
    ]
    .map(|(to, name)| {
        let link = dir.join("cases").join(name);
        symlink(to, &link).unwrap();
        let said = told(&policy(&dir, &["test"]));
        std::fs::remove_file(link).unwrap();
        said
    });
    assert_snapshot!(all.join(""), @r"
    exit 2
    error: read cases/x.yaml, a symbolic link: it is outside of `.`, the folder that is tested; move it there, without a symbolic link out of it
    exit 2
    error: read cases/x.md, a symbolic link: there is no such file
    exit 2
    error: cases/more is a symbolic link to a folder, which is not followed: put the folder itself there
    exit 2
    error: read cases/more.yaml, a symbolic link: it is not a regular file
    ");
}

#[test]
fn folders_that_lie_too_deep_are_an_error() {
    let deep = format!("cases/{}", "a/".repeat(9));
    let folder = folder(&[("cases/a.yaml", CASE), (&format!("{deep}b.yaml"), CASE)]);
    let said = told(&policy(folder.path(), &["test"]));
    assert_eq!(
        said,
        format!("exit 2\nerror: {} lies more than 8 folders deep\n", deep.trim_end_matches('/'))
    );
}

#[test]
fn a_page_of_more_blocks_than_cases_are_accepted_is_refused_where_they_are_too_many() {
    // Blocks that each stood behind a megabyte of blank lines would take a terabyte.
    let page = "\n".repeat(500_000) + &"##\n~~~yaml\n~~~\n".repeat(30_000);
    let folder = folder(&[("cases/page.md", &page)]);
    assert_snapshot!(told(&policy(folder.path(), &["test"])), @"
    exit 2
    error: there are more than 1000 cases
          --> cases/page.md:503005:1
           |
    503005 | ~~~yaml
           | ^
           = help: write the others into a file of their own
    ");
}
