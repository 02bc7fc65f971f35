//! The way to a file through folders and symbolic links, for trees whose links no kernel resolves. Pure.
//!
//! Invariant: it never leaves the tree, never enters Git's administration, where checkouts keep credentials, and ends.

use super::{RepoPath, limits};

/// The way to a file: the folders that were entered, and the parts ahead.
#[derive(Debug)]
pub(super) struct Way {
    entered: Vec<String>,
    /// In reverse.
    ahead: Vec<String>,
    links: usize,
}

/// What lies at a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// A folder.
    Folder,
    /// A file.
    File,
    /// A symbolic link with this target.
    Link(Vec<u8>),
    /// A commit of another repository.
    Submodule,
    /// Nothing.
    Nothing,
}

/// Where a way ends that leads to no file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Missing,
    Outside,
    Loop,
    NotAFile(&'static str),
}

impl Way {
    pub(super) fn to(path: &RepoPath) -> Self {
        let ahead = path.parts().rev().map(String::from).collect();
        Self { entered: Vec::new(), ahead, links: 0 }
    }

    /// The next path to look up.
    pub(super) fn next(&self) -> String {
        let mut path = self.entered.join("/");
        if let Some(part) = self.ahead.last() {
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(part);
        }
        path
    }

    /// Takes the step that [`Way::next`] named. True once the file is reached.
    pub(super) fn step(&mut self, found: Step) -> Result<bool, End> {
        let Some(part) = self.ahead.pop() else { return Err(End::NotAFile("a folder")) };
        match found {
            Step::File if self.ahead.is_empty() => return Ok(true),
            // Nothing is beneath a file.
            Step::File | Step::Nothing => return Err(End::Missing),
            Step::Submodule => return Err(End::NotAFile("a submodule, or in one")),
            Step::Folder => {
                self.entered.push(part);
                self.settle()?;
            }
            Step::Link(target) => {
                self.links += 1;
                if self.links > limits::LINKS {
                    return Err(End::Loop);
                }
                let target = String::from_utf8(target).map_err(|_| End::Missing)?;
                if target.starts_with('/') || target.is_empty() {
                    return Err(End::Outside);
                }
                self.ahead.extend(target.split('/').rev().map(String::from));
                if self.ahead.len() > limits::PATH {
                    return Err(End::Loop);
                }
                self.settle()?;
            }
        }
        Ok(false)
    }

    /// Takes the parts that name nothing themselves, so that the next part is a name.
    fn settle(&mut self) -> Result<(), End> {
        while let Some(part) = self.ahead.last() {
            match part.as_str() {
                "" | "." => {}
                ".." => {
                    self.entered.pop().ok_or(End::Outside)?;
                }
                part if part.eq_ignore_ascii_case(".git") => return Err(End::Outside),
                _ => return Ok(()),
            }
            self.ahead.pop();
        }
        Err(End::NotAFile("a folder"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Follows the way to `path` through a tree with these links; every other name ending in `.yaml` is a file.
    fn follow(path: &str, links: &[(&str, &str)]) -> Result<String, End> {
        let mut way = Way::to(&RepoPath::new(path).unwrap());
        loop {
            let next = way.next();
            let link = links.iter().find(|(from, _)| *from == next);
            let found = match link {
                Some((_, target)) => Step::Link(target.as_bytes().to_vec()),
                None if next.ends_with("yaml") => Step::File,
                None => Step::Folder,
            };
            if way.step(found)? {
                return Ok(next);
            }
        }
    }

    #[test]
    fn links_are_followed_within_the_tree() {
        let links = [("a/now", "../v2/./"), ("v2/x.yaml", "sub//y.yaml"), ("top.yaml", "./a/now/x.yaml")];
        assert_eq!(follow("b/z.yaml", &links), Ok("b/z.yaml".into()));
        assert_eq!(follow("a/now/z.yaml", &links), Ok("v2/z.yaml".into()));
        assert_eq!(follow("top.yaml", &links), Ok("v2/sub/y.yaml".into()));
    }

    #[test]
    fn no_link_leads_out_and_no_way_is_endless() {
        let links = [
            ("up.yaml", "../x.yaml"),
            ("root.yaml", "/etc/passwd"),
            ("loop.yaml", "loop.yaml"),
            ("dir.yaml", "a/.."),
            ("token.yaml", ".git/config"),
            ("a/token", "../.GIT"),
        ];
        assert_eq!(follow("up.yaml", &links), Err(End::Outside));
        assert_eq!(follow("root.yaml", &links), Err(End::Outside));
        assert_eq!(follow("loop.yaml", &links), Err(End::Loop));
        assert_eq!(follow("token.yaml", &links), Err(End::Outside));
        assert_eq!(follow("a/token/x.yaml", &links), Err(End::Outside));
        assert_eq!(follow("dir.yaml", &links), Err(End::NotAFile("a folder")));
        assert_eq!(follow("a.yaml/b.yaml", &[]), Err(End::Missing));
        // Each link doubles what is ahead.
        assert_eq!(follow("l", &[("l", "l/l")]), Err(End::Loop));
    }
}
