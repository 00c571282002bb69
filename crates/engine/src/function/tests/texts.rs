use serde_json::json;

use super::check;

#[test]
fn functions_on_text() {
    check(json!([
        ["chomp", ["hello\r\n\n"], "hello"],
        ["chomp", ["hello"], "hello"],
        ["endswith", ["hello", "lo"], true],
        ["endswith", ["hello", ""], true],
        ["startswith", ["hello", "lo"], false],
        ["strcontains", ["hello", "ell"], true],
        ["indent", [2, "a\nb\n\nc"], "a\n  b\n  \n  c"],
        ["indent", [-1, "a"], { "error": "`spaces`: must not be negative" }],
        ["indent", [1e12, "a"], { "error": "must not be greater than 10000" }],
        ["join", ["-", ["a", 1, true], ["b"]], "a-1-true-b"],
        ["join", ["-"], ""],
        ["join", ["-", ["a", null]], { "error": "element 1: must not be null" }],
        ["join", ["-", "a"], { "error": "invalid value for `lists`: expected a list" }],
        ["lower", ["ÄB"], "äb"],
        ["upper", ["äb"], "ÄB"],
        ["split", [",", "a,b,,c"], ["a", "b", "", "c"]],
        ["split", [",", ""], [""]],
        ["split", ["", "aé"], ["a", "é"]],
        ["strrev", ["añb"], "bña"],
        ["substr", ["hello world", 1, 4], "ello"],
        ["substr", ["hello", 1, -1], "ello"],
        ["substr", ["hello", -3, 2], "ll"],
        ["substr", ["hello", -9, 2], ""],
        ["substr", ["hello", 9, 2], ""],
        ["substr", ["hello", 0, 0], ""],
        ["substr", ["héllo", 1, 1], "é"],
        ["substr", ["hello", i64::MIN, i64::MAX], ""],
        ["substr", ["hello", i64::MAX, -1], ""],
        ["title", ["hello wORLD, it's o_o 3d"], "Hello WORLD, It'S O_o 3d"],
        ["trim", ["?!hello?!", "!?"], "hello"],
        ["trim", ["hello", ""], "hello"],
        ["trimprefix", ["aab", "a"], "ab"],
        ["trimprefix", ["ab", "b"], "ab"],
        ["trimsuffix", ["baa", "a"], "ba"],
        ["trimspace", ["\t hello \n"], "hello"],
        ["upper", [null], { "error": "`upper` failed: invalid value for `str`: must not be null" }],
        ["upper", [{}], { "error": "expected a string, found a table" }],
    ]));
}

#[test]
fn regular_expressions() {
    check(json!([
        ["regex", ["[a-z]+", "53453453.345345aaabbbccc23454"], "aaabbbccc"],
        ["regex", ["(\\d\\d)-(\\d\\d)?", "12-"], ["12", null]],
        [
            "regex",
            ["^(?:(?P<scheme>[^:/?#]+):)?(?://(?P<authority>[^/?#]*))?", "https://terraform.io/docs/"],
            { "scheme": "https", "authority": "terraform.io" },
        ],
        ["regex", ["x", "abc"], { "error": "the pattern matches no part of the string" }],
        ["regex", ["(a", "abc"], { "error": "no regular expression: unclosed group" }],
        ["regex", ["(a)(?P<b>b)", "ab"], { "error": "must either all have names or none" }],
        ["regex", ["\\w{1000}{1000}{1000}", "a"], { "error": "no regular expression" }],
        ["regexall", ["[a-z]+", "1234abcd5678efgh9"], ["abcd", "efgh"]],
        ["regexall", ["([a-z])(\\d)", "a1b2"], [["a", "1"], ["b", "2"]]],
        ["regexall", ["x", "abc"], []],
        ["replace", ["1 + 2 + 3", "+", "-"], "1 - 2 - 3"],
        ["replace", ["hello world", "/w.*d/", "everybody"], "hello everybody"],
        ["replace", ["b-a", "/(\\w)-(?P<last>\\w)/", "${last}-$1"], "a-b"],
        ["replace", ["a/b", "/", "-"], "a-b"],
        ["replace", ["a", "/(/", "-"], { "error": "invalid value for `substr`: no regular expression" }],
    ]));
}

