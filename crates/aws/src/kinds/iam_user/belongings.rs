//! What belongs to a user and keeps it from being deleted.

use std::time::Duration;

use provision_engine::kind::KindError;

use crate::call::{Outcome, eventually};
use crate::clients::Writer;
use crate::iam::{ABSENT, BUSY};

/// How long what is gone may still seem to be there when nothing was taken away in this run.
pub(super) const MOMENT: Duration = Duration::from_secs(2);

/// Takes the user out of all groups. Nothing else is lost by it.
pub(super) async fn leave_groups(writer: &Writer, user: &str) -> Result<(), KindError> {
    let pages = writer.reader().iam().list_groups_for_user().user_name(user).into_paginator().items().send();
    for group in pages.collect::<Result<Vec<_>, _>>().await.unless(ABSENT)?.unwrap_or_default() {
        eventually(BUSY, || async {
            let request =
                writer.iam().remove_user_from_group().user_name(user).group_name(group.group_name());
            request.send().await.unless(ABSENT)
        })
        .await?;
    }
    Ok(())
}

/// What [`take_away`] needs, on the user.
pub(super) const ACTIONS: [&str; 15] = [
    "iam:DeactivateMFADevice",
    "iam:DeleteAccessKey",
    "iam:DeleteLoginProfile",
    "iam:DeleteSSHPublicKey",
    "iam:DeleteServiceSpecificCredential",
    "iam:DeleteSigningCertificate",
    "iam:DeleteUserPolicy",
    "iam:DetachUserPolicy",
    "iam:ListAccessKeys",
    "iam:ListAttachedUserPolicies",
    "iam:ListMFADevices",
    "iam:ListSSHPublicKeys",
    "iam:ListServiceSpecificCredentials",
    "iam:ListSigningCertificates",
    "iam:ListUserPolicies",
];

/// Takes away all that keeps the user from being deleted, but for its groups.
pub(super) async fn take_away(writer: &Writer, user: &str) -> Result<(), KindError> {
    policies(writer, user).await?;
    access_keys(writer, user).await?;
    ssh_keys(writer, user).await?;
    mfa_devices(writer, user).await?;
    password(writer, user).await?;
    signing_certificates(writer, user).await?;
    service_credentials(writer, user).await
}

async fn policies(writer: &Writer, user: &str) -> Result<(), KindError> {
    let reader = writer.reader().iam();
    let inline = reader.list_user_policies().user_name(user).into_paginator().items().send();
    for name in inline.collect::<Result<Vec<_>, _>>().await.unless(ABSENT)?.unwrap_or_default() {
        writer.iam().delete_user_policy().user_name(user).policy_name(name).send().await.unless(ABSENT)?;
    }
    let attached = reader.list_attached_user_policies().user_name(user).into_paginator().items().send();
    for policy in attached.collect::<Result<Vec<_>, _>>().await.unless(ABSENT)?.unwrap_or_default() {
        let request = writer.iam().detach_user_policy().user_name(user).set_policy_arn(policy.policy_arn);
        request.send().await.unless(ABSENT)?;
    }
    Ok(())
}

async fn access_keys(writer: &Writer, user: &str) -> Result<(), KindError> {
    let keys = writer.reader().iam().list_access_keys().user_name(user).into_paginator().items().send();
    for key in keys.collect::<Result<Vec<_>, _>>().await.unless(ABSENT)?.unwrap_or_default() {
        let request = writer.iam().delete_access_key().user_name(user).set_access_key_id(key.access_key_id);
        request.send().await.unless(ABSENT)?;
    }
    Ok(())
}

async fn ssh_keys(writer: &Writer, user: &str) -> Result<(), KindError> {
    let keys = writer.reader().iam().list_ssh_public_keys().user_name(user).into_paginator().items().send();
    for key in keys.collect::<Result<Vec<_>, _>>().await.unless(ABSENT)?.unwrap_or_default() {
        let request =
            writer.iam().delete_ssh_public_key().user_name(user).ssh_public_key_id(key.ssh_public_key_id);
        request.send().await.unless(ABSENT)?;
    }
    Ok(())
}

/// Deactivates all devices. The virtual ones exist for this user alone and are deleted.
async fn mfa_devices(writer: &Writer, user: &str) -> Result<(), KindError> {
    let devices = writer.reader().iam().list_mfa_devices().user_name(user).into_paginator().items().send();
    for device in devices.collect::<Result<Vec<_>, _>>().await.unless(ABSENT)?.unwrap_or_default() {
        let serial = device.serial_number();
        let request = writer.iam().deactivate_mfa_device().user_name(user).serial_number(serial);
        request.send().await.unless(ABSENT)?;
        // The serial number of a virtual device is its ARN; that of a hardware device is what is printed on it.
        if serial.contains(":mfa/") {
            writer.iam().delete_virtual_mfa_device().serial_number(serial).send().await.unless(ABSENT)?;
        }
    }
    Ok(())
}

async fn password(writer: &Writer, user: &str) -> Result<(), KindError> {
    // A password that is being set at this moment cannot be taken away yet.
    eventually(BUSY, || async {
        writer.iam().delete_login_profile().user_name(user).send().await.unless(ABSENT)
    })
    .await?;
    Ok(())
}

async fn signing_certificates(writer: &Writer, user: &str) -> Result<(), KindError> {
    let reader = writer.reader().iam();
    let certificates = reader.list_signing_certificates().user_name(user).into_paginator().items().send();
    for certificate in certificates.collect::<Result<Vec<_>, _>>().await.unless(ABSENT)?.unwrap_or_default() {
        let id = certificate.certificate_id;
        writer
            .iam()
            .delete_signing_certificate()
            .user_name(user)
            .certificate_id(id)
            .send()
            .await
            .unless(ABSENT)?;
    }
    Ok(())
}

async fn service_credentials(writer: &Writer, user: &str) -> Result<(), KindError> {
    let mut marker = None;
    loop {
        let request =
            writer.reader().iam().list_service_specific_credentials().user_name(user).set_marker(marker);
        let Some(page) = request.send().await.unless(ABSENT)? else { return Ok(()) };
        for credential in page.service_specific_credentials() {
            writer
                .iam()
                .delete_service_specific_credential()
                .user_name(user)
                .service_specific_credential_id(credential.service_specific_credential_id())
                .send()
                .await
                .unless(ABSENT)?;
        }
        marker = page.marker;
        if !page.is_truncated || marker.is_none() {
            return Ok(());
        }
    }
}
