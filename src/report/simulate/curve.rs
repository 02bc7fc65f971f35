//! Curves over time as SVG, on a logarithmic scale.

use std::fmt::Write as _;

use crate::support::text;

const LEFT: f64 = 60.0;
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 200.0;
const BELOW: f64 = 26.0;

/// A line through points of time and value.
pub(super) struct Curve {
    pub(super) points: Vec<(f64, f64)>,
    pub(super) colour: &'static str,
    pub(super) label: &'static str,
}

/// What lies between two values at each time.
pub(super) struct Band {
    pub(super) points: Vec<(f64, f64, f64)>,
    pub(super) colour: &'static str,
}

/// A value that means something.
pub(super) struct Level {
    pub(super) value: f64,
    pub(super) label: String,
}

/// Several curves over the same time. Values beyond `least` and `most` are drawn at the edge.
pub(super) struct Chart {
    pub(super) curves: Vec<Curve>,
    pub(super) band: Option<Band>,
    pub(super) levels: Vec<Level>,
    pub(super) least: f64,
    pub(super) most: f64,
}

impl Chart {
    /// The picture.
    pub(super) fn svg(&self) -> String {
        let (low, high) = self.range();
        let times = || {
            let curves = self.curves.iter().flat_map(|curve| curve.points.iter().map(|(t, _)| *t));
            curves.chain(self.band.iter().flat_map(|band| band.points.iter().map(|(t, ..)| *t)))
        };
        let (first, last) =
            (times().fold(f64::INFINITY, f64::min), times().fold(f64::NEG_INFINITY, f64::max));
        let span = if last > first { last - first } else { 1.0 };
        let x = |t: f64| LEFT + (t - first) / span * WIDTH;
        let y = |value: f64| {
            let share = (value.clamp(low, high).ln() - low.ln()) / (high.ln() - low.ln());
            HEIGHT - share * HEIGHT + 8.0
        };
        let mut svg = String::new();
        let _ = write!(
            svg,
            "<svg viewBox=\"0 0 {} {}\" role=\"img\" xmlns=\"http://www.w3.org/2000/svg\">",
            LEFT + WIDTH + 130.0,
            HEIGHT + BELOW + 12.0
        );
        if !first.is_finite() {
            svg.push_str("</svg>");
            return svg;
        }
        for level in self.levels.iter().filter(|level| level.value >= low && level.value <= high) {
            let at = y(level.value);
            let _ = write!(
                svg,
                "<line x1=\"{LEFT}\" x2=\"{:.0}\" y1=\"{at:.1}\" y2=\"{at:.1}\" class=\"grid\"/><text x=\"{:.0}\" y=\"{:.1}\">{}</text>",
                LEFT + WIDTH,
                LEFT + WIDTH + 6.0,
                at + 4.0,
                text::html(&level.label, 60)
            );
        }
        for end in [low, high] {
            let _ = write!(
                svg,
                "<text x=\"{:.0}\" y=\"{:.1}\" class=\"name\">{end:.0e}</text>",
                LEFT - 6.0,
                y(end) + 4.0
            );
        }
        for t in [first, last] {
            let _ = write!(
                svg,
                "<text x=\"{:.1}\" y=\"{:.0}\" class=\"mark\">{t:.0} s</text>",
                x(t),
                HEIGHT + BELOW
            );
        }
        if let Some(band) = self.band.as_ref().filter(|band| !band.points.is_empty()) {
            let mut outline: Vec<String> =
                band.points.iter().map(|(t, low, _)| format!("{:.1},{:.1}", x(*t), y(*low))).collect();
            let back = band.points.iter().rev().map(|(t, _, high)| format!("{:.1},{:.1}", x(*t), y(*high)));
            outline.extend(back);
            let _ = write!(
                svg,
                "<polygon points=\"{}\" fill=\"{}\" fill-opacity=\"0.25\"/>",
                outline.join(" "),
                band.colour
            );
        }
        for (place, curve) in self.curves.iter().enumerate() {
            let points: Vec<String> =
                curve.points.iter().map(|(t, value)| format!("{:.1},{:.1}", x(*t), y(*value))).collect();
            let _ = write!(
                svg,
                "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\"/><text x=\"{:.0}\" y=\"{:.0}\" style=\"fill:{}\">{}</text>",
                points.join(" "),
                curve.colour,
                LEFT + 70.0 + place as f64 * 170.0,
                HEIGHT + BELOW,
                curve.colour,
                curve.label
            );
        }
        svg.push_str("</svg>");
        svg
    }

    /// The least and greatest value that is drawn: whole powers of ten around what there is, and around 1.
    fn range(&self) -> (f64, f64) {
        let curves = self.curves.iter().flat_map(|curve| curve.points.iter().map(|(_, value)| *value));
        let band =
            self.band.iter().flat_map(|band| band.points.iter().flat_map(|(_, low, high)| [*low, *high]));
        let levels = self.levels.iter().map(|level| level.value);
        let (mut low, mut high) = (0.5_f64, 2.0_f64);
        for value in curves.chain(band).chain(levels) {
            if value.is_finite() && value > 0.0 {
                (low, high) = (low.min(value), high.max(value));
            }
        }
        let power = |value: f64, up: bool| {
            let exponent = if up { value.log10().ceil() } else { value.log10().floor() };
            10.0_f64.powf(exponent)
        };
        (power(low.max(self.least), false), power(high.min(self.most), true))
    }
}
