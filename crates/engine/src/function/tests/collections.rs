use serde_json::json;

use super::{call, check};

#[test]
fn functions_that_choose_and_join_lists() {
    check(json!([
        ["chunklist", [["a", "b", "c"], 2], [["a", "b"], ["c"]]],
        ["chunklist", [["a", "b"], 0], [["a", "b"]]],
        ["chunklist", [[], 2], []],
        ["chunklist", [["a"], -1], { "error": "`size`: must not be negative" }],
        ["coalesce", ["", null, "b", "c"], "b"],
        ["coalesce", [null, 1, "c"], "1"],
        ["coalesce", [null, 0, 2], 0],
        ["coalesce", [false, true], false],
        ["coalesce", [[], ["a"]], []],
        ["coalesce", [null, ""], { "error": "neither null nor the empty string" }],
        ["coalesce", [], { "error": "neither null nor the empty string" }],
        ["coalescelist", [[], null, ["a"], ["b"]], ["a"]],
        ["coalescelist", [[]], { "error": "no argument is a list with elements" }],
        ["coalescelist", ["a"], { "error": "expected a list, found a string" }],
        ["compact", [["a", "", null, "b"]], ["a", "b"]],
        ["compact", [[["a"]]], { "error": "expected a list of strings, found a list in it" }],
        ["concat", [["a"], [], ["b", 1]], ["a", "b", 1]],
        ["concat", [], []],
        ["concat", [["a"], "b"], { "error": "invalid value for `seqs`: expected a list, found a string" }],
    ]));
}

#[test]
fn functions_on_one_list() {
    check(json!([
        ["distinct", [["b", "a", "b", 1, "1"]], ["b", "a", 1, "1"]],
        ["element", [["a", "b", "c"], 1], "b"],
        ["element", [["a", "b", "c"], 4], "b"],
        ["element", [["a", "b", "c"], -1], "c"],
        ["element", [["a", "b", "c"], i64::MIN], "b"],
        ["element", [["a"], 0.5], { "error": "`index`: a whole number is required" }],
        ["element", [[], 0], { "error": "an empty list has no element" }],
        ["flatten", [[["a", ["b"]], [], "c", { "d": ["e"] }]], ["a", "b", "c", { "d": ["e"] }]],
        ["flatten", ["a"], { "error": "expected a list" }],
        ["index", [["a", "b"], "b"], 1],
        ["index", [["a"], "b"], { "error": "the list has no such element" }],
        ["length", [["a", "b"]], 2],
        ["length", [{ "a": 1 }], 1],
        ["length", ["grün"], 4],
        ["length", [1], { "error": "expected a list, a map or a string, found a number" }],
        ["length", [null], { "error": "found null" }],
        ["matchkeys", [["i-1", "i-2", "i-3"], ["west", "east", "east"], ["east"]], ["i-2", "i-3"]],
        ["matchkeys", [["i-1"], ["west"], []], []],
        ["matchkeys", [["i-1"], [], []], { "error": "must have the same length, not 0 and 1" }],
        ["one", [[]], null],
        ["one", [["a"]], "a"],
        ["one", [["a", "b"]], { "error": "no more than one element, not 2" }],
        ["reverse", [["a", "b"]], ["b", "a"]],
        ["slice", [["a", "b", "c"], 1, 2], ["b"]],
        ["slice", [["a"], 1, 1], []],
        ["slice", [["a"], 0, 2], { "error": "must not be greater than the list's length, 1" }],
        ["slice", [["a", "b"], 2, 1], { "error": "must not be greater than the end" }],
        ["slice", [["a"], -1, 1], { "error": "must not be negative" }],
        ["sort", [["e", "B", "a", 10, 9]], ["10", "9", "B", "a", "e"]],
        ["sort", [["a", null]], { "error": "element 1: must not be null" }],
    ]));
}

#[test]
fn ranges() {
    check(json!([
        ["range", [3], [0, 1, 2]],
        ["range", [0], []],
        ["range", [-2], [0, -1]],
        ["range", [1, 4], [1, 2, 3]],
        ["range", [1, 8, 2], [1, 3, 5, 7]],
        ["range", [1, 4, 0.5], [1, 1.5, 2, 2.5, 3, 3.5]],
        ["range", [4, 1], [4, 3, 2]],
        ["range", [10, 5, -2], [10, 8, 6]],
        ["range", [1, 4, 0], { "error": "must not be zero" }],
        ["range", [1, 4, -1], { "error": "must be positive" }],
        ["range", [4, 1, 1], { "error": "must be negative" }],
        ["range", [1e300], { "error": "more than 1024 values" }],
        ["range", [0, 1, 1e-300], { "error": "more than 1024 values" }],
        ["range", [i64::MAX - 1, i64::MAX], [i64::MAX - 1]],
    ]));
    assert_eq!(call("range", json!([1024])).map(|numbers| numbers.items().len()), Ok(1024));
}

