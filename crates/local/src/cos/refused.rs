//! Operations of Object Storage that are refused by their names, and why.

use crate::support::Support;

const LIVE: Support = Support::Refused(
    "channels take streams of audio and video by RTMP, which nobody listens to here",
);
const ONCE: Support =
    Support::Refused("inventories are written when they are due here, and none is made at once");
const VECTORS: Support = Support::Refused(
    "it takes an index that finds vectors by their distance, and there is none here",
);

/// The operations.
pub(super) const OPERATIONS: &[(&str, Support)] = &[
    ("CreateIndex", VECTORS),
    ("CreateVectorBucket", VECTORS),
    ("DeleteIndex", VECTORS),
    ("DeleteLiveChannel", LIVE),
    ("DeleteVectorBucket", VECTORS),
    ("DeleteVectorBucketPolicy", VECTORS),
    ("DeleteVectors", VECTORS),
    ("GetIndex", VECTORS),
    ("GetLiveChannel", LIVE),
    ("GetLiveChannelHistory", LIVE),
    ("GetLiveChannelStatus", LIVE),
    ("GetVectorBucket", VECTORS),
    ("GetVectorBucketPolicy", VECTORS),
    ("GetVectors", VECTORS),
    ("GetVodPlaylist", LIVE),
    ("ListIndexes", VECTORS),
    ("ListLiveChannels", LIVE),
    ("ListVectorBuckets", VECTORS),
    ("ListVectors", VECTORS),
    ("PostBucketInventory", ONCE),
    ("PostVodPlaylist", LIVE),
    ("PutLiveChannel", LIVE),
    ("PutLiveChannelSwitch", LIVE),
    ("PutVectorBucketPolicy", VECTORS),
    ("PutVectors", VECTORS),
    ("QueryVectors", VECTORS),
];
