import { Fault } from '../protocol/faults';

/** An SDK error of the emulator, as the same AWS error to the caller. */
export async function asFault<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    const { name, message, $metadata } = error as { name: string; message: string; $metadata?: { httpStatusCode?: number } };
    throw new Fault(name.replace(/^NoSuchEntityException$/, 'NoSuchEntity'), message, $metadata?.httpStatusCode ?? 400);
  }
}
