//! `aws_s3_bucket_policy`.

use std::time::Duration;

use async_trait::async_trait;
use provision_engine::cloudformation::{Counterpart, Returned};
use provision_engine::kind::{Created, Kind, KindError, Policy, Token};
use provision_engine::permission::{Act, Permission, Undertaking};
use provision_engine::schema::Problem;
use provision_engine::value::{Path, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::{Outcome, eventually, repeat_while};
use crate::clients::{Reader, Writer};
use crate::permissions::arn;

/// The policy of an S3 bucket: who can do what with it and with what is in it. A bucket has one; creating it replaces
/// the one that is there, if any. From the S3 API (`PutBucketPolicy`); its id is the bucket's name.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct BucketPolicy {
    /// Name of the bucket.
    #[schemars(length(min = 3, max = 63), extend("forces_replacement" = true))]
    bucket: String,
    /// The policy, of at most 20 KB.
    policy: Policy,
}

const ABSENT: &[&str] = &["NoSuchBucket", "NoSuchBucketPolicy"];

/// Bytes that S3 takes.
const MOST: usize = 20 * 1024;

/// How long a principal that does not exist is taken for one that was made a moment ago and is not known everywhere
/// yet: a misspelt one is more likely.
const PATIENCE: Duration = Duration::from_secs(30);

#[async_trait]
impl Kind for BucketPolicy {
    const NAME: &'static str = "aws_s3_bucket_policy";
    const CLOUDFORMATION: Option<Counterpart> = Some(
        Counterpart::resource("AWS::S3::BucketPolicy", |policy| {
            policy.same(&["bucket"]);
            policy.document("policy", "PolicyDocument");
        })
        .with(&[("id", Returned::Argument("bucket"))]),
    );
    type Reader = Reader;
    type Writer = Writer;

    fn validate(configuration: &Value) -> Vec<Problem> {
        let policy = configuration.get("policy");
        let mut problems = Vec::new();
        let size = policy.to_json().to_string().len();
        if size > MOST && policy.is_wholly_known() {
            problems.push(Problem::new("policy", format!("a policy has at most {MOST} bytes, not {size}")));
        }
        let statements = policy.get("Statement");
        let path = Path::from("policy.Statement");
        if statements.as_map().is_some() {
            problems.extend(without_principal(statements, path));
        } else {
            for (index, statement) in statements.items().iter().enumerate() {
                problems.extend(without_principal(statement, path.index(index)));
            }
        }
        problems
    }

    async fn read(reader: &Reader, id: &str, _prior: &Self) -> Result<Option<Self>, KindError> {
        let answer = reader.s3().get_bucket_policy().bucket(id).send().await.unless(ABSENT)?;
        Ok(answer
            .and_then(|answer| answer.policy)
            .map(|policy| Self { bucket: id.to_owned(), policy: Policy::parse(&policy) }))
    }

    async fn find(&self, reader: &Reader, _token: &Token) -> Result<Option<String>, KindError> {
        Ok(Self::read(reader, &self.bucket, self).await?.map(|_| self.bucket.clone()))
    }

    async fn create(&self, writer: &Writer, _token: &Token) -> Result<Created<Self>, KindError> {
        self.put(writer, &self.bucket).await?;
        Ok(Created::complete(self.bucket.clone()))
    }

    async fn update(&self, writer: &Writer, id: &str, _prior: &Self) -> Result<(), KindError> {
        self.put(writer, id).await
    }

    async fn delete(writer: &Writer, id: &str, _prior: &Self) -> Result<(), KindError> {
        eventually(&["OperationAborted"], || async {
            writer.s3().delete_bucket_policy().bucket(id).send().await.unless(ABSENT)
        })
        .await?;
        Ok(())
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        let bucket = arn::s3(of.text_or_any("bucket"));
        of.needs()
            .on(&[Act::Find, Act::Read], &bucket, &["s3:GetBucketPolicy"])
            .change(&bucket, &["s3:PutBucketPolicy"])
            .delete(&bucket, &["s3:DeleteBucketPolicy"])
            .done()
    }
}

impl BucketPolicy {
    async fn put(&self, writer: &Writer, bucket: &str) -> Result<(), KindError> {
        let policy = self.policy.to_string();
        // A policy that is wrong in any other way stays so.
        let passes = |error: &KindError| {
            error.is(&["OperationAborted", UNBLOCKED])
                || (error.is(&["MalformedPolicy"]) && error.message.contains("nvalid principal"))
        };
        let put = repeat_while(passes, PATIENCE, || async {
            let put = writer.s3().put_bucket_policy().bucket(bucket).policy(&policy).send().await.or_fail();
            match put {
                Err(error) if is_blocked(&error) && !blocks_policies(writer.reader(), bucket).await? => {
                    Err(KindError { code: Some(UNBLOCKED.to_owned()), ..error })
                }
                other => other,
            }
        });
        match put.await {
            Ok(_) => Ok(()),
            Err(error) if error.is(&[UNBLOCKED]) => {
                Err(KindError { code: Some("AccessDenied".to_owned()), ..error }
                    .with_hint("the bucket does not block public policies; the account may"))
            }
            Err(error) if is_blocked(&error) => Err(error.with_hint(
                "the policy lets everyone in; if that is what it is for, set `public_access_block = { \
                 block_public_policy = false, restrict_public_buckets = false }` on the bucket",
            )),
            Err(error) => Err(error),
        }
    }
}

/// The code of a refusal for a block of public policies that there is no more: it ended a moment ago.
const UNBLOCKED: &str = "Unblocked";

fn is_blocked(error: &KindError) -> bool {
    error.is(&["AccessDenied"]) && error.message.contains("BlockPublicPolicy")
}

async fn blocks_policies(reader: &Reader, bucket: &str) -> Result<bool, KindError> {
    let answer = reader
        .s3()
        .get_public_access_block()
        .bucket(bucket)
        .send()
        .await
        .unless(&["NoSuchPublicAccessBlockConfiguration"])?;
    Ok(answer
        .and_then(|answer| answer.public_access_block_configuration)
        .and_then(|block| block.block_public_policy)
        .unwrap_or_default())
}

/// What S3 asks of a statement that policies of roles and users do not need.
fn without_principal(statement: &Value, path: Path) -> Option<Problem> {
    let lacks = statement.as_map().is_some()
        && statement.get("Principal").is_null()
        && statement.get("NotPrincipal").is_null();
    lacks.then(|| {
        Problem::new(path, "a statement of a bucket's policy says for whom it is")
            .with_hint("add `Principal`, such as `{ Service = \"cloudfront.amazonaws.com\" }`")
    })
}