#[test]
fn encodings() {
    check(json!([
        ["base64encode", ["Hello ✓"], "SGVsbG8g4pyT"],
        ["base64decode", ["SGVsbG8g4pyT"], "Hello ✓"],
        ["base64decode", ["%"], { "error": "this is no base64" }],
        ["base64decode", ["/w=="], { "error": "what it stands for is no UTF-8 text" }],
        ["urlencode", ["Hello World!/ä-._~"], "Hello+World%21%2F%C3%A4-._~"],
        ["csvdecode", ["a,b\n1,\"x, y\"\n2,\n"], [{ "a": "1", "b": "x, y" }, { "a": "2", "b": "" }]],
        ["csvdecode", ["a,b\n"], []],
        ["csvdecode", [""], { "error": "the line with the names of the columns is missing" }],
        ["csvdecode", ["a,a\n1,2"], { "error": "two columns have the same name" }],
        ["csvdecode", ["a,b\n1\n"], { "error": "line 2 has 1 fields, and the header has 2" }],
        ["jsonencode", [{ "b": [1, 2.5, true, null], "a": "x" }], "{\"a\":\"x\",\"b\":[1,2.5,true,null]}"],
        ["jsonencode", ["<a href=\"x\">&\n\u{1}\u{2028}"], "\"\\u003ca href=\\\"x\\\"\\u003e\\u0026\\n\\u0001\\u2028\""],
        ["jsonencode", [1e21], "1000000000000000000000"],
        ["jsonencode", [null], "null"],
        ["jsondecode", ["{\"a\": [1, 2.0, -1.5e3, \"x\", null]}"], { "a": [1, 2, -1500, "x", null] }],
        ["jsondecode", ["{"], { "error": "this is no JSON" }],
        ["jsondecode", ["[".repeat(100_000)], { "error": "this is no JSON" }],
        ["jsondecode", ["1e999"], { "error": "this is no JSON" }],
        ["jsondecode", ["{\"provision:withheld\":{}}"], { "provision:withheld": {} }],
    ]));
}

#[test]
fn digests() {
    check(json!([
        ["md5", ["hello world"], "5eb63bbbe01eeed093cb22bb8f5acdc3"],
        ["sha1", ["hello world"], "2aae6c35c94fcfb415dbe95f408b9ce91ee846ed"],
        ["sha256", ["hello world"], "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"],
        [
            "sha512",
            ["hello world"],
            "309ecc489c12d6eb4cc40f50c902f2b4d0ed77ee511a7c7a9bcd3ca86d4cd86f989dd35bc5ff499670da34255b45b0cfd830e81f605dcf7dc5542e93ae9cd76f",
        ],
        ["base64sha256", ["hello world"], "uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek="],
        [
            "base64sha512",
            ["hello world"],
            "MJ7MSJwS1utMxA9QyQLytNDtd+5RGnx6m808qG1M2G+YndNbxf9JlnDaNCVbRbDP2DDoH2Bdz33FVC6TrpzXbw==",
        ],
        ["uuidv5", ["dns", "www.terraform.io"], "a5008fae-b28c-5ba5-96cd-82b4c53552d6"],
        ["uuidv5", ["url", "https://www.terraform.io/"], "9db6f67c-dd95-5ea0-aa5b-e70e5c5f7cf5"],
        ["uuidv5", ["6ba7b810-9dad-11d1-80b4-00c04fd430c8", "www.terraform.io"], "a5008fae-b28c-5ba5-96cd-82b4c53552d6"],
        ["uuidv5", ["tls", "x"], { "error": "must be dns, oid, url, x500 or a UUID" }],
    ]));
}
