//! The source tree as values: files, modules, and who names whom.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};

use super::scan::{Scanned, scan};

/// The texts of the project by path, with `/` between folders.
#[derive(Debug, Clone, Default)]
pub(crate) struct House {
    texts: BTreeMap<String, Arc<Text>>,
}

/// A text, scanned once however many houses share it.
#[derive(Debug, Default)]
struct Text {
    text: String,
    scanned: OnceLock<Arc<Scanned>>,
}

impl Text {
    fn new(text: String) -> Arc<Self> {
        Arc::new(Self { text, scanned: OnceLock::new() })
    }

    fn scanned(&self) -> Arc<Scanned> {
        Arc::clone(self.scanned.get_or_init(|| Arc::new(scan(&self.text))))
    }
}

/// Source files as modules of one crate.
#[derive(Debug)]
pub(crate) struct Modules {
    /// By file.
    files: BTreeMap<String, Arc<Scanned>>,
    /// The file of a module path such as `rollout::plan`.
    by_path: BTreeMap<String, String>,
    /// The module path of a file.
    by_file: BTreeMap<String, String>,
    /// The files that the product compiles.
    product: BTreeSet<String>,
    /// What files name, with what they pass it on as, once it was asked for.
    named: RefCell<BTreeMap<String, Rc<[Named]>>>,
    /// What files name for themselves, as it is defined, once it was asked for.
    defined: RefCell<BTreeMap<String, Rc<[Use]>>>,
}

/// What a file names, and what it passes that on as.
type Named = (Option<String>, Use);

/// A path that a file names, and the file of this crate that it leads to, if any.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Use {
    /// In full: from the crate's root, or from an outer crate.
    pub(crate) path: String,
    /// The file it leads to.
    pub(crate) target: Option<String>,
}

/// Folders with text that nobody of this project wrote by hand.
const SKIPPED: [&str; 2] = ["target", "fixtures"];

/// Hidden names that belong to the project; others belong to tools and editors.
const HIDDEN: [&str; 4] = [".ci", ".github", ".editorconfig", ".gitattributes"];

impl House {
    /// The project as it stands.
    pub(crate) fn of_this_project() -> Self {
        static HOUSE: OnceLock<House> = OnceLock::new();
        let read = || {
            let root = Path::new(env!("CARGO_MANIFEST_DIR"));
            let mut texts = BTreeMap::new();
            read_folder(root, root, &mut texts);
            Self { texts }
        };
        HOUSE.get_or_init(read).clone()
    }

    /// The same with one file written, for planting violations.
    pub(crate) fn with(mut self, path: &str, text: &str) -> Self {
        self.texts.insert(path.into(), Text::new(text.into()));
        self
    }

    /// The same with a line at the end of a file.
    pub(crate) fn with_line(self, path: &str, line: &str) -> Self {
        let text = format!("{}{line}\n", self.text(path));
        self.with(path, &text)
    }

    /// The same without a line, which must be there.
    pub(crate) fn without_line(self, path: &str, line: &str) -> Self {
        let without = self.text(path).replacen(&format!("{line}\n"), "", 1);
        assert_ne!(self.text(path), without, "{path} has no line {line:?}");
        self.with(path, &without)
    }

    /// Every text with its path.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().map(|(path, text)| (path.as_str(), text.text.as_str()))
    }

    /// Whether there is such a file.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.texts.contains_key(path)
    }

    /// The text of a file; empty if there is none.
    pub(crate) fn text(&self, path: &str) -> &str {
        self.texts.get(path).map_or("", |text| text.text.as_str())
    }

    /// Rust files beneath a folder.
    pub(crate) fn rust_files<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.texts().filter(move |(path, _)| path.starts_with(folder) && is_rust(path))
    }

    /// The library as modules.
    pub(crate) fn modules(&self) -> Modules {
        Modules::from(self, "src/", "src/lib.rs")
    }

    /// Files beneath `folder` that no `mod` leads to from `root`.
    pub(crate) fn unreachable(&self, folder: &str, root: &str) -> Vec<String> {
        let modules = Modules::from(self, folder, root);
        let reached = modules.reach(root, false);
        modules.files.keys().filter(|file| !reached.contains(*file)).cloned().collect()
    }
}

