export { folderObjects } from './folder';
export { assertCaseKey, type ObjectStore } from './objects';
export { s3Objects, type S3Options } from './s3';
export type { Seal, SignatureState, SignedSeal } from './seal';
export type { EvidenceSink } from './sink';
export { createEvidenceStore, type EvidenceStore, type Kept, type StoreOptions } from './store';
export type { Problem, Verification } from './verify';
