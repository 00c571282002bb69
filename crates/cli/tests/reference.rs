//! The reference in `docs/reference` and the JSON Schemas in `docs/schema` are what the code says, and the READMEs of the
//! modules what the modules do.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

fn pages(directory: &Path) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| {
            (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(path).unwrap())
        })
        .collect()
}

#[test]
fn the_reference_is_up_to_date() {
    let fresh = tempfile::tempdir().unwrap();
    let status = Command::new(env!("CARGO_BIN_EXE_provision"))
        .args(["schema", "--out"])
        .arg(fresh.path())
        .status()
        .unwrap();
    assert!(status.success());
    let written = pages(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference"));
    assert!(written == pages(fresh.path()), "docs/reference is behind the code: just schema writes it anew");
}

#[test]
fn the_json_schemas_are_up_to_date() {
    let fresh = tempfile::tempdir().unwrap();
    let status = Command::new(env!("CARGO_BIN_EXE_provision"))
        .args(["schema", "--json-schemas"])
        .arg(fresh.path())
        .status()
        .unwrap();
    assert!(status.success());
    let written = pages(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema"));
    assert!(written == pages(fresh.path()), "docs/schema is behind the code: just schema writes it anew");
}

/// The modules, and the tables of their READMEs, copied to where they can be written anew.
fn copied(modules: &Path, to: &Path) {
    for entry in std::fs::read_dir(modules).unwrap() {
        let module = entry.unwrap().path();
        let copy = to.join(module.file_name().unwrap());
        std::fs::create_dir(&copy).unwrap();
        for name in ["module.toml", "README.md"] {
            if module.join(name).exists() {
                std::fs::copy(module.join(name), copy.join(name)).unwrap();
            }
        }
    }
}

fn describe(modules: &Path) -> std::process::Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_provision"));
    command.args(["schema", "--modules"]).arg(modules).output().unwrap()
}

#[test]
fn the_readmes_of_modules_are_up_to_date() {
    let modules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../modules");
    let fresh = tempfile::tempdir().unwrap();
    copied(&modules, fresh.path());
    let output = describe(fresh.path());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for entry in std::fs::read_dir(fresh.path()).unwrap() {
        let name = entry.unwrap().file_name();
        let readme = |root: &Path| std::fs::read_to_string(root.join(&name).join("README.md")).unwrap();
        let is_same = readme(fresh.path()) == readme(&modules);
        assert!(
            is_same,
            "modules/{}/README.md is behind the module: just schema writes it anew",
            name.display()
        );
    }
}

const MODULE: &str = r#"
[variable.name]
description = "Name | of all."
type = "string"

[variable.days]
type = "number"
default = 30

[[variable.days.validation]]
condition = "${var.days > 6}"
error_message = "a week is the least"

[variable.rules]
description = "Rules."
type = "list(object({ id = string, days = optional(number, 7), note = optional(string) }))"
default = []

[variable.label]
type = "string"
default = '${env.name == "a" ? null : "b"}'

[variable.key]
description = "The key."
type = "string"
sensitive = true
default = "${null}"

[output.key]
description = "The key again."
value = "${var.key}"
sensitive = true
"#;

const BEGIN: &str = "<!-- inputs and outputs: just schema writes them anew from module.toml -->";
const END: &str = "<!-- end of inputs and outputs -->";
const TABLES: &str = "\
## Inputs

| name | type | default | |
| --- | --- | --- | --- |
| `name` | `string` | **required** | Name \\| of all. |
| `days` | `number` | `30` | <br>*Refused with:* a week is the least. |
| `rules` | `list(object)` | `[]` | Rules. With `days` (number, default `7`), `id` (string), `note` (string, optional). |
| `label` | `string` | `${env.name == \"a\" ? null : \"b\"}` |  |
| `key` | `string` | – | The key. Sensitive. |

## Outputs

| name | |
| --- | --- |
| `key` | The key again. Sensitive. |
";

#[test]
fn a_readme_gets_its_tables_between_its_marks() {
    let modules = tempfile::tempdir().unwrap();
    let module = modules.path().join("m");
    std::fs::create_dir(&module).unwrap();
    std::fs::write(module.join("module.toml"), MODULE).unwrap();
    let readme = module.join("README.md");

    std::fs::write(&readme, "# m\n").unwrap();
    let refused = describe(modules.path());
    let message = String::from_utf8_lossy(&refused.stderr);
    assert!(
        !refused.status.success() && message.contains("has no place for the inputs and outputs"),
        "{message}"
    );
    assert!(message.contains(BEGIN) && message.contains(END), "{message}");

    std::fs::write(&readme, format!("# m\n\n{BEGIN}\nold\n{END}\n\nprose\n")).unwrap();
    for _ in 0..2 {
        assert!(describe(modules.path()).status.success());
        let written = std::fs::read_to_string(&readme).unwrap();
        assert_eq!(written, format!("# m\n\n{BEGIN}\n\n{TABLES}\n{END}\n\nprose\n"));
    }
}
