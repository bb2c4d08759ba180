import 'reflect-metadata';
import { KeyObject, webcrypto } from 'node:crypto';
import { AuthorityKeyIdentifierExtension, BasicConstraintsExtension, ExtendedKeyUsage, ExtendedKeyUsageExtension, SubjectAlternativeNameExtension, SubjectKeyIdentifierExtension, X509CertificateGenerator } from '@peculiar/x509';

export interface Identity {
  /** PEM. */
  certificate: string;
  /** PEM, PKCS #8. */
  privateKey: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const rsa = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', publicExponent: new Uint8Array([1, 0, 1]), modulusLength: 2048 };
const life = (days: number) => ({ notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + days * 86_400_000) });
const pem = (key: webcrypto.CryptoKey): string => KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString();

/** A certificate authority that lives as long as the sandbox, and its certificate for loopback: Azure’s libraries send no token over plain HTTP, and nothing has to be told to trust everybody. */
export async function makeServerIdentity(): Promise<Identity & { ca: string }> {
  const [caKeys, keys] = await Promise.all([webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']), webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])]);
  const ca = await X509CertificateGenerator.createSelfSigned(
    { serialNumber: '01', name: 'CN=Tourniquet sandbox', ...life(30), signingAlgorithm: algorithm, keys: caKeys, extensions: [new BasicConstraintsExtension(true, 0, true), await SubjectKeyIdentifierExtension.create(caKeys.publicKey)] },
  );
  const server = await X509CertificateGenerator.create(
    {
      serialNumber: '02', subject: 'CN=localhost', issuer: ca.subject, ...life(30), signingAlgorithm: algorithm, publicKey: keys.publicKey, signingKey: caKeys.privateKey,
      extensions: [
        new BasicConstraintsExtension(false), new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
        new SubjectAlternativeNameExtension([{ type: 'dns', value: 'localhost' }, { type: 'ip', value: '127.0.0.1' }]),
        await AuthorityKeyIdentifierExtension.create(caKeys.publicKey),
      ],
    },
  );
  return { ca: ca.toString('pem'), certificate: server.toString('pem'), privateKey: pem(keys.privateKey) };
}

/** A self-signed certificate as people upload to an application for its log-in. */
export async function makeClientCertificate(name: string): Promise<Identity> {
  const keys = await webcrypto.subtle.generateKey(rsa, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({ serialNumber: '01', name: `CN=${name}`, ...life(180), signingAlgorithm: rsa, keys });
  return { certificate: certificate.toString('pem'), privateKey: pem(keys.privateKey) };
}
