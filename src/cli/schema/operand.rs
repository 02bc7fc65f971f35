//! The descriptions that a person names on the command line.

use std::io::Read as _;
use std::path::Path;

use anyhow::Context as _;

use crate::cli::{Failure, process};
use crate::source::{Operand, OperandError, limits};

/// A description as it was found.
#[derive(Debug)]
pub(super) struct Found {
    /// The file as locations show it.
    pub(super) name: String,
    /// What is in it.
    pub(super) bytes: Vec<u8>,
}

/// Reads what `operands` name. The standard input is read once and can be only one of them.
pub(super) fn read<const N: usize>(operands: [&str; N]) -> Result<[Found; N], Failure> {
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
    let mut found = Vec::with_capacity(N);
    for operand in &parsed {
        found.push(runtime.block_on(one(operand, &here)).map_err(|error| failure(&error))?);
    }
    found.try_into().map_err(|_| Failure::Usage(anyhow::anyhow!("a description is missing")))
}

async fn one(operand: &Operand, here: &Path) -> Result<Found, OperandError> {
    let opened = operand.open(here, standard_input).await?;
    let bytes = opened.source.read(&opened.path, limits::DESCRIPTION).await?;
    Ok(Found { name: opened.source.name_of(&opened.path), bytes })
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
