//! A description with the files that its references lead to. Pure: it says which files are wanted, and whoever can read
//! files gives them.
//!
//! The files of a description are known by their paths from one root, and documents elsewhere by their URLs, which are
//! wanted only where somebody asked for that. What is wanted is read off the files as they are
//! written, so each file is looked at once, and a reference that turns out to lead elsewhere, or that stands where none
//! may, costs a file that nobody looks into. Which references count is decided when the bundle is lowered.

use std::collections::{BTreeMap, BTreeSet};

use super::diagnostic::{Diagnostic, Gravity};
use super::model::{self, Description};
use super::tree::{Kind, Node, Tree};
use super::uri::{self, NoFile};

/// Why a file that was wanted is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Absence {
    /// There is no such file.
    Missing,
    /// It could not be read. The reason fits "it cannot be read: {…}", and names neither the machine nor the commit.
    Unreadable(String),
    /// Whoever was asked for it gave no answer, and may give one later. The reason fits "failed to {…}".
    Unanswered(String),
    /// The files of the description are too many, or together too long. The reason fits "… is not read: {…}".
    TooMuch(String),
}

#[derive(Debug)]
struct File {
    path: String,
    tree: Tree,
    defects: Vec<Diagnostic>,
}

/// A description and its files.
#[derive(Debug)]
pub struct Bundle {
    /// The description itself first.
    files: Vec<File>,
    by_path: BTreeMap<String, u32>,
    absent: BTreeMap<String, Absence>,
    /// Nothing is around the description: other files cannot be asked for.
    is_alone: bool,
    /// URLs are wanted as well.
    follows_urls: bool,
    /// URLs that references name, as far as files were looked through.
    urls: BTreeSet<String>,
    /// URLs by which schemas of the files say that they are called: nobody has to be asked for those.
    own_urls: BTreeSet<String>,
    /// Files that were looked through for references.
    searched: usize,
}

impl Bundle {
    /// A description that stands at `path` among other files.
    #[must_use]
    pub fn rooted(path: &str, tree: Tree, defects: Vec<Diagnostic>) -> Self {
        let mut bundle = Self {
            files: Vec::new(),
            by_path: BTreeMap::new(),
            absent: BTreeMap::new(),
            is_alone: false,
            follows_urls: false,
            urls: BTreeSet::new(),
            own_urls: BTreeSet::new(),
            searched: 0,
        };
        bundle.add(path, tree, defects);
        bundle
    }

    /// A description that nothing is around, such as one from the standard input.
    #[must_use]
    pub fn alone(tree: Tree, defects: Vec<Diagnostic>) -> Self {
        Self { is_alone: true, ..Self::rooted("", tree, defects) }
    }

    /// The same, with the documents that references name by URL. Where the description was read from a URL, its path is
    /// that URL, and what its references name is beside it.
    #[must_use]
    pub fn following_urls(self) -> Self {
        Self { follows_urls: true, ..self }
    }

    /// The files that references name and that nobody was asked for yet, in the order of their paths. URLs come when no
    /// file is left, because only then is it known which of them schemas of the files are called by.
    #[must_use]
    pub fn wanted(&mut self) -> Vec<String> {
        let mut wanted = BTreeSet::new();
        let (mut urls, mut own_urls) = (BTreeSet::new(), BTreeSet::new());
        for file in &self.files[self.searched..] {
            let named = named_files(&file.tree);
            let named = named.into_iter().filter_map(|reference| self.document(&file.path, reference).ok());
            for path in named {
                if uri::is_url(&path) {
                    urls.insert(path)
                } else {
                    wanted.insert(path)
                };
            }
            if self.follows_urls {
                let ids = ["$id", "$self"].into_iter().flat_map(|key| file.tree.values_under(key));
                let ids = ids.filter_map(Node::as_str).filter_map(beside_itself);
                own_urls.extend(ids.filter_map(|id| uri::url(&file.path, id).ok()));
            }
        }
        self.searched = self.files.len();
        self.urls.extend(urls);
        if self.has_identifiers() {
            self.own_urls.extend(own_urls);
        }
        let is_new = |path: &String| !self.by_path.contains_key(path) && !self.absent.contains_key(path);
        wanted.retain(is_new);
        if wanted.is_empty() {
            wanted = std::mem::take(&mut self.urls);
            wanted.retain(|url| is_new(url) && !self.own_urls.contains(url));
        }
        wanted.into_iter().collect()
    }

    /// The file, or the URL, that a reference without its fragment names where it stands in the file at `from`.
    pub(super) fn document(&self, from: &str, reference: &str) -> Result<String, NoFile> {
        if self.follows_urls && (uri::is_url(from) || uri::is_url(reference)) {
            return uri::url(from, reference);
        }
        match uri::file(from, reference) {
            Ok(_) | Err(NoFile::Outside | NoFile::Malformed) if self.is_alone => Err(NoFile::Alone),
            found => found,
        }
    }

