/** The work's answer, or after `ms` milliseconds the error that `late` makes; the work itself goes on. */
export async function within<T>(work: Promise<T>, ms: number, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), ms);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

/** How a cloud's classifier knows that nobody answered. */
export const noAnswer = (ms: number) => (): Error => Object.assign(new Error(`no answer within ${ms} ms`), { name: 'TimeoutError' });