fn is_rust(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "rs")
}

fn read_folder(root: &Path, folder: &Path, texts: &mut BTreeMap<String, Arc<Text>>) {
    let entries = std::fs::read_dir(folder).unwrap();
    for entry in entries.map(Result::unwrap) {
        let path = entry.path();
        let name = entry.file_name().into_string().unwrap();
        if (name.starts_with('.') && !HIDDEN.contains(&name.as_str())) || SKIPPED.contains(&name.as_str()) {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            read_folder(root, &path, texts);
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            let within = path.strip_prefix(root).unwrap();
            texts.insert(within.to_str().unwrap().into(), Text::new(text));
        }
    }
}

impl Modules {
    fn from(house: &House, folder: &str, root: &str) -> Self {
        let files: BTreeMap<_, _> = house
            .texts
            .iter()
            .filter(|(path, _)| path.starts_with(folder) && is_rust(path))
            .map(|(path, text)| (path.clone(), text.scanned()))
            .collect();
        let by_file: BTreeMap<_, _> =
            files.keys().map(|file| (file.clone(), module_path(folder, root, file))).collect();
        let by_path = by_file.iter().map(|(file, path)| (path.clone(), file.clone())).collect();
        let (product, named, defined) = <_>::default();
        let mut modules = Self { files, by_path, by_file, product, named, defined };
        modules.product = modules.reach(root, true);
        modules
    }

    /// The files that `mod` declarations lead to.
    fn reach(&self, root: &str, product_only: bool) -> BTreeSet<String> {
        let mut reached = BTreeSet::new();
        let mut next = vec![root.to_owned()];
        while let Some(file) = next.pop() {
            let module = self.path_of(&file);
            for (name, shipped) in self.files.get(&file).map_or(&[][..], |scanned| &scanned.modules) {
                if *shipped || !product_only {
                    next.extend(self.by_path.get(&join(&module, name)).cloned());
                }
            }
            reached.insert(file);
        }
        reached
    }

    fn path_of(&self, file: &str) -> String {
        self.by_file.get(file).cloned().unwrap_or_default()
    }

    /// The product's files of a module and everything beneath it.
    pub(crate) fn files_of(&self, module: &str) -> Vec<&str> {
        let beneath = format!("{module}::");
        self.by_path
            .iter()
            .filter(|(path, file)| {
                (*path == module || path.starts_with(&beneath)) && self.product.contains(*file)
            })
            .map(|(_, file)| file.as_str())
            .collect()
    }

    /// Every file of the product.
    pub(crate) fn product_files(&self) -> impl Iterator<Item = &str> {
        self.product.iter().map(String::as_str)
    }

    /// The modules that a file declares, in its order.
    pub(crate) fn declared_in(&self, file: &str) -> Vec<&str> {
        self.files
            .get(file)
            .map(|it| it.modules.iter().map(|(name, _)| name.as_str()).collect())
            .unwrap_or_default()
    }

    /// What a file names.
    pub(crate) fn uses(&self, file: &str) -> BTreeSet<Use> {
        self.uses_where(file, |shown_as| shown_as.is_none())
            .into_iter()
            .chain(self.uses_where(file, |shown_as| shown_as.is_some()))
            .collect()
    }

    fn uses_where(&self, file: &str, wanted: impl Fn(Option<&str>) -> bool) -> Vec<Use> {
        let known = self.named.borrow().get(file).cloned();
        let named = known.unwrap_or_else(|| {
            let named: Rc<[_]> = self.resolved(file).into();
            self.named.borrow_mut().insert(file.to_owned(), Rc::clone(&named));
            named
        });
        let named = named.iter().filter(|(shown_as, _)| wanted(shown_as.as_deref()));
        named.map(|(_, used)| used.clone()).collect()
    }