    /// Whether `$id` says in this version of the format what a schema is called.
    fn has_identifiers(&self) -> bool {
        let version = self.main().root().and_then(|root| root.get("openapi")).and_then(Node::as_str);
        version.is_some_and(|version| !version.starts_with("3.0"))
    }

    /// A file that was wanted, and what is wrong with it.
    pub fn add(&mut self, path: &str, tree: Tree, defects: Vec<Diagnostic>) {
        let number = u32::try_from(self.files.len()).unwrap_or(u32::MAX);
        let before: usize = self.files.iter().map(|file| file.tree.len()).sum();
        let seen = self.files.first().map(|first| uri::seen_from(folder(&first.path), path));
        let tree = tree.behind(number, u32::try_from(before).unwrap_or(u32::MAX), seen.unwrap_or_default());
        self.by_path.insert(path.to_owned(), number);
        self.files.push(File { path: path.to_owned(), tree, defects });
    }

    /// A file that was wanted and is not there.
    pub fn lack(&mut self, path: String, why: Absence) {
        self.absent.insert(path, why);
    }

    /// Its files, the description itself first.
    pub fn trees(&self) -> impl ExactSizeIterator<Item = &Tree> {
        self.files.iter().map(|file| &file.tree)
    }

    /// The description itself.
    #[must_use]
    pub fn main(&self) -> &Tree {
        // There is always one: `rooted` adds it.
        &self.files[0].tree
    }

    /// The model of the description.
    #[must_use]
    pub fn lower(&self) -> Description<'_> {
        model::lower_bundle(self)
    }

    /// Whether the description refers to no other file.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.files.len() == 1 && self.absent.is_empty()
    }

    /// Whether both say the same, letter by letter, whatever the description itself is called.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        self.files.len() == other.files.len()
            && self.written() == other.written()
            && self.lacking() == other.lacking()
    }

    /// The text of each file, as seen from the description.
    fn written(&self) -> BTreeMap<&str, &str> {
        self.trees().map(|tree| (tree.path(), tree.source())).collect()
    }

    /// Why files are not there, as seen from the description.
    fn lacking(&self) -> BTreeMap<String, &Absence> {
        self.absent.iter().map(|(path, why)| (self.seen(path), why)).collect()
    }

    /// The kinds of places where a file that `description` was lowered from is not well-formed.
    #[must_use]
    pub fn malformed(&self, description: &Description<'_>) -> Vec<String> {
        let used = |file: &&File| description.files.iter().any(|tree| tree.number() == file.tree.number());
        let defects = self.files.iter().filter(used).flat_map(|file| &file.defects);
        defects.filter(|defect| defect.level == Gravity::Error).map(|defect| defect.code.clone()).collect()
    }

    /// Why the description itself is not well-formed, if it is not.
    #[must_use]
    pub fn defect(&self) -> Option<&Diagnostic> {
        self.defects(0).iter().find(|defect| defect.level == Gravity::Error)
    }

    /// Its path from the root.
    pub(super) fn path(&self, file: u32) -> &str {
        self.files.get(file as usize).map_or("", |file| &file.path)
    }

    /// What is wrong with it as it is written.
    pub(super) fn defects(&self, file: u32) -> &[Diagnostic] {
        self.files.get(file as usize).map_or(&[], |file| &file.defects)
    }

    /// A path from the root, as it is seen from the description.
    pub(super) fn seen(&self, path: &str) -> String {
        uri::seen_from(folder(self.path(0)), path)
    }

    /// The file at this path from the root.
    pub(super) fn file(&self, path: &str) -> Option<u32> {
        self.by_path.get(path).copied()
    }

    /// Why there is no file at this path from the root.
    pub(super) fn absence(&self, path: &str) -> Absence {
        self.absent.get(path).cloned().unwrap_or(Absence::Missing)
    }
}

fn folder(path: &str) -> &str {
    let path = if uri::is_url(path) { path.split('?').next().unwrap_or_default() } else { path };
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Whether references of the file name other files.
#[must_use]
pub fn names_files(tree: &Tree) -> bool {
    !named_files(tree).is_empty()
}

/// What references of a file name beside the file itself: URI references without their fragments, each once.
fn named_files(tree: &Tree) -> BTreeSet<&str> {
    let references = ["$ref", "$dynamicRef"].into_iter().flat_map(|key| tree.values_under(key));
    let mut named: BTreeSet<&str> = references.filter_map(Node::as_str).filter_map(beside_itself).collect();
    for discriminator in tree.values_under("discriminator") {
        let Some(mapping) = discriminator.get("mapping").filter(|it| it.kind() == Kind::Mapping) else {
            continue;
        };
        let tags = mapping.members().filter_map(|member| member.value.as_str()).filter_map(beside_itself);
        // The name of a schema has neither.
        named.extend(tags.filter(|tag| tag.contains(['.', '/'])));
    }
    named
}

fn beside_itself(reference: &str) -> Option<&str> {
    reference.split('#').next().filter(|uri| !uri.is_empty())
}
