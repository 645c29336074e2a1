// Drives the official Node SDKs through a local cloud that checks every signature.

import * as ci from './ci.mjs';
import * as cos from './cos.mjs';
import * as images from './images.mjs';
import * as multipart from './multipart.mjs';
import * as others from './others.mjs';
import { Report } from './report.mjs';
import { Session } from './session.mjs';
import * as settings from './settings.mjs';
import * as signatures from './signatures.mjs';
import * as temporary from './temporary.mjs';
import * as versions from './versions.mjs';

const session = new Session();
const report = new Report('node');
await session.cos.putBucket({ Bucket: session.bucket, Region: session.region });
const parts = { cos, multipart, versions, ci, images, settings, signatures, temporary, others };
for (const [name, part] of Object.entries(parts)) {
  try {
    await part.run(session, report);
  } catch (error) {
    report.differs(`${name}: the cases after this one`, error?.message ?? error);
  }
}
// The SDK keeps its connections open.
process.exit(report.finish());
