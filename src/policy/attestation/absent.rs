//! Stands for the verification in a build without it: refuses everything, and never ignores what a config asks for.

use super::{Evidence, Refusal, Requirement, Root};

pub(super) fn verify(_: &[u8], _: &[u8], _: &Requirement, _: &Root<Vec<u8>>) -> Result<Evidence, Refusal> {
    Err(Refusal {
        message: "this build of the program cannot verify attestations".to_owned(),
        is_of_root: false,
        mend: "take the program from a release or from the action's image, or build it with `--features attestations`"
            .to_owned(),
    })
}
