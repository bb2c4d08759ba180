import { createHash } from 'node:crypto';
import { allowsData } from '../arm/access';
import { resources } from '../arm/routes';
import { Fault, type Answer, type Call } from '../protocol/types';
import type { Sim } from '../state/sim';

/** One version of a blob. */
export interface Blob {
  /** `<account>/<container>/<name>@<version>` */
  id: string;
  account: string;
  container: string;
  name: string;
  version: string;
  content: string;
  tier: 'Hot' | 'Archive';
  /** ISO. */
  madeAt: string;
}

/** Puts a blob there, as an upload would. */
export function addBlob(sim: Sim, account: string, container: string, name: string, content: string, tier: Blob['tier'] = 'Hot'): Blob {
  const version = `${sim.iso().replace(/Z$/, '')}${String(sim.shelf('blobs').truth().length).padStart(4, '0')}Z`;
  const id = `${account}/${container}/${name}@${version}`;
  return sim.shelf<Blob>('blobs').put(id, { id, account, container, name, version, content, tier, madeAt: sim.iso() });
}

const READ = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read';

/** Reading the data of storage accounts under an Entra token: list blobs, get blob, with the account in the path. Source: Blob Storage REST. */
export function blobAnswer(sim: Sim, call: Call): Answer {
  const [account = '', container = '', ...rest] = decodeURIComponent(call.url.pathname).split('/').slice(1);
  const name = rest.join('/');
  const owner = resources(sim).list().find((one) => /^Microsoft\.Storage\/storageAccounts$/i.test(one.type) && one.name === account);
  const place = owner && `${owner.id}/blobServices/default/containers/${container}`;
  if (!place) throw new Fault(404, 'ResourceNotFound', 'The specified resource does not exist.');
  if (!allowsData(sim, call.caller.id, READ, place)) throw new Fault(403, 'AuthorizationPermissionMismatch', 'This request is not authorized to perform this operation using this permission.');
  if (!resources(sim).get(place)) throw new Fault(404, 'ContainerNotFound', 'The specified container does not exist.');
  const all = sim.shelf<Blob>('blobs').list().filter((one) => one.account === account && one.container === container).sort((a, b) => (a.id < b.id ? -1 : 1));
  if (call.method === 'GET' && call.query.get('comp') === 'list' && call.query.get('restype') === 'container') return list(call, container, all);
  if ((call.method !== 'GET' && call.method !== 'HEAD') || name === '') throw new Fault(400, 'InvalidQueryParameterValue', `The sandbox has no ${call.method} ${call.url.pathname}`);
  const wanted = call.query.get('versionid');
  const found = all.filter((one) => one.name === name && (wanted === null || one.version === wanted)).at(-1);
  if (!found) throw new Fault(404, 'BlobNotFound', 'The specified blob does not exist.');
  if (found.tier === 'Archive') throw new Fault(409, 'BlobArchived', 'This operation is not permitted on an archived blob.');
  return get(call, found);
}

function get(call: Call, blob: Blob): Answer {
  const whole = Buffer.from(blob.content, 'utf8');
  const range = /^bytes=(\d+)-(\d*)$/.exec(String(call.headers['x-ms-range'] ?? call.headers['range'] ?? ''));
  const [from, to] = range ? [Number(range[1]), Math.min(range[2] ? Number(range[2]) : whole.length - 1, whole.length - 1)] : [0, whole.length - 1];
  const content = whole.subarray(from, to + 1);
  return {
    status: range ? 206 : 200, raw: { type: 'application/octet-stream', content: call.method === 'HEAD' ? Buffer.alloc(0) : content },
    headers: { 'content-length': String(content.length), etag: etag(blob), 'last-modified': new Date(blob.madeAt).toUTCString(), 'x-ms-blob-type': 'BlockBlob', 'x-ms-version-id': blob.version, ...(range && { 'content-range': `bytes ${from}-${to}/${whole.length}` }) },
  };
}

const etag = (blob: Blob): string => `"0x${createHash('sha256').update(blob.id).digest('hex').slice(0, 15).toUpperCase()}"`;
const xml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** With versions when they are asked for, else the current ones. */
function list(call: Call, container: string, all: readonly Blob[]): Answer {
  const current = (blob: Blob): boolean => all.filter((one) => one.name === blob.name).at(-1) === blob;
  const shown = (call.query.get('include') ?? '').includes('versions') ? all : all.filter(current);
  const from = Number(call.query.get('marker') ?? 0);
  const size = Math.min(Number(call.query.get('maxresults') ?? 5000), call.pageLimit);
  const items = shown.slice(from, from + size).map((blob) => `<Blob><Name>${xml(blob.name)}</Name><VersionId>${blob.version}</VersionId>${current(blob) ? '<IsCurrentVersion>true</IsCurrentVersion>' : ''}<Properties><Creation-Time>${new Date(blob.madeAt).toUTCString()}</Creation-Time><Last-Modified>${new Date(blob.madeAt).toUTCString()}</Last-Modified><Etag>${etag(blob).replaceAll('"', '')}</Etag><Content-Length>${Buffer.byteLength(blob.content)}</Content-Length><Content-Type>application/octet-stream</Content-Type><Content-MD5>${createHash('md5').update(blob.content).digest('base64')}</Content-MD5><BlobType>BlockBlob</BlobType><AccessTier>${blob.tier}</AccessTier></Properties></Blob>`);
  const next = from + size < shown.length ? String(from + size) : '';
  return { status: 200, raw: { type: 'application/xml', content: `<?xml version="1.0" encoding="utf-8"?><EnumerationResults ServiceEndpoint="${call.url.origin}/" ContainerName="${xml(container)}"><MaxResults>${size}</MaxResults><Blobs>${items.join('')}</Blobs><NextMarker>${next}</NextMarker></EnumerationResults>` } };
}
