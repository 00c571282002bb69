//! A function in Terraform, where a data source packages the code.

use provision_engine::terraform::{Exported, Part};
use provision_engine::value::Value;

/// What is packaged here, and what becomes of it.
pub(super) const PACKAGED: &[&str] = &["source_dir", "source_file", "zip_file"];

/// Has the code packaged by `archive_file`. Its packages are not the same bytes as those that are made here.
pub(super) fn adapt(function: &mut Exported<'_>) {
    let is_set = |name: &&str| function.get(name).as_str().is_some();
    let Some(source) = ["source_dir", "source_file"].into_iter().find(is_set) else { return };
    let path = function.take(source);
    let name = function.known().get("function_name").as_str().unwrap_or("function").to_owned();
    let arguments =
        [("type", Value::from("zip")), (source, path), ("output_path", Value::from(format!("{name}.zip")))];
    let arguments = arguments.map(|(name, value)| (name.to_owned(), value)).into();
    function.put("filename", function.reference("data.archive_file.output_path"));
    function.put("source_code_hash", function.reference("data.archive_file.output_base64sha256"));
    function.add(Part::data("archive_file", arguments));
}
