//! Calls and jobs about pictures that this cloud does not do, each with its reason.

const NETWORK: &str = "it takes a network that knows what pictures show, and there is none here";
#[cfg(not(feature = "codes"))]
const NO_CODES: &str = "this local cloud was built without the feature `codes`";
#[cfg(not(feature = "pictures"))]
const NO_PICTURES: &str = "this local cloud was built without the feature `pictures`";
#[cfg(not(feature = "networks"))]
const NO_NETWORKS: &str = "this local cloud was built without the feature `networks`";
const SEARCH: &str = "it takes an index of what pictures show, and there is none here";
const FACES: &str = "it takes a network that knows faces and bodies, and there is none here";
const WORDS: &str = "it takes a network that reads words, and there is none here";
const CUT: &str =
    "it takes a network that tells a subject from its background, and there is none here";
const CODING: &str = "JPEG has one coding here, which no switch makes smaller";
const SLIM: &str = "pictures become slim where imageSlim asks for it, which needs no switch here, and nowhere else";
const MODERATION: &str =
    "what is fit to be shown is judged by people and by networks that are not here";

/// Operations by name, and why they are refused. Those that only list or describe what is refused
/// are left out.
pub(super) const REASONS: &[(&str, &str)] = &[
    ("AddImage", SEARCH),
    #[cfg(not(feature = "pictures"))]
    ("AssessQuality", NO_PICTURES),
    ("CreateAiImageAnalysis", NETWORK),
    ("CreateImageAuditingJob", MODERATION),
    ("CreateImageSearchBucket", SEARCH),
    (
        "CreatePosterProductionJob",
        "it takes templates of posters, which only the service has",
    ),
    ("DeleteImage", SEARCH),
    ("DetectCar", NETWORK),
    ("DetectFace", FACES),
    ("DetectLabel", NETWORK),
    ("DetectPet", NETWORK),
    #[cfg(not(feature = "codes"))]
    ("GenerateQrCode", NO_CODES),
    ("GetActionSequence", FACES),
    ("GetAiBodyRecognition", FACES),
    #[cfg(not(feature = "networks"))]
    ("GetAiEnhanceImage", NO_NETWORKS),
    ("GetAiGameRec", NETWORK),
    ("GetAiImageColoring", NETWORK),
    #[cfg(not(feature = "pictures"))]
    ("GetAiImageCrop", NO_PICTURES),
    ("GetAiLicenseRec", WORDS),
    ("GetAiObjectDetect", NETWORK),
    ("GetAiPicMatting", CUT),
    ("GetAiPortraitMatting", CUT),
    ("GetAiRecognition", NETWORK),
    #[cfg(not(feature = "networks"))]
    ("GetAiSuperResolution", NO_NETWORKS),
    ("GetFaceEffect", FACES),
    ("GetGoodsMatting", CUT),
    ("GetIdCardOcr", WORDS),
    (
        "GetImageInspect",
        "it is not built as a call; the job ImageInspect does the same",
    ),
    #[cfg(not(feature = "pictures"))]
    ("GetImageRepair", NO_PICTURES),
    ("GetLiveCode", FACES),
    ("GetLivenessRecognition", FACES),
    ("GetOcr", WORDS),
    #[cfg(not(feature = "codes"))]
    ("GetQrCode", NO_CODES),
    ("GetSensitiveContentRecognition", MODERATION),
    ("PutIdCardOcr", WORDS),
    ("PutLivenessRecognition", FACES),
    ("RecognizeLogo", NETWORK),
    ("RefreshTdc", "no document says what it does"),
    ("SearchImage", SEARCH),
    ("UpdateBucketHdrImageProcessing", CODING),
    ("UpdateBucketImageSlim", SLIM),
];
