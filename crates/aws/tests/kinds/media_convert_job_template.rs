//! `aws_media_convert_job_template`.

use aws_sdk_mediaconvert::Client;
use aws_sdk_mediaconvert::types::{
    AccelerationMode, AccelerationSettings, EsamSettings, InputTemplate, JobTemplateSettings,
};
use provision_sandbox::{Effect, Fault};
use serde_json::{Value as Json, json};

use crate::lab::Lab;

const KIND: &str = "aws_media_convert_job_template";

/// As the console and CloudFormation write it.
fn settings(bitrate: u32) -> Json {
    json!({
        "TimecodeConfig": { "Source": "ZEROBASED" },
        "OutputGroups": [{
            "CustomName": "HLS",
            "Name": "Apple HLS",
            "OutputGroupSettings": {
                "Type": "HLS_GROUP_SETTINGS",
                "HlsGroupSettings": { "SegmentLength": 6, "MinSegmentLength": 0, "Destination": "s3://out/" },
            },
            "Outputs": [{
                "NameModifier": "_720p",
                "ContainerSettings": { "Container": "M3U8" },
                "VideoDescription": {
                    "Height": 720,
                    "CodecSettings": { "Codec": "H_264", "H264Settings": { "MaxBitrate": bitrate, "RateControlMode": "QVBR" } },
                },
            }],
        }],
        "Inputs": [{
            "TimecodeSource": "ZEROBASED",
            "AudioSelectors": { "Audio Selector 1": { "DefaultSelection": "DEFAULT" } },
        }],
    })
}

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let client = Client::new(&lab.sdk);
    client.create_queue().name("books").send().await.unwrap();
    lab.inject(Fault {
        operation: Some("CreateJobTemplate".to_owned()),
        times: Some(1),
        ..Fault::new(Effect::LoseReply)
    });
    let mut template = lab.resource(KIND);
    let created = template
        .create(json!({ "name": "hls", "settings": settings(5_000_000), "queue": "books", "tags": { "team": "video" } }))
        .await;
    assert!(created.get("arn").as_str().unwrap().ends_with(":jobTemplates/hls"));
    assert_eq!(created.get("queue").as_str(), Some("books"), "as it is configured");
    let there = client.get_job_template().name("hls").send().await.unwrap().job_template.unwrap();
    let group = &there.settings().unwrap().output_groups()[0];
    let output = &group.outputs()[0];
    let codec = output.video_description().unwrap().codec_settings().unwrap();
    assert_eq!(codec.h264_settings().unwrap().max_bitrate(), Some(5_000_000), "MediaConvert understands it");
    assert!(
        there.settings().unwrap().inputs()[0].audio_selectors().unwrap().contains_key("Audio Selector 1")
    );

    template
        .update(json!({
            "name": "hls",
            "settings": settings(3_000_000),
            "category": "books",
            "description": "for books",
            "queue": there.queue().unwrap(),
            "priority": -5,
            "acceleration_settings": { "mode": "PREFERRED" },
            "hop_destinations": [{ "queue": "books", "wait_minutes": 15, "priority": 3 }, { "wait_minutes": 30 }],
            "status_update_interval": "SECONDS_15",
            "tags": { "team": "audio", "cost": "1" },
        }))
        .await;
    let bare = json!({ "name": "hls", "settings": settings(3_000_000) });
    template.update(bare.clone()).await;
    template.unchanged(json!({ "name": "hls", "settings": settings(3_000_000).to_string() }));
    template.update(json!({ "name": "hls", "settings": { "adAvailOffset": 5 } })).await;
    template.update(bare.clone()).await;
    template.replaces(json!({ "name": "other", "settings": settings(3_000_000) }), &["name"]);
    let disabled = json!({ "name": "hls", "settings": settings(3_000_000), "acceleration_settings": { "mode": "DISABLED" } });
    template.update(disabled).await;
    template.update(bare).await;
    template.delete().await;
}

#[tokio::test]
async fn ignores_what_aws_adds_and_finds_what_others_change() {
    let lab = Lab::new().await;
    let client = Client::new(&lab.sdk);
    let mut template = lab.resource(KIND);
    let configuration =
        json!({ "name": "t", "settings": { "adAvailOffset": 5, "inputs": [{ "filterStrength": 3 }] } });
    template.create(configuration.clone()).await;
    let change = |offset: i32| {
        let input = InputTemplate::builder().filter_strength(3).build();
        let esam = EsamSettings::builder().response_signal_preroll(1).build();
        let settings =
            JobTemplateSettings::builder().ad_avail_offset(offset).inputs(input).esam(esam).build();
        client.update_job_template().name("t").settings(settings).send()
    };
    change(5).await.unwrap();
    let registry =
        provision_aws::registry(&std::sync::Arc::new(provision_aws::Aws::with_config(lab.sdk.clone())));
    let kind = registry.kind(KIND).unwrap();
    let read = kind.read(None, "t", &template.attributes).await.unwrap().unwrap();
    assert_eq!(read, template.attributes, "what nobody asked for is no difference");

    change(6).await.unwrap();
    let acceleration = AccelerationSettings::builder().mode(AccelerationMode::Enabled).build();
    client.update_job_template().name("t").acceleration_settings(acceleration).send().await.unwrap();
    template.repair_drift(configuration, &["acceleration_settings", "settings"]).await;
    template.delete().await;
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    let problems = lab.problems(
        KIND,
        json!({
            "name": "t",
            "settings": "{",
            "priority": 51,
            "status_update_interval": "SECONDS_1",
            "hop_destinations": [{ "wait_minutes": 0 }],
        }),
    );
    assert_eq!(problems.len(), 4, "{problems:?}");
    assert_eq!(lab.problems(KIND, json!({ "name": "t" })), ["settings: `settings` is required"]);
}
