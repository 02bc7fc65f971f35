//! Numbers in sentences.

use crate::wording::show;

#[test]
fn numbers_have_four_significant_digits_and_no_exponent() {
    let shown = [0.0, 1.0, -1.0, 66.67, 0.004_123_4, 0.1, 12_345.0, 99_999.9, 1e-5, 2.5, f64::NAN].map(show);
    assert_eq!(
        shown,
        ["0", "1", "-1", "66.67", "0.004123", "0.1", "12350", "100000", "0.00001", "2.5", "no number"]
    );
}