    /// What a file names, in full, with what it passes it on as.
    fn resolved(&self, file: &str) -> Vec<Named> {
        let module = self.path_of(file);
        let Some(scanned) = self.files.get(file) else { return Vec::new() };
        scanned
            .named
            .iter()
            .map(|named| {
                let mut base: Vec<&str> = module.split("::").filter(|it| !it.is_empty()).collect();
                // Inline modules have no file: their `super` is the file's own module.
                let mut inline = named.inline;
                let mut rest = named.segments.as_slice();
                let mut internal = false;
                while let Some(first) = rest.first() {
                    match first.as_str() {
                        "crate" => base.clear(),
                        "self" => {}
                        "super" if inline > 0 => inline -= 1,
                        "super" => drop(base.pop()),
                        child => {
                            let declared = scanned.modules.iter().any(|(name, _)| name == child);
                            internal |= inline == 0 && !internal && declared;
                            break;
                        }
                    }
                    internal = true;
                    rest = &rest[1..];
                }
                let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
                let used = if internal {
                    let full = base.into_iter().chain(rest).collect::<Vec<_>>().join("::");
                    let target = self.file_of(&full).filter(|target| target != file);
                    Use { path: format!("crate::{full}"), target }
                } else {
                    Use { path: rest.join("::"), target: None }
                };
                (named.shown_as.clone(), used)
            })
            .collect()
    }

    /// The file that holds what a path from the crate's root names.
    fn file_of(&self, path: &str) -> Option<String> {
        let mut module = path;
        loop {
            if let Some(file) = self.by_path.get(module) {
                return Some(file.clone());
            }
            module = module.rsplit_once("::")?.0;
        }
    }

    /// Everything that a file names, through the files of this crate it leads to. The way there comes with
    /// each. A re-exported name leads to where it is defined, not to all that its re-exporting file names; the
    /// `ends` lead nowhere.
    pub(crate) fn uses_through(&self, file: &str, ends: &[&str]) -> BTreeMap<Use, Vec<String>> {
        let mut found: BTreeMap<Use, Vec<String>> = BTreeMap::new();
        let mut visited = BTreeSet::from([file.to_owned()]);
        let mut next = vec![(file.to_owned(), vec![file.to_owned()])];
        while let Some((file, way)) = next.pop() {
            let mut named = self.defined(&file).to_vec();
            if way.len() == 1 {
                let passed_on = self.uses_where(&file, |shown_as| shown_as.is_some());
                named.extend(passed_on.into_iter().flat_map(|used| self.definitions(used)));
            }
            for used in named {
                if let Some(target) = &used.target
                    && !ends.contains(&used.path.as_str())
                    && visited.insert(target.clone())
                {
                    let mut way = way.clone();
                    way.push(target.clone());
                    next.push((target.clone(), way));
                }
                found.entry(used).or_insert_with(|| way.clone());
            }
        }
        found
    }

    /// What a file names for itself, as it is defined.
    fn defined(&self, file: &str) -> Rc<[Use]> {
        if let Some(known) = self.defined.borrow().get(file) {
            return Rc::clone(known);
        }
        let own = self.uses_where(file, |shown_as| shown_as.is_none());
        let defined: Rc<[Use]> = own.into_iter().flat_map(|used| self.definitions(used)).collect();
        self.defined.borrow_mut().insert(file.to_owned(), Rc::clone(&defined));
        defined
    }

    /// Where a name is defined, if the file that a path leads to only passes it on.
    fn definitions(&self, used: Use) -> Vec<Use> {
        let Some(target) = &used.target else { return vec![used] };
        let module = format!("crate::{}::", self.path_of(target));
        let Some(name) = used.path.strip_prefix(&module).and_then(|rest| rest.split("::").next()) else {
            return vec![used];
        };
        let passed_on = self.uses_where(target, |shown_as| shown_as == Some(name));
        if passed_on.is_empty() { vec![used] } else { passed_on }
    }
}

fn join(module: &str, name: &str) -> String {
    if module.is_empty() { name.into() } else { format!("{module}::{name}") }
}

fn module_path(folder: &str, root: &str, file: &str) -> String {
    if file == root {
        return String::new();
    }
    let within = file.strip_prefix(folder).unwrap_or(file).trim_end_matches(".rs");
    let within = within.strip_suffix("/mod").unwrap_or(within);
    // A second crate root beside the first is no module.
    if within == "main" { "(main)".into() } else { within.replace('/', "::") }
}
