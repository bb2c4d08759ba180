import type { X509Certificate } from 'node:crypto';
import { createVerify } from 'node:crypto';
import { text, type Members } from '../fields';

/** Which members are signed, in this order. Source: SNS developer guide, verifying the signatures of messages. */
const SIGNED: Record<string, readonly string[]> = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  SubscriptionConfirmation: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
  UnsubscribeConfirmation: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
};
const ALGORITHM: Record<string, string> = { '1': 'RSA-SHA1', '2': 'RSA-SHA256' };
const TOPIC = /^arn:(aws|aws-cn|aws-us-gov):sns:([a-z]{2,3}(?:-[a-z]{2,12}){1,2}-\d{1,2}):\d{12}:[A-Za-z0-9_-]{1,256}(?:\.fifo)?$/;

/** The only host from which a topic’s certificate or confirmation may come; null when it is no topic. */
export function hostOfTopic(topic: string): string | null {
  const parts = TOPIC.exec(topic);
  return parts ? `sns.${parts[2]!}.amazonaws.com${parts[1] === 'aws-cn' ? '.cn' : ''}` : null;
}

/** The certificate’s address, when it is SNS’s own in the topic’s region; null for every other: nothing that a message says is fetched otherwise. */
export function certificateUrl(given: string, topic: string): string | null {
  const host = hostOfTopic(topic);
  if (host === null || given.length > 512) return null;
  const file = new RegExp(`^https://${host.replaceAll('.', '\\.')}/(SimpleNotificationService-[0-9A-Za-z]{1,64}\\.pem)$`).exec(given)?.[1];
  return file === undefined ? null : `https://${host}/${file}`;
}

/** The address that confirms a subscription, made of the signed topic and token: the message’s own link is not followed. */
export function confirmationUrl(topic: string, token: string): string | null {
  const host = hostOfTopic(topic);
  if (host === null || !/^[0-9A-Za-z_-]{1,1024}$/.test(token)) return null;
  return `https://${host}/?Action=ConfirmSubscription&TopicArn=${encodeURIComponent(topic)}&Token=${token}`;
}

/** Why the certificate is not SNS’s, or null. `now`: milliseconds. */
export function certificateProblem(certificate: X509Certificate, now: number): string | null {
  if (!(Date.parse(certificate.validFrom) <= now && now <= Date.parse(certificate.validTo))) return 'the certificate is not valid today';
  const name = /(?:^|\n)CN=([^\n]{1,255})/.exec(certificate.subject)?.[1] ?? '';
  return /^sns(\.[a-z0-9-]{1,32})?\.amazonaws\.com(\.cn)?$/.test(name) ? null : 'the certificate is not for SNS';
}

/** Does the signature hold? Version 1 is SHA-1, 2 is SHA-256; others do not. */
export function signatureHolds(message: Members, certificate: X509Certificate): boolean {
  const names = Object.hasOwn(SIGNED, text(message['Type'])) ? SIGNED[text(message['Type'])] : undefined;
  const algorithm = Object.hasOwn(ALGORITHM, text(message['SignatureVersion'])) ? ALGORITHM[text(message['SignatureVersion'])] : undefined;
  if (!names || !algorithm) return false;
  let signed = '';
  for (const name of names) {
    const value = message[name];
    // Only the subject may be missing; any other member that is not text would be left out of what is signed.
    if (value === undefined || value === null) {
      if (name === 'Subject') continue;
      return false;
    }
    if (typeof value !== 'string') return false;
    signed += `${name}\n${value}\n`;
  }
  try {
    return createVerify(algorithm).update(signed, 'utf8').verify(certificate.publicKey, text(message['Signature']), 'base64');
  } catch {
    return false;
  }
}
