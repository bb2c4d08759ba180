import type { CheckId, Finding } from '../../../playbook/model/finding';
import { checksWith, readerWith, type Reader } from '../../check';
import type { AwsCase, AwsContext } from '../context';
import { classifyAws } from '../errors';

export { each, plain, type Look } from '../../check';

/** One row of the investigation. */
export interface Check {
  id: CheckId;
  /** Every cloud permission that it uses, by the service authorization reference. */
  permissions: readonly string[];
  /** Never throws: what it could not look at is in the finding. */
  run(ctx: AwsContext, aCase: AwsCase): Promise<Finding>;
}

export const defineCheck: (...check: Parameters<ReturnType<typeof checksWith<AwsContext, AwsCase>>>) => Check = checksWith<AwsContext, AwsCase>(classifyAws);

export const createReader = (): Reader => readerWith(classifyAws);

/** All pages of a listing; `next` gives the token of the page after, if there is one. */
export async function* pages<P>(ask: (token: string | undefined) => Promise<P>, next: (page: P) => string | undefined): AsyncGenerator<P> {
  let token: string | undefined;
  do {
    const page = await ask(token);
    yield page;
    token = next(page);
  } while (token);
}
