import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asnOf } from '../../activities/asn';
import { countryOf, networkOf } from '../../activities/geo';

test.each([
  ['185.220.101.34', 'DE', 'public'],
  ['8.8.8.8', 'US', 'public'],
  ['::ffff:8.8.8.8', 'US', 'public'],
  ['2a00:1450:4001:80b::200e', expect.stringMatching(/^[A-Z]{2}$/), 'public'],
  ['10.1.2.3', null, 'private'],
  ['192.168.0.1', null, 'private'],
  ['127.0.0.1', null, 'loopback'],
  ['100.64.0.1', null, 'carrierGradeNat'],
  ['fd00::1', null, 'uniqueLocal'],
  ['169.254.169.254', null, 'linkLocal'],
  ['cloudformation.amazonaws.com', null, 'not-an-address'],
  ['AWS Internal', null, 'not-an-address'],
  ['999.1.1.1', null, 'not-an-address'],
  ['', null, 'not-an-address'],
])('%s', (ip, country, network) => {
  expect([countryOf(ip), networkOf(ip)]).toEqual([country, network]);
});

test.each([
  ['8.8.8.8', 15169, /google/i],
  ['::ffff:8.8.8.8', 15169, /google/i],
  ['1.1.1.1', 13335, /cloudflare/i],
  ['1.0.0.0', 13335, /cloudflare/i],
  ['2.56.19.255', 9009, /m247/i],
  ['2a00:1450:4001:80b::200e', 15169, /google/i],
  ['2606:4700::1111', 13335, /cloudflare/i],
])('the network of %s', (ip, asn, name) => expect(asnOf(ip)).toEqual({ asn, name: expect.stringMatching(name) }));

test.each(['10.1.2.3', '1.0.1.1', '0.0.0.0', '255.255.255.255', 'fd00::1', '2001:db8::1', '::', 'AWS Internal', ''])('no network: %s', (ip) => expect(asnOf(ip)).toBeNull());

test('the first and the last line are found, and every line between by its own ends', () => {
  const lines = readFileSync(join(require.resolve('@ip-location-db/asn/package.json'), '..', 'asn-ipv4.csv'), 'utf8').trimEnd().split('\n');
  const some = [lines[0]!, lines.at(-1)!, ...Array.from({ length: 300 }, (_, index) => lines[Math.floor((index * lines.length) / 300)]!)];
  for (const line of some) {
    const [first, last, asn] = line.split(',');
    for (const ip of [first!, last!]) if (networkOf(ip) === 'public') expect([ip, asnOf(ip)?.asn]).toEqual([ip, Number(asn)]);
  }
});
