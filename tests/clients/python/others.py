"""Every other method of the SDK's clients of COS and CI: the local cloud refuses it by name.

A method that is neither here nor in the other parts is a difference, so that a newer SDK cannot
bring one unseen.
"""

import inspect
import os

import requests
from qcloud_cos import AIRecognitionClient, CosS3Client, MetaInsightClient
from qcloud_cos.intelligent_speech import IntelligentSpeechClient

from session import Session, equal

# What the other parts use, rightly and wrongly.
COVERED = {
    "abort_multipart_upload",
    "append_object",
    "bucket_exists",
    "change_object_storage_class",
    "ci_cancel_jobs",
    "ci_create_file_compress_job",
    "ci_create_file_hash_job",
    "ci_create_file_uncompress_job",
    "ci_create_media_jobs",
    "ci_create_media_pic_jobs",
    "ci_delete_asr_template",
    "ci_delete_image_style",
    "ci_delete_template",
    "ci_download_compress_image",
    "ci_file_zip_preview",
    "ci_get_asr_template",
    "ci_get_file_process_jobs",
    "ci_get_image_ave_info",
    "ci_get_image_exif_info",
    "ci_get_image_info",
    "ci_get_image_style",
    "ci_get_media_jobs",
    "ci_get_media_pic_jobs",
    "ci_get_media_pic_queue",
    "ci_get_object",
    "ci_get_object_qrcode",
    "ci_get_pic_bucket",
    "ci_get_template",
    "ci_image_assess_quality",
    "ci_image_process",
    "ci_list_media_jobs",
    "ci_list_media_pic_jobs",
    "ci_open_pic_bucket",
    "ci_put_image_style",
    "ci_put_object",
    "ci_put_object_from_local_file",
    "ci_put_object_from_local_file_and_get_qrcode",
    "ci_qrcode_generate",
    "ci_super_resolution_process",
    "ci_update_media_pic_queue",
    "complete_multipart_upload",
    "copy",
    "copy_object",
    "cos_ai_enhance_image",
    "cos_ai_image_crop",
    "cos_image_repair",
    "create_bucket",
    "create_multipart_upload",
    "delete_bucket",
    "delete_bucket_cors",
    "delete_bucket_domain",
    "delete_bucket_domain_certificate",
    "delete_bucket_encryption",
    "delete_bucket_inventory",
    "delete_bucket_lifecycle",
    "delete_bucket_origin",
    "delete_bucket_policy",
    "delete_bucket_referer",
    "delete_bucket_replication",
    "delete_bucket_tagging",
    "delete_bucket_website",
    "delete_object",
    "delete_object_tagging",
    "delete_objects",
    "download_file",
    "file_hash",
    "get_async_fetch_task",
    "get_bucket_acl",
    "get_bucket_cors",
    "get_bucket_domain",
    "get_bucket_domain_certificate",
    "get_bucket_encryption",
    "get_bucket_intelligenttiering",
    "get_bucket_intelligenttiering_v2",
    "get_bucket_inventory",
    "get_bucket_lifecycle",
    "get_bucket_location",
    "get_bucket_logging",
    "get_bucket_object_lock",
    "get_bucket_origin",
    "get_bucket_policy",
    "get_bucket_referer",
    "get_bucket_replication",
    "get_bucket_tagging",
    "get_bucket_versioning",
    "get_bucket_website",
    "get_object",
    "get_object_acl",
    "get_object_tagging",
    "get_object_url",
    "get_presigned_download_url",
    "get_presigned_url",
    "get_symlink",
    "head_bucket",
    "head_object",
    "list_bucket_intelligenttiering_configurations",
    "list_bucket_inventory_configurations",
    "list_buckets",
    "list_multipart_uploads",
    "list_objects",
    "list_objects_versions",
    "list_parts",
    "object_exists",
    "put_async_fetch_task",
    "put_bucket_acl",
    "put_bucket_cors",
    "put_bucket_domain",
    "put_bucket_domain_certificate",
    "put_bucket_encryption",
    "put_bucket_intelligenttiering",
    "put_bucket_intelligenttiering_v2",
    "put_bucket_inventory",
    "put_bucket_lifecycle",
    "put_bucket_logging",
    "put_bucket_object_lock",
    "put_bucket_origin",
    "put_bucket_policy",
    "put_bucket_referer",
    "put_bucket_replication",
    "put_bucket_tagging",
    "put_bucket_versioning",
    "put_bucket_website",
    "put_object",
    "put_object_acl",
    "put_object_from_local_file",
    "put_object_tagging",
    "put_symlink",
    "restore_object",
    "select_object_content",
    "send_request",
    "update_object_meta",
    "upload_file",
    "upload_file_from_buffer",
    "upload_part",
    "upload_part_copy",
}
# What sends nothing.
LOCAL = {
    "generate_built_in_connection_pool",
    "get_auth",
    "get_conf",
    "get_retry_exe_times",
    "get_rtmp_signed_url",
    "handle_built_in_connection_pool_by_pid",
    "inc_retry_exe_times",
    "should_switch_domain",
}
# What asks for the parts of a bucket's settings and keeps to itself which it could not have.
QUIET = {"get_bucket_meta"}


