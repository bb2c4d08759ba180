import { decodeBody } from '../json';
import { processBody, type Handling, type Pipeline } from '../pipeline';
import type { Source } from '../source';
import { anyOf } from './any-of';
import { FILE_JSON_LIMITS, filesIn, type Fetched, type StoredFile } from './s3-files';

export interface S3Notices {
  /** Only these are read, whatever a notice names. */
  buckets: readonly string[];
  sources: readonly Source[];
  fetch(file: StoredFile): Promise<Fetched>;
}

/** A queue’s message that tells of new log files: each is fetched and handled as if it had been posted. */
export function s3Notices({ buckets, sources, fetch }: S3Notices, pipeline: Pipeline, id: string): (body: Uint8Array) => Promise<Handling[]> {
  const source = anyOf('s3', sources);
  const sender = { id, key: '', sources: [] };
  const files: Pipeline = { ...pipeline, json: FILE_JSON_LIMITS };
  const refused = async (path: string, problem: string): Promise<Handling> => {
    pipeline.log.warn({ queue: id, path, problem }, 'a notice of a log file leads to nothing');
    await pipeline.notice({ key: `s3-file/${id}/${path}`, level: 'warn', title: `A log file that the queue ${id} tells of could not be read`, lines: [`${path} ${problem}`.slice(0, 1_000)] }).catch(() => pipeline.log.error({ queue: id }, 'the notice could not be sent'));
    return { kind: 'handled', results: [{ status: 'rejected', path, problem }] };
  };
  return async (body) => {
    const decoded = await decodeBody(body, pipeline.json);
    if ('problem' in decoded) return [await processBody(pipeline, source, sender, body)];
    const named = filesIn(decoded.value);
    if ('problem' in named) return [await refused(named.path, named.problem)];
    const handlings: Handling[] = [];
    for (const file of named.files) {
      const where = `s3://${file.bucket}/${file.key}`;
      if (!buckets.includes(file.bucket)) {
        handlings.push(await refused(where, 'is in no bucket that is configured'));
        continue;
      }
      const fetched = await fetch(file);
      handlings.push('problem' in fetched ? await refused(where, fetched.problem) : await processBody(files, source, sender, fetched.body));
    }
    return handlings;
  };
}
