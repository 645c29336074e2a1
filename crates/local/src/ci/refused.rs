//! Calls and jobs about pictures that this cloud does not do, each with its reason.

const NETWORK: &str = "it takes a network that knows what pictures show, and there is none here";
#[cfg(not(feature = "networks"))]
const NO_NETWORKS: &str = "this local cloud was built without the feature `networks`";
const SEARCH: &str = "it takes an index of what pictures show, and there is none here";
const FACES: &str = "it takes a network that knows faces and bodies, and there is none here";
const WORDS: &str = "it takes a network that reads words, and there is none here";
const CUT: &str =
    "it takes a network that tells a subject from its background, and there is none here";
const CODING: &str = "JPEG has one coding here, which no switch makes smaller";
const MODERATION: &str =
    "what is fit to be shown is judged by people and by networks that are not here";

/// Operations by name, and why they are refused. Those that only list or describe what is refused
/// are left out.
pub(super) const REASONS: &[(&str, &str)] = &[
    ("AddImage", SEARCH),
    ("AssessQuality", NETWORK),
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
    ("GenerateQrCode", "writing QR codes is not built yet"),
    ("GetActionSequence", FACES),
    ("GetAiBodyRecognition", FACES),
    #[cfg(not(feature = "networks"))]
    ("GetAiEnhanceImage", NO_NETWORKS),
    ("GetAiGameRec", NETWORK),
    ("GetAiImageColoring", NETWORK),
    (
        "GetAiImageCrop",
        "finding what matters in a picture is not built yet; imageMogr2/crop takes a gravity",
    ),
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
    ("GetImageRepair", "filling gaps is not built yet"),
    ("GetLiveCode", FACES),
    ("GetLivenessRecognition", FACES),
    ("GetOcr", WORDS),
    ("GetQrCode", "reading QR codes is not built yet"),
    ("GetSensitiveContentRecognition", MODERATION),
    ("PutIdCardOcr", WORDS),
    ("PutLivenessRecognition", FACES),
    ("RecognizeLogo", NETWORK),
    ("RefreshTdc", "no document says what it does"),
    ("SearchImage", SEARCH),
    ("UpdateBucketHdrImageProcessing", CODING),
    ("UpdateBucketImageSlim", CODING),
];