#[test]
fn functions_on_maps() {
    check(json!([
        ["keys", [{ "b": 1, "a": 2 }], ["a", "b"]],
        ["keys", [["a"]], { "error": "expected a map, found a list" }],
        ["lookup", [{ "a": 1 }, "a"], 1],
        ["lookup", [{ "a": null }, "a", 2], null],
        ["lookup", [{ "a": 1 }, "b", null], null],
        ["lookup", [{ "1": "one" }, 1], "one"],
        ["lookup", [{ "a": 1 }, "b"], { "error": "no such key, and no default is given" }],
        ["merge", [], {}],
        ["merge", [{ "a": 1, "b": { "c": 1 } }, null, { "b": { "d": 2 } }], { "a": 1, "b": { "d": 2 } }],
        ["merge", [{}, []], { "error": "expected a map, found a list" }],
        ["transpose", [{ "a": ["1", "2", "2"], "b": ["2", 3] }], { "1": ["a"], "2": ["a", "b"], "3": ["b"] }],
        ["transpose", [{ "a": "1" }], { "error": "expected a map of lists of strings" }],
        ["values", [{ "b": 1, "a": 2 }], [2, 1]],
        ["zipmap", [["a", "b", "a"], [1, 2, 3]], { "a": 3, "b": 2 }],
        ["zipmap", [["a"], []], { "error": "as many keys as values, not 1 and 0" }],
        ["zipmap", [[["a"]], [1]], { "error": "element 0: expected a string, found a list" }],
    ]));
}

#[test]
fn functions_on_sets() {
    check(json!([
        ["toset", [["b", "a", "b"]], ["a", "b"]],
        ["toset", [[10, 9, 9]], [9, 10]],
        ["toset", [["b", 1, true]], ["1", "b", "true"]],
        ["toset", [null], null],
        ["toset", [{ "a": 1 }], { "error": "expected a list, found a table" }],
        ["setintersection", [["a", "b"], ["b", "c"], ["d", "b"]], ["b"]],
        ["setintersection", [["b", "a", "b"]], ["a", "b"]],
        ["setproduct", [["a", "b"], [1, 2]], [["a", 1], ["a", 2], ["b", 1], ["b", 2]]],
        ["setproduct", [["a"], [], ["b"]], []],
        ["setproduct", [["a"]], { "error": "at least two lists" }],
        ["setsubtract", [["a", "b", "c"], ["a", "d"]], ["b", "c"]],
        ["setunion", [["b"], ["a"], ["b", "c"]], ["a", "b", "c"]],
        ["alltrue", [[true, "true"]], true],
        ["alltrue", [[]], true],
        ["alltrue", [[true, null]], false],
        ["alltrue", [["yes"]], { "error": "neither \"true\" nor \"false\"" }],
        ["anytrue", [[null, false, true]], true],
        ["anytrue", [[]], false],
        ["contains", [["a", 1], "a"], true],
        ["contains", [["a", 1], "1"], false],
        ["contains", [[{ "a": [1] }], { "a": [1] }], true],
    ]));
    let numbers: Vec<u32> = (0..1000).collect();
    check(json!([
        ["setproduct", [numbers, numbers, []], []],
        ["setproduct", [numbers, numbers], { "error": "more than 100000 combinations" }],
    ]));
}

#[test]
fn conversions() {
    check(json!([
        ["tobool", ["true"], true],
        ["tobool", ["0"], false],
        ["tobool", [false], false],
        ["tobool", [null], null],
        ["tobool", ["True"], { "error": "use lowercase" }],
        ["tobool", [1], { "error": "expected a boolean, found a number" }],
        ["tonumber", ["12"], 12],
        ["tonumber", ["-1.50"], -1.5],
        ["tonumber", ["1e3"], 1000],
        ["tonumber", ["18446744073709551615"], u64::MAX],
        ["tonumber", ["18446744073709551616"], { "error": "found text that is none" }],
        ["tonumber", ["inf"], { "error": "found text that is none" }],
        ["tonumber", ["NaN"], { "error": "found text that is none" }],
        ["tonumber", [" 1"], { "error": "found text that is none" }],
        ["tonumber", [""], { "error": "found text that is none" }],
        ["tonumber", ["1e999"], { "error": "found text that is none" }],
        ["tonumber", [true], { "error": "expected a number, found a boolean" }],
        ["tonumber", [null], null],
        ["tostring", [12], "12"],
        ["tostring", [1.5], "1.5"],
        ["tostring", [1e21], "1000000000000000000000"],
        ["tostring", [1e-7], "0.0000001"],
        ["tostring", [true], "true"],
        ["tostring", [null], null],
        ["tostring", [["a"]], { "error": "expected a string, found a list" }],
        ["tolist", [["a", 1, null, true]], ["a", "1", null, "true"]],
        ["tolist", [[1, 2]], [1, 2]],
        ["tolist", [[1, ["a"]]], [1, ["a"]]],
        ["tolist", [null], null],
        ["tomap", [{ "a": "x", "b": 1 }], { "a": "x", "b": "1" }],
        ["tomap", [null], null],
        ["tomap", [["a"]], { "error": "expected a map, found a list" }],
    ]));
}
