import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { fail } from '../activities/boundary';

/** What a secret looks like: an AWS secret key beside its name, a private key, a vault token, a Slack token, a JWT. Access key ids are not secret. */
const shapes = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /"(?:secretAccessKey|SecretAccessKey|aws_secret_access_key|sessionToken|SessionToken|password|Password)"\s*:\s*"[^"]{8,}"/,
  /\bxox[abprs]-[A-Za-z0-9-]{10,}/,
  /\b(?:hvs|s)\.[A-Za-z0-9]{24,}/,
  /\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/,
];

/** The last wall: a result that looks like a secret never enters history. */
export const secretGuard: ActivityInterceptorsFactory = () => ({
  inbound: {
    async execute(input, next) {
      const result: unknown = await next(input);
      const text = JSON.stringify(result) ?? '';
      if (shapes.some((shape) => shape.test(text))) throw fail('SECRET_IN_PAYLOAD', 'an activity’s result looks like a secret and was withheld');
      return result;
    },
  },
});
