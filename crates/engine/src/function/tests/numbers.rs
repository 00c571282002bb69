use serde_json::json;

use super::check;

#[test]
fn functions_on_numbers() {
    check(json!([
        ["abs", [-12.4], 12.4],
        ["abs", ["-3"], 3],
        ["abs", [i64::MIN], 9_223_372_036_854_775_808_u64],
        ["abs", ["x"], { "error": "invalid value for `num`: expected a number" }],
        ["abs", [null], { "error": "must not be null" }],
        ["ceil", [5.1], 6],
        ["ceil", [-0.5], 0],
        ["ceil", [i64::MAX], i64::MAX],
        ["floor", [4.9], 4],
        ["floor", [-4.1], -5],
        ["log", [1000, 10], 3],
        ["log", [16, 2], 4],
        ["log", [0, 10], { "error": "`num`: must be greater than zero" }],
        ["log", [10, 1], { "error": "`base`: must be greater than zero and not one" }],
        ["max", [12, 54.5, "3"], 54.5],
        ["max", [i64::MAX, i64::MAX - 1], i64::MAX],
        ["max", [], { "error": "at least one number is required" }],
        ["max", [[1, 2]], { "error": "expected a number, found a list" }],
        ["min", [12, 54, 3], 3],
        ["pow", [3, 2], 9],
        ["pow", [4, 0], 1],
        ["pow", [2, -1], 0.5],
        ["pow", [4, 0.5], 2],
        ["pow", [2, 62], 4_611_686_018_427_387_904_i64],
        ["pow", [10, 400], { "error": "the result is too large" }],
        ["pow", [-1, 0.5], { "error": "the result is not defined" }],
        ["signum", [-13], -1],
        ["signum", [0], 0],
        ["signum", [0.1], 1],
        ["sum", [[10, 13, "6"]], 29],
        ["sum", [[0.5, 1]], 1.5],
        ["sum", [[i64::MAX, 1]], 9_223_372_036_854_775_808_u64],
        ["sum", [[]], { "error": "an empty list has no sum" }],
        ["sum", [[1, null]], { "error": "element 1: must not be null" }],
    ]));
}

#[test]
fn whole_numbers_in_any_base() {
    check(json!([
        ["parseint", ["100", 10], 100],
        ["parseint", ["FF", 16], 255],
        ["parseint", ["-10", 2], -2],
        ["parseint", ["1011111011101111", 2], 48879],
        ["parseint", ["aA", 62], 656],
        ["parseint", ["12345", 2], { "error": "is no whole number in base 2" }],
        ["parseint", ["", 10], { "error": "is no whole number" }],
        ["parseint", ["-", 10], { "error": "is no whole number" }],
        ["parseint", ["ä", 62], { "error": "is no whole number" }],
        ["parseint", ["1", 63], { "error": "`base`: must be from 2 to 62" }],
        ["parseint", ["-9223372036854775808", 10], i64::MIN],
        ["parseint", ["18446744073709551615", 10], u64::MAX],
        ["parseint", ["18446744073709551616", 10], { "error": "does not fit 64 bits" }],
        ["parseint", ["-18446744073709551615", 10], { "error": "does not fit 64 bits" }],
        ["parseint", ["f".repeat(1000), 16], { "error": "does not fit 64 bits" }],
    ]));
}
