export { createVaultActivities, type VaultDeps } from './activities';
export { awsAccessKey, AWS_ACCESS_KEY_PERMISSIONS, type AwsAccessKeyOptions } from './aws-access-key';
export { VaultClient, type AppRole, type VaultOptions } from './client';
export { Kv } from './kv';
export { checkout, MAX_TTL_SECONDS, reclaim, returnLease, withLease, type CheckoutInput } from './leases';
export type { RotatableCredential } from './provider';
export { holdsRotatedKey, storeRotatedKey, type RotatedKey } from './rotated';
export { rotate, type RotationDeps, type RotationStep } from './rotation';
export { fingerprint, type Secret } from './secret';
