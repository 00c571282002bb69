//! A job of MediaConvert, and what it has written.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use aws_sdk_mediaconvert::types::{
    HlsGroupSettings, Input, Job, JobSettings, JobStatus, OutputGroup, OutputGroupSettings, OutputGroupType,
};
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use provision_engine::checklist::{MediaConvertJob, Outcome};
use provision_engine::kind::{Connect, KindError};
use uuid::Uuid;

use super::Probing;
use crate::call::Outcome as _;
use crate::clients::Writer;

/// The longest pause between two looks at a job.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

impl Probing {
    /// Runs a job, looks at what it has written, and removes that.
    pub(super) async fn job(&self, job: &MediaConvertJob) -> Outcome {
        if let Some(emulator) = self.aws.emulator().await {
            let why = format!("AWS is an emulator here ({emulator}), which transcodes nothing");
            return Outcome::Skipped(format!("no job was made: {why}"));
        }
        match self.transcode(job).await {
            Ok(seen) => Outcome::Passed(seen),
            Err(why) => Outcome::Failed(why),
        }
    }

    pub(super) async fn transcode(&self, job: &MediaConvertJob) -> Result<String, String> {
        let said = |error: KindError| error.to_string();
        let writer =
            Connect::<Writer>::connect(self.aws.as_ref(), job.region.as_deref()).await.map_err(said)?;
        let (bucket, prefix) = place(&job.destination);
        let there = keys(&writer, bucket, prefix).await.map_err(said)?;
        if let Some(key) = there.first() {
            return Err(format!("there is something under the destination already, s3://{bucket}/{key}"));
        }
        let id = begin(&writer, job).await.map_err(|error| format!("the job cannot be made: {error}"))?;
        let ended = wait(&writer, &id, Duration::from_secs(job.timeout)).await;
        // Whatever came of the job: what it wrote is not to stay.
        let written = keys(&writer, bucket, prefix).await.map_err(said)?;
        let removed = remove(&writer, bucket, &written).await;
        ended?;
        let missing: Vec<&str> =
            job.expect_keys.iter().filter(|key| !written.contains(*key)).map(String::as_str).collect();
        if !missing.is_empty() {
            return Err(format!(
                "the job {id} is complete, and there is no {} in {bucket}",
                missing.join(", no ")
            ));
        }
        removed.map_err(|error| {
            format!("what the job {id} wrote to s3://{bucket}/{prefix} is still there: {error}")
        })?;
        Ok(format!("the job {id} wrote {} objects to s3://{bucket}/{prefix}", written.len()))
    }
}

/// The bucket and the prefix of a destination such as `s3://bucket/prefix/name`.
fn place(destination: &str) -> (&str, &str) {
    let rest = destination.strip_prefix("s3://").unwrap_or(destination);
    let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
    (bucket, key.rfind('/').map_or("", |end| &key[..=end]))
}

async fn begin(writer: &Writer, job: &MediaConvertJob) -> Result<String, KindError> {
    let hls = HlsGroupSettings::builder().destination(&job.destination).build();
    let group = OutputGroupSettings::builder()
        .r#type(OutputGroupType::HlsGroupSettings)
        .hls_group_settings(hls)
        .build();
    let settings = JobSettings::builder()
        .inputs(Input::builder().file_input(&job.input).build())
        .output_groups(OutputGroup::builder().output_group_settings(group).build());
    let request = writer.mediaconvert().create_job().role(&job.role).job_template(&job.job_template);
    let request = request.set_queue(job.queue.clone()).settings(settings.build());
    let made = request.client_request_token(Uuid::new_v4().to_string()).send().await.or_fail()?;
    let id = made.job.and_then(|job| job.id);
    id.ok_or_else(|| KindError::new("MediaConvert did not say which job it has made"))
}

/// Waits until a job is complete. One that takes too long is canceled.
async fn wait(writer: &Writer, id: &str, patience: Duration) -> Result<(), String> {
    let begin = Instant::now();
    let mut pause = Duration::from_secs(1);
    loop {
        let answer = writer.mediaconvert().get_job().id(id).send().await.or_fail();
        let job = answer.map_err(|error| format!("the job {id} cannot be read: {error}"))?.job;
        match job.as_ref().and_then(Job::status) {
            Some(JobStatus::Complete) => return Ok(()),
            Some(JobStatus::Error | JobStatus::Canceled) => {
                let message =
                    job.and_then(|job| job.error_message).unwrap_or_else(|| "it was canceled".to_owned());
                return Err(format!("the job {id} has failed: {message}"));
            }
            _ if begin.elapsed() >= patience => {
                // That it cannot be canceled any more changes nothing about what is said.
                let _ = writer.mediaconvert().cancel_job().id(id).send().await;
                return Err(format!("the job {id} was not complete after {} s", patience.as_secs()));
            }
            _ => {}
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

async fn keys(writer: &Writer, bucket: &str, prefix: &str) -> Result<BTreeSet<String>, KindError> {
    let mut found = BTreeSet::new();
    let mut pages = writer.s3().list_objects_v2().bucket(bucket).prefix(prefix).into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.or_fail()?;
        found.extend(page.contents().iter().filter_map(|object| object.key().map(str::to_owned)));
    }
    Ok(found)
}

async fn remove(writer: &Writer, bucket: &str, keys: &BTreeSet<String>) -> Result<(), KindError> {
    let keys: Vec<&String> = keys.iter().collect();
    // As many as one call takes.
    for some in keys.chunks(1000) {
        let mut delete = Delete::builder().quiet(true);
        for key in some {
            let object = ObjectIdentifier::builder().key(*key).build();
            delete = delete.objects(object.map_err(|error| KindError::new(error.to_string()))?);
        }
        let delete = delete.build().map_err(|error| KindError::new(error.to_string()))?;
        let answer = writer.s3().delete_objects().bucket(bucket).delete(delete).send().await.or_fail()?;
        if let Some(error) = answer.errors().first() {
            let message = error.message().unwrap_or("S3 gave no reason").to_owned();
            return Err(KindError { code: error.code().map(str::to_owned), ..KindError::new(message) });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
