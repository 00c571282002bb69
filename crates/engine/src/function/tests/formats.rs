use serde_json::json;

use super::check;

#[test]
fn verbs() {
    check(json!([
        ["format", ["Hello, %s! 100%%", "Ander"], "Hello, Ander! 100%"],
        ["format", ["%s %s", 12, true], "12 true"],
        ["format", ["%10s|%-10s|%.2s", "a", "b", "abc"], "         a|b         |ab"],
        ["format", ["%q", "a\"<"], "\"a\\\"\\u003c\""],
        ["format", ["%d %d", "12", -3], "12 -3"],
        ["format", ["%05d|%+d|% d|%-4d|", 42, 42, 42, 42], "00042|+42| 42|42  |"],
        ["format", ["%05d", -42], "-0042"],
        ["format", ["%5.3d", 7], "  007"],
        ["format", ["%x %X %#x %o %#o %b", 255, 255, 255, 8, 8, 5], "ff FF 0xff 10 010 101"],
        ["format", ["%x", -255], "-ff"],
        ["format", ["%d", 1.5], { "error": "unsupported value for `%d` at 0: a whole number is required" }],
        ["format", ["%f|%.2f|%8.1f|%08.1f", 1.5, 1.255, -1.25, -1.25], "1.500000|1.25|    -1.2|-00001.2"],
        ["format", ["%e|%.2E", 1234.5, 0.00012], "1.234500e+03|1.20E-04"],
        ["format", ["%g|%g|%g|%g", 100_000, 1_000_000, 0.0001, 0.00001], "100000|1e+06|0.0001|1e-05"],
        ["format", ["%.3g|%.3g|%.3G", 1234.5, 12.345, 1e-9], "1.23e+03|12.3|1E-09"],
        ["format", ["%t %t", true, "false"], "true false"],
        ["format", ["%t", "x"], { "error": "neither \"true\" nor \"false\"" }],
        ["format", ["%v %v %v %v", "a", 1.5, true, null], "a 1.5 true null"],
        ["format", ["%v %#v", ["a", 1], "a"], "[\"a\",1] \"a\""],
        ["format", ["%#v", { "a": "<" }], "{\"a\":\"\\u003c\"}"],
        ["format", ["%[2]s %[1]s %s", "a", "b"], "b a b"],
        ["format", ["%5[1]s", "a"], "    a"],
    ]));
}

#[test]
fn mistakes_in_formats() {
    check(json!([
        ["format", ["%s"], { "error": "not enough arguments for `%s` at 0: it needs argument 1 of 0" }],
        ["format", ["a", "b"], { "error": "too many arguments: the format has no verbs" }],
        ["format", ["%s", "a", "b"], { "error": "the format uses only 1 of 2" }],
        ["format", ["%z", "a"], { "error": "unsupported verb `%z` at 0" }],
        ["format", ["%", "a"], { "error": "unterminated verb at 0" }],
        ["format", ["%[1", "a"], { "error": "unterminated verb at 0" }],
        ["format", ["%[0]s", "a"], { "error": "no index from 1" }],
        ["format", ["%.s", "a"], { "error": "no number after its dot" }],
        ["format", ["%99999999999999999999d", 1], { "error": "greater than 10000" }],
        ["format", ["%s", null], { "error": "null cannot be formatted" }],
        ["format", ["%s", ["a"]], { "error": "expected a string, found a list" }],
        ["format", ["%é", "a"], { "error": "unsupported verb `%é`" }],
    ]));
}

#[test]
fn lists_of_formats() {
    check(json!([
        ["formatlist", ["Hello, %s!", ["Valentina", "Ander"]], ["Hello, Valentina!", "Hello, Ander!"]],
        ["formatlist", ["%s, %s!", "Salutations", ["a", "b"]], ["Salutations, a!", "Salutations, b!"]],
        ["formatlist", ["%s%d", ["a", "b"], [1, 2]], ["a1", "b2"]],
        ["formatlist", ["%s", "a"], ["a"]],
        ["formatlist", ["a"], ["a"]],
        ["formatlist", ["%s", []], []],
        ["formatlist", ["%s%s", ["a"], ["b", "c"]], { "error": "argument 3 has 2 elements where those before it have 1" }],
        ["formatlist", ["%d", [1, "x"]], { "error": "element 1: unsupported value for `%d`" }],
    ]));
}
