import { computeKin } from './aws-compute';
import { exposureKin } from './aws-exposure';
import { identityKin } from './aws-identity';
import { loggingKin } from './aws-logging';
import { otherKin } from './aws-other';
import type { Kin } from './types';

/** Every AWS call the playbook watches. Names: AWS service authorization reference and each service's API reference. */
export const awsKin: readonly Kin[] = [...identityKin, ...exposureKin, ...computeKin, ...loggingKin, ...otherKin];
