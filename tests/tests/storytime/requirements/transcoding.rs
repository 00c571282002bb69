//! §5.1 and §6: what MediaConvert works with.

use aws_sdk_mediaconvert::types::OutputGroupType;

use super::Expected;
use crate::cloud::Cloud;

pub(crate) async fn assert_met(cloud: &Cloud, expected: &Expected<'_>) {
    let name = format!("{}-{}", expected.project, expected.environment);
    let queue = cloud.mediaconvert.get_queue().name(&name).send().await.unwrap().queue.unwrap();
    let template = cloud.mediaconvert.get_job_template().name(format!("{name}-hls")).send().await.unwrap();
    let template = template.job_template.unwrap();
    assert_eq!(template.queue(), queue.arn(), "§6.2, line 201: a job template");
    let groups = template.settings().unwrap().output_groups();
    let [group] = groups else { panic!("§6.2, line 202: one output group, not {groups:?}") };
    let settings = group.output_group_settings().unwrap();
    let hls = Some(&OutputGroupType::HlsGroupSettings);
    assert_eq!(settings.r#type(), hls, "§6.2, line 202: an HLS output group");
    let destination = settings.hls_group_settings().unwrap().destination();
    assert_eq!(destination, None, "§6.2, line 205: the destination is each job's own");
    let names: Vec<&str> = group.outputs().iter().filter_map(|output| output.name_modifier()).collect();
    let renditions = ["_1080p", "_720p", "_480p", "_360p"];
    assert_eq!(names, renditions, "§6.2, lines 203 and 204: several renditions, and their names");

    let groups = cloud.logs.describe_log_groups().send().await.unwrap();
    let names: Vec<&str> = groups.log_groups().iter().filter_map(|group| group.log_group_name()).collect();
    assert_eq!(names, [format!("/aws/mediaconvert/{name}")], "§5.1, line 168: CloudWatch Logs");
}