def arguments(session: Session) -> dict:
    """A value for every required parameter of any method, by name."""
    file = os.path.join(session.scratch, "one.bin")
    with open(file, "wb") as out:
        out.write(b"1")
    source = {"Bucket": session.bucket, "Key": "kept", "Region": session.region}
    return {
        "Bucket": session.bucket,
        "Key": "kept",
        "ObjectKey": "kept",
        "CopySource": source,
        "LocalFilePath": file,
        "DestImagePath": os.path.join(session.scratch, "none"),
        "Body": b"x",
        "Data": b"x",
        "Policy": {"version": "2.0", "Statement": []},
        "Request": {},
        "Template": {"Tag": "Watermark", "Name": "t"},
        "JobBody": {"Name": "t", "Type": "Job"},
        "Input": [{"Object": "kept"}],
        "DomainCertificateConfiguration": {},
        "Position": 0,
        "PartNumber": 1,
        "Expires": 3600,
        "Width": 10,
        "Height": 10,
        "Time": 1,
        "ChannelNum": 1,
        "Cover": 0,
        "Status": "Enabled",
        "Switch": "enabled",
        "PlaylistName": "a.m3u8",
        "StorageClass": "STANDARD_IA",
        "Url": "http://example.com/a.png",
        "OutputRegion": session.region,
        "OutputBucket": session.bucket,
        "DetectType": 1,
        "CompressType": "webp",
        "Type": "video",
        "UpdateState": "active",
        "CiProcess": "AILicenseRec",
    }


# Where a name means something else, or what is optional is needed for a request to be sent.
SPECIAL = {
    "ci_auditing_submit_common": {"Type": "video", "DetectType": 1},
    "ci_create_workflow": {"Body": {}},
    "ci_update_workflow": {"Body": {}},
    "cos_ai_face_effect": {"Type": "face-beautify"},
    "get_vod_playlist": {"StartTime": 1, "EndTime": 2},
    "post_vod_playlist": {"StartTime": 1, "EndTime": 2},
    "put_bucket_intelligenttiering": {"IntelligentTieringConfiguration": {}},
    "put_bucket_intelligenttiering_v2": {"IntelligentTieringConfiguration": {}, "Id": "1"},
    "ci_recognize_logo_process": {"Key": "kept"},
    "ci_image_detect_label": {"Key": "kept"},
    "get_object_sensitive_content_recognition": {"Key": "kept"},
}


def call_of(client, kind: type, name: str, known: dict):
    """The method with a value for each of its required parameters."""
    method = getattr(client, name)
    given = dict(SPECIAL.get(name, {}))
    for parameter in inspect.signature(method).parameters.values():
        required = parameter.default is parameter.empty and parameter.kind not in (
            parameter.VAR_KEYWORD,
            parameter.VAR_POSITIONAL,
        )
        if required and parameter.name not in given:
            body = {} if kind is not CosS3Client and parameter.name == "Body" else None
            given[parameter.name] = body if body is not None else known.get(parameter.name, "1")
    return lambda: method(**given)


class Witness:
    """Sees the answers themselves: some methods give back what they cannot read, or raise an error
    of their own."""

    def __init__(self) -> None:
        self.connections = requests.Session()
        self.connections.hooks["response"] = [self._note]
        self._answers = []

    def _note(self, answer, *_, **__) -> None:
        self._answers.append((answer.request.method, answer.status_code, answer.text))

    def refused(self, session: Session, call) -> None:
        """Asserts that `call` was refused by name, and that nothing else came of it."""
        self._answers.clear()
        try:
            call()
        except Exception as error:
            assert self._answers, f"nothing was answered: {error!r}"
        assert self._answers, "nothing was asked for"
        try:
            for method, status, body in self._answers:
                answer = f"{method}: {status} {body}"
                if status == 501 and method != "HEAD":
                    assert "<Code>NotImplemented</Code>" in body, answer
                    assert "<Message></Message>" not in body, answer
                else:
                    # Looking first is harmless.
                    assert status == 501 or method == "HEAD", answer
            assert any(status == 501 for _, status, _ in self._answers), self._answers
            equal(session.content("kept"), b"kept", "the object beside it")
        finally:
            session.put("kept", b"kept")


def uncalled(session: Session, report) -> None:
    """What the other parts are said to use, and did not."""
    for name in sorted(COVERED - session.called):
        report.differs(name, "no case calls it")


def run(session: Session, report) -> None:
    session.put("kept", b"kept")
    known, witness = arguments(session), Witness()
    base = {name for name, _ in inspect.getmembers(CosS3Client, inspect.isfunction)}
    for name in sorted(COVERED - base - set(vars(AIRecognitionClient))):
        report.differs(name, "the SDK has no such method any more")
    for kind in (CosS3Client, MetaInsightClient, AIRecognitionClient, IntelligentSpeechClient):
        client = session.cos_client(kind, connections=witness.connections, Appid=session.app_id)
        names = vars(kind) if kind is not CosS3Client else base
        for name in sorted(names):
            if name.startswith("_") or name in COVERED | LOCAL | QUIET:
                continue
            if callable(getattr(kind, name)):
                call = call_of(client, kind, name, known)
                report.refusal(f"{kind.__name__}.{name}", witness.refused, session, call)
    meta = session.cos.get_bucket_meta(session.bucket)
    report.case(
        "get_bucket_meta", equal, meta["Location"], session.region, "region of the bucket"
    )
    report.case(
        "a refusal leaves the bucket",
        lambda: equal(session.cos.bucket_exists(session.bucket), True, "bucket"),
    )
