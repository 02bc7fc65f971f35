//! The descriptions that a person names on the command line.

use std::io::Read as _;
use std::path::PathBuf;

use anyhow::Context as _;

use super::load::{self, Following};
use crate::cli::{Failure, process};
use crate::openapi::bundle::{self, Bundle};
use crate::openapi::model::Description;
use crate::openapi::{read as reader, uri};
use crate::source::{Opened, Operand, OperandError, RepoPath, limits};
use crate::support::http::Client;
use crate::support::text;

/// Reads what `operands` name, with the files that they refer to, and with `follows_urls` what they refer to by URL. The
/// standard input is read once and can be only one of
/// them. No side waits for another.
pub(super) fn read<const N: usize>(operands: [&str; N], follows_urls: bool) -> Result<[Bundle; N], Failure> {
    let mut parsed = Vec::with_capacity(N);
    for operand in operands {
        parsed.push(Operand::parse(operand).map_err(|error| failure(&error))?);
    }
    if parsed.iter().filter(|operand| **operand == Operand::StandardInput).count() > 1 {
        return Err(Failure::Usage(anyhow::anyhow!(
            "`-` can stand for one side only: name a file for the other"
        )));
    }
    let here = std::env::current_dir().context("find the working directory").map_err(Failure::Outside)?;
    let runtime = process::runtime()?;
    let reading: Vec<_> =
        parsed.into_iter().map(|operand| runtime.spawn(one(operand, here.clone(), follows_urls))).collect();
    let mut found = Vec::with_capacity(N);
    for side in reading {
        let side = runtime.block_on(side).context("read a description").map_err(Failure::Outside)?;
        found.push(side.map_err(|error| failure(&error))?);
    }
    found.try_into().map_err(|_| Failure::Usage(anyhow::anyhow!("a description is missing")))
}

async fn one(operand: Operand, here: PathBuf, follows_urls: bool) -> Result<Bundle, OperandError> {
    let following = match &operand {
        _ if !follows_urls => None,
        Operand::Url(url) => Some(Following { client: Client::new()?, own: Some(url.clone()) }),
        _ => Some(Following { client: Client::new()?, own: None }),
    };
    let Opened { source, path, .. } = operand.open(&here, standard_input).await?;
    let bytes = source.read(&path, limits::DESCRIPTION).await?;
    let shown = source.name_of(&path);
    let (tree, defects) = reader::read(&shown, &bytes);
    drop(bytes);
    // What is around a file is looked for only where it is needed.
    let around = if bundle::names_files(&tree) { operand.surroundings(&here).await? } else { None };
    let Some((around, path)) = around else {
        let name = |path: &RepoPath| source.name_of(path);
        return Ok(load::bundle(source.as_ref(), &path, (tree, defects), &name, following.as_ref()).await?);
    };
    let name = |other: &RepoPath| {
        let seen = uri::seen_from(path.folder(), other.as_str());
        text::line(&load::beside(&shown, &seen), limits::PATH)
    };
    Ok(load::bundle(&around, &path, (tree, defects), &name, following.as_ref()).await?)
}

/// Whether everything that counts of a description came; what did not may come when it is asked for again, and then be
/// another description.
pub(super) fn came(description: &Description<'_>) -> Result<(), Failure> {
    match &description.unanswered {
        Some(why) => Err(Failure::Outside(anyhow::anyhow!("failed to {why}"))),
        None => Ok(()),
    }
}

/// One byte more than is taken tells an input that is too long.
fn standard_input() -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = u64::try_from(limits::DESCRIPTION).unwrap_or(u64::MAX).saturating_add(1);
    std::io::stdin().lock().take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What failed outside of this machine is no mistake of the user.
fn failure(error: &OperandError) -> Failure {
    let is_outside = match error {
        OperandError::Http(_) => true,
        OperandError::Source(error) => error.is_outside_failure(),
        _ => false,
    };
    let error = anyhow::anyhow!("failed to {error}");
    if is_outside { Failure::Outside(error) } else { Failure::Usage(error) }
}
