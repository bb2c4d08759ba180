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
