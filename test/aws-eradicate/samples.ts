/** A zip archive with the empty file `i.js`, as Lambda wants its code. */
export const zip = Buffer.from('UEsDBBQAAAAAAAAAIQAAAAAAAAAAAAAAAAAEAAAAaS5qc1BLAQIUABQAAAAAAAAAIQAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAAABpLmpzUEsFBgAAAAABAAEAMgAAACIAAAAAAA==', 'base64');

/** A self-signed certificate (CN=test); its private key was never kept. */
export const certificate = [
  '-----BEGIN CERTIFICATE-----',
  'MIIB/DCCAWWgAwIBAgIUQCpKI30YX2Q+MVRfddXngAmCsoAwDQYJKoZIhvcNAQEL',
  'BQAwDzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjQwOTA5MDZaGA8yMTI2MTAzMTA5',
  'MDkwNlowDzENMAsGA1UEAwwEdGVzdDCBnzANBgkqhkiG9w0BAQEFAAOBjQAwgYkC',
  'gYEAkp0cmP9ARZYpzaF6cEShL7oKy1I1hn9o7shUjeV7ntHJTs+tsm1RWWw8aY93',
  'FEH3nJzmN+mHEOIAPwRFO6gYUO99LnpJRI/ZgaWiwlyTLmDqI6jJQh6ugqSM3s0O',
  'PYiDmrPWJBkPyYnMUWyV6MQpW2/06B943it2Jdd2p0XphD0CAwEAAaNTMFEwHQYD',
  'VR0OBBYEFD9gPOCdNk1m+PVBZpAeElezb+5tMB8GA1UdIwQYMBaAFD9gPOCdNk1m',
  '+PVBZpAeElezb+5tMA8GA1UdEwEB/wQFMAMBAf8wDQYJKoZIhvcNAQELBQADgYEA',
  'CLkhXpT4gWg9hyufQ+agVYdsn6CII4LVQ6RhAnvNe8KxSgIfk4RgKn6tTOjE+mBt',
  'OpTkpuzqbKdstUFGm0DqPTjDWz/A5zz4uZ6os1aZgKykGdtrVFHe0xeNbHoiCHOc',
  'vOJLoC2Zijg3RkzA8JSo1FN71mlPVTzyZqlkBmxvR/M=',
  '-----END CERTIFICATE-----',
].join('\n');
