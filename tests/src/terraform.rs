//! Terraform itself, with providers that know what their resources are called and made of, and do nothing.
//!
//! They are this process: Terraform is told that they run already, and asks them over a socket, as it asks any provider.

use std::path::{Path, PathBuf};
use std::process::Command;

use bytes::Bytes;
use h2::server::SendResponse;
use h2::{RecvStream, server};
use http::{HeaderMap, HeaderValue, Request, Response};
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use tokio::net::UnixListener;

/// Set where Terraform has to be there: elsewhere, what needs it is skipped without.
const REQUIRED: &str = "PROVISION_REQUIRE_TERRAFORM";

/// What is in Terraform's registry, and played here.
const PROVIDERS: [&str; 4] = ["archive", "aws", "time", "tls"];

/// Terraform, as it is installed.
pub struct Terraform {
    program: PathBuf,
    schema: Bytes,
    runtime: tokio::runtime::Runtime,
}

impl Terraform {
    /// Terraform with providers that have these resources and, with `data.` before their names, data sources; none where it
    /// is not installed, which is said. Each has `arguments`: a type such as `list(string)`, with a `!` if it is required,
    /// or `{"object": …}` or `{"list": …}` for blocks; and the names of what is `computed`.
    pub fn find(schemas: &Json) -> Option<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let program =
            std::env::split_paths(&path).map(|place| place.join("terraform")).find(|at| at.is_file());
        let Some(program) = program else {
            let message = "there is no Terraform to read the configuration with: install it";
            assert!(std::env::var_os(REQUIRED).is_none(), "{message}");
            println!("skipped: {message}");
            return None;
        };
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        Some(Self { program, schema: Bytes::from(message::schemas(schemas)), runtime })
    }

    /// Has a configuration in JSON syntax validated: an error is what Terraform says.
    pub fn validate(&self, configuration: &str) -> Result<(), String> {
        let directory = TempDir::with_prefix("provision-terraform-").unwrap();
        std::fs::write(directory.path().join("main.tf.json"), configuration).unwrap();
        let socket = directory.path().join("providers.sock");
        let _runtime = self.runtime.enter();
        let listener = UnixListener::bind(&socket).unwrap();
        let serving = self.runtime.spawn(serve(listener, self.schema.clone()));
        let output =
            self.command(directory.path(), &socket).args(["validate", "-no-color"]).output().unwrap();
        serving.abort();
        match output.status.success() {
            true => Ok(()),
            false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        }
    }

    fn command(&self, directory: &Path, socket: &Path) -> Command {
        let running = json!({
            "Protocol": "grpc",
            "ProtocolVersion": 5,
            "Pid": std::process::id(),
            "Test": true,
            "Addr": { "Network": "unix", "String": socket },
        });
        let running: serde_json::Map<String, Json> = PROVIDERS
            .iter()
            .map(|name| (format!("registry.terraform.io/hashicorp/{name}"), running.clone()))
            .collect();
        let mut command = Command::new(&self.program);
        command
            .current_dir(directory)
            .env("TF_REATTACH_PROVIDERS", Json::Object(running).to_string())
            .env("TF_CLI_CONFIG_FILE", "/dev/null")
            .env("CHECKPOINT_DISABLE", "1");
        command
    }
}

async fn serve(listener: UnixListener, schema: Bytes) {
    while let Ok((stream, _)) = listener.accept().await {
        let schema = schema.clone();
        tokio::spawn(async move {
            let Ok(mut connection) = server::handshake(stream).await else { return };
            while let Some(Ok((request, respond))) = connection.accept().await {
                let schema = schema.clone();
                // Whoever has hung up needs no answer.
                tokio::spawn(async move { answer(request, respond, schema).await.ok() });
            }
        });
    }
}

/// Answers a call of gRPC.
async fn answer(
    request: Request<RecvStream>,
    mut respond: SendResponse<Bytes>,
    schema: Bytes,
) -> Result<(), h2::Error> {
    let method = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
    let answer = match method.as_str() {
        "GetSchema" => schema,
        // What was sent is the configuration, and so is what is wanted.
        "PrepareProviderConfig" => Bytes::from(body(request.into_body()).await?.split_off(5)),
        "ValidateResourceTypeConfig" | "ValidateDataSourceConfig" | "Stop" => Bytes::new(),
        _ => {
            let unimplemented = Response::builder()
                .header("content-type", "application/grpc")
                .header("grpc-status", "12")
                .body(())
                .expect("the answer is well-formed");
            respond.send_response(unimplemented, true)?;
            return Ok(());
        }
    };
    let head = Response::builder().header("content-type", "application/grpc").body(());
    let mut stream = respond.send_response(head.expect("the answer is well-formed"), false)?;
    let mut framed = vec![0];
    framed.extend(u32::try_from(answer.len()).expect("it is not that long").to_be_bytes());
    framed.extend(answer);
    stream.send_data(Bytes::from(framed), false)?;
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static("0"));
    stream.send_trailers(trailers)
}

