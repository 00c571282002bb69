//! `provision sign`: CloudFront's signed URLs and signed cookies, by hand.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use provision_aws::Aws;
use provision_aws::signing::{
    Address, Cookie, HashAlgorithm, Policy, Signer, SigningError, Terms, key_in_file, stored_key,
};

use crate::error::CommandError;
use crate::session::Session;
use crate::variables::VariableArguments;

mod moment;

use moment::Moment;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Print a URL with a signature in its query, for one file
    Url(SigningArguments),
    /// Print the cookies that let requests through, for many files
    Cookies {
        #[command(flatten)]
        signing: SigningArguments,
        /// In which form
        #[arg(long, value_enum, default_value_t = Format::Lines)]
        format: Format,
    },
}

#[derive(clap::ValueEnum, Clone, Copy)]
enum Format {
    /// NAME=VALUE, a line each
    Lines,
    /// The header of a request: Cookie: NAME=VALUE; …
    Header,
    /// {"NAME": "VALUE"}
    Json,
    /// A curl command that fetches the URL
    Curl,
}

#[derive(clap::Args)]
struct SigningArguments {
    /// The URL; before it, if you like, an environment file for the region and the account of the secret. A `*` in
    /// the URL stands for any text, and makes a custom policy
    #[arg(value_name = "ENV] [URL", num_args = 1..=2, required = true)]
    words: Vec<String>,
    #[command(flatten)]
    key: KeyArguments,
    #[command(flatten)]
    terms: TermArguments,
}

#[derive(clap::Args)]
struct KeyArguments {
    /// A file with the private key, in PEM: RSA of 2048 bits, or ECDSA on P-256
    #[arg(long, value_name = "PEM", required_unless_present = "secret", conflicts_with = "secret")]
    key_file: Option<PathBuf>,
    /// The secret of Secrets Manager with the private key, by its name or ARN
    #[arg(long, value_name = "NAME|ARN")]
    secret: Option<String>,
    /// The id of the public key in CloudFront. It can be left out if the secret's version bears it as a staging label
    #[arg(long, value_name = "ID", required_unless_present = "secret")]
    key_pair_id: Option<String>,
    /// How the policy is digested
    #[arg(long, value_enum, default_value_t = Hash::Sha1)]
    hash_algorithm: Hash,
}

#[derive(clap::ValueEnum, Clone, Copy)]
enum Hash {
    /// What CloudFront expects where nothing else is said
    Sha1,
    /// Which the signed URL or a further cookie says
    Sha256,
}

#[derive(clap::Args)]
struct TermArguments {
    /// Until when: 90s, 30m, 1h or 7d from now, a time such as 2030-01-31T12:00:00Z, or seconds since 1970
    #[arg(long, value_name = "WHEN", default_value = "1h", value_parser = moment::read)]
    expires: Moment,
    /// From when, as --expires; makes a custom policy
    #[arg(long, value_name = "WHEN", value_parser = moment::read)]
    starts: Option<Moment>,
    /// From which addresses, such as 192.0.2.0/24; makes a custom policy
    #[arg(long, value_name = "CIDR")]
    ip_address: Option<String>,
    /// What the policy is of, if not the URL: * stands for any text, ? for any character; makes a custom policy
    #[arg(long, value_name = "PATTERN")]
    resource: Option<String>,
    /// A file with the policy, as JSON, in place of the arguments above
    #[arg(long, value_name = "FILE", conflicts_with_all = ["expires", "starts", "ip_address", "resource"])]
    policy: Option<PathBuf>,
}

pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, CommandError> {
    let mut out = anstream::stdout();
    match arguments.command {
        Command::Url(arguments) => {
            let (signer, address, policy) = arguments.prepare().await?;
            writeln!(out, "{}", signer.url(&address, &policy)?)?;
        }
        Command::Cookies { signing, format } => {
            let (signer, address, policy) = signing.prepare().await?;
            write(&signer.cookies(&policy)?, &address, format, &mut out)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

impl SigningArguments {
    /// What signs, what is signed, and what that permits.
    async fn prepare(&self) -> Result<(Signer, Address, Policy), CommandError> {
        let (environment, url) = match self.words.as_slice() {
            [environment, url] => (Some(environment), url),
            [url, ..] => (None, url),
            [] => return Err(CommandError::new("there is no URL")),
        };
        // What is wrong with the terms is said before anything is read.
        let address = Address::parse(url)?;
        let policy = self.terms.policy(&address)?;
        let signer = self.key.signer(environment.map(PathBuf::from)).await?;
        Ok((signer, address, policy))
    }
}

impl TermArguments {
    fn policy(&self, address: &Address) -> Result<Policy, CommandError> {
        if let Some(path) = &self.policy {
            let text = std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
            return Ok(Policy::given(&text)?);
        }
        let now = moment::now();
        let expires = self.expires.seconds(now);
        if expires <= now {
            return Err(CommandError::with_hint(
                "the signature would have expired already",
                "--expires is a time to come, or a duration: 1h",
            ));
        }
        let resource = self.resource.clone().unwrap_or_else(|| address.to_string());
        let is_custom = self.starts.is_some() || self.ip_address.is_some() || resource != address.as_str();
        if !is_custom && !address.is_pattern() {
            return Ok(Policy::canned(address, expires)?);
        }
        let starts = self.starts.as_ref().map(|starts| starts.seconds(now));
        Ok(Policy::custom(&Terms { resource, expires, starts, ip_address: self.ip_address.clone() })?)
    }
}

impl KeyArguments {
    async fn signer(&self, environment: Option<PathBuf>) -> Result<Signer, CommandError> {
        let hash_algorithm = match self.hash_algorithm {
            Hash::Sha1 => HashAlgorithm::Sha1,
            Hash::Sha256 => HashAlgorithm::Sha256,
        };
        let Some(secret) = &self.secret else {
            let (Some(path), Some(id)) = (&self.key_file, &self.key_pair_id) else {
                return Err(CommandError::new("there is no key"));
            };
            let pem = key_in_file(path).map_err(|error| unreadable(path, &error))?;
            return Ok(Signer::new(&pem, id, hash_algorithm)?);
        };
        let stored = match environment {
            Some(environment) => {
                let session = Session::open(&environment, &VariableArguments::default())?;
                session.check_account().await?;
                session.stored_key(secret).await?
            }
            None => stored_key(&Arc::new(Aws::new()), secret).await?,
        };
        let Some(id) = self.key_pair_id.as_ref().or(stored.key_pair_id.as_ref()) else {
            return Err(CommandError::with_hint(
                format!("the secret `{secret}` does not say which public key it belongs to"),
                "name it with --key-pair-id, or give its version one staging label that is the id",
            ));
        };
        Ok(Signer::new(&stored.pem, id, hash_algorithm)?)
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> CommandError {
    CommandError::new(format!("{} cannot be read: {error}", path.display()))
}

fn write(
    cookies: &[Cookie],
    address: &Address,
    format: Format,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    let pairs: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let together = pairs.join("; ");
    match format {
        Format::Lines => pairs.iter().try_for_each(|pair| writeln!(out, "{pair}"))?,
        Format::Header => writeln!(out, "Cookie: {together}")?,
        Format::Json => {
            let object = cookies.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into()));
            writeln!(out, "{:#}", serde_json::Value::Object(object.collect()))?;
        }
        Format::Curl => {
            let url = address.as_str().replace('\'', r"'\''");
            writeln!(out, "curl --globoff --cookie '{together}' '{url}'")?;
        }
    }
    Ok(())
}

impl From<SigningError> for CommandError {
    fn from(error: SigningError) -> Self {
        Self::Message { message: error.to_string(), hint: error.hint().map(str::to_owned) }
    }
}
