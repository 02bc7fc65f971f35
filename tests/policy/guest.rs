//! Writes guests: a core module in text whose records lie in memory as the canonical ABI has them, wrapped into
//! a component of the policy world.
//!
//! Layouts of the Component Model's canonical ABI, of `wit/v1/policy.wit`: a string or list is a pointer and
//! a length; an option or variant is a discriminant, then its payload at the payload's alignment.

use std::fmt::Write as _;

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// Where the static records begin; the page below is left for what a body wants to write.
const BASE: usize = 1024;

/// Static memory of a guest.
#[derive(Default)]
pub(crate) struct Image {
    bytes: Vec<u8>,
}

impl Image {
    /// Puts bytes at an address of this alignment.
    pub(crate) fn put(&mut self, align: usize, bytes: &[u8]) -> u32 {
        while !(BASE + self.bytes.len()).is_multiple_of(align) {
            self.bytes.push(0);
        }
        let at = u32::try_from(BASE + self.bytes.len()).unwrap();
        self.bytes.extend_from_slice(bytes);
        at
    }

    /// A string or list of bytes: its pointer and length, as a record has them.
    pub(crate) fn text(&mut self, text: impl AsRef<[u8]>) -> Vec<u8> {
        let at = self.put(1, text.as_ref());
        words(&[at, u32::try_from(text.as_ref().len()).unwrap()])
    }

    fn list(&mut self, align: usize, items: &[Vec<u8>]) -> Vec<u8> {
        let at = self.put(align, &items.concat());
        words(&[at, u32::try_from(items.len()).unwrap()])
    }

