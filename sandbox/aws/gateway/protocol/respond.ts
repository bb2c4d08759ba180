import { XmlShapeDeserializer, XmlShapeSerializer } from '@aws-sdk/core/protocols';
import type { RawResponse } from './request';
import type { Operation, Service } from './services';
import type { Json } from './shapes';

const settings = { timestampFormat: { useTrait: true, default: 5 }, httpBindings: false, xmlNamespace: '', serviceNamespace: '' } as never;
const reader = new XmlShapeDeserializer(settings);

/** An answer that the gateway itself gives, in the operation's own protocol. */
export function respond(service: Service, operation: Operation, output: Json, requestId: string): RawResponse {
  const headers: Record<string, string> = { 'x-amzn-requestid': requestId };
  const unit = operation.output.isUnitSchema();
  switch (service.protocol) {
    case 'query': {
      const inner = unit ? '' : `<${operation.name}Result>${xmlInner(operation, output)}</${operation.name}Result>`;
      return xml(`<${operation.name}Response xmlns="${service.xmlNamespace}">${inner}<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${operation.name}Response>`, headers);
    }
    case 'ec2':
      return xml(`<${operation.name}Response xmlns="${service.xmlNamespace}"><requestId>${requestId}</requestId>${unit ? '<return>true</return>' : xmlInner(operation, output)}</${operation.name}Response>`, headers);
    case 'rest-xml':
      return unit ? { status: 204, headers, body: Buffer.alloc(0) } : xml(new XmlBody(operation, output).text, headers);
    default: {
      const serializer = service.codec!.createSerializer();
      if (!unit) serializer.write(operation.output as never, output);
      const body = unit ? Buffer.alloc(0) : Buffer.concat([serializer.flush() as Uint8Array]);
      return { status: 200, headers: { ...headers, 'content-type': service.protocol === 'json' ? 'application/x-amz-json-1.1' : 'application/json' }, body: body.length ? body : Buffer.from('{}') };
    }
  }
}

const xml = (text: string, headers: Record<string, string>): RawResponse => ({ status: 200, headers: { ...headers, 'content-type': 'text/xml' }, body: Buffer.from(text) });

class XmlBody {
  readonly text: string;
  constructor(operation: Operation, output: Json) {
    const serializer = new XmlShapeSerializer(settings);
    serializer.write(operation.output as never, output);
    this.text = String(serializer.flush());
  }
}

/** The members without the struct's own element. */
function xmlInner(operation: Operation, output: Json): string {
  const { text } = new XmlBody(operation, output);
  const from = text.indexOf('>');
  const to = text.lastIndexOf('</');
  return text[from - 1] === '/' || to <= from ? '' : text.slice(from + 1, to);
}

/** A successful response of the emulator as the model's members; dates are Date in XML protocols, epoch seconds in JSON. */
export function readResponse(service: Service, operation: Operation, response: RawResponse): Json {
  if (operation.output.isUnitSchema() || !response.body.length) return {};
  if (service.protocol === 'query') return (reader.read(operation.output, response.body, `${operation.name}Result`) as Json | undefined) ?? {};
  if (service.protocol === 'ec2') return (reader.read(operation.output, response.body) as Json | undefined) ?? {};
  if (service.protocol === 'rest-xml') return {};
  const body = JSON.parse(response.body.toString('utf8') || '{}') as Json;
  if (service.protocol === 'json') return body;
  const out: Json = {};
  for (const [name, member] of operation.output.structIterator()) {
    const wire = (member.getMergedTraits() as { jsonName?: string }).jsonName ?? name;
    if (body[wire] !== undefined) out[name] = body[wire];
  }
  return out;
}