async fn body(mut stream: RecvStream) -> Result<Vec<u8>, h2::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = stream.data().await {
        let chunk = chunk?;
        stream.flow_control().release_capacity(chunk.len())?;
        body.extend(chunk);
    }
    Ok(body)
}

/// The messages of Terraform's plugin protocol, version 5, as protocol buffers.
mod message {
    use serde_json::{Value as Json, json};

    /// `GetProviderSchema.Response`.
    pub(super) fn schemas(schemas: &Json) -> Vec<u8> {
        // A provider takes what is said of one here: of the AWS provider, above all.
        let provider = json!({ "arguments": { "region": "string", "allowed_account_ids": "list(string)" } });
        let mut out = Vec::new();
        bytes(&mut out, 1, &schema(&provider));
        for (name, described) in schemas.as_object().unwrap() {
            let (number, name) = match name.strip_prefix("data.") {
                Some(name) => (3, name),
                None => (2, name.as_str()),
            };
            let mut entry = Vec::new();
            bytes(&mut entry, 1, name.as_bytes());
            bytes(&mut entry, 2, &schema(described));
            bytes(&mut out, number, &entry);
        }
        out
    }

    /// `Schema`.
    fn schema(described: &Json) -> Vec<u8> {
        let mut block = block(&described["arguments"]);
        for name in described["computed"].as_array().into_iter().flatten() {
            let name = name.as_str().unwrap();
            bytes(&mut block, 2, &attribute(name, "\"dynamic\"", &[6]));
        }
        let mut out = Vec::new();
        bytes(&mut out, 2, &block);
        out
    }

    /// `Schema.Block`.
    fn block(arguments: &Json) -> Vec<u8> {
        let mut out = Vec::new();
        for (name, described) in arguments.as_object().unwrap() {
            match described.as_str() {
                Some(described) => {
                    let required = described.strip_suffix('!');
                    let r#type = match required.unwrap_or(described).strip_suffix(')') {
                        Some(r#type) => json!(r#type.split('(').collect::<Vec<_>>()).to_string(),
                        None => json!(required.unwrap_or(described)).to_string(),
                    };
                    // Required, or else both optional and computed.
                    let flags: &[u64] = if required.is_some() { &[4] } else { &[5, 6] };
                    bytes(&mut out, 2, &attribute(name, &r#type, flags));
                }
                None => {
                    let single = described.get("object");
                    let inner = single.or(described.get("list")).unwrap();
                    let mut nested = Vec::new();
                    bytes(&mut nested, 1, name.as_bytes());
                    bytes(&mut nested, 2, &block(inner));
                    // A list, of one at most if there can be one alone.
                    number(&mut nested, 3, 2);
                    number(&mut nested, 4, u64::from(described.get("required").is_some()));
                    number(&mut nested, 5, u64::from(single.is_some()));
                    bytes(&mut out, 3, &nested);
                }
            }
        }
        out
    }

    /// `Schema.Attribute`.
    fn attribute(name: &str, r#type: &str, flags: &[u64]) -> Vec<u8> {
        let mut out = Vec::new();
        bytes(&mut out, 1, name.as_bytes());
        bytes(&mut out, 2, r#type.as_bytes());
        flags.iter().for_each(|flag| number(&mut out, *flag, 1));
        out
    }

    fn bytes(out: &mut Vec<u8>, field: u64, value: &[u8]) {
        varint(out, (field << 3) | 2);
        varint(out, value.len() as u64);
        out.extend(value);
    }

    fn number(out: &mut Vec<u8>, field: u64, value: u64) {
        varint(out, field << 3);
        varint(out, value);
    }

    fn varint(out: &mut Vec<u8>, mut value: u64) {
        while value >= 0x80 {
            out.push(value as u8 | 0x80);
            value >>= 7;
        }
        out.push(value as u8);
    }
}