    /// What `evaluate` returns for an outcome.
    pub(crate) fn outcome(&mut self, verdict: Verdict, reasons: &[Reason<'_>], memory: &[u8]) -> u32 {
        let reasons: Vec<_> = reasons.iter().map(|reason| self.reason(reason)).collect();
        let reasons = self.list(4, &reasons);
        let memory = self.text(memory);
        self.put(4, &[words(&[0]), verdict.encode(), reasons, memory].concat())
    }

    /// What `evaluate` returns for a refusal: 0 bad settings, 1 insufficient data, 2 other.
    pub(crate) fn refusal(&mut self, kind: u32, text: &str) -> u32 {
        let text = self.text(text);
        self.put(4, &[words(&[1, kind]), text, vec![0; 16]].concat())
    }

    fn reason(&mut self, reason: &Reason<'_>) -> Vec<u8> {
        let text = self.text(reason.text);
        let metric = match reason.metric {
            Some(metric) => [words(&[1]), self.text(metric)].concat(),
            None => words(&[0, 0, 0]),
        };
        let evidence: Vec<_> = reason
            .evidence
            .iter()
            .map(|(name, number)| {
                let name = self.text(name);
                [name, 2_u64.to_le_bytes().to_vec(), number.to_le_bytes().to_vec()].concat()
            })
            .collect();
        [words(&[0]), text, metric, self.list(8, &evidence)].concat()
    }
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

#[derive(Clone, Copy)]
pub(crate) enum Verdict {
    Advance(Option<u8>),
    Promote,
    Hold,
    Rollback,
}

impl Verdict {
    fn encode(self) -> Vec<u8> {
        match self {
            Self::Advance(None) => words(&[0, 0, 0]),
            Self::Advance(Some(weight)) => words(&[0, 1 | u32::from(weight) << 8, 0]),
            Self::Promote => words(&[1, 0, 0]),
            Self::Hold => words(&[2, 0, 0]),
            Self::Rollback => words(&[3, 0, 0]),
        }
    }
}

#[derive(Clone, Default)]
pub(crate) struct Reason<'a> {
    pub(crate) text: &'a str,
    pub(crate) metric: Option<&'a str>,
    pub(crate) evidence: Vec<(&'a str, f64)>,
}

/// A guest that is well, but for what a test changes.
pub(crate) struct Guest {
    image: Image,
    /// Memory type, as in `2` or `2 4`.
    pub(crate) memory: String,
    /// JSON Schema of the settings.
    pub(crate) schema: String,
    /// Metrics it needs: name and kind, 0 ratio, 1 latency.
    pub(crate) needs: Vec<(&'static str, u32)>,
    /// Instructions of `describe` before it returns.
    pub(crate) describe: String,
    /// Instructions that leave a pointer to what `evaluate` returns; `$at` points to the arguments.
    pub(crate) evaluate: String,
    /// Further fields of the module.
    pub(crate) fields: String,
    /// The interface: `wit/v1/policy.wit`, unless changed.
    pub(crate) wit: String,
}

impl Guest {
    /// A guest whose `evaluate` is what `body` makes.
    pub(crate) fn judging(body: impl FnOnce(&mut Image) -> String) -> Self {
        let mut image = Image::default();
        let evaluate = body(&mut image);
        Self {
            image,
            memory: "4".into(),
            schema: "{}".into(),
            needs: Vec::new(),
            describe: String::new(),
            evaluate,
            fields: String::new(),
            wit: include_str!("../../wit/v1/policy.wit").into(),
        }
    }

    /// A guest that says this and nothing else.
    pub(crate) fn saying(verdict: Verdict, reasons: &[Reason<'_>]) -> Self {
        Self::judging(|image| format!("i32.const {}", image.outcome(verdict, reasons, b"")))
    }

    /// A guest that does this before it says promote.
    pub(crate) fn doing(instructions: &str) -> Self {
        Self::judging(|image| {
            format!("{instructions}\n i32.const {}", image.outcome(Verdict::Promote, &[], b""))
        })
    }

    /// The core module as text.
    pub(crate) fn text(mut self) -> String {
        let [name, version, summary] =
            ["guest", "1.0.0", "A guest of the tests."].map(|text| self.image.text(text));
        let schema = self.image.text(&self.schema);
        let needs: Vec<_> = self
            .needs
            .iter()
            .map(|(name, kind)| {
                let name = self.image.text(name);
                [name, words(&[*kind, 0]), 100_u64.to_le_bytes().to_vec()].concat()
            })
            .collect();
        let needs = self.image.list(8, &needs);
        let described = [name, version, summary, words(&[0, 0, 0]), schema, needs].concat();
        let described = self.image.put(4, &described);
        let no_problems = self.image.put(4, &[0; 8]);
        let free = (BASE + self.image.bytes.len()).next_multiple_of(65536);
        let data = self.image.bytes.iter().fold(String::new(), |mut data, byte| {
            let _ = write!(data, "\\{byte:02x}");
            data
        });
        let judge = format!("rollgate:policy/judge@{}", version_of(&self.wit));
        let log = format!("rollgate:policy/log@{}", version_of(&self.wit));
        let Self { memory, describe, evaluate, fields, .. } = self;
        format!(
            r#"(module
              (import "{log}" "write" (func $log (param i32 i32 i32)))
              (memory (export "memory") {memory})
              (global $free (mut i32) (i32.const {free}))
              (data (i32.const {BASE}) "{data}")
              (func (export "cabi_realloc") (param $old i32) (param $size i32) (param $align i32) (param $new i32) (result i32)
                (local $at i32)
                (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
                (global.set $free (i32.add (local.get $at) (local.get $new)))
                (if (i32.gt_u (global.get $free) (i32.mul (memory.size) (i32.const 65536)))
                  (then (drop (memory.grow (i32.const 16)))))
                (local.get $at))
              (func (export "{judge}#describe") (result i32) {describe} i32.const {described})
              (func (export "{judge}#check-settings") (param i32 i32) (result i32) i32.const {no_problems})
              (func (export "{judge}#evaluate") (param $at i32) (result i32) {evaluate})
              {fields})"#
        )
    }

    /// The core module.
    pub(crate) fn module(self) -> Vec<u8> {
        let mut resolve = Resolve::default();
        let package = resolve.push_str("policy.wit", &self.wit).unwrap();
        let world = resolve.select_world(&[package], Some("policy")).unwrap();
        let mut module = wat::parse_str(self.text()).unwrap();
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
        module
    }

    /// The component.
    pub(crate) fn component(self) -> Vec<u8> {
        ComponentEncoder::default().validate(true).module(&self.module()).unwrap().encode().unwrap()
    }
}

fn version_of(wit: &str) -> &str {
    let (_, rest) = wit.split_once("package rollgate:policy@").unwrap();
    rest.split_once(';').unwrap().0
}
