//! Calls and jobs about pictures: what runs each, or why it is refused.
//!
//! Nothing else says so: answers, `tcloud local --list` and tests read this table.

use crate::support::Support;
use crate::support::missing;

const RULES: Support = of_pictures("imaging, by the rules that are given");
const KEPT: Support = of_pictures("the store");
const TEMPLATES: Support = of_pictures("the store; the rules are checked");
const INSPECTION: Support = Support::By("inspect");
const JOBS: Support = Support::By("the queue of jobs");
const CODES: Support = Support::built(cfg!(feature = "codes"), "rxing", missing::CODES);

const NETWORK: Support =
    Support::Refused("it takes a network that knows what pictures show, and there is none here");
const SEARCH: Support =
    Support::Refused("it takes an index of what pictures show, and there is none here");
const FACES: Support =
    Support::Refused("it takes a network that knows faces and bodies, and there is none here");
const WORDS: Support =
    Support::Refused("it takes a network that reads words, and there is none here");
const CUT: Support = Support::Refused(
    "it takes a network that tells a subject from its background, and there is none here",
);
const CODING: Support = Support::Refused("JPEG has one coding here, which no switch makes smaller");
const SWITCH: Support = Support::Kept("JPEG has one coding here, which no switch makes smaller");
const MODERATION: Support = Support::Refused(
    "what is fit to be shown is judged by people and by networks that are not here",
);
const POSTERS: Support =
    Support::Refused("it takes templates of posters, which only the service has");

const fn of_pictures(engine: &'static str) -> Support {
    Support::built(cfg!(feature = "pictures"), engine, missing::PICTURES)
}

const fn of_networks(engine: &'static str) -> Support {
    Support::built(cfg!(feature = "networks"), engine, missing::NETWORKS)
}

/// Operations by name.
pub(super) const CALLS: &[(&str, Support)] = &[
    ("AddImage", SEARCH),
    (
        "AssessQuality",
        of_pictures("imaging, by figures of sharpness, noise and contrast"),
    ),
    ("CreateAiImageAnalysis", NETWORK),
    ("CreateImageAuditingJob", MODERATION),
    ("CreateImageInspectJob", INSPECTION),
    ("CreateImageOcrTemplate", WORDS),
    ("CreateImageSearchBucket", SEARCH),
    ("CreatePicBucket", JOBS),
    ("CreatePicProcessJob", RULES),
    ("CreatePicProcessPicJob", RULES),
    ("CreatePicProcessTemplate", TEMPLATES),
    ("CreatePosterProductionJob", POSTERS),
    ("CreatePosterTemplate", POSTERS),
    ("DeleteBucketGuetzli", KEPT),
    ("DeleteBucketHdrImageProcessing", CODING),
    ("DeleteBucketImageSlim", KEPT),
    ("DeleteBucketOriginProtect", KEPT),
    ("DeleteBucketStyle", KEPT),
    ("DeleteImage", SEARCH),
    (
        "DeletePicBucket",
        Support::Refused("a bucket keeps its queue and its jobs here until it is deleted itself"),
    ),
    ("DescribeBucketGuetzli", KEPT),
    ("DescribeBucketHdrImageProcessing", CODING),
    ("DescribeBucketHotlink", KEPT),
    ("DescribeBucketImageSlim", KEPT),
    ("DescribeBucketOriginProtect", KEPT),
    ("DescribeBucketStyle", KEPT),
    ("DescribeImageAuditingJob", MODERATION),
    ("DescribePicBuckets", JOBS),
    ("DescribePicJob", JOBS),
    ("DescribePicQueues", JOBS),
    ("DescribePosterTemplate", POSTERS),
    ("DescribePosterTemplates", POSTERS),
    ("DetectCar", NETWORK),
    ("DetectFace", FACES),
    ("DetectLabel", NETWORK),
    ("DetectPet", NETWORK),
    ("GenerateQrCode", CODES),
    ("GetActionSequence", FACES),
    ("GetAiBodyRecognition", FACES),
    (
        "GetAiEnhanceImage",
        of_networks("networks, by denoise; imaging, by adaptive sharpening"),
    ),
    ("GetAiGameRec", NETWORK),
    ("GetAiImageColoring", NETWORK),
    (
        "GetAiImageCrop",
        of_pictures("imaging, by frequency-tuned saliency"),
    ),
    ("GetAiLicenseRec", WORDS),
    ("GetAiObjectDetect", NETWORK),
    ("GetAiPicMatting", CUT),
    ("GetAiPortraitMatting", CUT),
    ("GetAiRecognition", NETWORK),
    (
        "GetAiSuperResolution",
        of_networks("networks, by sr_x2 or sr_x2_robust"),
    ),
    ("GetAutoTranslationBlock", WORDS),
    ("GetFaceEffect", FACES),
    ("GetGoodsMatting", CUT),
    ("GetIdCardOcr", WORDS),
    ("GetImageAve", of_pictures("imaging")),
    ("GetImageExif", of_pictures("kamadak-exif")),
    ("GetImageInfo", of_pictures("imaging")),
    ("GetImageInspect", INSPECTION),
    (
        "GetImageRepair",
        of_pictures("imaging, by inpainting after Telea"),
    ),
    ("GetLiveCode", FACES),
    ("GetLivenessRecognition", FACES),
    ("GetOcr", WORDS),
    ("GetOriginImage", KEPT),
    ("GetQrCode", CODES),
    ("GetSensitiveContentRecognition", MODERATION),
    ("ListPicJobs", JOBS),
    ("ProcessStoredImage", RULES),
    ("PutIdCardOcr", WORDS),
    ("PutImage", RULES),
    ("PutLivenessRecognition", FACES),
    ("RecognizeLogo", NETWORK),
    (
        "RefreshTdc",
        Support::Refused("no document says what it does"),
    ),
    ("SearchDatasetImage", SEARCH),
    ("SearchImage", SEARCH),
    ("UpdateBucketGuetzli", SWITCH),
    ("UpdateBucketHdrImageProcessing", CODING),
    ("UpdateBucketHotlink", KEPT),
    ("UpdateBucketImageSlim", KEPT),
    ("UpdateBucketOriginProtect", KEPT),
    ("UpdateBucketStyle", KEPT),
    ("UpdateImageOcrTemplate", WORDS),
    ("UpdatePicProcessTemplate", TEMPLATES),
    ("UpdatePicQueue", JOBS),
];
