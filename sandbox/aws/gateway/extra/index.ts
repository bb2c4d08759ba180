import { budgets } from './budgets';
import { cloudtrail, cloudtrailAfter } from './cloudtrail';
import { ce } from './cost-explorer';
import { ec2, ec2After } from './ec2';
import { guardduty } from './guardduty';
import { iam } from './iam';
import { lambda, lambdaAfter } from './lambda';
import { organizations, organizationsAfter } from './organizations';
import { s3, s3After } from './s3';
import { iamReserved, sso, ssoAfter } from './sso';
import { sts } from './sts';
import { support } from './support';
import type { Afters, Handlers } from './types';

/** What the gateway answers itself, by service. */
export const handlers: Record<string, Handlers> = { budgets, ce, cloudtrail, ec2, guardduty, iam, lambda, organizations, s3, sso, sts, support };

/** What is refused whoever asks, before permissions are looked at. */
export const guards: Record<string, Handlers> = { iam: iamReserved };

/** What it does besides, after the emulator accepted the call. */
export const afters: Record<string, Afters> = { cloudtrail: cloudtrailAfter, ec2: ec2After, lambda: lambdaAfter, organizations: organizationsAfter, s3: s3After, sso: ssoAfter };
