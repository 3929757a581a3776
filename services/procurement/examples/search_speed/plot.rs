//! Draws how times grow with the number of notices.

use std::fmt::Write as _;

const COLOURS: [&str; 6] = ["#1b6ca8", "#c0392b", "#2e8b57", "#8e44ad", "#d68910", "#555555"];

/// A line: its name, and its points as notices and milliseconds.
pub(crate) struct Line {
    /// Its name.
    pub(crate) name: String,
    /// Its points.
    pub(crate) points: Vec<(f64, f64)>,
}

/// A picture with both axes logarithmic, as SVG.
pub(crate) fn svg(title: &str, lines: &[Line]) -> String {
    let points = || lines.iter().flat_map(|line| &line.points);
    let bounds = |of: fn(&(f64, f64)) -> f64| {
        let all = points().map(of).filter(|value| *value > 0.0);
        let (least, most) = all.fold((f64::MAX, f64::MIN), |(a, b), v| (a.min(v), b.max(v)));
        (least.log10().floor(), most.log10().ceil())
    };
    let ((left, right), (low, high)) = (bounds(|point| point.0), bounds(|point| point.1));
    let x = |value: f64| 70.0 + 480.0 * (value.log10() - left) / (right - left).max(1.0);
    let y = |value: f64| 340.0 - 290.0 * (value.log10() - low) / (high - low).max(1.0);
    let mut out = String::from(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 860 390" font-family="sans-serif" font-size="12"><rect width="860" height="390" fill="#fff"/>"##,
    );
    let _ = write!(out, r#"<text x="70" y="28" font-size="15">{title}</text>"#);
    let decades = |from: f64, to: f64| {
        std::iter::successors(Some(from), move |at| (at + 1.0 <= to).then_some(at + 1.0))
            .map(|at| 10f64.powf(at))
    };
    for value in decades(left, right) {
        let at = x(value);
        let _ = write!(out, r##"<line x1="{at:.1}" y1="50" x2="{at:.1}" y2="340" stroke="#ddd"/>"##);
        let _ = write!(out, r#"<text x="{at:.1}" y="360" text-anchor="middle">{value}</text>"#);
    }
    for value in decades(low, high) {
        let at = y(value);
        let _ = write!(out, r##"<line x1="70" y1="{at:.1}" x2="550" y2="{at:.1}" stroke="#ddd"/>"##);
        let _ = write!(out, r#"<text x="62" y="{:.1}" text-anchor="end">{value} ms</text>"#, at + 4.0);
    }
    out.push_str(r#"<text x="310" y="380" text-anchor="middle">notices</text>"#);
    for (line, colour) in lines.iter().zip(COLOURS.iter().cycle()) {
        let path: Vec<String> =
            line.points.iter().map(|(a, b)| format!("{:.1},{:.1}", x(*a), y(*b))).collect();
        let _ = write!(
            out,
            r#"<polyline points="{}" fill="none" stroke="{colour}" stroke-width="2"/>"#,
            path.join(" ")
        );
        for (a, b) in &line.points {
            let _ = write!(out, r#"<circle cx="{:.1}" cy="{:.1}" r="3" fill="{colour}"/>"#, x(*a), y(*b));
        }
    }
    for (at, (line, colour)) in lines.iter().zip(COLOURS.iter().cycle()).enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "a handful of lines")]
        let at = 70.0 + 22.0 * at as f64;
        let _ = write!(
            out,
            r#"<line x1="565" y1="{at}" x2="585" y2="{at}" stroke="{colour}" stroke-width="3"/>"#
        );
        let _ = write!(out, r#"<text x="592" y="{:.0}">{}</text>"#, at + 4.0, line.name);
    }
    out.push_str("</svg>\n");
    out
}
