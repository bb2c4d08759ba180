import type { PipelinePolicy } from '@azure/core-rest-pipeline';

const isLoopback = (host: string): boolean => ['127.0.0.1', 'localhost', '[::1]'].includes(host);

/** `https` as the SDKs insist on; what is really plain http on this machine is told to `overLoopback`. */
export function secureForm(endpoint: string): string {
  const url = new URL(endpoint);
  if (url.protocol === 'http:' && isLoopback(url.hostname)) url.protocol = 'https:';
  return url.toString().replace(/\/$/, '');
}

/** Sends what is for a plain-http loopback endpoint (the sandbox) there; everything else stays as it is. Tokens never leave the machine in the clear. */
export function overLoopback(...endpoints: string[]): PipelinePolicy[] {
  const plain = new Set(endpoints.map((one) => new URL(one)).filter((url) => url.protocol === 'http:' && isLoopback(url.hostname)).map((url) => url.host));
  if (plain.size === 0) return [];
  return [{
    name: 'tourniquetLoopback',
    sendRequest(request, next) {
      const url = new URL(request.url);
      if (url.protocol === 'https:' && plain.has(url.host)) {
        url.protocol = 'http:';
        request.url = url.toString();
        request.allowInsecureConnection = true;
      }
      return next(request);
    },
  }];
}
