use serde_json::json;

use super::{Memory, check, check_with};

fn memory() -> Memory {
    Memory {
        files: [
            ("hello.txt", b"hello world".as_slice()),
            ("image.png", b"\xff\xd8"),
            ("hello.tftpl", b"hello ${name}"),
            ("site/index.html", b""),
            ("site/css/main.css", b""),
            ("site/css/print.css", b""),
            ("site/css/old/main.css", b""),
            ("site/a[1].txt", b""),
        ]
        .into(),
        variables: [("HOME", "/home/me"), ("TOKEN", "t"), ("EMPTY", "")].into(),
    }
}

#[test]
fn files_and_their_digests() {
    let digest = "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9";
    check_with(
        &memory(),
        json!([
            ["file", ["hello.txt"], "hello world"],
            ["file", ["none.txt"], { "error": "`file` failed: none.txt: no such file" }],
            ["file", ["image.png"], { "error": "the file image.png is no UTF-8 text" }],
            ["filebase64", ["image.png"], "/9g="],
            ["fileexists", ["hello.txt"], true],
            ["fileexists", ["none.txt"], false],
            ["filemd5", ["hello.txt"], "5eb63bbbe01eeed093cb22bb8f5acdc3"],
            ["filesha1", ["hello.txt"], "2aae6c35c94fcfb415dbe95f408b9ce91ee846ed"],
            ["filesha256", ["hello.txt"], digest],
            ["filesha512", ["none.txt"], { "error": "no such file" }],
            ["filebase64sha256", ["hello.txt"], "uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek="],
            ["filebase64sha512", ["none.txt"], { "error": "no such file" }],
            ["templatefile", ["hello.tftpl", { "name": "you" }], "hello you"],
            ["templatefile", ["hello.tftpl", { "a b": "you" }], { "error": "`a b` cannot be the name of a variable" }],
            ["templatefile", ["hello.tftpl", { "name": 1 }], { "error": "in the template hello.tftpl: not a string" }],
            ["templatefile", ["none.tftpl", {}], { "error": "no such file" }],
        ]),
    );
}

#[test]
fn sets_of_files() {
    check_with(
        &memory(),
        json!([
            ["fileset", ["site", "*.html"], ["index.html"]],
            ["fileset", ["site", "css/*.css"], ["css/main.css", "css/print.css"]],
            ["fileset", ["site", "**/*.css"], ["css/main.css", "css/old/main.css", "css/print.css"]],
            ["fileset", ["site", "**/index.html"], ["index.html"]],
            ["fileset", ["site", "css/**"], ["css/main.css", "css/old/main.css", "css/print.css"]],
            ["fileset", ["site", "css/{main,x}.css"], ["css/main.css"]],
            ["fileset", ["site", "???????html"], []],
            ["fileset", ["site", "index.ht??"], ["index.html"]],
            ["fileset", ["site", "[g-j]ndex.[!a]tml"], ["index.html"]],
            ["fileset", ["site", "[^a-h]*"], ["index.html"]],
            ["fileset", ["site", "a\\[[]1-3]].txt"], ["a[1].txt"]],
            ["fileset", ["site", "a\\[[0-9]].txt"], ["a[1].txt"]],
            ["fileset", ["site", "[a"], { "error": "a bracket is not closed" }],
            ["fileset", ["site", "["], { "error": "a bracket is not closed" }],
            ["fileset", ["site", "{a"], { "error": "a brace is not closed" }],
            ["fileset", ["site", "[z-a]"], { "error": "this is no pattern" }],
            ["fileset", ["site", "a\\"], { "error": "nothing after the backslash" }],
            ["fileset", ["none", "*"], { "error": "none: no such directory" }],
        ]),
    );
}

#[test]
fn the_environment() {
    check_with(
        &memory(),
        json!([
            ["env_var", ["TOKEN"], "t"],
            ["env_var", ["EMPTY", "x"], ""],
            ["env_var", ["NONE", null], null],
            ["env_var", ["NONE", "x"], "x"],
            ["env_var", ["NONE"], { "error": "the environment variable NONE is not set, and no default is given" }],
            ["pathexpand", ["~/.ssh/id_rsa"], "/home/me/.ssh/id_rsa"],
            ["pathexpand", ["~"], "/home/me"],
            ["pathexpand", ["/etc/~"], "/etc/~"],
            ["pathexpand", ["~you/x"], { "error": "the home directory of another user" }],
        ]),
    );
    check(json!([["pathexpand", ["~"], { "error": "the environment variable HOME is not set" }]]));
}

#[test]
fn paths() {
    check(json!([
        ["basename", ["foo/bar/baz.txt"], "baz.txt"],
        ["basename", ["foo/bar/"], "bar"],
        ["basename", ["///"], "/"],
        ["basename", [""], "."],
        ["dirname", ["foo/bar/baz.txt"], "foo/bar"],
        ["dirname", ["foo/./x/../bar//baz.txt"], "foo/bar"],
        ["dirname", ["/../baz.txt"], "/"],
        ["dirname", ["../../baz.txt"], "../.."],
        ["dirname", ["baz.txt"], "."],
        ["dirname", [""], "."],
    ]));
}
