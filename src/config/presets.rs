//! Gates that ship with the program: the rules of known systems, each under its name.
//!
//! They are written as a user would write them, in `policies/presets`, and read by the same reader. What a preset does is
//! all in its file; no policy knows of them.

use super::model::Gate;
use super::{nearest, read, tree};

/// A gate that ships with the program.
#[derive(Debug, Clone, Copy)]
pub struct Preset {
    /// Its name, as in `preset: NAME`.
    pub name: &'static str,
    /// Its gate, in the form of the config.
    pub text: &'static str,
}

/// All of them, in the order of their names.
pub const ALL: &[Preset] = &[
    Preset { name: "aurigraph", text: include_str!("../../policies/presets/aurigraph.yaml") },
    Preset { name: "aurum", text: include_str!("../../policies/presets/aurum.yaml") },
    Preset { name: "decalogo", text: include_str!("../../policies/presets/decalogo.yaml") },
    Preset { name: "utxoiq", text: include_str!("../../policies/presets/utxoiq.yaml") },
];

/// The gate of a preset, or which ones there are.
pub(super) fn gate(name: &str) -> Result<Gate, String> {
    let Some(preset) = ALL.iter().find(|preset| preset.name == name) else {
        return Err(nearest::of(name, ALL.iter().map(|preset| preset.name)));
    };
    let (source, tree) = tree(preset.name, preset.text.as_bytes()).map_err(|error| error.to_string())?;
    read::read(&tree).map_err(|problems| super::ConfigErrors::new(&source, problems).to_string())
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_preset_is_a_gate() {
        for preset in super::ALL {
            super::gate(preset.name).unwrap();
        }
        assert_eq!(super::gate("x").unwrap_err(), "known here: `aurigraph`, `aurum`, `decalogo`, `utxoiq`");
    }
}
